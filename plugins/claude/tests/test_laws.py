"""Laws 2, 3, 5 and 7 for any reply."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.attempt import Attempt, Target
from gateway.events import (
    Delta,
    Event,
    Finish,
    OpaqueEvent,
    PartEnd,
    PartStart,
    Sealed,
    Start,
    Usage,
    UsageSeen,
)
from gateway.fold import collect, normal
from gateway.model import ChatRequest, Fields, Message, Seal, Text, ToolCall
from gateway_claude.decode import ReplyDecoder
from gateway_claude.encode import encoder

TARGET = Target("anthropic", "m", "claude", "claude")
SEALS = st.builds(
    Seal,
    st.text("abcXYZ09+/=.", min_size=1, max_size=8),
    st.sampled_from(["claude", "gemini"]),
    st.sampled_from(["up", "andere"]),
    st.sampled_from(["m1", "m.2"]),
)
WORDS = st.text(min_size=1, max_size=6)
NUMBERS = st.integers(0, 5000)


def text(words: Sequence[str], cited: bool) -> list[Event]:
    more = {"claude": Fields({"citations": [{"type": "x"}]}, ())} if cited else {}
    return [PartStart(0, "text"), *(Delta(0, word) for word in words), PartEnd(0, more)]


def thinking(words: Sequence[str], seal: Seal) -> list[Event]:
    return [
        PartStart(0, "thinking"),
        *(Delta(0, word) for word in words),
        Sealed(0, seal),
        PartEnd(0),
    ]


def redacted(seal: Seal) -> list[Event]:
    return [PartStart(0, "thinking", redacted=True), Sealed(0, seal), PartEnd(0)]


def call(id: str, value: dict[str, str], cuts: int) -> list[Event]:
    arguments = orjson.dumps(value).decode() if value else ""
    pieces = [arguments[at : at + cuts] for at in range(0, len(arguments), cuts)]
    start = PartStart(0, "tool_call", id=f"toolu_{id}", name="f")
    return [start, *(Delta(0, piece) for piece in pieces), PartEnd(0)]


def opaque(value: dict[str, str]) -> list[Event]:
    return [OpaqueEvent("claude", {"type": "server_tool_use", "id": "s", "input": value}, 0)]


OBJECTS = st.dictionaries(WORDS, WORDS, max_size=2)
PART = st.one_of(
    st.builds(text, st.lists(WORDS, min_size=1, max_size=3), st.booleans()),
    st.builds(thinking, st.lists(WORDS, max_size=2), SEALS),
    st.builds(redacted, SEALS),
    st.builds(call, st.text("abc", min_size=1), OBJECTS, st.integers(1, 5)),
    st.builds(opaque, OBJECTS),
)


@st.composite
def replies(draw) -> list[Event]:
    """A whole reply, its parts interleaved in any way that keeps each part's own order."""
    parts = [
        [evolve(event, index=index) for event in part]
        for index, part in enumerate(draw(st.lists(PART, max_size=4)))
    ]
    waiting, body, opened = list(parts), [], 0
    while any(waiting):
        at = draw(st.integers(0, min(opened, len(waiting) - 1)))
        if not waiting[at]:
            at = next(index for index, part in enumerate(waiting) if part)
        opened = max(opened, at + 1)
        body.append(waiting[at].pop(0))
    called = any(isinstance(e, PartStart) and e.kind == "tool_call" for e in body)
    kinds = ["tool_use"] if called else ["stop", "length", "refusal", "pause", "context_exceeded"]
    cached, written = draw(NUMBERS), draw(NUMBERS)
    usage = Usage(cached + written + draw(NUMBERS), cached, written, draw(NUMBERS))
    finish = Finish(draw(st.sampled_from(kinds)))
    return [Start("msg_1", "m"), *body, UsageSeen(usage), finish]


def written(events: list[Event], *, stream: bool = True) -> bytes:
    request = ChatRequest("m", [Message("user", [Text("hi")])], stream=stream)
    made = encoder(request, Attempt(TARGET, client="claude"))
    return made.feed(events) + made.close()


def decoded(data: bytes, cuts: Sequence[int] = ()) -> list[Event]:
    reader, at, out = ReplyDecoder(Attempt(TARGET)), 0, []
    for cut in [*sorted(cut % (len(data) + 1) for cut in cuts), len(data)]:
        out += reader.feed(data[at:cut])
        at = cut
    return [*out, *reader.close()]


LAW = settings(max_examples=120, deadline=None, derandomize=True)


@LAW
@given(replies())
def test_law_2_what_is_written_is_read_back(events):
    assert normal(decoded(written(events))) == normal(events)


@LAW
@given(replies(), st.lists(st.integers(0, 10_000), max_size=6))
def test_law_3_cuts_change_nothing(events, cuts):
    data = written(events)

    assert decoded(data, cuts) == decoded(data)


@LAW
@given(replies())
def test_law_5_the_folded_stream_is_the_body(events):
    streamed = collect(decoded(written(events)))
    body = collect(decoded(written(events, stream=False)))

    assert plain(streamed) == plain(body)


def plain(reply):
    """A reply with its arguments parsed: a body has no place for white space in them."""
    parts = [
        evolve(part, arguments=str(orjson.loads(part.arguments or "{}")))
        if isinstance(part, ToolCall)
        else part
        for part in reply.parts
    ]
    return evolve(reply, parts=parts)


@LAW
@given(replies())
def test_law_7_the_same_events_give_the_same_bytes(events):
    assert written(events) == written(events)
