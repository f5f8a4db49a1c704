"""A stream folds into its reply, a reply unfolds into a stream, and streams compare."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from gateway.errors import UpstreamError
from gateway.events import (
    Delta,
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
from gateway.fold import collect, normal, replay
from gateway.model import Fields, Media, Opaque, Seal, Text, Thinking, ToolCall, ToolResult
from gateway.testing import corpus, grammar, strategies

END = Finish("stop")


def test_a_stream_folds_into_parts_ordered_by_index():
    events = [
        Start("r1", "m"),
        PartStart(0, "thinking"),
        Delta(0, "Hm"),
        PartStart(1, "tool_call", id="c1", name="f", namespace="ns", tool="custom"),
        Delta(1, "ra"),
        Sealed(0, Seal("s", "claude")),
        Delta(1, "w"),
        PartEnd(1),
        PartEnd(0),
        PartStart(2, "media", mime="image/png"),
        Delta(2, "AAAA"),
        PartEnd(2),
        UsageSeen(Usage(input=3, output=1)),
        UsageSeen(Usage(output=4)),
        Finish("tool_use"),
    ]

    reply = collect(events)

    assert (reply.id, reply.model, reply.finish) == ("r1", "m", Finish("tool_use"))
    assert reply.usage == Usage(input=3, output=4)
    assert reply.parts == [
        Thinking("Hm", seal=Seal("s", "claude")),
        ToolCall("c1", "f", "raw", kind="custom", namespace="ns"),
        Media("image", mime="image/png", data="AAAA"),
    ]


def test_opaque_parts_keep_their_place_and_opaque_events_do_not_fold():
    events = [
        Start(),
        OpaqueEvent("claude", {"type": "ping2"}),
        OpaqueEvent("claude", {"type": "result"}, 0),
        PartStart(1, "text"),
        PartEnd(1),
        END,
    ]

    assert collect(events).parts == [Opaque("claude", {"type": "result"}), Text("")]


def test_the_extra_of_a_parts_start_and_end_is_joined():
    events = [
        Start(),
        PartStart(0, "text", extra={"a": Fields({"x": 1}, ())}),
        PartEnd(0, extra={"b": Fields({"y": 2}, ())}),
        END,
    ]

    assert collect(events).parts[0].extra == {"a": {"x": 1}, "b": {"y": 2}}


@pytest.mark.parametrize(
    ("mime", "kind"),
    [
        ("image/png", "image"),
        ("audio/wav", "audio"),
        ("application/pdf", "document"),
        (None, "document"),
    ],
)
def test_media_is_named_by_its_type(mime, kind):
    assert (
        collect([Start(), PartStart(0, "media", mime=mime), PartEnd(0), END]).parts[0].kind == kind
    )


def test_a_failure_is_raised_as_it_was():
    error = UpstreamError("boom", status=500)

    with pytest.raises(UpstreamError) as raised:
        collect([Start(), Failure(error)])

    assert raised.value is error


@pytest.mark.parametrize("events", [[], [Start()], [Start(), PartStart(0, "text"), Delta(0, "a")]])
def test_sr4_a_stream_without_an_end_is_no_reply(events):
    with pytest.raises(UpstreamError, match="before it was complete"):
        collect(events)


@pytest.mark.parametrize("entry", [e for e in corpus.streams() if e.complete], ids=lambda e: e.name)
def test_a_reply_unfolds_into_a_stream_that_folds_back(entry):
    reply = collect(entry.events)

    events = replay(reply)

    grammar.check(events)
    assert collect(events) == reply


def test_a_tool_result_is_not_part_of_a_reply():
    reply = collect([Start(), END])
    reply.parts = [ToolResult("c", [])]

    with pytest.raises(TypeError, match="ToolResult"):
        replay(reply)


def test_normal_joins_orders_and_drops():
    interleaved = [
        Ping(),
        Start(),
        PartStart(0, "text"),
        Delta(0, ""),
        PartStart(1, "text"),
        Delta(1, "b"),
        UsageSeen(Usage(output=1)),
        Delta(0, "a"),
        Delta(1, "b"),
        PartEnd(1),
        Delta(0, "a"),
        PartEnd(0),
        UsageSeen(Usage(output=2)),
        END,
    ]

    assert normal(interleaved) == [
        Start(),
        PartStart(0, "text"),
        Delta(0, "aa"),
        PartEnd(0),
        PartStart(1, "text"),
        Delta(1, "bb"),
        PartEnd(1),
        UsageSeen(Usage(output=2)),
        END,
    ]


def test_normal_leaves_the_given_events_as_they_are():
    events = [Start(), PartStart(0, "text"), Delta(0, "a"), Delta(0, "b"), PartEnd(0), END]
    copy = list(events)

    normal(events)

    assert events == copy
    assert events[2] == Delta(0, "a")


@settings(max_examples=100, deadline=None, derandomize=True)
@given(strategies.wild_streams())
def test_normal_is_idempotent_and_means_the_same(events):
    once = normal(events)

    assert normal(once) == once
    assert collect(once) == collect(events)
