"""A parrot: it says the user's last words again, one by one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence

from gateway.context import Call
from gateway.errors import UpstreamError
from gateway.events import (
    Delta,
    Event,
    Finish,
    PartEnd,
    PartStart,
    Start,
    Usage,
    UsageSeen,
)
from gateway.hooks import Backend, hookimpl
from gateway.model import ChatRequest, Message, Text

API_VERSION = 1


@hookimpl
def register_backends() -> Sequence[Backend]:
    return [Backend("parrot", needs_url=False)]


@hookimpl
def call_backend(call: Call) -> AsyncGenerator[list[Event], None] | None:
    return squawk(call) if call.backend.name == "parrot" else None


async def squawk(call: Call) -> AsyncGenerator[list[Event], None]:
    """The reply, a batch for each word. A parrot that is asked to be silent fails."""
    request = call.request
    words = last_words(request).split()
    if words == ["silence"]:
        raise UpstreamError("the parrot has nothing to say", status=503, kind="overloaded")
    yield [Start(model=call.target.model), PartStart(0, "text")]
    most = request.sampling.max_tokens or len(words)
    for word in words[:most]:
        await asyncio.sleep(0)  # here a network read would be waited for
        yield [Delta(0, word + " ")]
    usage = Usage(input=count(request), output=min(most, len(words)))
    reason = "length" if most < len(words) else "stop"
    yield [PartEnd(0), UsageSeen(usage), Finish(reason)]


def last_words(request: ChatRequest) -> str:
    """The text of the last user message that has any."""
    spoken = [" ".join(texts(message)) for message in request.messages if message.role == "user"]
    return next((words for words in reversed(spoken) if words), "Squawk!")


def count(request: ChatRequest) -> int:
    """All words of the conversation."""
    return sum(len(text.split()) for message in request.messages for text in texts(message))


def texts(message: Message) -> Iterator[str]:
    return (part.text for part in message.parts if isinstance(part, Text))
