"""Generated requests and replies, for hypothesis: small, legal, and quick to shrink."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import orjson
from hypothesis import strategies as st

from gateway.events import (
    Delta,
    Event,
    Finish,
    PartEnd,
    PartStart,
    Ping,
    Sealed,
    Start,
    Usage,
    UsageSeen,
)
from gateway.fold import ChatReply, collect
from gateway.model import (
    ChatRequest,
    Media,
    Message,
    Part,
    Sampling,
    Seal,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
)

Draw = Callable[[st.SearchStrategy[Any]], Any]
CHARACTERS = st.characters(codec="utf-8")
PNG = "iVBORw0KGgo="


def words() -> st.SearchStrategy[str]:
    """Text that is never blank, with any character that JSON can hold."""
    return st.text(CHARACTERS, max_size=12).map(lambda text: f"w{text}.")


def names() -> st.SearchStrategy[str]:
    return st.from_regex(r"[a-z][a-z0-9_]{0,9}", fullmatch=True)


def arguments() -> st.SearchStrategy[str]:
    """A call's arguments: compact JSON text of an object, often empty."""
    values = st.one_of(words(), st.integers(-999, 999), st.booleans(), st.none())
    return st.dictionaries(names(), values, max_size=3).map(_json)


@st.composite
def requests(draw: Draw, home: str = "home") -> ChatRequest:
    """A conversation that every provider takes: results right after calls, the user speaks last.

    Its seals belong to the dialect `home`.
    """
    tools = [_tool(name) for name in draw(st.lists(names(), max_size=3, unique=True))]
    messages: list[Message] = []
    for turn in range(draw(st.integers(0, 2))):
        messages += draw(_turn(turn, tools, home))
    messages.append(Message("user", draw(_user_parts())))
    return ChatRequest(
        model="asked-model",
        messages=messages,
        system=draw(st.lists(words().map(Text), max_size=2)),
        tools=tools or None,
        tool_choice=draw(_choices(tools)),
        sampling=draw(_samplings()),
        stream=draw(st.sampled_from([None, True])),
    )


@st.composite
def streams(draw: Draw, home: str = "home") -> list[Event]:
    """A reply in the order that models keep: thinking, text, calls; their pieces may interleave."""
    kinds = [
        *draw(st.lists(st.just("thinking"), max_size=1)),
        *draw(st.lists(st.just("text"), max_size=1)),
        *draw(st.lists(st.just("tool_call"), max_size=3)),
    ]
    return draw(_streams_of(kinds, home))  # type: ignore[no-any-return]


@st.composite
def wild_streams(draw: Draw, home: str = "home") -> list[Event]:
    """Any reply that the grammar allows: any kinds in any order, pings and usage anywhere."""
    kinds = draw(st.lists(st.sampled_from(["thinking", "text", "tool_call", "media"]), max_size=5))
    events: list[Event] = draw(_streams_of(kinds, home))
    for extra in draw(st.lists(st.sampled_from([Ping(), UsageSeen(Usage(input=3))]), max_size=3)):
        events.insert(draw(st.integers(1, len(events) - 1)), extra)
    return events


def replies(home: str = "home") -> st.SearchStrategy[ChatReply]:
    """A whole reply, in the order that models keep."""
    return streams(home).map(collect)


SHARES = 10_000


def cuts(length: int) -> st.SearchStrategy[list[int]]:
    """Where to cut that many bytes, in rising order.

    Drawn as shares, so that what is drawn is the same for a stream whose length varies with the
    clock (Ollama's durations): hypothesis wants to see one example twice.
    """
    shares = st.lists(st.integers(0, SHARES), max_size=12)
    return shares.map(lambda drawn: sorted(share * length // SHARES for share in drawn))


@st.composite
def _turn(draw: Draw, turn: int, tools: list[Tool], home: str) -> list[Message]:
    """A user's message, the answer, and the results of its calls."""
    called = draw(st.lists(st.sampled_from(tools), max_size=2)) if tools else []
    seal = Seal(_json({"turn": turn}), home)
    parts: list[Part] = [Thinking(draw(words()), seal=seal)] if draw(st.booleans()) else []
    if draw(st.booleans()) or not called:
        parts.append(Text(draw(words())))
    calls = [
        ToolCall(f"call_{turn}_{place}", tool.name, draw(arguments()))
        for place, tool in enumerate(called)
    ]
    messages = [Message("user", draw(_user_parts())), Message("assistant", [*parts, *calls])]
    if calls:
        results: list[Part] = [
            ToolResult(call.id, [Text(draw(words()))], is_error=draw(st.booleans()))
            for call in calls
        ]
        messages.append(Message("user", results))
    return messages


@st.composite
def _user_parts(draw: Draw) -> list[Part]:
    media = [Media("image", mime="image/png", data=PNG)] if draw(st.booleans()) else []
    return [Text(draw(words())), *media]


@st.composite
def _choices(draw: Draw, tools: list[Tool]) -> ToolChoice | None:
    if not tools or draw(st.booleans()):
        return None
    mode = draw(st.sampled_from(["auto", "none", "required", "tool"]))
    return ToolChoice(mode, name=tools[0].name if mode == "tool" else None)


@st.composite
def _samplings(draw: Draw) -> Sampling:
    fractions = st.none() | st.sampled_from([0.0, 0.25, 1.0])
    stop = st.none() | st.lists(words(), min_size=1, max_size=2, unique=True)
    return Sampling(
        temperature=draw(fractions),
        top_p=draw(fractions),
        max_tokens=draw(st.integers(1, 4096)),
        stop=draw(stop),
    )


@st.composite
def _streams_of(draw: Draw, kinds: list[str], home: str) -> list[Event]:
    queues = [draw(_part(index, kind, home)) for index, kind in enumerate(kinds)]
    called = "tool_call" in kinds
    finish = Finish("tool_use") if called else Finish(draw(st.sampled_from(["stop", "length"])))
    usage = draw(st.none() | _usages().map(UsageSeen))
    body = draw(_interleaved(queues))
    return [Start("reply_1", "real-model"), *body, *([usage] if usage else []), finish]


@st.composite
def _part(draw: Draw, index: int, kind: Any, home: str) -> list[Event]:
    call = kind == "tool_call"
    start = PartStart(
        index,
        kind,
        id=f"call_{index}" if call else None,
        name=draw(names()) if call else None,
        mime="image/png" if kind == "media" else None,
    )
    whole = draw(arguments()) if call else PNG if kind == "media" else draw(words())
    places = [0, *draw(cuts(len(whole))), len(whole)]
    deltas: list[Event] = [Delta(index, whole[a:b]) for a, b in pairwise(places)]
    sealed = kind == "thinking" and draw(st.booleans())
    seals: list[Event] = [Sealed(index, Seal(f"seal{index}", home))] if sealed else []
    return [start, *deltas, *seals, PartEnd(index)]


@st.composite
def _interleaved(draw: Draw, queues: list[list[Event]]) -> list[Event]:
    """One list from several, each in its order; parts open in the order of their index."""
    if draw(st.booleans()):
        return [event for queue in queues for event in queue]
    waiting, growing, out = [list(queue) for queue in queues], list[list[Event]](), list[Event]()
    while waiting or growing:
        pick = draw(st.integers(0, len(growing) - (0 if waiting else 1)))
        if pick == len(growing):
            growing.append(waiting.pop(0))
        out.append(growing[pick].pop(0))
        growing = [queue for queue in growing if queue]
    return out


@st.composite
def _usages(draw: Draw) -> Usage:
    """Readings as providers give them: the kinds of input add up, so do those of output."""
    cached, written, fresh = (draw(st.integers(0, 500)) for _ in range(3))
    reasoning, plain = (draw(st.integers(0, 500)) for _ in range(2))
    return Usage(
        input=cached + written + fresh,
        cached_input=cached,
        cache_write=written,
        output=reasoning + plain,
        reasoning=reasoning,
    )


def _tool(name: str) -> Tool:
    return Tool(name, f"Does {name}.", {"type": "object", "properties": {"x": {"type": "string"}}})


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
