"""What echo says: one word in the model's name or the last user message picks the scene."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Iterable, Iterator
from secrets import token_hex

from gateway.context import Call
from gateway.errors import UpstreamError, kind_of_status
from gateway.estimate import estimate_text, estimate_tokens
from gateway.events import Delta, Event, Finish, PartEnd, PartStart, Start, Usage, UsageSeen
from gateway.losses import note_foreign
from gateway.model import ChatRequest, Part, Text, ToolResult
from gateway_echo.shape import sample_arguments

SCENE = re.compile(r"\becho-(tool|think|slow|fail-[45]\d\d)\b")
PAUSE = 0.1
"""Seconds between two words of the slow scene."""


async def perform(call: Call) -> AsyncGenerator[list[Event], None]:
    """Play the scene that the request asks for. Raises UpstreamError for `echo-fail-…`."""
    request, model = call.request, call.target.model
    note_foreign(request, "echo", call.attempt.losses)
    heard = request.messages[-1].parts if request.messages else []
    text = "\n".join(_texts(heard))
    found = SCENE.search(f"{model}\n{text}")
    scene = found[1] if found else "plain"
    if scene.startswith("fail-"):
        status = int(scene[5:])
        raise UpstreamError(
            f"[echo] fails with {status}, as asked", status=status, kind=kind_of_status(status)
        )
    if scene == "tool" and (not request.tools or any(isinstance(p, ToolResult) for p in heard)):
        scene = "plain"
    yield [Start(f"echo-{token_hex(8)}", model)]
    for batch in _SCENES[scene](request, f"[echo] {text}"):
        yield batch
        await asyncio.sleep(PAUSE if scene == "slow" else 0)
    usage = Usage(estimate_tokens(request), output=estimate_text(text), source="estimated")
    yield [UsageSeen(usage), Finish("tool_use" if scene == "tool" else "stop")]


def _plain(_: ChatRequest, answer: str) -> Iterator[list[Event]]:
    yield [PartStart(0, "text"), Delta(0, answer), PartEnd(0)]


def _slow(_: ChatRequest, answer: str) -> Iterator[list[Event]]:
    yield [PartStart(0, "text")]
    for word in re.findall(r"\S+\s*", answer):
        yield [Delta(0, word)]
    yield [PartEnd(0)]


def _think(_: ChatRequest, answer: str) -> Iterator[list[Event]]:
    yield [PartStart(0, "thinking"), Delta(0, "[echo] I shall say the same."), PartEnd(0)]
    yield [PartStart(1, "text"), Delta(1, answer), PartEnd(1)]


def _tool(request: ChatRequest, _: str) -> Iterator[list[Event]]:
    tool = (request.tools or [])[0]
    start = PartStart(
        0, "tool_call", f"call_{token_hex(8)}", tool.name, tool.namespace, tool=tool.kind
    )
    yield [start, Delta(0, sample_arguments(tool)), PartEnd(0)]


_SCENES = {"plain": _plain, "slow": _slow, "think": _think, "tool": _tool}


def _texts(parts: Iterable[Part]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Text):
            yield part.text
        elif isinstance(part, ToolResult):
            yield from _texts(part.parts)
