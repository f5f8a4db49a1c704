"""A relayed reply passes unchanged, and is understood on the way."""

from __future__ import annotations

import orjson
import pytest

from gateway.events import Usage
from gateway_claude.tap import BodyTap, StreamTap

START = (
    b'event: message_start\ndata: {"type":"message_start","message":{"usage":'
    b'{"input_tokens":1,"cache_read_input_tokens":9,"output_tokens":1}}}\n\n'
)
DELTA = (
    b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,'
    b'"delta":{"type":"text_delta","text":"message_stop"}}\n\n'
)
ENDED = (
    b'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"},'
    b'"usage":{"output_tokens":7}}\n\n'
)
STOP = b'event: message_stop\ndata: {"type":"message_stop"}\n\n'
ERROR = (
    b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"x"}}\n\n'
)


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_a_stream_is_watched_however_it_is_cut(size):
    data, tap = START + DELTA + ENDED + STOP, StreamTap()

    out = b"".join(tap.feed(data[at : at + size]) for at in range(0, len(data), size))

    assert out == data
    assert tap.usage == Usage(10, cached_input=9, output=7)
    assert (tap.content, tap.finished, tap.error, tap.whole) == (True, True, None, True)


def test_content_and_end_are_seen_when_they_pass():
    tap = StreamTap()

    seen = []
    for data in (START, DELTA, STOP):
        tap.feed(data)
        seen.append((tap.content, tap.finished))

    assert seen == [(False, False), (True, False), (True, True)]


def test_a_stop_reason_is_an_end_and_an_error_is_none():
    tap = StreamTap()
    tap.feed(START + ERROR)
    assert (tap.finished, tap.error.kind) == (False, "overloaded")

    tap = StreamTap()
    tap.feed(START + ENDED)
    assert tap.finished


def test_a_ping_may_only_follow_a_whole_event():
    tap = StreamTap()

    tap.feed(DELTA[:-1])
    assert not tap.whole
    tap.feed(DELTA[-1:])
    assert tap.whole
    tap.feed(DELTA.replace(b"\n", b"\r\n"))
    assert tap.whole


def test_a_tools_start_is_content_and_a_texts_is_not():
    tap = StreamTap()
    tap.feed(b'data: {"type":"content_block_start","content_block":{"type":"text","text":""}}\n\n')
    assert not tap.content

    tap.feed(b'data: {"type":"content_block_start","content_block":{"type":"tool_use"}}\n\n')
    assert tap.content


@pytest.mark.parametrize("data", [b"data: {\n\n", b"data: 5\n\n", b"\xff\xfe\n\n"])
def test_garbage_passes_without_a_sign(data):
    tap = StreamTap()

    assert tap.feed(data) == data
    assert (tap.content, tap.finished, tap.error, tap.usage) == (False, False, None, None)


def test_a_body_is_finished_when_it_is_whole():
    body = orjson.dumps(
        {"content": [{"type": "x"}], "usage": {"input_tokens": 2, "output_tokens": 3}}
    )
    tap = BodyTap()

    tap.feed(body[:-1])
    assert not tap.finished
    assert tap.feed(body[-1:]) == body[-1:]
    assert (tap.content, tap.finished, tap.usage) == (True, True, Usage(2, output=3))


def test_an_error_body_is_seen():
    tap = BodyTap()

    tap.feed(b'{"type":"error","error":{"type":"not_found_error","message":"x"}}')

    assert tap.error.kind == "not_found"
