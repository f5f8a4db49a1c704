"""Newplugin as a backend: it answers clients of every dialect, piece by piece."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from gateway.context import Call
from gateway.errors import UpstreamError
from gateway.events import Delta, Event, Finish, PartEnd, PartStart, Start, Usage, UsageSeen
from gateway.hooks import Backend, hookimpl
from gateway.model import ChatRequest, Text

API_VERSION = 1
NAME = "newplugin"


@hookimpl
def register_backends() -> Sequence[Backend]:
    return [Backend(NAME, needs_url=False)]


@hookimpl
def call_backend(call: Call) -> AsyncGenerator[list[Event], None] | None:
    return reply(call) if call.backend.name == NAME else None


async def reply(call: Call) -> AsyncGenerator[list[Event], None]:
    """The reply as events, a batch for each piece that arrives."""
    most, count = call.request.sampling.max_tokens, 0
    opening: list[Event] = [Start(model=call.target.model), PartStart(0, "text")]
    finish = Finish("stop")
    async with aclosing(answer(call.request, call.key)) as pieces:
        async for piece in pieces:
            if count == most:
                finish = Finish("length")
                break
            yield [*opening, Delta(0, piece)]
            opening, count = [], count + 1
    yield [*opening, PartEnd(0), UsageSeen(Usage(output=count)), finish]


async def answer(request: ChatRequest, key: str | None) -> AsyncGenerator[str, None]:
    """Your model goes here: send it `request`, and yield its words as they come.

    key: the upstream's, from the configuration. What you raise before the first piece lets the
    gateway try the next key or target.
    """
    if key == "expired":
        raise UpstreamError("the key has expired", status=401, kind="authentication")
    for word in f"You said: {last_words(request)}".split():
        await asyncio.sleep(0)  # here a read from the network would be awaited
        yield f"{word} "


def last_words(request: ChatRequest) -> str:
    """The text of the last message."""
    parts = request.messages[-1].parts
    return " ".join(part.text for part in parts if isinstance(part, Text)) or "nothing"
