"""The wrapper around `call_backend`, fed with events."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import orjson
import pytest

import gateway_toolcompat
from gateway.attempt import Attempt, Target
from gateway.context import Call
from gateway.errors import UpstreamError
from gateway.events import (
    Delta,
    Event,
    Failure,
    Finish,
    OpaqueEvent,
    PartEnd,
    PartStart,
    Ping,
    Sealed,
    Start,
    Usage,
    UsageSeen,
)
from gateway.fold import collect
from gateway.hooks import Backend
from gateway.losses import Losses
from gateway.model import (
    ChatRequest,
    Message,
    Opaque,
    Seal,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolChoice,
)
from gateway.settings import UpstreamSettings
from gateway.upstream import Upstream
from gateway_toolcompat.asking import ASKINGS
from gateway_toolcompat.plan import Plan
from gateway_toolcompat.settings import NAME
from gateway_toolcompat.toolbox import toolbox
from gateway_toolcompat.understanding import understood
from plugins.toolcompat.tests.corpus.cases import GARDEN

CALL = (
    '<tool_call>{"name": "water_bed", "arguments": {"bed": "north", "litres": "5.0"}}</tool_call>'
)
WATERED = ("water_bed", {"bed": "north", "litres": 5.0})


def text(*pieces: str, reason: str = "stop", index: int = 0) -> list[list[Event]]:
    deltas = [[Delta(index, piece)] for piece in pieces]
    usage = UsageSeen(Usage(input=10, output=4))
    return [
        [Start("r", "m")],
        [PartStart(index, "text")],
        *deltas,
        [PartEnd(index)],
        [usage, Finish(reason)],
    ]


class Upstreaming:
    """An upstream that gives these batches, and knows how far it was read and if it was closed."""

    def __init__(self, *replies: list[list[Event]]) -> None:
        self.replies = list(replies)
        self.given = 0
        self.closed = 0
        self.calls: list[Call] = []

    async def stream(self, call: Call) -> AsyncGenerator[list[Event], None]:
        self.calls.append(call)
        try:
            for batch in self.replies.pop(0):
                self.given += 1
                yield batch
        finally:
            self.closed += 1

    def ask(self, call: Call) -> AsyncGenerator[list[Event], None]:
        return understood(call, call.state[NAME], self.stream(call))


def call_of(
    upstream: Upstreaming, *, stream: bool = True, choice: ToolChoice | None = None, tries: int = 1
) -> Call:
    attempt = Attempt(Target("up", "m", "x"), stream)
    plan = Plan(toolbox(GARDEN, choice), ASKINGS["json"], Losses(), choice, tries)
    request = ChatRequest("m", [Message("user", [Text("Water the north bed.")])])
    backend = Backend("x")
    settings = Upstream(UpstreamSettings("up", "x"), backend)
    state = {NAME: plan}
    return Call(request, attempt, backend, settings, state=state, ask=upstream.ask)


async def answered(upstream: Upstreaming, **options) -> list[Event]:
    call = call_of(upstream, **options)
    return [event async for batch in upstream.ask(call) for event in batch]


def calls_of(events: list[Event]) -> list[tuple[str, dict]]:
    parts = collect(events).parts
    return [(p.name, orjson.loads(p.arguments)) for p in parts if isinstance(p, ToolCall)]


def said(events: list[Event]) -> str:
    return "".join(part.text for part in collect(events).parts if isinstance(part, Text))


async def test_text_streams_on_and_the_call_follows_as_a_part_of_its_own():
    upstream = Upstreaming(text("I wa", "ter it.\n<tool", CALL.removeprefix("<tool"), "\n"))

    events = await answered(upstream)

    assert events[:4] == [
        Start("r", "m"),
        PartStart(0, "text"),
        Delta(0, "I wa"),
        Delta(0, "ter it.\n"),
    ]
    assert isinstance(events[5], PartStart)
    assert (events[4], events[5].kind, events[5].name) == (PartEnd(0), "tool_call", "water_bed")
    assert calls_of(events) == [WATERED]
    assert collect(events).finish == Finish("tool_use")


async def test_every_call_has_an_id_of_its_own():
    events = await answered(Upstreaming(text(CALL + CALL)))

    ids = [part.id for part in collect(events).parts if isinstance(part, ToolCall)]
    assert len(ids) == len(set(ids)) == 2


async def test_a_reply_without_calls_is_as_it_was():
    batches = text("All ", "is well.")

    assert collect(await answered(Upstreaming(batches))) == collect(e for b in batches for e in b)


async def test_a_reply_that_runs_on_is_closed_and_its_tokens_are_estimated():
    upstream = Upstreaming(text(CALL, "\n\nUser: more\n", *["and on "] * 500))

    events = await answered(upstream)

    assert upstream.given < 10
    assert upstream.closed == 1
    assert calls_of(events) == [WATERED]
    reply = collect(events)
    assert reply.finish.reason == "tool_use"
    assert reply.usage is not None
    assert reply.usage.source == "estimated"


async def test_the_inner_stream_is_closed_when_the_client_leaves():
    upstream = Upstreaming(text("one ", "two ", "three "))
    stream = upstream.ask(call_of(upstream))
    await anext(stream)

    await stream.aclose()

    assert upstream.closed == 1


async def test_a_call_in_a_thought_is_made_when_the_reply_says_nothing_else():
    thinking = [PartStart(0, "thinking"), Delta(0, f"So: {CALL}"), PartEnd(0)]
    upstream = Upstreaming([[Start("r", "m")], thinking, [Finish("stop")]])

    events = await answered(upstream)

    assert calls_of(events) == [WATERED]
    assert collect(events).parts[0] == Thinking(f"So: {CALL}")
    assert collect(events).finish.reason == "tool_use"


@pytest.mark.parametrize("answer", ["I will not.", CALL.replace("north", "south")])
async def test_a_call_in_a_thought_is_not_made_when_the_reply_says_something(answer):
    thinking = [PartStart(0, "thinking"), Delta(0, f"So: {CALL}"), PartEnd(0)]
    upstream = Upstreaming([[Start("r", "m")], thinking, *text(answer, index=1)[1:]])

    assert WATERED not in calls_of(await answered(upstream))


async def test_a_marked_thought_becomes_a_thinking_part():
    events = await answered(Upstreaming(text("<thi", "nk>hm</think>", "\nYes.")))

    assert collect(events).parts == [Thinking("hm"), Text("\nYes.")]


async def test_native_calls_go_through_and_keep_their_place():
    native = [PartStart(1, "tool_call", "n1", "list_beds"), Delta(1, "{}"), PartEnd(1)]
    upstream = Upstreaming([*text("First.")[:-1], native, [Finish("tool_use")]])
    call = call_of(upstream)

    events = [event async for batch in upstream.ask(call) for event in batch]

    assert collect(events).parts == [Text("First."), ToolCall("n1", "list_beds", "{}")]
    assert call.state[NAME].counts.native == 1


async def test_seals_pings_and_foreign_parts_go_through():
    seal = Seal("s", "gemini")
    upstream = Upstreaming(
        [
            [Start("r", "m"), Ping(), PartStart(0, "text"), Delta(0, "Hi."), Sealed(0, seal)],
            [PartEnd(0), OpaqueEvent("claude", {"x": 1}, 1), Finish("stop")],
        ]
    )

    events = await answered(upstream)

    assert collect(events).parts == [Text("Hi.", seal=seal), Opaque("claude", {"x": 1})]
    assert Ping() in events


async def test_an_error_in_the_stream_comes_after_what_was_held():
    failed = UpstreamError.truncated()
    upstream = Upstreaming([*text("so <tool_c")[:3], [Failure(failed)]])

    events = await answered(upstream)

    assert "".join(event.text for event in events if isinstance(event, Delta)) == "so <tool_c"
    assert events[-1] == Failure(failed)


async def test_an_error_before_the_reply_is_raised():
    async def failing(call: Call) -> AsyncGenerator[list[Event], None]:
        raise UpstreamError("no")
        yield []

    upstream = Upstreaming()
    call = call_of(upstream)

    with pytest.raises(UpstreamError):
        await anext(understood(call, call.state[NAME], failing(call)))


async def test_a_reply_cut_by_its_limit_keeps_that_reason_and_makes_no_half_call():
    events = await answered(Upstreaming(text("Now: ", CALL[:60], reason="length")))

    assert calls_of(events) == []
    assert said(events) == "Now: " + CALL[:60]
    assert collect(events).finish.reason == "length"


BROKEN = CALL.replace('"bed": "north", ', "")


async def test_a_broken_call_is_asked_for_again_with_its_reason():
    upstream = Upstreaming(text(BROKEN), text(CALL))

    events = await answered(upstream)

    assert calls_of(events) == [WATERED]
    assert [type(event) for event in events].count(Start) == 1
    usage = collect(events).usage
    assert usage is not None
    assert (usage.input or 0, usage.source) > (10, "estimated")
    asked = upstream.calls[1].request.messages
    assert asked[-2] == Message("assistant", [Text(BROKEN)])
    assert "'bed' is a required property" in asked[-1].parts[0].text


async def test_it_is_asked_again_only_once():
    upstream = Upstreaming(text(BROKEN), text(BROKEN))

    events = await answered(upstream)

    assert said(events) == BROKEN
    assert collect(events).finish.reason == "stop"


async def test_nothing_is_asked_again_once_words_were_shown():
    upstream = Upstreaming(text("Well. ", BROKEN))

    assert said(await answered(upstream)) == "Well. " + BROKEN
    assert len(upstream.calls) == 1


async def test_words_are_no_hindrance_where_nobody_watches_the_stream():
    upstream = Upstreaming(text("Well. ", BROKEN), text(CALL))

    events = await answered(upstream, stream=False)

    assert (said(events), calls_of(events)) == ("", [WATERED])


async def test_asking_again_can_be_switched_off():
    upstream = Upstreaming(text(BROKEN))

    assert said(await answered(upstream, tries=0)) == BROKEN


async def test_a_broken_call_beside_a_whole_one_leaks_no_markup():
    for order in (BROKEN + CALL, CALL + BROKEN):
        events = await answered(Upstreaming(text("So.\n", order)))

        assert (said(events), calls_of(events)) == ("So.\n", [WATERED])


async def test_a_required_call_is_asked_for_where_only_words_came():
    choice = ToolChoice("required")
    upstream = Upstreaming(text("I would ", "rather not."), text(CALL))

    events = await answered(upstream, choice=choice)

    assert (said(events), calls_of(events)) == ("", [WATERED])


async def test_words_that_come_instead_of_a_required_call_are_shown_in_the_end():
    upstream = Upstreaming(text("No."), text("Still no."))

    events = await answered(upstream, choice=ToolChoice("required"))

    assert said(events) == "Still no."


async def test_another_tool_than_the_named_one_is_not_called():
    upstream = Upstreaming(text(CALL), text(CALL))

    events = await answered(upstream, choice=ToolChoice("tool", "list_beds"))

    assert calls_of(events) == []
    assert "may not be called now" in upstream.calls[1].request.messages[-1].parts[0].text


async def test_one_call_at_a_time_means_one():
    events = await answered(Upstreaming(text(CALL + CALL)), choice=ToolChoice(parallel=False))

    assert calls_of(events) == [WATERED]


async def test_the_counts_say_what_became_of_the_calls():
    upstream = Upstreaming(text(BROKEN), text(CALL))
    call = call_of(upstream)

    async for _ in upstream.ask(call):
        pass

    assert call.state[NAME].counts.fields() == {"repaired": 1, "asked_again": 1}


async def test_a_free_form_tool_gets_its_plain_input():
    upstream = Upstreaming(
        text('<tool_call>{"name": "shell", "arguments": {"input": "ls -l\\n"}}</tool_call>')
    )
    call = call_of(upstream)
    call.state[NAME].box = toolbox([Tool("shell", kind="custom", namespace=None)], None)

    events = [event async for batch in upstream.ask(call) for event in batch]

    [part] = collect(events).parts
    assert isinstance(part, ToolCall)
    assert (part.kind, part.arguments) == ("custom", "ls -l\n")


def test_calls_without_a_plan_are_not_wrapped():
    upstream = Upstreaming(text("x"))
    call = call_of(upstream)
    call.state.clear()
    stream = upstream.stream(call)
    wrapper = gateway_toolcompat.call_backend(call)
    next(wrapper)

    with pytest.raises(StopIteration) as stopped:
        wrapper.send(stream)

    assert stopped.value.value is stream
