"""Events as Claude's clients read them."""

from __future__ import annotations

import orjson
import pytest
from anthropic.types import Message as SdkMessage

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
from gateway.model import ChatRequest, Fields, Message, Seal, Text
from gateway.seals import untagged
from gateway_claude.encode import encoder

QUESTION = [Message("user", [Text("What is the capital of France? " * 20)])]
SEAL = Seal("sig", "claude", "anthropic", "claude-sonnet-4-5")
USED = UsageSeen(Usage(input=28, cached_input=20, cache_write=3, output=7))


@pytest.fixture
def encode(attempt):
    """The bytes of `events`, all in one batch, and what `close` adds."""

    def make(*events, stream=True, one=None, batch=0):
        made = encoder(ChatRequest("alias", QUESTION, stream=stream), one or attempt("claude"))
        step = batch or max(1, len(events))
        parts = [made.feed(list(events[at : at + step])) for at in range(0, len(events), step)]
        return b"".join([*parts, made.close()])

    return make


def read(data: bytes) -> list[dict]:
    """The events of a stream, each under its own name."""
    out = []
    for block in data.split(b"\n\n")[:-1]:
        name, body = block.split(b"\n")
        event = orjson.loads(body.removeprefix(b"data: "))
        assert name == b"event: " + event["type"].encode()
        out.append(event)
    return out


def blocks(data: bytes) -> list[dict]:
    """The blocks of a stream, after checking that they come one after the other, from 0."""
    found, current = [], None
    for event in read(data):
        match event["type"]:
            case "content_block_start":
                assert current is None
                assert event["index"] == len(found)
                current = event["content_block"]
                found.append({**current, "deltas": []})
            case "content_block_delta":
                assert event["index"] == len(found) - 1
                found[-1]["deltas"].append(event["delta"])
            case "content_block_stop":
                assert event["index"] == len(found) - 1
                current = None
    assert current is None
    return found


def text(index, *words, end=True):
    deltas = [Delta(index, word) for word in words]
    return [PartStart(index, "text"), *deltas, *([PartEnd(index)] if end else [])]


def call(index, name="f", arguments='{"a": 1}', id="call_1"):
    start = PartStart(index, "tool_call", id=id, name=name)
    return [start, *([Delta(index, arguments)] if arguments else []), PartEnd(index)]


def test_a_text_is_written(encode):
    data = encode(Start("msg_1", "m"), USED, *text(0, "Grü", "ße"), Finish("stop"))

    assert [event["type"] for event in read(data)] == [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]
    assert read(data)[0]["message"] == {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {
            "input_tokens": 5,
            "cache_creation_input_tokens": 3,
            "cache_read_input_tokens": 20,
            "output_tokens": 7,
        },
    }
    assert read(data)[-2]["delta"] == {"stop_reason": "end_turn", "stop_sequence": None}


def test_st11_exactly_one_message_start(encode):
    data = encode(Start("1"), Start("2"), *text(0, "a"), Start("3"), Finish("stop"), batch=1)

    assert sum(event["type"] == "message_start" for event in read(data)) == 1


def test_st5_a_reply_of_tools_alone_starts_at_0_and_closes_every_call(encode):
    data = encode(Start(), *call(3), *call(5, "g", "", "call_2"), Finish("tool_use"))

    assert [(b["type"], b["id"], b["name"], b["input"]) for b in blocks(data)] == [
        ("tool_use", "call_1", "f", {}),
        ("tool_use", "call_2", "g", {}),
    ]
    assert blocks(data)[1]["deltas"] == []


def test_st5_parts_that_were_never_closed_are(encode):
    data = encode(Start(), *text(0, "a", end=False), *call(1)[:2], Finish("stop"))

    assert [block["type"] for block in blocks(data)] == ["text", "tool_use"]
    assert read(data)[-1]["type"] == "message_stop"


@pytest.mark.parametrize("batch", [0, 1, 3])
def test_st6_interleaved_parts_are_written_in_order(encode, batch):
    events = [
        Start(),
        PartStart(0, "tool_call", id="a", name="f"),
        PartStart(1, "tool_call", id="b", name="g"),
        PartStart(2, "text"),
        Delta(1, '{"x":'),
        Delta(0, '{"y":'),
        Delta(2, "so"),
        PartEnd(2),
        Delta(1, "1}"),
        PartEnd(1),
        Delta(0, "2}"),
        PartEnd(0),
        Finish("tool_use"),
    ]

    found = blocks(encode(*events, batch=batch))

    joined = [(b.get("id"), "".join(d.get("partial_json", "") for d in b["deltas"])) for b in found]
    assert joined == [("a", '{"y":2}'), ("b", '{"x":1}'), (None, "")]
    assert found[2]["deltas"] == [{"type": "text_delta", "text": "so"}]


def test_a_part_that_waits_is_written_live_when_its_turn_comes(encode, attempt):
    made = encoder(ChatRequest("m", QUESTION, stream=True), attempt("claude"))
    made.feed([Start(), PartStart(0, "text"), Delta(0, "a"), PartStart(1, "text"), Delta(1, "b")])

    caught_up = made.feed([PartEnd(0)])
    live = made.feed([Delta(1, "c")])

    assert b'"text":"b"' in caught_up
    assert b'"text":"c"' in live


@pytest.mark.parametrize("stream", [True, False])
def test_tk7_thinking_is_always_closed_with_a_signature(encode, attempt, stream):
    one = attempt("claude", model="kimi-k2")
    events = [Start(), PartStart(0, "thinking"), Delta(0, "hm"), PartEnd(0), Finish("stop")]

    data = encode(*events, stream=stream, one=one)

    if stream:
        signature = blocks(data)[0]["deltas"][-1]["signature"]
    else:
        signature = orjson.loads(data)["content"][0]["signature"]
    assert untagged(signature, "claude") == Seal("", "claude", "anthropic", "kimi-k2")


def test_tk1_thinking_that_is_only_a_signature_is_written(encode):
    data = encode(Start(), PartStart(0, "thinking"), Sealed(0, SEAL), PartEnd(0), Finish("stop"))

    (block,) = blocks(data)
    assert (block["type"], block["thinking"]) == ("thinking", "")
    assert untagged(block["deltas"][0]["signature"], "claude") == SEAL


@pytest.mark.parametrize("stream", [True, False])
def test_tk4_redacted_thinking_has_data_and_no_signature(encode, stream):
    events = [Start(), PartStart(0, "thinking", redacted=True), Sealed(0, SEAL), PartEnd(0)]

    data = encode(*events, *text(1, "a"), Finish("stop"), stream=stream)

    block = blocks(data)[0] if stream else orjson.loads(data)["content"][0]
    assert block["type"] == "redacted_thinking"
    assert untagged(block["data"], "claude") == SEAL
    assert "signature" not in block


@pytest.mark.parametrize("stream", [True, False])
def test_ec1_an_empty_text_makes_no_block(encode, stream):
    events = [Start(), *text(0), PartStart(1, "thinking"), PartEnd(1), *text(2, "", "a")]

    data = encode(*events, Finish("stop"), stream=stream)

    found = blocks(data) if stream else orjson.loads(data)["content"]
    assert [block["type"] for block in found] == ["text"]


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        ("stop", "end_turn"),
        ("length", "max_tokens"),
        ("tool_use", "tool_use"),
        ("stop_sequence", "stop_sequence"),
        ("content_filter", "refusal"),
        ("refusal", "refusal"),
        ("pause", "pause_turn"),
        ("context_exceeded", "model_context_window_exceeded"),
    ],
)
@pytest.mark.parametrize("stream", [True, False])
def test_sr1_sr3_every_finish_reason_is_written(encode, reason, word, stream):
    data = encode(Start(), *text(0, "a"), Finish(reason, "END"), stream=stream)

    said = read(data)[-2]["delta"] if stream else orjson.loads(data)
    assert (said["stop_reason"], said["stop_sequence"]) == (word, "END")


@pytest.mark.parametrize("stream", [True, False])
def test_sr2_a_turn_with_a_call_ends_in_tool_use(encode, stream):
    data = encode(Start(), *call(0), Finish("stop"), stream=stream)

    said = read(data)[-2]["delta"] if stream else orjson.loads(data)
    assert said["stop_reason"] == "tool_use"


def test_sr1_the_words_of_a_refusal_are_kept(encode):
    details = {"type": "refusal", "category": None, "explanation": "no"}
    finish = Finish("refusal", extra={"claude": Fields({"stop_details": details}, ())})

    assert read(encode(Start(), finish))[-2]["delta"]["stop_details"] == details
    assert orjson.loads(encode(Start(), finish, stream=False))["stop_details"] == details


def test_sr4_a_cut_reply_ends_in_an_error_event(encode):
    events = read(encode(Start(), *text(0, "a", end=False)))

    assert events[-1]["type"] == "error"
    assert events[-1]["error"]["type"] == "api_error"
    with pytest.raises(UpstreamError, match="before it was complete"):
        encode(Start(), *text(0, "a"), stream=False)


def test_er1_a_failure_is_an_error_event_and_nothing_follows(encode):
    error = UpstreamError("too busy", kind="overloaded")

    events = read(encode(Start(), *text(0, "a"), Failure(error), *text(1, "b"), Finish("stop")))

    assert events[-1]["error"] == {"type": "overloaded_error", "message": "too busy"}
    with pytest.raises(UpstreamError, match="too busy"):
        encode(Start(), Failure(error), stream=False)


def test_us1_input_is_estimated_up_front_and_corrected_at_the_end(encode):
    events = read(encode(Start(), *text(0, "a"), USED, Finish("stop"), batch=1))

    guess = events[0]["message"]["usage"]
    assert guess["estimated"] is True
    assert 100 < guess["input_tokens"] < 300
    assert events[-2]["usage"] == {
        "input_tokens": 5,
        "cache_creation_input_tokens": 3,
        "cache_read_input_tokens": 20,
        "output_tokens": 7,
    }


@pytest.mark.parametrize("stream", [True, False])
def test_us6_counts_that_nobody_gave_are_marked_as_guesses(encode, stream):
    data = encode(Start(), *text(0, "a" * 100), Finish("stop"), stream=stream)

    usage = read(data)[-2]["usage"] if stream else orjson.loads(data)["usage"]
    assert usage["output_tokens"] == 28
    assert usage["estimated"] is True


def test_a_ping_is_passed_on(encode):
    assert b'event: ping\ndata: {"type": "ping"}\n\n' in encode(Start(), Ping(), Finish("stop"))


@pytest.mark.parametrize("stream", [True, False])
def test_a_call_without_an_id_gets_one(encode, stream):
    data = encode(Start(), *call(0, id=None), Finish("tool_use"), stream=stream)

    block = blocks(data)[0] if stream else orjson.loads(data)["content"][0]
    assert block["id"].startswith("toolu_")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [("", {}), ('{"a": ', {"raw_arguments": '{"a": '}), ("[1]", {"raw_arguments": "[1]"})],
)
def test_a_body_with_bad_arguments_keeps_their_text(encode, arguments, expected):
    body = orjson.loads(
        encode(Start(), *call(0, arguments=arguments), Finish("stop"), stream=False)
    )

    assert body["content"][0]["input"] == expected


@pytest.mark.parametrize("stream", [True, False])
def test_media_and_foreign_pieces_are_recorded_losses(encode, attempt, stream):
    one = attempt("claude")
    events = [
        PartStart(0, "media", mime="image/png"),
        Delta(0, "iVBORw0="),
        PartEnd(0),
        OpaqueEvent("openai", {"x": 1}, 1),
        PartStart(2, "text", extra={"openai": Fields({"annotations": [1]}, ())}),
        Delta(2, "a"),
        Sealed(2, Seal("s", "gemini")),
        PartEnd(2),
    ]

    data = encode(Start(), *events, Finish("stop"), stream=stream, one=one)

    found = blocks(data) if stream else orjson.loads(data)["content"]
    assert len(found) == 2
    assert {loss.path for loss in one.losses} == {
        "reply.parts[0]",
        "reply.parts[1]",
        "reply.parts[2].annotations",
        "reply.parts[2].seal",
    }


def test_a_free_form_call_is_written_with_its_input_as_a_string(encode):
    events = [PartStart(0, "tool_call", id="a", name="p", tool="custom"), Delta(0, "*** B\n")]

    (block,) = blocks(encode(Start(), *events, PartEnd(0), Finish("tool_use")))

    assert block["deltas"] == [{"type": "input_json_delta", "partial_json": '{"input":"*** B\\n"}'}]


def test_the_clients_model_name_stands_in_for_a_missing_one(encode):
    body = orjson.loads(encode(Start(), *text(0, "a"), Finish("stop"), stream=False))

    assert body["model"] == "alias"
    assert body["id"].startswith("msg_")


def test_the_sdk_reads_a_whole_body(encode):
    own = {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "q"}}
    data = encode(
        Start("msg_1", "m"),
        USED,
        PartStart(0, "thinking"),
        Delta(0, "hm"),
        Sealed(0, SEAL),
        PartEnd(0),
        *text(1, "a"),
        OpaqueEvent("claude", own, 2),
        *call(3),
        Finish("tool_use"),
        stream=False,
    )

    message = SdkMessage.model_validate(orjson.loads(data), strict=True)

    kinds = [block.type for block in message.content]
    assert kinds == ["thinking", "text", "server_tool_use", "tool_use"]
