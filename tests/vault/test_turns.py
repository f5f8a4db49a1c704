"""Conversations of poor clients with strict providers: no seal is missing or another turn's."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from attrs import evolve

from gateway.app import CURRENT
from gateway.context import Record
from gateway.errors import UpstreamError
from gateway.hooks import hookimpl
from gateway.model import Message, Text, ToolCall, ToolResult
from gateway.runtime import build
from gateway.testing.pytest_plugin import StartGateway
from tests.vault.clients import FORGETS, Client
from tests.vault.providers import DONE, Provider, running

CLIENTS = ("openai", "responses", "claude", "gemini", "ollama")
PROVIDERS = ("gemini", "claude", "responses")
PAIRS = [(one, other) for one in CLIENTS for other in PROVIDERS if one != other]
CONFIG = """
[upstreams.gemini]
dialect = "gemini"
base_url = "{url}"
keys = []
[upstreams.claude]
dialect = "claude"
base_url = "{url}"
keys = []
[upstreams.responses]
dialect = "responses"
base_url = "{url}"
keys = []
[groups.gemini.models]
"*" = "gemini/gemini-3-pro"
[groups.claude.models]
"*" = "claude/claude-sonnet-4-5"
[groups.responses.models]
"*" = "responses/gpt-5"
{more}
"""
KEYS = """
[proxy_keys.ann]
key = "cs-ann"
[proxy_keys.bob]
key = "cs-bob"
"""
KEPT = '[store]\nurl = "sqlite:///state.db"\nseals = "{seals}"\n'
ASKED = Message("user", [Text("Look!")])
pytestmark = pytest.mark.filterwarnings("ignore:.*in clear")


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with running() as one:
        yield one


def text_of(reply: object) -> str:
    return "".join(getattr(part, "text", "") for part in reply.parts)  # type: ignore[attr-defined]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize(("client", "upstream"), PAIRS)
async def test_every_seal_comes_back_with_its_turn(
    gateway: StartGateway, provider: Provider, client: str, upstream: str, stream: bool
) -> None:
    running = await gateway(CONFIG.format(url=provider.url, more=""))
    one = Client(client, f"{running.url}/{upstream}", stream)

    for _ in range(3):
        assert DONE in text_of(await one.ask("Look!"))

    assert provider.refused == []
    assert provider.seen == provider.made
    assert len(provider.made) == 3


@pytest.mark.parametrize("upstream", PROVIDERS)
@pytest.mark.parametrize("client", FORGETS)
async def test_ids_come_back_where_the_client_knows_none(
    gateway: StartGateway, provider: Provider, client: str, upstream: str
) -> None:
    if client == upstream:
        upstream = "claude"
    running = await gateway(CONFIG.format(url=provider.url, more=""))
    one = Client(client, f"{running.url}/{upstream}", forgets=True)

    for question in ("Look!", "Look there!", "Look again!"):
        await one.ask(question)

    assert provider.refused == []
    assert provider.seen == provider.made


@pytest.mark.parametrize("upstream", PROVIDERS)
async def test_a_provider_that_counts_its_ids_anew_in_each_turn_gets_the_right_seals(
    gateway: StartGateway, provider: Provider, upstream: str
) -> None:
    provider.numbered = True
    running = await gateway(CONFIG.format(url=provider.url, more=""))
    one, other = (Client("openai", f"{running.url}/{upstream}") for _ in range(2))

    await one.ask("Look!")
    await other.ask("Look!")
    await one.ask("Look there!")
    await other.ask("Look here!")
    await one.ask("Look again!")

    assert provider.refused == []


@pytest.mark.parametrize("upstream", PROVIDERS)
async def test_what_one_key_has_is_not_found_by_another(
    gateway: StartGateway, provider: Provider, upstream: str
) -> None:
    running = await gateway(CONFIG.format(url=provider.url, more=KEYS))
    ann = Client("openai", f"{running.url}/{upstream}", key="cs-ann")
    await ann.ask("Look!")
    assert provider.refused == []

    bob = Client("openai", ann.url, key="cs-bob", messages=ann.messages[:3])
    with pytest.raises(AssertionError):
        await bob.send()

    assert provider.refused
    provider.refused.clear()
    await ann.ask("Look again!")
    assert provider.refused == []


@pytest.mark.parametrize(("seals", "refused"), [("store", 0), ("memory", 1), ("off", 1)])
@pytest.mark.parametrize("upstream", PROVIDERS)
async def test_seals_in_the_store_outlive_the_gateway(
    gateway: StartGateway, provider: Provider, upstream: str, seals: str, refused: int
) -> None:
    config = CONFIG.format(url=provider.url, more=KEPT.format(seals=seals))
    first = await gateway(config)
    one = Client("openai", f"{first.url}/{upstream}")
    await _turn(one, seals)
    second = await gateway(config)
    one.url = f"{second.url}/{upstream}"
    provider.refused.clear()

    await _turn(one, seals)

    assert bool(provider.refused) == bool(refused)


async def _turn(client: Client, seals: str) -> None:
    """One question; where no seals are kept, a strict provider refuses sooner or later."""
    try:
        await client.ask("Look!")
    except (AssertionError, UpstreamError):
        if seals == "store":
            raise


class Records:
    """A plugin that keeps what is told of each exchange."""

    API_VERSION = 1

    def __init__(self) -> None:
        self.lost: list[list[str]] = []

    @hookimpl
    def exchange_finished(self, record: Record) -> None:
        self.lost.append([f"{loss.path} {loss.weight}" for loss in record.losses])


@pytest.mark.parametrize(
    ("seals", "lost"),
    [("memory", []), ("off", ["reply.parts[1].seal meaning"])],
)
async def test_a_seal_that_is_kept_is_no_loss(
    gateway: StartGateway, provider: Provider, seals: str, lost: list[str]
) -> None:
    records = Records()
    more = KEPT.format(seals=seals)
    running = await gateway(CONFIG.format(url=provider.url, more=more), records)
    one = Client("claude", f"{running.url}/gemini", messages=[ASKED])

    await one.send()

    (found,) = records.lost
    assert [loss for loss in found if "seal" in loss] == lost


async def test_a_seal_that_is_gone_is_a_hint(gateway: StartGateway, provider: Provider) -> None:
    records = Records()
    running = await gateway(CONFIG.format(url=provider.url, more=""), records)
    turn = Message("assistant", [ToolCall("c", "look", "{}")])
    answer = Message("user", [ToolResult("c", [Text("found")], name="look")])
    one = Client("openai", f"{running.url}/gemini", messages=[ASKED, turn, answer])

    with pytest.raises(AssertionError):
        await one.send()

    (found,) = records.lost
    assert "messages[1].parts[0].seal hint" in found
    assert provider.refused == ["call c has the seal skip_thought_signature_validator"]


async def test_a_reload_keeps_what_the_vault_holds(
    gateway: StartGateway, provider: Provider
) -> None:
    running = await gateway(CONFIG.format(url=provider.url, more=""))
    one = Client("openai", f"{running.url}/gemini")
    await one.ask("Look!")
    current = running.app[CURRENT]
    before = current.runtime
    settings = evolve(before.settings, server=evolve(before.settings.server, ping_after=5.0))

    current.swap(build(settings, before.plugins, before))
    await one.ask("Look again!")

    assert current.runtime is not before
    assert provider.refused == []
