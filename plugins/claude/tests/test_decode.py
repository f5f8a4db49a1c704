"""An upstream's bytes as events, however they are cut and whatever is wrong with them."""

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
from gateway.fold import collect, normal
from gateway.model import Opaque, Seal, Text, Thinking, ToolCall
from gateway.seals import tagged
from gateway_claude.tool_names import lower


def stream(*events, names: bool = True) -> bytes:
    out = b""
    for event in events:
        name = b"event: %s\n" % event["type"].encode() if names else b""
        out += name + b"data: %s\n\n" % orjson.dumps(event)
    return out


def start(**usage):
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": []}
    counts = {"input_tokens": 5, "output_tokens": 1, **usage}
    return {"type": "message_start", "message": {**message, "stop_reason": None, "usage": counts}}


def opened(index, **block):
    return {"type": "content_block_start", "index": index, "content_block": block}


def delta(index, **fields):
    return {"type": "content_block_delta", "index": index, "delta": fields}


def closed(index):
    return {"type": "content_block_stop", "index": index}


def ended(reason, output=7, **fields):
    change = {"stop_reason": reason, "stop_sequence": None, **fields}
    return {"type": "message_delta", "delta": change, "usage": {"output_tokens": output}}


STOP = {"type": "message_stop"}
TEXT = (
    start(),
    opened(0, type="text", text=""),
    {"type": "ping"},
    delta(0, type="text_delta", text="Grü"),
    delta(0, type="text_delta", text="ße 😀"),
    closed(0),
    ended("end_turn"),
    STOP,
)
THOUGHT_AND_CALL = (
    start(cache_read_input_tokens=20, cache_creation_input_tokens=3),
    opened(0, type="thinking", thinking="", signature=""),
    delta(0, type="thinking_delta", thinking="hm"),
    delta(0, type="signature_delta", signature="sig"),
    closed(0),
    opened(1, type="redacted_thinking", data="dark"),
    closed(1),
    opened(2, type="tool_use", id="toolu_1", name="f", input={}),
    delta(2, type="input_json_delta", partial_json=""),
    delta(2, type="input_json_delta", partial_json='{"a":'),
    delta(2, type="input_json_delta", partial_json=" 1}"),
    closed(2),
    ended("tool_use"),
    STOP,
)
SEARCH = (
    start(),
    opened(0, type="server_tool_use", id="srv", name="web_search", input={}),
    delta(0, type="input_json_delta", partial_json='{"query": "q"}'),
    closed(0),
    opened(1, type="web_search_tool_result", tool_use_id="srv", content=[{"url": "u"}]),
    closed(1),
    opened(2, type="text", text=""),
    delta(2, type="text_delta", text="So."),
    delta(2, type="citations_delta", citation={"type": "x", "cited_text": "c"}),
    closed(2),
    ended("end_turn"),
    STOP,
)


def test_a_text_is_read(decode):
    assert normal(decode(stream(*TEXT))) == [
        Start("msg_1", "m"),
        PartStart(0, "text"),
        Delta(0, "Grüße 😀"),
        PartEnd(0),
        UsageSeen(Usage(input=5, output=7)),
        Finish("stop"),
    ]
    assert Ping() in decode(stream(*TEXT))


def test_thinking_and_calls_are_read_with_their_seals(decode):
    reply = collect(decode(stream(*THOUGHT_AND_CALL)))

    assert reply.parts == [
        Thinking("hm", seal=Seal("sig", "claude", "anthropic", "claude-sonnet-4-5")),
        Thinking("", redacted=True, seal=Seal("dark", "claude", "anthropic", "claude-sonnet-4-5")),
        ToolCall("toolu_1", "f", '{"a": 1}'),
    ]
    assert reply.finish == Finish("tool_use")


def test_us4_the_hubs_input_counts_what_the_cache_held(decode):
    usage = collect(decode(stream(*THOUGHT_AND_CALL))).usage

    assert usage == Usage(input=28, cached_input=20, cache_write=3, output=7)


def test_us5_readings_are_cumulative(decode):
    last = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}}
    counts = {"input_tokens": 5, "output_tokens": 9, "cache_read_input_tokens": 2}
    last["usage"] = {**counts, "output_tokens_details": {"thinking_tokens": 4}}

    usage = collect(decode(stream(start(service_tier="standard"), last, STOP))).usage

    assert (usage.input, usage.cached_input, usage.output, usage.reasoning) == (7, 2, 9, 4)
    assert usage.extra["claude"] == {"service_tier": "standard"}


def test_us6_no_usage_is_invented(decode):
    message = {"id": "m", "role": "assistant", "content": []}
    end = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}}

    assert collect(decode(stream({"type": "message_start", "message": message}, end))).usage is None


def test_blocks_that_only_claude_knows_come_whole(decode):
    events = decode(stream(*SEARCH))

    use = {"type": "server_tool_use", "id": "srv", "name": "web_search", "input": {"query": "q"}}
    found = {"type": "web_search_tool_result", "tool_use_id": "srv", "content": [{"url": "u"}]}
    assert [event for event in events if isinstance(event, OpaqueEvent)] == [
        OpaqueEvent("claude", use, 0),
        OpaqueEvent("claude", found, 1),
    ]
    assert collect(events).parts[2].extra["claude"]["citations"] == [
        {"type": "x", "cited_text": "c"}
    ]


@pytest.mark.parametrize("events", [TEXT, THOUGHT_AND_CALL, SEARCH])
@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r"])
def test_by1_the_events_are_the_same_however_the_bytes_are_cut(decode, events, ending):
    data = stream(*events).replace(b"\n", ending)
    whole = decode(data)

    assert isinstance(whole[-1], Finish)
    for size in (1, 2, 3, 7, 64):
        assert decode(data, size) == whole


@pytest.mark.parametrize("events", [TEXT, THOUGHT_AND_CALL, SEARCH])
def test_a_stream_without_event_names_is_read(decode, events):
    assert decode(stream(*events, names=False)) == decode(stream(*events))


@pytest.mark.parametrize("cut", range(1, 7))
def test_sr4_a_cut_stream_is_a_failure_and_never_an_end(decode, cut):
    events = decode(stream(*TEXT[:cut]))

    assert events[-1] == Failure(UpstreamError.truncated())
    assert not any(isinstance(event, Finish) for event in events)


def test_sr4_half_an_event_is_a_failure(decode):
    assert isinstance(decode(stream(*TEXT[:4])[:-20])[-1], Failure)


def test_a_stop_reason_without_message_stop_is_an_end(decode):
    assert decode(stream(*TEXT[:-1]))[-1] == Finish("stop")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"   \n",
        b"<html><body>502</body></html>",
        b"Bad gateway",
        b"[1, 2]",
        b'{"content": "text"}',
        b'{"content": [{"type": "text"',
        b"data: nonsense\n\n",
        b"data: [1]\n\n",
        b'data: {"type": "message_start"}\n\n',
        b'data: {"type": "content_block_start", "index": "x", "content_block": {}}\n\n',
        b'data: {"type": "content_block_delta", "index": 0, "delta": 5}\n\n',
        b'data: {"type": "content_block_delta","index":0,"delta":{"type":"text_delta"}}\n\n',
        b'data: {"type": "message_delta", "delta": {}, "usage": {"output_tokens": "x"}}\n\n',
        stream(*TEXT[:3]) + b'data: {"type": "content_block_delta", "text": "\xff\xfe"}\n\n',
    ],
)
def test_garbage_is_a_failure_once_and_raises_nothing(decode, data):
    for size in (0, 1):
        events = decode(data, size)

        assert isinstance(events[-1], Failure)
        assert sum(isinstance(event, Failure | Finish) for event in events) == 1


@pytest.mark.parametrize(
    ("kind", "status", "expected"),
    [
        ("overloaded_error", 529, "overloaded"),
        ("rate_limit_error", 429, "rate_limit"),
        ("new_error", 500, "server"),
    ],
)
def test_er1_an_error_event_is_a_failure_of_its_kind(decode, kind, status, expected):
    raw = {"type": "error", "error": {"type": kind, "message": "sorry"}}

    failure = decode(stream(*TEXT[:4], raw, *TEXT[4:]))[-1]

    assert (failure.error.message, failure.error.kind) == ("sorry", expected)
    assert failure.error.status == status


def test_er2_an_error_in_a_reply_with_status_200_is_a_failure(decode):
    body = b'{"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}'

    for data in (body, b"data: " + body + b"\n\n"):
        (failure,) = decode(data)
        assert failure.error.kind == "overloaded"


def test_llama_cpp_gives_a_tools_start_without_input(decode):
    """Recorded from llama.cpp b11549, 2026-11: no `input`, and an id that is not `toolu_`."""
    events = (
        start(cache_read_input_tokens=271),
        opened(0, type="tool_use", id="6y2vFGIF", name="get_weather"),
        delta(0, type="input_json_delta", partial_json='{"city":"Paris"}'),
        closed(0),
        ended("tool_use"),
        STOP,
    )

    assert collect(decode(stream(*events))).parts == [
        ToolCall("6y2vFGIF", "get_weather", '{"city":"Paris"}')
    ]


def test_arguments_that_come_with_the_start_are_kept(decode):
    events = (start(), opened(0, type="tool_use", id="a", name="f", input={"x": 1}), closed(0))

    assert collect(decode(stream(*events, ended("tool_use"), STOP))).parts == [
        ToolCall("a", "f", '{"x":1}')
    ]


def test_a_call_without_an_id_gets_one_that_stays_the_same(decode):
    events = (start(), opened(0, type="tool_use", name="f"), closed(0), ended("tool_use"), STOP)

    first, second = (collect(decode(stream(*events), size)).parts[0].id for size in (0, 1))

    assert first == second
    assert first.startswith("toolu_")


def test_text_that_was_never_opened_is_read(decode):
    events = (start(), delta(0, type="text_delta", text="hi"), ended("end_turn"), STOP)

    assert collect(decode(stream(*events))).parts == [Text("hi")]


def test_st11_a_second_message_start_is_not_passed_on(decode):
    events = decode(stream(TEXT[0], *TEXT))

    assert sum(isinstance(event, Start) for event in events) == 1


def test_an_unknown_event_goes_home_as_it_is(decode):
    raw = {"type": "later_event", "x": 1}

    assert OpaqueEvent("claude", raw) in decode(stream(*TEXT[:2], raw, *TEXT[2:]))


def test_nothing_follows_the_end(decode):
    events = decode(stream(*TEXT, *TEXT))

    assert sum(isinstance(event, Finish) for event in events) == 1
    assert isinstance(events[-1], Finish)


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("end_turn", "stop"),
        ("max_tokens", "length"),
        ("stop_sequence", "stop_sequence"),
        ("tool_use", "tool_use"),
        ("refusal", "refusal"),
        ("pause_turn", "pause"),
        ("model_context_window_exceeded", "context_exceeded"),
        ("something_new", "stop"),
    ],
)
def test_sr1_every_stop_reason_is_read(decode, reason, expected):
    assert decode(stream(start(), ended(reason), STOP))[-1].reason == expected


def test_sr1_what_a_refusal_says_is_kept(decode):
    details = {"type": "refusal", "category": "bio", "explanation": "no"}

    finish = decode(stream(start(), ended("refusal", stop_details=details), STOP))[-1]

    assert finish.extra["claude"] == {"stop_details": details}


@pytest.mark.parametrize("reason", ["end_turn", None])
def test_sr2_a_turn_with_a_call_ends_in_tool_use(decode, reason):
    events = (start(), opened(0, type="tool_use", id="a", name="f", input={}), closed(0))

    assert decode(stream(*events, ended(reason), STOP))[-1] == Finish("tool_use")


BODY = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "m",
    "content": [
        {"type": "thinking", "thinking": "hm", "signature": "sig"},
        {"type": "redacted_thinking", "data": "dark"},
        {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"a": 1}},
    ],
    "stop_reason": "tool_use",
    "stop_sequence": None,
    "usage": {
        "input_tokens": 5,
        "output_tokens": 7,
        "cache_read_input_tokens": 20,
        "cache_creation_input_tokens": 3,
    },
}


def test_a_whole_body_is_the_same_reply_as_its_stream(decode):
    body = collect(decode(orjson.dumps(BODY), 5))
    streamed = collect(decode(stream(*THOUGHT_AND_CALL).replace(b" 1}", b"1}")))

    assert body == streamed


def test_a_body_with_claudes_own_blocks_is_read(decode):
    block = {"type": "container_upload", "file_id": "f"}

    reply = collect(decode(orjson.dumps({**BODY, "content": [block], "container": {"id": "c"}})))

    assert reply.parts == [Opaque("claude", block)]
    assert reply.finish.extra["claude"] == {"container": {"id": "c"}}


def test_th4_a_lowered_name_comes_back(decode, attempt):
    one, name = attempt(), "ns." + "x" * 80
    lowered = one.registry.lower(name)
    events = (start(), opened(0, type="tool_use", id="a", name=lowered, input={}), closed(0))

    data = stream(*events, ended("tool_use"), STOP)

    assert collect(decode(data, one=one)).parts[0].name == name


def test_a_free_form_call_comes_back_raw(decode, attempt):
    one = attempt()
    name = lower("apply_patch", "ns", "custom", one.registry)
    events = (
        start(),
        opened(0, type="tool_use", id="a", name=name, input={}),
        delta(0, type="input_json_delta", partial_json='{"input": "*** Be'),
        delta(0, type="input_json_delta", partial_json='gin\\n"}'),
        closed(0),
        ended("tool_use"),
        STOP,
    )

    (call,) = collect(decode(stream(*events), one=one)).parts

    assert call == ToolCall("a", "apply_patch", "*** Begin\n", kind="custom", namespace="ns")


def test_thinking_that_another_gateway_sealed_keeps_its_tag(decode):
    seal = Seal("s", "gemini", "google", "g3")
    events = (
        start(),
        opened(0, type="thinking", thinking="x", signature=tagged(seal, "claude")),
        closed(0),
    )

    assert Sealed(0, seal) in decode(stream(*events, ended("end_turn"), STOP))


@pytest.mark.parametrize("name", ["", None, 5])
def test_a_call_without_a_name_is_a_broken_reply(decode, name):
    events = decode(stream(start(), opened(0, type="tool_use", id="t", name=name, input={})))

    assert isinstance(events[-1], Failure)
    assert not any(isinstance(event, PartStart) for event in events)
