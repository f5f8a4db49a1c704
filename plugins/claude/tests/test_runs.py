"""Deltas read together, as bytes, are what they are when each is parsed."""

from __future__ import annotations

import orjson
import pytest

from gateway.attempt import Attempt, Target
from gateway.events import Delta, Failure, Finish, PartStart
from gateway_claude.decode import decoder
from gateway_claude.tap import StreamTap

TARGET = Target("anthropic", "claude-x", "claude", "claude")
KINDS = {
    "text": ({"type": "text", "text": ""}, "text_delta", "text"),
    "thinking": (
        {"type": "thinking", "thinking": "", "signature": ""},
        "thinking_delta",
        "thinking",
    ),
    "tool_use": (
        {"type": "tool_use", "id": "t", "name": "f", "input": {}},
        "input_json_delta",
        "partial_json",
    ),
}
TEXTS = ["a", "text", "", '"', "\\", "\n\n", "\u00e9\u20ac", '"text":"', "}}", "index", "0", "\0"]
END = [
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}},
    {"type": "message_stop"},
]


def event(raw) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (raw["type"].encode(), orjson.dumps(raw))


def delta(index: int, kind: str, text: str, **more):
    _, type_, key = KINDS[kind]
    grown = {"type": type_, key: text}
    return {"type": "content_block_delta", "index": index, "delta": grown, **more}


def start(index: int, kind: str):
    return {"type": "content_block_start", "index": index, "content_block": KINDS[kind][0]}


def reply(*middle) -> list[bytes]:
    first = {"type": "message_start", "message": {"id": "m", "model": "c", "usage": {}}}
    return [raw if isinstance(raw, bytes) else event(raw) for raw in (first, *middle, *END)]


def decoded(data: bytes, size: int):
    one = decoder(Attempt(TARGET), True)
    events = [e for at in range(0, len(data), size) for e in one.feed(data[at : at + size])]
    return [*events, *one.close()]


def deltas(events) -> list[str]:
    return [one.text for one in events if isinstance(one, Delta)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_says_what_its_deltas_say_one_by_one(kind):
    stream = reply(start(0, kind), *(delta(0, kind, text) for text in TEXTS * 2))

    careful, at_once = decoded(b"".join(stream), 1), decoded(b"".join(stream), 1 << 20)

    assert deltas(careful) == [text for text in TEXTS * 2 if text]
    assert at_once == careful
    assert decoded(b"".join(stream), 333) == careful


@pytest.mark.parametrize("size", [1 << 20, 250, 97])
def test_a_run_ends_where_anything_else_stands(size):
    stop = {"type": "content_block_stop", "index": 0}
    stream = reply(
        start(0, "thinking"),
        *[delta(0, "thinking", text) for text in "abc"],
        stop,
        start(1, "text"),
        *[delta(1, "text", text) for text in "def"],
        {"type": "ping"},
        delta(1, "text", "g"),
        delta(1, "text", "h", more="of it"),
        start(2, "text"),
        *[delta(index, "text", text) for index, text in ((2, "i"), (1, "j"), (2, "k"), (2, "l"))],
        b'data: {"index":2,"delta":{"text":"m","type":"text_delta"},'
        b'"type":"content_block_delta"}\n\n',
        delta(2, "text", "n"),
    )

    events = decoded(b"".join(stream), size)

    assert events == decoded(b"".join(stream), 1)
    assert deltas(events) == list("abcdefghijklmn")
    assert [one.index for one in events if isinstance(one, PartStart)] == [0, 1, 2]
    assert isinstance(events[-1], Finish)


@pytest.mark.parametrize(
    "wrong",
    [b'"a","b"', b'"a"\n\n', b'"a"\n', b'"a', b"", b'"\xff"', b'"a"}},"x":{"y":{"z":"b"'],
)
def test_a_broken_delta_in_a_run_is_as_broken_as_alone(wrong):
    good, after = event(delta(0, "text", "a")), event(delta(0, "text", "z"))
    bad = good.replace(b'"a"', wrong)
    data = b"".join(reply(start(0, "text"), good, good, bad, after))

    events = decoded(data, 1 << 20)

    last = events[-1]
    expected = decoded(data, 1)
    assert events[:-1] == expected[:-1]
    assert isinstance(last, Failure)
    assert last.error.message == expected[-1].error.message


@pytest.mark.parametrize("size", [1 << 20, 250, 97, 1])
def test_a_tap_sees_what_stands_between_and_after_runs(size):
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "x"}}
    run = [delta(0, "text", text) for text in TEXTS]
    usage = {"type": "message_delta", "delta": {}, "usage": {"output_tokens": 9}}
    data = b"".join(event(raw) for raw in (start(0, "text"), *run, usage, *run, error))
    tap = StreamTap()

    for at in range(0, len(data), size):
        tap.feed(data[at : at + size])

    assert (tap.content, tap.finished, tap.usage.output) == (True, False, 9)
    assert tap.error.kind == "overloaded"
