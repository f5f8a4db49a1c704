"""A relayed reply, watched."""

from __future__ import annotations

import json

import pytest

from gateway.events import Usage
from gateway_openai.chat.tap import make_tap

USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}


def tap_for(chat, *, asked=False, stream=True):
    body = {"model": "m", "stream": stream}
    if asked:
        body["stream_options"] = {"include_usage": True}
    return make_tap(chat.wire(body), stream)


def stream_of(chat, **more):
    return chat.chunks({"role": "assistant", "content": ""}, {"content": "a"}, usage=USAGE, **more)


def test_what_the_client_asked_for_passes_untouched(chat):
    tap, data = tap_for(chat, asked=True), stream_of(chat)

    passed = b"".join(tap.feed(data[i : i + 1]) for i in range(len(data)))

    assert passed == data
    assert (tap.finished, tap.content, tap.error, tap.whole) == (True, True, None, True)
    assert tap.usage == Usage(input=3, output=2)


@pytest.mark.parametrize("step", [1, 3, 40, 10_000])
@pytest.mark.parametrize("lines", [b"\n", b"\r\n"])
def test_counts_that_only_the_gateway_asked_for_are_taken_out(chat, step, lines):
    tap = tap_for(chat)
    data = stream_of(chat).replace(b"\n", lines)
    without = chat.chunks({"role": "assistant", "content": ""}, {"content": "a"})

    passed = b"".join(tap.feed(data[i : i + step]) for i in range(0, len(data), step))

    assert passed == without.replace(b"\n", lines)
    assert tap.usage == Usage(input=3, output=2)
    assert tap.finished


def test_counts_beside_an_answer_stay(chat):
    end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": USAGE}
    tap, data = tap_for(chat), chat.sse(end)

    assert tap.feed(data) == data


def test_content_is_seen_at_the_first_word_and_not_before(chat):
    tap = tap_for(chat)

    tap.feed(chat.chunks({"role": "assistant", "content": ""}, finish=None, done=False))
    before = tap.content
    tap.feed(chat.chunks({"content": "a"}, finish=None, done=False))

    assert (before, tap.content) == (False, True)
    for delta in ({"reasoning_content": "h"}, {"tool_calls": [{"index": 0, "id": "a"}]}):
        one = tap_for(chat)
        one.feed(chat.chunks(delta, finish=None, done=False))
        assert one.content


def test_a_cut_stream_is_not_finished(chat):
    tap = tap_for(chat)

    tap.feed(chat.chunks({"content": "a"}, finish=None, done=False))

    assert not tap.finished


def test_er2_an_error_frame_is_seen(chat):
    tap = tap_for(chat)

    tap.feed(chat.sse({"error": {"message": "busy", "code": 429}}, done=False))

    assert (tap.error.message, tap.error.status, tap.content) == ("busy", 429, False)


def test_words_about_counts_and_errors_are_not_taken_for_them(chat):
    text = '"usage": {"error": {"finish_reason": "stop"}} [DONE]'
    tap, data = tap_for(chat), chat.chunks({"content": text}, finish=None, done=False)

    assert tap.feed(data) == data
    assert (tap.finished, tap.error, tap.usage) == (False, None, None)


def test_a_done_without_its_blank_line_is_passed_on(chat):
    tap = tap_for(chat)
    data = chat.chunks({"content": "a"}).rstrip(b"\n")

    assert tap.feed(data) == data
    assert tap.finished


def test_half_an_event_is_not_whole(chat):
    tap = tap_for(chat, asked=True)

    tap.feed(chat.chunks({"content": "a"})[:50])

    assert not tap.whole


def test_a_body_is_watched_to_its_end(chat):
    tap, data = tap_for(chat, stream=False), chat.body({"content": "a"}, usage=USAGE)

    assert b"".join(tap.feed(data[i : i + 9]) for i in range(0, len(data), 9)) == data
    assert (tap.finished, tap.content, tap.usage) == (True, True, Usage(input=3, output=2))


def test_a_cut_body_is_not_finished(chat):
    tap = tap_for(chat, stream=False)

    tap.feed(chat.body({"content": "a"})[:-5])

    assert not tap.finished


def test_an_error_in_a_body_is_seen(chat):
    tap = tap_for(chat, stream=False)

    tap.feed(b'{"error": {"message": "busy"}}')

    assert tap.error.message == "busy"


@pytest.mark.parametrize("spaces", [(",", ":"), (", ", ": "), (" , ", " : ")])
@pytest.mark.parametrize("asked", [True, False])
def test_what_tells_something_is_seen_however_the_json_is_spaced(chat, spaces, asked):
    one = {"choices": [{"delta": {"content": "a"}, "finish_reason": None}], "usage": None}
    end = {"choices": [{"delta": {}, "finish_reason": "stop"}], "usage": None}
    counts = {"choices": [], "usage": USAGE}
    texts = [json.dumps(chunk, separators=spaces) for chunk in (one, one, end, counts)]
    events = [f"data: {text}\n\n".encode() for text in texts]
    tap = tap_for(chat, asked=asked)

    assert tap.feed(b"".join(events)) == b"".join(events if asked else events[:3])
    assert (tap.content, tap.finished, tap.usage) == (True, True, Usage(input=3, output=2))


def test_an_error_by_the_events_name_is_seen_among_others(chat):
    tap = tap_for(chat)
    before = chat.chunks({"content": "a"}, finish=None, done=False)

    tap.feed(before + b'event: error\ndata: {"message": "busy"}\n\n' + before)

    assert tap.error.message == "busy"
