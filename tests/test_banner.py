"""What `serve` says."""

import io
from pathlib import Path

import pytest

from gateway import __version__
from gateway.banner import banner_lines, print_banner
from gateway.hooks import Backend, Dialect, Fallback, Preset, hookimpl
from gateway.plugins import Plugins, load
from gateway.settings import Alias, Group, ProxyKey, Server, Settings, TargetName, UpstreamSettings
from gateway.settings import Plugins as Choice

ADDRESS = ("127.0.0.1", 11434)
KEY = "sk-real-key-of-moonshot"
MOONSHOT = UpstreamSettings(
    "moonshot", "openai", base_url="https://user:pw@api.moonshot.cn/v1", keys=[KEY, KEY + "2"]
)


class Claude:
    @hookimpl
    def register_dialects(self):
        setup = lambda url, key: {"ANTHROPIC_BASE_URL": url, "ANTHROPIC_AUTH_TOKEN": key}  # noqa: E731
        return [Dialect("claude", [], lambda *_: None, setup=setup)]

    @hookimpl
    def register_backends(self):
        preset = Preset("anthropic", "https://api.anthropic.com", ["ANTHROPIC_API_KEY"])
        return [
            Backend("claude", "claude", "v1", lambda *_: None, lambda *_: None, presets=[preset])
        ]


@pytest.fixture
def plugins() -> Plugins:
    return load(Choice(only=[]), [Claude()], {})


def said(settings: Settings, plugins: Plugins, **more: object) -> str:
    out = io.StringIO()
    print_banner(settings, plugins, ADDRESS, more.pop("path", None), stream=out, **more)
    return out.getvalue()


def test_address_and_configuration_come_first(plugins: Plugins):
    text = said(Settings(), plugins, path=Path("babelgate.toml"))

    assert text.splitlines()[:2] == [
        f"Babelgate   {__version__} at http://127.0.0.1:11434",
        "config      babelgate.toml",
    ]


def test_no_file_is_said(plugins: Plugins):
    assert "no file; provider keys of the environment" in said(Settings(), plugins)


def test_a_move_to_the_second_port_is_said(plugins: Plugins):
    assert "note        port 11434 is taken" in said(
        Settings(), plugins, moved="port 11434 is taken"
    )


def test_upstreams_show_where_they_are_and_no_key(plugins: Plugins):
    text = said(Settings(upstreams={"moonshot": MOONSHOT}), plugins)

    assert "upstreams   moonshot (openai, api.moonshot.cn, 2 keys)" in text
    assert KEY not in text
    assert "pw" not in text


def test_groups_show_their_first_aliases(plugins: Plugins):
    names = ["a*", "b", "c", "d", "e", "f"]
    models = {name: Alias(name, [TargetName("moonshot", "k2")]) for name in names}

    text = said(Settings(groups={"kimi": Group("kimi", models)}), plugins)

    assert "group       kimi: a* -> moonshot/k2; b -> moonshot/k2; " in text
    assert "d -> moonshot/k2 and 2 more" in text


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (Settings(), "open: every program on this machine may use it"),
        (Settings(proxy_keys={"a": ProxyKey("a", "d")}), "access      1 proxy key\n"),
        (Settings(server=Server(host="0.0.0.0", allow_open=True)), "OPEN to the network"),
    ],
)
def test_who_may_use_it_is_said(plugins: Plugins, settings: Settings, words: str):
    assert words in said(settings, plugins)


def test_warnings_are_said(plugins: Plugins):
    assert "warning     a key stands in the file" in said(
        Settings(warnings=["a key stands in the file"]), plugins
    )


def test_lines_to_paste_stand_by_themselves(plugins: Plugins):
    assert said(Settings(), plugins).splitlines()[-3:] == [
        "for claude",
        "    export ANTHROPIC_BASE_URL=http://127.0.0.1:11434",
        "    export ANTHROPIC_AUTH_TOKEN=babelgate",
    ]


def test_a_demo_model_says_what_it_is_and_which_key_an_agent_needs(plugins: Plugins):
    found = Fallback(
        9, UpstreamSettings("local", "local"), "smol", "demo model: it proves the wire", demo=True
    )

    text = said(Settings(), plugins, found=found)

    assert "            local/smol: demo model: it proves the wire" in text
    assert (
        "for claude  the demo model is for curl and SDKs; an agent needs a real model first"
        " (set ANTHROPIC_API_KEY and start again)"
    ) in text


def test_a_real_model_that_was_found_needs_no_warning(plugins: Plugins):
    found = Fallback(1, UpstreamSettings("ollama", "ollama"), "llama", "found on this machine")

    assert "demo" not in said(Settings(), plugins, found=found)


def test_a_terminal_gets_colours_and_the_same_words(plugins: Plugins):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    print_banner(Settings(warnings=["careful"]), plugins, ADDRESS, None, stream=terminal)

    for label, words in banner_lines(Settings(warnings=["careful"]), plugins, ADDRESS, None):
        assert words in terminal.getvalue(), label
