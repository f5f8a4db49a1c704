"""The watcher of a relayed reply."""

from __future__ import annotations

import orjson
import pytest

from gateway_openai.responses.tap import make_tap

CREATED = {"type": "response.created", "response": {"id": "r"}}
DELTA = {"type": "response.output_text.delta", "delta": '"type":"response.completed"'}
COMPLETED = {"type": "response.completed", "response": {"usage": {"input_tokens": 3}}}
FAILED = {"type": "response.failed", "response": {"error": {"code": "x", "message": "bad"}}}


@pytest.fixture
def tap(arrows):
    return make_tap(arrows.wire({}), True)


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_it_sees_content_end_and_usage_however_the_bytes_are_cut(arrows, tap, size):
    data = arrows.sse(CREATED, DELTA, COMPLETED)

    passed = b"".join(tap.feed(data[at : at + size]) for at in range(0, len(data), size))

    assert passed == data
    assert (tap.content, tap.finished, tap.error, tap.whole) == (True, True, None, True)
    assert tap.usage.input == 3


def test_words_about_an_end_are_no_end(arrows, tap):
    tap.feed(arrows.sse(CREATED))
    assert not tap.content
    tap.feed(arrows.sse(DELTA))

    assert (tap.content, tap.finished) == (True, False)


@pytest.mark.parametrize("event", [FAILED, {"type": "error", "message": "bad"}])
def test_it_sees_an_error(arrows, tap, event):
    tap.feed(arrows.sse(CREATED, event))

    assert tap.error.message == "bad"
    assert not tap.finished


def test_an_event_that_is_not_whole_forbids_a_ping(arrows, tap):
    tap.feed(arrows.sse(DELTA)[:-1])

    assert not tap.whole


def test_a_body_is_finished_when_it_can_be_parsed(arrows):
    tap = make_tap(arrows.wire({}), False)
    body = orjson.dumps({"output": [], "usage": {"output_tokens": 2}})

    tap.feed(body[:5])
    assert not tap.finished
    tap.feed(body[5:])

    assert (tap.finished, tap.usage.output) == (True, 2)


def test_a_failed_body_is_an_error(arrows):
    tap = make_tap(arrows.wire({}), False)

    tap.feed(orjson.dumps(FAILED["response"]))

    assert tap.error.message == "bad"
