"""An Ollama server's reply, as events."""

from __future__ import annotations

import pytest

from gateway.errors import UpstreamError
from gateway.events import Delta, Failure, Finish, PartEnd, PartStart, Start, Usage, UsageSeen
from gateway.fold import collect
from gateway.model import Media, Text, Thinking, ToolCall

LAST = (
    b'{"model":"m","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop"}\n'
)


def recorded(ollama, name):
    return (ollama.here / "replies" / name).read_bytes()


def test_a_stream_of_every_kind_of_piece(ollama):
    reply = collect(ollama.decode(recorded(ollama, "chat-thinking-tool.ndjson")))

    assert reply.model == "qwen3:8b"
    *others, last = reply.parts
    assert others == [
        Thinking("The user wants weather."),
        Text("I'll look."),
        ToolCall("call_x1", "get_weather", '{"city":"Zürich","days":1}'),
    ]
    assert (last.name, last.arguments) == ("get_time", "{}")
    assert reply.finish.reason == "tool_use"
    assert reply.usage == Usage(input=169, output=42)


def test_what_the_hub_has_no_name_for_stays_for_home(ollama):
    reply = collect(ollama.decode(recorded(ollama, "chat-thinking-tool.ndjson")))

    kept = reply.finish.extra["ollama"]
    assert [one["token"] for one in kept["logprobs"]] == ["I'll ", "look."]
    assert kept["load_duration"] == 12345678


def test_us1_counts_come_once_and_what_is_not_said_is_not_zero(ollama):
    events = ollama.decode(LAST)

    assert not [event for event in events if isinstance(event, UsageSeen)]
    assert isinstance(events[-1], Finish)


def test_a_reply_of_generate_is_read_like_any(ollama):
    reply = collect(ollama.decode(recorded(ollama, "generate.json"), stream=False))

    assert reply.parts == [Thinking("Why?"), Text("The sky is blue.")]
    assert reply.finish.extra["ollama"]["context"] == [1, 2, 3]


def test_st3_streamed_arguments_equal_those_of_the_whole_body(ollama):
    message = b'{"role":"assistant","content":"","tool_calls":[{"id":"c","function":{"name":"f","arguments":{"a":[1,{"b":"x"}]}}}]}'  # noqa: E501
    streamed = b'{"model":"m","message":%s,"done":false}\n%s' % (message, LAST)
    whole = b'{"model":"m","message":%s,"done":true,"done_reason":"stop"}' % message

    expected = [ToolCall("c", "f", '{"a":[1,{"b":"x"}]}')]
    assert collect(ollama.decode(streamed)).parts == expected
    assert collect(ollama.decode(whole, stream=False)).parts == expected


def test_calls_without_an_id_get_one_that_no_other_has(ollama):
    call = b'{"function":{"name":"f","arguments":{}}}'
    line = b'{"created_at":"%s","message":{"tool_calls":[' + call + b"," + call + b"]}}\n"

    def ids(created):
        return [part.id for part in collect(ollama.decode(line % created + LAST)).parts]

    assert len({*ids(b"10:00"), *ids(b"11:00"), *ids(b"10:00")}) == 4


def test_an_image_that_a_model_made_is_a_part(ollama):
    line = b'{"model":"m","message":{"content":"","images":["/9j/4AAQ"]},"done":false}\n'

    (part,) = collect(ollama.decode(line + LAST)).parts

    assert part == Media("image", mime="image/jpeg", data="/9j/4AAQ")


@pytest.mark.parametrize(
    ("said", "reason"),
    [("stop", "stop"), ("length", "length"), ("load", "stop"), ("something", "stop")],
)
def test_sr1_a_reason_is_why_the_reply_ended(ollama, said, reason):
    line = LAST.replace(b'"stop"', b'"%s"' % said.encode())

    assert ollama.decode(line)[-1].reason == reason


def test_sr2_a_reply_without_a_reason_that_is_done_is_complete(ollama):
    assert ollama.decode(b'{"model":"m","done":true}\n')[-1] == Finish("stop")


def test_sr3_a_reply_with_calls_ended_for_their_sake(ollama):
    line = b'{"message":{"tool_calls":[{"function":{"name":"f","arguments":{}}}]},"done":true,"done_reason":"%s"}\n'  # noqa: E501

    assert ollama.decode(line % b"stop")[-1].reason == "tool_use"
    assert ollama.decode(line % b"length")[-1].reason == "length"


def test_sr4_a_stream_without_its_last_line_is_a_failure(ollama):
    events = ollama.decode(recorded(ollama, "chat-thinking-tool.ndjson").rpartition(b'{"model"')[0])

    assert events[-1] == Failure(UpstreamError.truncated())


def test_er1_an_error_in_the_middle_ends_the_reply(ollama):
    stream = b'{"message":{"content":"a"},"done":false}\n{"error":"llama runner is gone"}\n' + LAST

    events = ollama.decode(stream)

    assert events[:3] == [Start(None, None), PartStart(0, "text"), Delta(0, "a")]
    assert isinstance(events[-1], Failure)
    assert events[-1].error.message == "llama runner is gone"
    assert len(events) == 4


def test_a_call_without_a_name_is_a_failure(ollama):
    line = b'{"message":{"tool_calls":[{"function":{"arguments":{}}}]},"done":true}\n'

    assert "no name" in ollama.decode(line)[-1].error.message


def test_thinking_ends_where_the_answer_begins(ollama):
    stream = (
        b'{"message":{"thinking":"t"},"done":false}\n{"message":{"content":"a"},"done":false}\n'
    )

    events = ollama.decode(stream + LAST)

    assert events[1:6] == [
        PartStart(0, "thinking"),
        Delta(0, "t"),
        PartEnd(0),
        PartStart(1, "text"),
        Delta(1, "a"),
    ]
