"""Rules of a group, asserted by what reaches the provider, at home (relayed replies) and abroad."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from gateway.context import Record
from gateway.hooks import hookimpl
from gateway.testing.pytest_plugin import StartGateway
from tests.cases.bodies import ASK, CHOOSING, Question, Told, told
from tests.clients.gateway_process import Gateway, serve
from tests.clients.http import PATHS, chat, post
from tests.scripted import Scripted

ROOT = Path(__file__).parents[2]
RECORDED = {
    path.stem: json.loads(path.read_bytes())
    for path in sorted((ROOT / "plugins/claude/tests/captures").glob("claude-code-*.json"))
}
"""Requests of Claude Code 2.1, recorded 2026-11-22."""
MARKER = {"type": "ephemeral"}
UPSTREAMS = """
[upstreams.openai]
base_url = "{url}/v1"
keys = ["k1"]
dialect = "openai"
[upstreams.claude]
base_url = "{url}"
keys = ["k2"]
dialect = "claude"
[upstreams.gemini]
base_url = "{url}"
keys = ["k3"]
dialect = "gemini"
[upstreams.ollama]
base_url = "{url}"
keys = []
dialect = "ollama"
also = {{ openai = false, claude = false }}
"""
RULES = {
    "plain": "",
    "append": '[[groups.append.prompts]]\ntext = "RULE"',
    "prepend": '[[groups.prepend.prompts]]\nmode = "prepend"\ntext = "RULE"',
    "replace": '[[groups.replace.prompts]]\nmode = "replace"\ntext = "RULE"',
    "user": '[[groups.user.prompts]]\nposition = "last_user"\ntext = "RULE"',
    "when": '[[groups.when.prompts]]\ntext = "RULE"\nwhen = { tools = true }',
    "words": '[[groups.words.replacements]]\nfind = "kind"\nwith = "brief"',
    "asked": '[[groups.asked.replacements]]\nfind = "H(.)llo"\nwith = "J\\\\1llo"\nregex = true\n'
    'scope = "user"',
    "described": '[[groups.described.replacements]]\nfind = "Reads"\nwith = "Shows"\n'
    'scope = "tools"',
    "tools": '[groups.tools]\ndeny_tools = ["Web*"]',
    "bare": '[groups.bare]\ndeny_tools = ["*"]',
    "cool": "[groups.cool]\ntemperature_ratio = 0.6",
}
MODELS = """
[groups.{name}.models]
openai = "openai/say-text"
gemini = "gemini/say-text"
ollama = "ollama/say-text"
"*" = "claude/say-text"
"""
SYSTEM = "Be kind."


def configuration(scripted: Scripted) -> str:
    groups = [MODELS.format(name=name) + rules for name, rules in RULES.items()]
    return "\n".join([UPSTREAMS.format(url=scripted.url), *groups])


@pytest.fixture(scope="module")
def ruled(scripted: Scripted, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway with one group for each rule; the model's name says the target's dialect."""
    with serve(configuration(scripted), tmp_path_factory.mktemp("ruled"), {}) as gateway:
        yield gateway


class Client:
    """A client of one dialect whose targets speak another, or the same."""

    def __init__(self, gateway: Gateway, upstream: Scripted, inbound: str, outbound: str) -> None:
        self.gateway, self.upstream = gateway, upstream
        self.inbound, self.outbound = inbound, outbound

    def __call__(self, group: str, system: str | None = SYSTEM, **asked: Any) -> Told:
        """Ask, and give what the provider was told."""
        path, body = ASK[self.inbound](self.outbound, Question(system, **asked))
        reply = post(self.gateway, f"/{group}{path}", body, {})
        assert reply.status == 200, reply.body
        assert self.upstream.last.wire == self.outbound
        return told(self.upstream.last)


@pytest.fixture(params=ASK, ids=[f"from-{name}" for name in ASK])
def inbound(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=ASK, ids=[f"to-{name}" for name in ASK])
def outbound(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def ask(ruled: Gateway, upstream: Scripted, inbound: str, outbound: str) -> Client:
    return Client(ruled, upstream, inbound, outbound)


@pytest.mark.parametrize(
    ("group", "before", "after"),
    [
        ("plain", SYSTEM, [SYSTEM]),
        ("append", SYSTEM, [SYSTEM, "RULE"]),
        ("append", None, ["RULE"]),
        ("prepend", SYSTEM, ["RULE", SYSTEM]),
        ("replace", SYSTEM, ["RULE"]),
        ("words", SYSTEM, ["Be brief."]),
        ("when", SYSTEM, [SYSTEM]),
        ("user", SYSTEM, [SYSTEM]),
    ],
)
def test_the_system_text_follows_the_rule(
    ask: Client, group: str, before: str | None, after: list[str]
) -> None:
    assert ask(group, before).system == after


def test_a_rule_for_requests_with_tools_sees_them(ask: Client) -> None:
    assert ask("when", tools=["Read"]).system == [SYSTEM, "RULE"]


@pytest.mark.parametrize(
    ("group", "after"),
    [("plain", ["Hello"]), ("user", ["Hello", "RULE"]), ("asked", ["Jello"])],
)
def test_the_user_s_last_message_follows_the_rule(
    ask: Client, group: str, after: list[str]
) -> None:
    assert ask(group).last == after


def test_descriptions_of_tools_follow_the_rule(ask: Client) -> None:
    assert ask("described", tools=["Read"]).tools == {"Read": "Shows Read."}


def test_denied_tools_do_not_reach_the_provider(ask: Client) -> None:
    assert list(ask("tools", tools=["Read", "WebSearch", "WebFetch"]).tools) == ["Read"]


@pytest.mark.parametrize("inbound", CHOOSING)
def test_a_denied_tool_that_is_forced_leaves_the_model_free(ask: Client) -> None:
    seen = ask("tools", tools=["Read", "WebFetch"], forced="WebFetch")

    assert list(seen.tools) == ["Read"]
    assert seen.choice in ("auto", None)
    assert seen.choice == "auto" or ask.outbound == "ollama"


@pytest.mark.parametrize("inbound", CHOOSING)
def test_without_a_tool_left_nothing_is_said_of_tools(ask: Client) -> None:
    seen = ask("bare", tools=["Read", "WebFetch"], forced="")

    assert (seen.tools, seen.choice) == ({}, None)


def test_a_temperature_is_scaled_and_none_is_made_up(ask: Client) -> None:
    assert ask("cool", temperature=0.5).temperature == 0.3
    assert ask("cool", temperature=1).temperature == 0.6
    assert ask("cool").temperature is None


class Watcher:
    """A plugin that collects the records of exchanges."""

    def __init__(self) -> None:
        self.records: asyncio.Queue[Record] = asyncio.Queue()

    @hookimpl
    def exchange_finished(self, record: Record) -> None:
        self.records.put_nowait(record)


async def test_a_reply_at_home_is_relayed_whatever_the_rule(
    gateway: StartGateway, upstream: Scripted, inbound: str, stream: bool
) -> None:
    watcher = Watcher()
    running = await gateway(configuration(upstream), watcher)
    path, body = ASK[inbound](inbound, Question(SYSTEM, temperature=0.5, stream=stream))

    async with aiohttp.ClientSession() as client:
        for group in RULES:
            async with client.post(f"{running.url}/{group}{path}", json=body) as reply:
                await reply.read()
            record = await watcher.records.get()
            assert (record.group, record.status, record.relayed) == (group, 200, True)


@pytest.mark.parametrize(
    "name", [name for name, sent in RECORDED.items() if sent["path"] == PATHS["claude"]]
)
def test_all_else_of_claude_code_s_request_reaches_claude_as_it_was(
    ruled: Gateway, scripted: Scripted, name: str
) -> None:
    """Order of keys and items included; its markers stay where they were."""
    sent = RECORDED[name]
    query = "&".join(f"{name}={value}" for name, value in sent["query"].items())
    wanted = deepcopy(sent["body"])
    system = wanted["system"] if "system" in wanted else wanted.setdefault("system", [])
    system.append({"type": "text", "text": "RULE"})
    wanted["model"] = "say-text"

    reply = post(ruled, f"/append{PATHS['claude']}?{query}", sent["body"], sent["headers"])

    assert reply.status == 200
    assert json.dumps(scripted.last.body) == json.dumps(wanted)
    assert dict(scripted.last.query) == sent["query"]
    assert scripted.last.headers["anthropic-beta"] == sent["headers"]["anthropic-beta"]


@pytest.mark.parametrize("outbound", [name for name in ASK if name != "claude"])
def test_claude_code_s_twenty_tools_and_the_rule_reach_another_dialect(
    ruled: Gateway, scripted: Scripted, outbound: str
) -> None:
    sent = RECORDED["claude-code-010"]
    tools, system = sent["body"]["tools"], sent["body"]["system"]
    body = {**sent["body"], "model": outbound}

    assert post(ruled, f"/append{PATHS['claude']}", body, sent["headers"]).status == 200

    seen = told(scripted.last)
    assert seen.system[-1] == "RULE"
    assert "\n\n".join(seen.system[:-1]).endswith(system[-1]["text"])
    assert len(tools) > 20
    assert seen.tools == {tool["name"]: tool["description"] for tool in tools}


def test_what_is_marked_stays_the_beginning_of_every_turn(
    ruled: Gateway, upstream: Scripted
) -> None:
    """Up to the client's marker a provider sees the same with and without the rule."""
    system = [{"type": "text", "text": SYSTEM, "cache_control": MARKER}]
    for group in ("plain", "append"):
        body = chat("claude", "claude", system=system)
        assert post(ruled, f"/{group}{PATHS['claude']}", body, {}).status == 200

    without, with_rule = (seen.body for seen in upstream.requests)
    assert with_rule["system"][: len(system)] == without["system"] == system
    assert with_rule["messages"] == without["messages"]
    assert "cache_control" not in with_rule["system"][-1]
