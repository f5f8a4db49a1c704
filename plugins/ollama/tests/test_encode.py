"""Events, as the lines that an Ollama client reads."""

from __future__ import annotations

import orjson
import pytest

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
from gateway.losses import Losses
from gateway.model import ChatRequest, Fields, Seal

HEAD = {"model": "m", "created_at": "2023-11-14T22:13:21.000000Z"}
SAID = [
    Start("r1", "m"),
    PartStart(0, "thinking"),
    Delta(0, "hm"),
    PartEnd(0),
    PartStart(1, "text"),
    Delta(1, "Grü"),
    Delta(1, "ße"),
    PartEnd(1),
    UsageSeen(Usage(input=9, cached_input=4, output=7)),
    Finish("stop"),
]


def message(content="", **more):
    return {**HEAD, "message": {"role": "assistant", "content": content, **more}, "done": False}


def test_a_stream_is_one_line_for_each_piece(ollama):
    *pieces, last = ollama.lines(ollama.encode(SAID))

    assert pieces == [message(thinking="hm"), message("Grü"), message("ße")]
    assert last == {
        **HEAD,
        "message": {"role": "assistant", "content": ""},
        "done": True,
        "done_reason": "stop",
        "total_duration": 3_000_000_000,
        "load_duration": 0,
        "prompt_eval_duration": 2_000_000_000,
        "eval_duration": 1_000_000_000,
        "prompt_eval_count": 9,
        "eval_count": 7,
    }


def test_a_prompt_is_answered_in_its_own_shape(ollama):
    asked = ollama.read({"prompt": "hi"}, "/api/generate")

    thought, first, second, last = ollama.lines(ollama.encode(SAID, asked))
    body = orjson.loads(ollama.encode(SAID, asked, stream=False))

    assert thought == {**HEAD, "response": "", "thinking": "hm", "done": False}
    assert (first["response"], second["response"], last["response"]) == ("Grü", "ße", "")
    assert (body["response"], body["thinking"], body["done"]) == ("Grüße", "hm", True)
    assert "message" not in {**thought, **first, **last, **body}


def test_the_whole_body_is_one_message(ollama):
    body = orjson.loads(ollama.encode(SAID, stream=False))

    assert body["message"] == {"role": "assistant", "content": "Grüße", "thinking": "hm"}
    assert (body["done"], body["done_reason"]) == (True, "stop")
    assert (body["prompt_eval_count"], body["eval_count"]) == (9, 7)


def test_st3_calls_are_told_whole_and_in_the_order_of_their_beginning(ollama):
    events = [
        Start(),
        PartStart(0, "tool_call", id="a", name="f"),
        PartStart(1, "tool_call", id="b", name="g"),
        Delta(1, '{"x":'),
        Delta(0, '{"y": 12345678901234567890123}'),
        Delta(1, "1}"),
        PartEnd(1),
        PartEnd(0),
        Finish("tool_use"),
    ]

    streamed = ollama.encode(events)
    calls, last = ollama.lines(streamed.replace(b"12345678901234567890123", b"1"))

    assert b'{"y": 12345678901234567890123}' in streamed
    assert calls["message"]["tool_calls"] == [
        {"id": "a", "function": {"index": 0, "name": "f", "arguments": {"y": 1}}},
        {"id": "b", "function": {"index": 1, "name": "g", "arguments": {"x": 1}}},
    ]
    assert last["done_reason"] == "stop"
    whole = ollama.encode(events, stream=False).replace(b"12345678901234567890123", b"1")
    assert orjson.loads(whole)["message"]["tool_calls"] == calls["message"]["tool_calls"]


@pytest.mark.parametrize("text", ["", "{}", "{\n}"])
def test_a_call_without_arguments_has_an_empty_object(ollama, text):
    events = [Start(), PartStart(0, "tool_call", id="a", name="f"), Delta(0, text), PartEnd(0)]

    call, _ = ollama.lines(ollama.encode([*events, Finish("tool_use")]))

    assert call["message"]["tool_calls"][0]["function"]["arguments"] == {}


def test_arguments_that_were_cut_are_told_as_text_and_as_a_loss(ollama):
    losses = Losses()
    events = [Start(), PartStart(0, "tool_call", id="a", name="f"), Delta(0, '{"x'), PartEnd(0)]

    call, last = ollama.lines(ollama.encode([*events, Finish("length")], losses=losses))

    assert call["message"]["tool_calls"][0]["function"]["arguments"] == {"input": '{"x'}
    assert last["done_reason"] == "length"
    assert [(loss.path, loss.weight) for loss in losses] == [("reply.arguments", "meaning")]


@pytest.mark.parametrize(
    ("reason", "said", "lost"),
    [
        ("stop", "stop", []),
        ("length", "length", []),
        ("tool_use", "stop", []),
        ("stop_sequence", "stop", []),
        ("context_exceeded", "length", []),
        ("content_filter", "content_filter", []),
        ("refusal", "refusal", []),
        ("pause", "stop", ["reply.finish"]),
    ],
)
def test_sr1_every_reason_has_a_word(ollama, reason, said, lost):
    losses = Losses()

    (last,) = ollama.lines(ollama.encode([Start(), Finish(reason)], losses=losses))

    assert (last["done"], last["done_reason"]) == (True, said)
    assert [loss.path for loss in losses] == lost


def test_which_stop_sequence_it_was_is_in_the_ledger(ollama):
    losses = Losses()

    ollama.encode([Start(), Finish("stop_sequence", "END")], losses=losses)

    assert [loss.path for loss in losses] == ["reply.stop_sequence"]


def test_us2_counts_that_nobody_said_are_left_out(ollama):
    (last,) = ollama.lines(ollama.encode([Start(), Finish("stop")]))

    assert "eval_count" not in last
    assert last["eval_duration"] > 0


def test_us4_counts_that_somebody_guessed_say_so(ollama):
    guessed = UsageSeen(Usage(input=3, output=4, source="estimated"))

    data = ollama.encode([Start(), guessed, Finish("stop")])

    assert ollama.lines(data)[0]["estimated"] is True
    assert ollama.decode(data)[-2] == guessed


def test_an_upstreams_own_words_win_at_home(ollama):
    kept = Fields({"load_duration": 5, "context": [1], "message.x": 2, "$reason": "load"}, ())

    (last,) = ollama.lines(ollama.encode([Start(), Finish("stop", extra={"ollama": kept})]))

    assert (last["load_duration"], last["context"], last["message"]["x"]) == (5, [1], 2)
    assert last["done_reason"] == "load"


def test_er1_a_failure_is_the_last_line_and_nothing_says_done(ollama):
    events = [*SAID[:6], Failure(UpstreamError("too busy"))]

    *_, last = ollama.lines(ollama.encode(events))

    assert last == {"error": "too busy"}
    with pytest.raises(UpstreamError, match="too busy"):
        ollama.encode(events, stream=False)


def test_events_that_end_early_are_an_error(ollama):
    *_, last = ollama.lines(ollama.encode(SAID[:6]))

    assert "ended before it was complete" in last["error"]


def test_a_ping_is_nothing_on_this_wire(ollama):
    assert ollama.encode([Start(), Ping(), Finish("stop")]).count(b"\n") == 1


def test_what_has_no_place_in_a_reply_is_in_the_ledger(ollama):
    losses = Losses()
    foreign = {"claude": Fields({"container": 1}, ("message",))}
    events = [
        Start("r", "m", extra=foreign),
        PartStart(0, "thinking"),
        Sealed(0, Seal("s", "claude")),
        PartEnd(0),
        OpaqueEvent("claude", {"type": "search"}, 1),
        Finish("stop"),
    ]

    ollama.encode(events, losses=losses)
    streamed = [loss.path for loss in losses]
    ollama.encode(events, ChatRequest("m", []), stream=False, losses=(whole := Losses()))

    assert streamed == ["reply.message.container", "reply.id", "reply.seal", "reply"]
    assert {loss.path for loss in whole} == set(streamed)


def test_an_image_is_told_when_it_is_whole(ollama):
    events = [Start(), PartStart(0, "media", mime="image/png"), Delta(0, "iVB"), Delta(0, "OR")]
    asked = ollama.read({"prompt": "draw"}, "/api/generate")

    image, _ = ollama.lines(ollama.encode([*events, PartEnd(0), Finish("stop")]))
    prompted, _ = ollama.lines(ollama.encode([*events, PartEnd(0), Finish("stop")], asked))

    assert image["message"]["images"] == ["iVBOR"]
    assert prompted["image"] == "iVBOR"
