"""Clients of every dialect that send back what a person could see of a reply, and no more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import aiohttp
from attrs import define, field

from gateway.attempt import Attempt, Target
from gateway.fold import ChatReply, collect
from gateway.model import (
    ChatRequest,
    Message,
    Part,
    Sampling,
    Text,
    Tool,
    ToolCall,
    ToolResult,
)
from gateway.plugins import load
from gateway.settings import Plugins
from gateway.upstream import base_url

LOADED = load(Plugins())
SCHEMA = {"type": "object", "properties": {"at": {"type": "string"}, "n": {"type": "integer"}}}
TOOLS = [Tool("look", "Looks", SCHEMA)]
Body = dict[str, Any]
THINKS: Mapping[str, Body] = {
    "openai": {"reasoning_effort": "medium"},
    "responses": {"reasoning": {"effort": "medium"}},
    "claude": {"thinking": {"type": "enabled", "budget_tokens": 2048}},
    "gemini": {"generationConfig": {"thinkingConfig": {"thinkingBudget": 2048}}},
    "ollama": {"think": True},
}
"""How each asks for thinking."""


def _without_ids(messages: list[Body]) -> None:
    for message in messages:
        message.pop("tool_call_id", None)
        for call in message.get("tool_calls", ()):
            call.pop("id", None)


def _without_gemini_ids(body: Body) -> None:
    for turn in body["contents"]:
        for part in turn["parts"]:
            for name in ("functionCall", "functionResponse"):
                part.get(name, {}).pop("id", None)


FORGETS: Mapping[str, Callable[[Body], None]] = {
    "ollama": lambda body: _without_ids(body["messages"]),
    "gemini": _without_gemini_ids,
}
"""Dialects whose clients may know no ids, and how they leave them out."""


@define
class Client:
    """One conversation. key: the proxy key. forgets: whether it leaves out the ids of calls."""

    dialect: str
    url: str
    stream: bool = False
    key: str = ""
    forgets: bool = False
    messages: list[Message] = field(factory=list)

    async def ask(self, text: str) -> ChatReply:
        """Say something, run the tools that are called, and give back the last reply."""
        self.messages.append(Message("user", [Text(text)]))
        while True:
            reply = await self.send()
            seen = [part for part in map(_seen, reply.parts) if part is not None]
            self.messages.append(Message("assistant", seen))
            calls = [part for part in seen if isinstance(part, ToolCall)]
            if not calls:
                return reply
            results: list[Part] = [
                ToolResult(call.id, [Text("found")], name=call.name) for call in calls
            ]
            self.messages.append(Message("user", results))

    async def send(self) -> ChatReply:
        """Send the conversation as it is."""
        backend = LOADED.backends[self.dialect]
        target = Target("client", "m", self.dialect, self.dialect)
        attempt = Attempt(target, stream=self.stream, client=self.dialect)
        request = ChatRequest(
            "m",
            self.messages,
            tools=TOOLS,
            sampling=Sampling(max_tokens=4096),
            stream=self.stream,
        )
        assert backend.write_request is not None
        assert backend.decoder is not None
        wire = backend.write_request(request, attempt)
        assert isinstance(wire.body, dict)
        wire.body.update(THINKS[self.dialect])
        if self.forgets:
            FORGETS[self.dialect](wire.body)
        url = base_url(self.url, backend.version) + wire.path
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        async with aiohttp.ClientSession(headers=headers) as session:
            sent = session.post(url, params=dict(wire.query), json=wire.body)
            async with sent as reply:
                data = await reply.read()
        assert reply.status == 200, data
        decoder = backend.decoder(attempt, self.stream)
        return collect([*decoder.feed(data), *decoder.close()])


def _seen(part: Part) -> Part | None:
    """What a person could see of a part; None for nothing."""
    match part:
        case Text() if part.text:
            return Text(part.text)
        case ToolCall():
            return ToolCall(part.id, part.name, part.arguments)
    return None
