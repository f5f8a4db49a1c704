"""How long a request is: `POST /responses/input_tokens`, both ways.

Source: OpenAI API reference and its SDK 3.57, read 2026-11. Of the providers that speak Responses
only OpenAI is known to count; where the upstream doesn't, the core estimates.
"""

from __future__ import annotations

import orjson
from attrs import evolve

from gateway.attempt import Attempt
from gateway.context import Call
from gateway.errors import UpstreamError
from gateway.model import ChatRequest, Json, Message, Text
from gateway.upstream import ask
from gateway.wire import UpstreamWire, WireReply
from gateway_openai.responses.outbound import PATH, write_request

COUNT = "/input_tokens"
COUNTED = frozenset(
    {
        *("model", "input", "instructions", "tools", "tool_choice", "parallel_tool_calls"),
        *("reasoning", "text", "truncation", "personality"),
    }
)
"""Fields that the counting endpoint takes."""

ANYTHING = Message("user", [Text("-")])
"""In place of no conversation, which could not be answered; it is not counted."""


async def count_tokens(call: Call) -> int:
    """Ask the upstream. Raises UpstreamError."""
    reply = await ask(call, write_counting(call.request, call.attempt))
    tokens = reply.get("input_tokens") if isinstance(reply, dict) else None
    if not isinstance(tokens, int):
        raise UpstreamError.garbage("it counts no input_tokens")
    return tokens


def write_counting(request: ChatRequest, attempt: Attempt) -> UpstreamWire:
    """The request that asks how long `request` is, which may have no conversation."""
    silent = not request.messages
    asked = evolve(request, stream=None, messages=[ANYTHING] if silent else request.messages)
    written = write_request(asked, evolve(attempt, stream=False))
    assert isinstance(written.body, dict)
    fields = COUNTED - {"input"} if silent else COUNTED
    body = {key: value for key, value in written.body.items() if key in fields}
    return UpstreamWire(PATH + COUNT, body, headers=written.headers)


def write_count(tokens: int, *, estimated: bool) -> WireReply:
    """The count for a client; a guess says so."""
    label: dict[str, Json] = {"source": "estimated"} if estimated else {}
    return WireReply(
        orjson.dumps({"object": "response.input_tokens", "input_tokens": tokens, **label})
    )
