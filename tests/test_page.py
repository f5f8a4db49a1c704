"""The index page and the health answer."""

from html.parser import HTMLParser

import orjson
import pytest

from gateway import __version__
from gateway.hooks import Dialect, Endpoint, hookimpl
from gateway.page import PageFacts, facts_of, health_body, render
from gateway.plugins import load
from gateway.settings import Alias, Group, ProxyKey, Settings, TargetName
from gateway.settings import Plugins as Choice

FACTS = PageFacts(
    url="http://localhost:11434",
    endpoints=[Endpoint("POST", "/v1/messages", "claude", "chat")],
    groups={"kimi": ["claude-*", "k2"]},
    keyed=False,
    clients={"claude": ["export A=1", "export B=2"]},
)


class Claude:
    @hookimpl
    def register_dialects(self):
        setup = lambda url, key: {"URL": url, "KEY": key}  # noqa: E731
        return [Dialect("claude", FACTS.endpoints, lambda *_: None, setup=setup)]


PLUGINS = load(Choice(only=[]), [Claude()], {})
VOID = {"meta", "br"}
OPTIONAL = {"th", "td", "tr"}


class Checker(HTMLParser):
    """Collects what a page loads, and raises when its elements are not closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[tuple[str, str]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loads += [(tag, name) for name, _ in attrs if name in ("src", "href", "onclick")]
        if tag not in VOID | OPTIONAL:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in OPTIONAL:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(page: str) -> Checker:
    checker = Checker()
    checker.feed(page)
    checker.close()
    assert checker.open == []
    return checker


def test_the_page_shows_endpoints_and_prefixes():
    text = read(render(FACTS)).text

    for path in ("/v1/messages", "/{group}", "/compat", "/switch"):
        assert path in text


def test_the_page_shows_groups_lines_and_version():
    text = read(render(FACTS)).text

    for words in ("kimi", "claude-*", "k2", "export A=1\nexport B=2", __version__):
        assert words in text


def test_the_page_loads_nothing_and_runs_nothing():
    page = render(FACTS)

    assert read(page).loads == []
    assert "<script" not in page
    assert "default-src 'none'" in page


def test_every_value_is_escaped():
    evil = "<script>alert('x')</script>{url}"
    page = render(
        PageFacts(
            url=evil,
            endpoints=[Endpoint(evil, evil, evil, evil)],
            groups={evil: [evil]},
            keyed=False,
            clients={evil: [evil]},
            version=evil,
        )
    )

    assert "<script" not in page
    assert read(page).text.count(evil) == 10


def test_a_keyed_gateway_shows_no_names_to_strangers():
    alias = Alias("secret-model", [TargetName("up", "m")])
    settings = Settings(
        groups={"secret-group": Group("secret-group", {"secret-model": alias})},
        proxy_keys={"alice": ProxyKey("alice", "d")},
    )

    page = render(facts_of(settings, PLUGINS))

    assert "secret" not in page
    assert "alice" not in page
    assert "wants a key" in page


@pytest.mark.parametrize(("disabled", "shown"), [(False, True), (True, False)])
def test_an_open_gateway_shows_the_groups_in_use(disabled: bool, shown: bool):
    settings = Settings(groups={"kimi": Group("kimi", {}, disabled=disabled)})

    assert ("kimi" in render(facts_of(settings, PLUGINS))) is shown


def test_the_lines_use_the_address_that_the_reader_knows():
    page = render(facts_of(Settings(), PLUGINS, "http://gw.example:80"))

    assert "export URL=http://gw.example:80" in page


def test_health_tells_status_and_version():
    assert orjson.loads(health_body()) == {"status": "ok", "version": __version__}
