from __future__ import annotations

import doctest

import pytest

from gateway import groups
from gateway.attempt import Target
from gateway.errors import NotFound, Unavailable
from gateway.groups import Catalog
from gateway.hooks import Backend, Preset
from gateway.settings import (
    Alias,
    Group,
    ModelSettings,
    Server,
    Settings,
    TargetName,
    UpstreamSettings,
)

OPENAI = Backend(
    "openai",
    speaks="openai",
    presets=[
        Preset(
            "openai",
            "https://o.example",
            ["OPENAI_API_KEY"],
            quirks={"a": 1, "b": 1, "c": 1},
            patterns=["gpt-*", "o?-*", "davinci"],
        )
    ],
)
BACKENDS = {"openai": OPENAI, "echo": Backend("echo", needs_url=False)}
UPSTREAMS = {
    "openai": UpstreamSettings("openai", "openai", "https://o.example", preset="openai"),
    "moon": UpstreamSettings("moon", "openai", "https://m.example"),
    "echo": UpstreamSettings("echo", "echo"),
    "off": UpstreamSettings("off", "echo", disabled=True),
}


def catalog(groups=None, upstreams=UPSTREAMS, **options):
    made = {
        name: Group(name, {alias: aliased(alias, targets) for alias, targets in models.items()})
        for name, models in (groups or {}).items()
    }
    return Catalog(Settings(upstreams=upstreams, groups=made, **options), BACKENDS)


def aliased(name, targets):
    texts = targets if isinstance(targets, list) else [targets]
    return Alias(name, [TargetName(*text.split("/", 1)) for text in texts])


def targets_of(resolution):
    return [str(target) for target in resolution.targets]


def test_an_exact_name_beats_a_pattern_and_a_longer_pattern_a_shorter():
    found = catalog(
        {
            "g": {
                "*": "echo/1",
                "claude-*": "echo/2",
                "claude-opus-*": "echo/3",
                "claude-opus-4": "echo/4",
            }
        }
    )

    names = ("x", "claude-x", "claude-opus-5", "claude-opus-4")
    assert [targets_of(found.resolve("g", name)) for name in names] == [
        ["echo/1"],
        ["echo/2"],
        ["echo/3"],
        ["echo/4"],
    ]
    assert found.resolve("g", "claude-opus-5").alias == "claude-opus-*"
    assert found.resolve("g", "claude-opus-5").model == "claude-opus-5"


def test_only_stars_and_question_marks_are_special():
    found = catalog({"g": {"gpt-?[1m]*": "echo/1"}})

    assert found.resolve("g", "gpt-5[1m]\nx").alias == "gpt-?[1m]*"
    for name in ("gpt-51", "gpt-[1m]", "GPT-5[1m]", "xgpt-5[1m]"):
        with pytest.raises(NotFound):
            found.resolve("g", name)


def test_a_name_is_known_as_it_stands_and_not_by_a_pattern():
    found = catalog({"g": {"a:latest": "echo/1", "*": "echo/2"}})

    assert found.knows("g", "a:latest")
    assert not found.knows("g", "a")


def test_a_star_in_a_target_is_what_the_star_of_the_alias_stands_for():
    found = catalog({"g": {"my-*": ["moon/org/k-*-x", "echo/fixed"]}})

    assert targets_of(found.resolve("g", "my-2")) == ["moon/org/k-2-x", "echo/fixed"]


def test_a_group_before_an_at_sign_is_the_group_only_if_it_is_one():
    found = catalog({"g": {"x@y": "echo/1", "*": "echo/2"}, "h": {"a": "echo/3"}})

    there = found.resolve("g", "h@a")
    assert (there.group.name, there.alias, there.model, targets_of(there)) == (
        "h",
        "a",
        "a",
        ["echo/3"],
    )
    assert targets_of(found.resolve("g", "x@y")) == ["echo/1"]
    assert targets_of(found.resolve("g", "z@a")) == ["echo/2"]


def test_an_alias_that_is_not_there_is_answered_with_those_that_are():
    found = catalog({"kimi": {"k2-fast": "echo/1", "k2-*-long": "echo/2"}})

    with pytest.raises(
        NotFound, match=r"group 'kimi' has no alias 'k2'; it has k2-fast, k2-.-long"
    ):
        found.resolve("kimi", "k2")


def test_a_long_list_of_names_and_a_long_name_are_cut():
    found = catalog({"g": {f"m{number}": "echo/1" for number in range(30)}})

    with pytest.raises(NotFound) as caught:
        found.resolve("g", "x" * 100_000)

    assert caught.value.message.endswith("m18, m19 and 10 more")
    assert len(caught.value.message) < 600


def test_no_group_in_the_url_is_default_or_the_only_one():
    assert catalog({"g": {}, "default": {}}).group().name == "default"
    assert catalog({"g": {}}).group(None).name == "g"
    with pytest.raises(NotFound, match=r"/GROUP/v1/…; the groups: g, h"):
        catalog({"g": {}, "h": {}}).group()


def test_switch_is_the_active_group():
    groups = {"g": {"a": "echo/1"}, "default": {}}

    assert catalog(groups, server=Server(active="g")).resolve("switch", "a").group.name == "g"
    assert catalog(groups).group("switch").name == "default"


def test_switch_is_asked_for_anew_each_time_although_names_are_remembered():
    active = ["g", "h", "g"]
    groups = {name: Group(name, {"a": aliased("a", f"echo/{name}")}) for name in "gh"}
    found = Catalog(Settings(upstreams=UPSTREAMS, groups=groups), BACKENDS, lambda: active.pop(0))

    names = [found.resolve("switch", "a").targets[0].model for _ in range(2)]

    assert [*names, found.group("switch").name] == ["g", "h", "g"]


def test_an_unknown_or_disabled_group_is_answered_with_those_that_are_there():
    groups = {"on": Group("on"), "off": Group("off", disabled=True)}
    found = Catalog(Settings(groups=groups), BACKENDS)

    for name in ("off", "nobody"):
        with pytest.raises(NotFound, match=f"there is no group '{name}'; the groups: on"):
            found.group(name)
    assert found.group().name == "on"


def test_disabled_upstreams_are_passed_over():
    found = catalog({"g": {"a": ["off/1", "echo/1"], "b": "off/1"}})

    assert targets_of(found.resolve("g", "a")) == ["echo/1"]
    with pytest.raises(Unavailable, match=r"every upstream of 'b' is disabled \(off\)"):
        found.resolve("g", "b")


def test_a_target_joins_what_preset_upstream_and_model_say():
    upstream = UpstreamSettings(
        "openai",
        "openai",
        "https://o.example",
        preset="openai",
        quirks={"b": 2, "c": 2},
        params={"x": 1, "y": 1},
        defaults={"t": 1},
        models={
            "*": ModelSettings(context=1),
            "k-*": ModelSettings(
                tools=False,
                context=9,
                quirks={"c": 3},
                params={"y": 2},
                defaults={"t": 2},
                price={"input": 1.0},
            ),
            "k-exact": ModelSettings(images=True),
        },
    )
    found = catalog({"g": {"*": "openai/*"}}, {"openai": upstream})

    assert found.resolve("g", "k-2").targets == (
        Target(
            upstream="openai",
            model="k-2",
            backend="openai",
            speaks="openai",
            base_url="https://o.example",
            facts={"tools": False, "context": 9, "price": {"input": 1.0}},
            quirks={"a": 1, "b": 2, "c": 3},
            params={"x": 1, "y": 2},
            defaults={"t": 2},
        ),
    )
    assert found.resolve("g", "k-exact").targets[0].facts == {"images": True}
    assert found.resolve("g", "other").targets[0].facts == {"context": 1}


def test_a_list_of_models_shows_no_pattern():
    found = catalog(
        {
            "g": {
                "a": "echo/1",
                "gpt-*": "openai/gpt-*",
                "claude-*": "moon/k2",
                "*": ["moon/k2", "echo/1"],
                "b": "echo/1",
            }
        }
    )

    assert found.names("g") == ["a", "k2", "b"]


def test_without_groups_vendors_own_names_go_to_them():
    found = catalog()

    assert targets_of(found.resolve(None, "gpt-5")) == ["openai/gpt-5"]
    assert targets_of(found.resolve(None, "o3-mini")) == ["openai/o3-mini"]
    assert targets_of(found.resolve("default", "davinci")) == ["openai/davinci"]
    assert found.resolve(None, "gpt-5").group.name == "default"
    assert found.resolve(None, "gpt-5").alias == "gpt-*"
    assert found.names() == []


def test_without_groups_upstream_and_model_are_a_name():
    assert targets_of(catalog().resolve(None, "moon/org/k2")) == ["moon/org/k2"]
    with pytest.raises(NotFound):
        catalog({"g": {"a": "echo/1"}}).resolve("g", "moon/org/k2")


def test_without_groups_any_other_name_gets_the_line_to_write():
    with pytest.raises(NotFound) as caught:
        catalog().resolve(None, "foo")

    assert "(upstreams: openai, moon, echo, off)" in caught.value.message
    assert '[groups.default.models]: "foo" = "openai/MODEL"' in caught.value.message


def test_without_upstreams_the_variable_to_set_is_named():
    with pytest.raises(NotFound, match="no upstream; set one of OPENAI_API_KEY"):
        catalog(upstreams={}).resolve(None, "foo")


def test_one_model_can_answer_every_name():
    found = catalog(every_model=TargetName("moon", "k2"))

    for name in ("foo", "gpt-5", "moon/other", "a@b", ""):
        assert targets_of(found.resolve(None, name)) == ["moon/k2"]
    assert found.names() == ["moon/k2"]


def test_every_name_can_be_handed_on_to_one_upstream():
    found = catalog(every_model=TargetName("moon", "*"))

    assert targets_of(found.resolve(None, "org/x")) == ["moon/org/x"]
    assert found.names() == []


def test_the_examples_in_the_docstrings_hold():
    ran = doctest.testmod(groups)

    assert ran.attempted > 0
    assert ran.failed == 0
