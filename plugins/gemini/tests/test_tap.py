"""The tap sees what passes, however it is cut, and passes it on as it is."""

from __future__ import annotations

import orjson
import pytest

from gateway_gemini.tap import tap

USAGE = {"promptTokenCount": 3, "candidatesTokenCount": 2}


def watched(gemini, data, *, stream=True, size=None):
    seen = tap(gemini.wire({}), stream)
    step = size or len(data)
    passed = b"".join(seen.feed(data[at : at + step]) for at in range(0, len(data), step))
    assert passed == data
    return seen


@pytest.mark.parametrize("size", [1, 10, None])
def test_a_whole_stream(gemini, size):
    data = gemini.sse(
        gemini.response({"text": "a"}), gemini.response(finish="STOP", usageMetadata=USAGE)
    )

    seen = watched(gemini, data, size=size)

    assert (seen.content, seen.finished, seen.whole, seen.error) == (True, True, True, None)
    assert (seen.usage.input, seen.usage.output) == (3, 2)


def test_a_head_without_parts_is_no_content(gemini):
    seen = watched(gemini, gemini.sse({"candidates": [], "usageMetadata": USAGE}))

    assert (seen.content, seen.finished) == (False, False)


def test_half_an_event_is_not_whole(gemini):
    data = gemini.sse(gemini.response({"text": "a"}))

    assert not watched(gemini, data[:-1]).whole


def test_sr4_a_cut_stream_is_not_finished(gemini):
    assert not watched(gemini, gemini.sse(gemini.response({"text": "the word finish"}))).finished


def test_er2_an_error_inside_is_seen(gemini):
    error = {"error": {"code": 503, "message": "m", "status": "UNAVAILABLE"}}

    for stream, data in ((True, gemini.sse(error)), (False, orjson.dumps(error))):
        assert watched(gemini, data, stream=stream).error.status == 503


def test_a_blocked_prompt_is_an_end(gemini):
    seen = watched(gemini, gemini.sse({"promptFeedback": {"blockReason": "SAFETY"}}))

    assert (seen.content, seen.finished) == (True, True)


@pytest.mark.parametrize("size", [1, 10, None])
def test_a_whole_body(gemini, size):
    data = orjson.dumps(gemini.response({"text": "a"}, finish="STOP", usageMetadata=USAGE))

    seen = watched(gemini, data, stream=False, size=size)

    assert (seen.content, seen.finished, seen.usage.input) == (True, True, 3)


@pytest.mark.parametrize("data", [b"data: {not json finish\n\n", b"data: [5] \xff usage\n\n"])
def test_what_cannot_be_read_changes_nothing(gemini, data):
    seen = watched(gemini, data)

    assert (seen.content, seen.finished, seen.error) == (False, False, None)
