"""An upstream's bytes as events, for careful and for careless upstreams."""

from __future__ import annotations

import orjson
import pytest

from gateway.errors import UpstreamError
from gateway.events import (
    Delta,
    Failure,
    Finish,
    PartEnd,
    PartStart,
    Sealed,
    Start,
    Usage,
    UsageSeen,
)
from gateway.fold import collect, normal
from gateway.model import Seal, Text, Thinking, ToolCall
from gateway_openai.chat.decode import StreamDecoder


def call(index=None, call_id=None, name=None, arguments=None, **more):
    function = {"name": name, "arguments": arguments}
    said = {"index": index, "id": call_id, "function": function, **more}
    said["function"] = {k: v for k, v in function.items() if v is not None}
    return {"tool_calls": [{k: v for k, v in said.items() if v is not None}]}


def calls_of(events):
    return [p for p in collect(events).parts if isinstance(p, ToolCall)]


def failure_of(events):
    assert isinstance(events[-1], Failure)
    assert not any(isinstance(e, Finish) for e in events)
    return events[-1].error


def test_text_streams_piece_by_piece(chat):
    data = chat.chunks({"role": "assistant", "content": ""}, {"content": "a"}, {"content": "b"})

    start, *rest = chat.decode(data)

    assert (start.id, start.model) == ("c1", "m")
    assert rest == [
        *(PartStart(0, "text"), Delta(0, "a"), Delta(0, "b"), PartEnd(0), Finish("stop")),
    ]


def test_a_body_gives_the_same_reply_as_a_stream(chat):
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    streamed = chat.chunks(
        {"role": "assistant", "reasoning_content": "h"},
        {"reasoning_content": "m"},
        {"content": "te"},
        {"content": "xt"},
        call(0, "a", "f", ""),
        call(0, None, None, '{"x":'),
        call(0, None, None, "1}"),
        call(1, "b", "g", "{}"),
        finish="tool_calls",
        usage=usage,
    )
    whole = chat.body(
        {
            "content": "text",
            "reasoning_content": "hm",
            "tool_calls": [
                {"id": "a", "type": "function", "function": {"name": "f", "arguments": '{"x":1}'}},
                {"id": "b", "type": "function", "function": {"name": "g", "arguments": "{}"}},
            ],
        },
        finish="tool_calls",
        usage=usage,
    )

    reply = collect(chat.decode(whole, stream=False))

    assert reply == collect(chat.decode(streamed))
    assert reply.parts == [
        Thinking("hm"),
        Text("text"),
        ToolCall("a", "f", '{"x":1}'),
        ToolCall("b", "g", "{}"),
    ]


def test_st1_an_empty_list_of_calls_is_no_call(chat):
    data = chat.chunks({"content": "a", "tool_calls": []}, {"content": "b", "tool_calls": []})

    reply = collect(chat.decode(data))

    assert reply.parts == [Text("ab")]
    assert reply.finish.reason == "stop"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 1000])
def test_st2_arguments_survive_two_translations_at_any_piece_size(chat, size):
    text = orjson.dumps({"path": "a/ü/🙂", "text": 'q"\\' * 40}).decode()
    pieces = [text[i : i + size] for i in range(0, len(text), size)]
    data = chat.chunks(
        call(0, "a", "f", ""), *(call(0, None, None, p) for p in pieces), finish="tool_calls"
    )

    again = chat.decode(chat.encode(chat.decode(data)))

    assert calls_of(again) == [ToolCall("a", "f", text)]


def test_st3_calls_are_equal_streamed_or_not(chat):
    whole = chat.body({"content": None, **call(None, "a", "f", "{}")}, finish="tool_calls")

    streamed = chat.decode(chat.chunks(call(0, "a", "f", "{}"), finish="tool_calls"))

    assert collect(chat.decode(whole, stream=False)) == collect(streamed)


@pytest.mark.parametrize("index", [0, None, -1])
def test_st4_parallel_calls_with_one_index_are_told_apart_by_id(chat, index):
    data = chat.chunks(
        call(index, "a", "f", '{"n":1}'), call(index, "b", "f", '{"n":2}'), finish="tool_calls"
    )

    assert calls_of(chat.decode(data)) == [
        *(ToolCall("a", "f", '{"n":1}'), ToolCall("b", "f", '{"n":2}')),
    ]


def test_st5_every_call_is_closed_and_numbered_as_it_opens(chat):
    data = chat.chunks(call(3, "a", "f"), call(5, "b", "g", "{}"), finish="tool_calls")

    events = chat.decode(data)

    starts = [e.index for e in events if isinstance(e, PartStart)]
    assert starts == [0, 1]
    assert sorted(e.index for e in events if isinstance(e, PartEnd)) == [0, 1]


def test_st6_interleaved_pieces_go_to_their_own_call(chat):
    data = chat.chunks(
        call(0, "a", "f", '{"x":'),
        call(1, "b", "g", '{"y":'),
        call(0, None, None, "1}"),
        call(1, None, None, "2}"),
        finish="tool_calls",
    )

    assert calls_of(chat.decode(data)) == [
        *(ToolCall("a", "f", '{"x":1}'), ToolCall("b", "g", '{"y":2}')),
    ]


def test_a_complete_call_ends_when_the_next_begins(chat):
    data = chat.chunks(
        call(0, "a", "f", "{}"), call(1, "b", "g", "{}"), {"content": "t"}, finish="tool_calls"
    )

    kinds = [type(e).__name__ + str(getattr(e, "index", "")) for e in chat.decode(data)]

    assert kinds.index("PartEnd0") < kinds.index("PartStart1")
    assert kinds.index("PartEnd1") < kinds.index("PartStart2")


@pytest.mark.parametrize(
    ("deltas", "expected"),
    [
        ([call(0, None, "f", "{}")], [("call_made0", "f", "{}")]),
        ([call(None, "a", "f", {"x": 1})], [("a", "f", '{"x":1}')]),
        ([call(-1, "a", "f", '{"x"'), call(-1, None, None, ":1}")], [("a", "f", '{"x":1}')]),
        ([call(None, "a", "f", "{"), call(None, "a", None, "}")], [("a", "f", "{}")]),
        ([call(0, "a"), call(0, None, "f"), call(0, None, None, "{}")], [("a", "f", "{}")]),
        ([call(0, "a", None, "{"), call(0, None, "f", "}")], [("a", "f", "{}")]),
        (
            [call(None, None, "f", "{}"), call(None, None, "g", "{}")],
            [("call_made0", "f", "{}"), ("call_made1", "g", "{}")],
        ),
        ([call(0, "a", "f", "{}"), call(0, "a", "f", "{}")], [("a", "f", "{}{}")]),
        ([{"function_call": {"name": "f", "arguments": "{}"}}], [("call_made0", "f", "{}")]),
    ],
)
def test_careless_calls_are_understood(chat, deltas, expected):
    found = calls_of(chat.decode(chat.chunks(*deltas, finish="tool_calls")))

    assert [(c.id, c.name, c.arguments) for c in found] == expected


def test_a_call_without_a_name_is_an_error(chat):
    error = failure_of(chat.decode(chat.chunks(call(0, "a", None, "{}"), finish="tool_calls")))

    assert "no name" in error.message


def test_a_lowered_name_is_raised_again(chat):
    attempt = chat.attempt(stream=True)
    short = attempt.registry.lower("a.b")
    decoder = StreamDecoder(attempt)
    events = decoder.feed(chat.chunks(call(0, "a", short, "{}"))) + decoder.close()

    assert calls_of(events) == [ToolCall("a", "a.b", "{}")]


@pytest.mark.parametrize(
    ("wire", "reason"),
    [
        ("stop", "stop"),
        ("length", "length"),
        ("tool_calls", "tool_use"),
        ("function_call", "tool_use"),
        ("content_filter", "content_filter"),
        ("end_turn", "stop"),
        ("max_tokens", "length"),
        ("something_new", "stop"),
    ],
)
def test_sr1_every_finish_reason_has_a_meaning(chat, wire, reason):
    assert collect(chat.decode(chat.chunks({"content": "a"}, finish=wire))).finish.reason == reason


def test_sr2_a_turn_with_a_call_ends_in_tool_use_whatever_was_said(chat):
    streamed = chat.decode(chat.chunks(call(0, "a", "f", "{}"), finish="stop"))
    whole = chat.decode(chat.body(call(0, "a", "f", "{}"), finish="stop"), stream=False)

    assert collect(streamed).finish.reason == collect(whole).finish.reason == "tool_use"


def test_sr3_a_cut_answer_is_said_to_be_cut(chat):
    assert collect(chat.decode(chat.chunks({"content": "a"}, finish="length"))).finish == Finish(
        "length"
    )


@pytest.mark.parametrize("deltas", [[], [{"content": "a"}], [call(0, "a", "f", '{"x"')]])
def test_sr4_a_stream_that_ends_early_is_an_error(chat, deltas):
    error = failure_of(chat.decode(chat.chunks(*deltas, finish=None, done=False)))

    assert error == UpstreamError.truncated()


def test_sr4_half_an_event_at_the_end_is_an_early_end(chat):
    data = chat.chunks({"content": "a"}, {"content": "b"}, finish=None, done=False)

    assert failure_of(chat.decode(data[:-20])) == UpstreamError.truncated()


def test_a_stream_without_done_is_complete_when_its_reason_came(chat):
    events = chat.decode(chat.chunks({"content": "a"}, done=False))

    assert events[-1] == Finish("stop")


def test_a_last_event_without_its_blank_line_counts(chat):
    data = chat.chunks({"content": "a"}, done=False).rstrip(b"\n")

    assert chat.decode(data)[-1] == Finish("stop")


def test_done_without_a_reason_ends_by_what_was_said(chat):
    said = chat.decode(chat.chunks({"content": "a"}, finish=None))
    called = chat.decode(chat.chunks(call(0, "a", "f", "{}"), finish=None))

    assert said[-1] == Finish("stop")
    assert called[-1] == Finish("tool_use")


def test_er1_done_without_any_answer_is_an_error(chat):
    failure_of(chat.decode(b"data: [DONE]\n\n"))
    failure_of(chat.decode(chat.chunks({"role": "assistant", "content": ""}, finish=None)))


@pytest.mark.parametrize("before", [[], [{"content": "a"}]])
def test_er1_an_error_inside_the_stream_is_an_error(chat, before):
    frame = {"error": {"message": "too busy", "type": "rate_limit_error", "code": None}}
    data = chat.chunks(*before, finish=None, done=False) if before else b""

    events = chat.decode(data + chat.sse(frame))

    error = failure_of(events)
    assert (error.message, error.kind, error.status) == ("too busy", "rate_limit", 429)
    assert events[0] == events[-1] or isinstance(events[0], Start)


@pytest.mark.parametrize(
    "data",
    [
        b'event: error\ndata: {"message": "broke"}\n\n',
        b'data: {"error": "broke"}\n\n',
        b'{"error": {"message": "broke"}}',
        b'[{"error": {"message": "broke", "code": 503}}]',
        b'data: {"error": {"message": "broke"}, "choices": [{"finish_reason": "error"}]}\n\n',
    ],
)
def test_er1_errors_of_other_shapes_are_errors(chat, data):
    assert failure_of(chat.decode(data)).message == "broke"


def test_er1_a_finish_reason_that_tells_of_a_failure_is_one(chat):
    failure_of(chat.decode(chat.chunks({"content": "a"}, finish="insufficient_system_resource")))


@pytest.mark.parametrize(
    "data",
    [
        b"<html><body>502</body></html>",
        b"data: {not json}\n\n",
        b'data: "text"\n\n',
        b"data: \xff\xfe{\n\n",
        b'data: {"choices":[{"delta":{"content":"\xff"}}]}\n\n',
        b"garbage",
        b"\x00\x01\x02",
        b"",
        b"{",
        b"{}",
        b"[]",
        b'{"choices": []}',
        b'data: {"choices": 5}\n\n',
        b'data: {"choices": [5]}\n\n',
        b'data: {"choices": [{"delta": 5}]}\n\n',
    ],
)
@pytest.mark.parametrize("stream", [True, False])
def test_garbage_is_an_error_and_never_raises(chat, data, stream):
    error = failure_of(chat.decode(data, stream=stream))

    assert error.status == 502


def test_odd_values_inside_a_delta_never_raise(chat):
    odd = [5, True, "x", [5], {"a": 1}, [[]], [{"type": 5}], [None], ["x"]]
    names = [
        *("content", "reasoning_content", "reasoning", "reasoning_details", "refusal"),
        *("images", "tool_calls", "function_call", "extra_content"),
    ]
    for name in names:
        for value in odd:
            events = chat.decode(chat.chunks({name: value, "content": "a"} | {name: value}))
            assert isinstance(events[-1], Finish | Failure), (name, value)
            whole = chat.decode(chat.body({name: value}), stream=False)
            assert isinstance(whole[-1], Finish | Failure), (name, value)


def test_by1_a_character_cut_in_two_arrives_whole(chat):
    data = chat.chunks({"content": "grün 🙂"})
    text = orjson.dumps("🙂")[1:-1]
    at = data.index(text)

    for cut in range(at, at + 4):
        assert collect(chat.decode(data, cuts=[cut])).parts == [Text("grün 🙂")]


def test_a_json_body_in_place_of_a_stream_is_read_as_a_body(chat):
    data = chat.body({"content": "a"})

    assert normal(chat.decode(b"\n" + data)) == normal(chat.decode(data, stream=False))


def test_comments_and_crlf_are_no_obstacle(chat):
    data = b": hello\n\n" + chat.chunks({"content": "a"}).replace(b"\n", b"\r\n")

    assert collect(chat.decode(data)).parts == [Text("a")]


def test_us4_cached_tokens_are_part_of_the_input(chat):
    usage = {
        "prompt_tokens": 100,
        "completion_tokens": 20,
        "total_tokens": 120,
        "prompt_tokens_details": {"cached_tokens": 80, "cache_write_tokens": 5},
        "completion_tokens_details": {"reasoning_tokens": 7},
    }

    reply = collect(chat.decode(chat.chunks({"content": "a"}, usage=usage)))

    assert reply.usage == Usage(100, 80, 5, 20, 7)


def test_us5_readings_are_cumulative(chat):
    base = {"id": "c", "choices": [{"index": 0, "delta": {"content": "a"}}]}
    end = {"id": "c", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    data = chat.sse(
        {**base, "usage": {"prompt_tokens": 9, "completion_tokens": 1}},
        {**base, "usage": {"prompt_tokens": 9, "completion_tokens": 2}},
        {**end, "usage": {"prompt_tokens": 0, "completion_tokens": 2}},
    )

    assert collect(chat.decode(data)).usage == Usage(9, None, None, 2)


@pytest.mark.parametrize("place", ["no choices", "with choices", "in the choice"])
def test_us6_token_counts_are_found_wherever_they_stand(chat, place):
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    end = {"index": 0, "delta": {}, "finish_reason": "stop"}
    last = {
        "no choices": [{"choices": [end]}, {"choices": [], "usage": usage}],
        "with choices": [{"choices": [end], "usage": usage}],
        "in the choice": [{"choices": [{**end, "usage": usage}]}],
    }[place]
    data = chat.sse({"choices": [{"index": 0, "delta": {"content": "a"}}]}, *last)

    assert UsageSeen(Usage(input=3, output=2)) in chat.decode(data)


def test_a_refusal_is_text_and_a_reason(chat):
    streamed = collect(chat.decode(chat.chunks({"refusal": "I "}, {"refusal": "won't"})))
    whole = collect(chat.decode(chat.body({"content": None, "refusal": "I won't"}), stream=False))

    assert streamed == whole
    assert [p.text for p in whole.parts] == ["I won't"]
    assert whole.finish.reason == "refusal"


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_thoughts_are_read_under_either_name(chat, field):
    reply = collect(chat.decode(chat.chunks({field: "h"}, {field: "m"}, {"content": "a"})))

    assert reply.parts == [Thinking("hm"), Text("a")]


def test_sealed_thoughts_are_tagged_with_their_origin(chat):
    def detail(**said):
        return {"reasoning_details": [{"type": "reasoning.text", "index": 0, **said}]}

    data = chat.chunks(
        {"reasoning": "hm", **detail(text="hm")},
        detail(signature="sig"),
        {"reasoning_details": [{"type": "reasoning.encrypted", "data": "zz", "index": 1}]},
        {"content": "a"},
    )

    thought, hidden, text = collect(chat.decode(data)).parts

    assert (thought.text, thought.seal) == ("hm", Seal("sig", "openai", "up", "real"))
    assert (hidden.redacted, hidden.seal.value) == (True, "zz")
    assert text == Text("a")


def test_a_thought_signature_of_a_call_is_its_seal(chat):
    content = {"google": {"thought_signature": "x"}}
    data = chat.chunks(call(0, "a", "f", "{}", extra_content=content), finish="tool_calls")

    events = chat.decode(data)

    value = '{"google":{"thought_signature":"x"}}'
    assert Sealed(0, Seal(value, "openai", "up", "real")) in events


def test_text_after_a_call_is_a_part_of_its_own(chat):
    data = chat.chunks({"content": "a"}, call(0, "c", "f", "{}"), {"content": "b"})

    assert [type(p) for p in collect(chat.decode(data)).parts] == [Text, ToolCall, Text]


def test_images_that_a_model_made_are_media(chat):
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBO"}}

    media, text = collect(chat.decode(chat.chunks({"images": [image]}, {"content": "a"}))).parts

    assert (media.kind, media.mime, media.data) == ("image", "image/png", "iVBO")
    assert text == Text("a")


def test_the_stop_sequence_of_servers_that_tell_it_is_kept(chat):
    data = chat.sse(
        {"choices": [{"index": 0, "delta": {"content": "a"}}]},
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop", "stop_reason": "X"}]},
    )

    assert chat.decode(data)[-1] == Finish("stop_sequence", "X")


def test_fields_that_the_hub_has_no_name_for_stay_with_the_reply(chat):
    logprobs = {"content": [{"token": "a", "logprob": -1, "bytes": None, "top_logprobs": []}]}
    note = {"type": "url_citation"}
    choice = {"index": 0, "logprobs": logprobs, "delta": {"content": "a", "annotations": [note]}}
    data = chat.sse(
        {"id": "c", "system_fingerprint": "fp", "choices": [choice]},
        {"id": "c", "system_fingerprint": "fp", "choices": [choice]},
        {
            "id": "c",
            "service_tier": "flex",
            "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}],
        },
    )

    reply = collect(chat.decode(data))

    assert reply.extra["openai"] == {"system_fingerprint": "fp"}
    assert reply.finish.extra["openai"] == {
        "service_tier": "flex",
        "message.annotations": [note, note],
        "choice.logprobs": {"content": logprobs["content"] * 2},
    }
