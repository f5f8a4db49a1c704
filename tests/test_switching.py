"""Which group is active: the later of what the file says and what was chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from attrs import evolve

from gateway import config
from gateway.errors import ConfigError, NotFound, Unavailable
from gateway.settings import Group, Server, Settings
from gateway.store.flags import StoreError
from gateway.switching import Switch

GROUPS = {
    "kimi": Group("kimi"),
    "qwen": Group("qwen"),
    "old": Group("old", disabled=True),
}
Open = Callable[..., Switch]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    url = f"sqlite:///{tmp_path / 'gate.db'}"
    return Settings(groups=GROUPS, store_url=url, source=str(tmp_path / "babelgate.toml"))


@pytest.fixture
def start(settings: Settings) -> Iterator[Open]:
    """A gateway's switch, as if it had just read a file that says `active`."""
    with ExitStack() as stack:

        def make(active: str | None = None, **changes) -> Switch:
            changed = evolve(settings, server=Server(active=active), **changes)
            return stack.enter_context(closing(Switch.of(changed)))

        yield make


def test_without_a_choice_it_is_what_the_file_says(start: Open):
    assert start().active() is None
    assert start("kimi").active() == "kimi"


def test_a_choice_holds_from_then_on_in_every_process(start: Open):
    one, other = start("kimi"), start("kimi")

    one.choose("qwen")

    assert (one.active(), other.active()) == ("qwen", "qwen")


def test_a_choice_survives_a_restart(start: Open):
    start("kimi").choose("qwen")

    assert start("kimi").active() == "qwen"


def test_a_changed_line_in_the_file_overrules_the_choice_for_good(start: Open):
    start("kimi").choose("qwen")

    assert start("default").active() == "default"
    assert start("kimi").active() == "kimi"


def test_a_process_that_has_not_read_the_file_yet_does_not_follow_choices_over_it(start: Open):
    late, early = start("kimi"), start("qwen")

    early.choose("kimi")

    assert (late.active(), early.active()) == ("kimi", "kimi")
    assert start("qwen").active() == "kimi"


def test_a_line_that_comes_to_the_file_overrules_the_choice(start: Open):
    start().choose("qwen")

    assert start("kimi").active() == "kimi"


def test_a_chosen_group_that_is_gone_does_not_count(start: Open):
    start("kimi").choose("qwen")

    assert start("kimi", groups={"kimi": GROUPS["kimi"]}).active() == "kimi"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("kim", r"there is no group 'kim' \(did you mean \"kimi\"\?\); the groups: kimi, qwen"),
        ("old", "there is no group 'old'; the groups: kimi, qwen"),
        ("switch", "there is no group 'switch'"),
    ],
)
def test_only_a_group_in_use_can_be_chosen(start: Open, name: str, words: str):
    with pytest.raises(NotFound, match=words):
        start().choose(name)


def test_two_configurations_with_one_store_choose_by_themselves(start: Open, tmp_path: Path):
    start().choose("qwen")

    assert start(source=str(tmp_path / "other.toml")).active() is None


def test_without_a_store_nothing_can_be_chosen(start: Open):
    switch = start("kimi", store_url=None)

    assert switch.active() == "kimi"
    with pytest.raises(StoreError, match="there is no store to keep it in"):
        switch.choose("qwen")


def test_a_store_that_breaks_later_is_told_to_the_client(start: Open, tmp_path: Path):
    switch = start("kimi")
    (tmp_path / "gate.db").write_text("Dear diary, " * 100)

    with pytest.raises(Unavailable, match=r"which group is active can't be told: the store"):
        switch.active()


def test_a_store_that_is_none_stops_the_start(start: Open, tmp_path: Path):
    (tmp_path / "gate.db").write_text("Dear diary, " * 100)

    with pytest.raises(ConfigError, match=r"babelgate\.toml: the store .* can't be used"):
        start()


def test_the_command_needs_no_secret_to_read_and_to_choose(start: Open, tmp_path: Path):
    path = tmp_path / "babelgate.toml"
    path.write_text(
        '[server]\nactive = "kimi"\n[store]\nurl = "sqlite:///gate.db"\n'
        '[upstreams.up]\nkeys = ["env:GONE"]\n[groups.kimi]\n[groups.qwen]\n'
        "[groups.old]\ndisabled = true\n"
    )
    gateway = start("kimi")

    with closing(Switch.of_file(config.read(path), {})) as command:
        assert (list(command.groups), command.active()) == (["kimi", "qwen"], "kimi")
        command.choose("qwen")

    assert gateway.active() == "qwen"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("groups = 1", ":1: groups: must be a table, not a number"),
        ("[groups]\nkimi = 1", ":2: groups.kimi: must be a table, not a number"),
        ("[server]\nactive = 1", ":2: server.active: must be a string, not a number"),
        ('[store]\nurl = "x"', ':2: store.url: must be "sqlite:///PATH"'),
    ],
)
def test_what_is_wrong_with_the_file_is_told_with_its_line(tmp_path: Path, text: str, words: str):
    path = tmp_path / "babelgate.toml"
    path.write_text(text)

    with pytest.raises(ConfigError, match=f"{path}{words}"):
        Switch.of_file(config.read(path), {})
