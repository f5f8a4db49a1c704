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
from tests.clients.gateway_process import Gateway, serve
from tests.clients.http import PATHS, Reply, chat, post
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
MODELS = '[groups.{name}.models]\n"openai" = "openai/say-text"\n"*" = "claude/say-text"\n'
SYSTEM = "Be kind."


def configuration(scripted: Scripted) -> str:
    groups = [MODELS.format(name=name) + rules for name, rules in RULES.items()]
    return "\n".join([UPSTREAMS.format(url=scripted.url), *groups])


@pytest.fixture(scope="module")
def ruled(scripted: Scripted, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway with one group for each rule; the model's name says the target's dialect."""
    with serve(configuration(scripted), tmp_path_factory.mktemp("ruled"), {}) as gateway:
        yield gateway


class Asked:
    """A client of `inbound`, whose targets speak `outbound`; a body is what reached the target."""

    def __init__(self, gateway: Gateway, upstream: Scripted, inbound: str, outbound: str) -> None:
        self.gateway, self.upstream = gateway, upstream
        self.inbound, self.outbound = inbound, outbound

    def __call__(self, group: str, system: str | None = SYSTEM, **fields: Any) -> dict[str, Any]:
        assert self.reply(group, system, **fields).status == 200
        body: dict[str, Any] = self.upstream.last.body
        return body

    def reply(self, group: str, system: str | None = SYSTEM, **fields: Any) -> Reply:
        body = chat(self.inbound, self.outbound, **fields)
        if system is not None and self.inbound == "claude":
            body["system"] = system
        elif system is not None:
            body["messages"] = [{"role": "system", "content": system}, *body["messages"]]
        return post(self.gateway, f"/{group}{PATHS[self.inbound]}", body, {})

    def tools(self, *names: str) -> list[dict[str, Any]]:
        """Tools as this client's dialect writes them."""
        schema = {"type": "object", "properties": {}}
        said = [{"name": name, "description": f"Reads {name}."} for name in names]
        if self.inbound == "claude":
            return [{**one, "input_schema": schema} for one in said]
        return [{"type": "function", "function": {**one, "parameters": schema}} for one in said]


@pytest.fixture
def ask(ruled: Gateway, upstream: Scripted, inbound: str, outbound: str) -> Asked:
    return Asked(ruled, upstream, inbound, outbound)


def system_of(body: dict[str, Any]) -> list[str]:
    """The system text that a provider reads, by pieces; a joined one by paragraphs."""
    if "messages" in body and body["messages"][0]["role"] == "system":
        said: Any = body["messages"][0]["content"]
    else:
        said = body.get("system", [])
    return said.split("\n\n") if isinstance(said, str) else [text["text"] for text in said]


def last_of(body: dict[str, Any]) -> list[str]:
    said: Any = body["messages"][-1]["content"]
    return [said] if isinstance(said, str) else [part["text"] for part in said]


def tools_of(body: dict[str, Any]) -> list[dict[str, Any]]:
    return [tool.get("function", tool) for tool in body.get("tools", [])]


def choice_of(body: dict[str, Any]) -> str | None:
    """What the provider is told of the choice, in one word."""
    choice = body.get("tool_choice")
    return choice["type"] if isinstance(choice, dict) else choice


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
    ask: Asked, group: str, before: str | None, after: list[str]
) -> None:
    assert system_of(ask(group, before)) == after


def test_a_rule_for_requests_with_tools_sees_them(ask: Asked) -> None:
    assert system_of(ask("when", tools=ask.tools("Read"))) == [SYSTEM, "RULE"]


@pytest.mark.parametrize(
    ("group", "after"),
    [("plain", ["Hello"]), ("user", ["Hello", "RULE"]), ("asked", ["Jello"])],
)
def test_the_user_s_last_message_follows_the_rule(ask: Asked, group: str, after: list[str]) -> None:
    assert last_of(ask(group)) == after


def test_descriptions_of_tools_follow_the_rule(ask: Asked) -> None:
    [tool] = tools_of(ask("described", tools=ask.tools("Read")))

    assert tool["description"] == "Shows Read."


def test_denied_tools_do_not_reach_the_provider(ask: Asked) -> None:
    body = ask("tools", tools=ask.tools("Read", "WebSearch", "WebFetch"))

    assert [tool["name"] for tool in tools_of(body)] == ["Read"]


def test_a_denied_tool_that_is_forced_leaves_the_model_free(ask: Asked) -> None:
    forced: dict[str, Any] = {
        "claude": {"type": "tool", "name": "WebFetch"},
        "openai": {"type": "function", "function": {"name": "WebFetch"}},
    }[ask.inbound]

    body = ask("tools", tools=ask.tools("Read", "WebFetch"), tool_choice=forced)

    assert choice_of(body) == "auto"


def test_without_a_tool_left_nothing_is_said_of_tools(ask: Asked) -> None:
    required = {"type": "any"} if ask.inbound == "claude" else "required"

    body = ask("bare", tools=ask.tools("Read", "WebFetch"), tool_choice=required)

    assert "tools" not in body
    assert "tool_choice" not in body


def test_a_temperature_is_scaled_and_none_is_made_up(ask: Asked) -> None:
    assert ask("cool", temperature=0.5)["temperature"] == 0.3
    assert ask("cool", temperature=1)["temperature"] == 0.6
    assert "temperature" not in ask("cool")


class Watcher:
    """A plugin that collects the records of exchanges."""

    def __init__(self) -> None:
        self.records: asyncio.Queue[Record] = asyncio.Queue()

    @hookimpl
    def exchange_finished(self, record: Record) -> None:
        self.records.put_nowait(record)


async def test_a_reply_at_home_is_relayed_whatever_the_rule(
    gateway: StartGateway, upstream: Scripted, inbound: str, outbound: str, stream: bool
) -> None:
    watcher = Watcher()
    running = await gateway(configuration(upstream), watcher)
    body = chat(inbound, outbound, stream=stream, temperature=0.5)

    async with aiohttp.ClientSession() as client:
        for group in RULES:
            url = f"{running.url}/{group}{PATHS[inbound]}"
            async with client.post(url, json=body) as reply:
                await reply.read()
            record = await watcher.records.get()
            assert (record.group, record.status) == (group, 200)
            assert record.relayed == (inbound == outbound), group


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


def test_claude_code_s_twenty_tools_and_rule_reach_another_dialect(
    ruled: Gateway, upstream: Scripted
) -> None:
    sent = RECORDED["claude-code-010"]
    body = {**sent["body"], "model": "openai"}

    assert post(ruled, f"/append{PATHS['claude']}", body, sent["headers"]).status == 200

    tools = sent["body"]["tools"]
    told = upstream.last.body["messages"][0]["content"]
    assert told.endswith(f"{sent['body']['system'][-1]['text']}\n\nRULE")
    assert len(tools) > 20
    assert [tool["name"] for tool in tools_of(upstream.last.body)] == [
        tool["name"] for tool in tools
    ]


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
