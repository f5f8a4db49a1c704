"""What routing reads of a request, and a client's own request and reply passed on."""

from __future__ import annotations

import orjson
import pytest

from gateway.errors import BadRequest
from gateway.events import Usage
from gateway.wire import InboundWire
from gateway_ollama.relay import read_facts, relay
from gateway_ollama.tap import BodyTap, StreamTap

LAST = b'{"model":"m","message":{"content":""},"done":true,"prompt_eval_count":3,"eval_count":4}'
PIECE = b'{"model":"m","message":{"content":"say \\"error\\": x"},"done":false}\n'


def facts(ollama, body, path="/api/chat"):
    return read_facts(ollama.wire(body, path), ollama.endpoint(path))


def test_a_name_with_the_usual_tag_is_also_the_name_without(ollama):
    asked = {"messages": [{"role": "user", "content": "hi"}]}

    tagged = facts(ollama, {"model": "gemma3:latest", **asked})

    assert (tagged.model, tagged.plain, tagged.stream) == ("gemma3:latest", "gemma3", True)
    assert facts(ollama, {"model": "gemma3:12b", **asked}).plain is None


def test_a_model_is_shown_by_either_name_of_the_field(ollama):
    assert facts(ollama, {"model": "a"}, "/api/show").model == "a"
    assert facts(ollama, {"name": "a"}, "/api/show").model == "a"
    with pytest.raises(BadRequest, match="model is required"):
        facts(ollama, {}, "/api/show")


@pytest.mark.parametrize(
    ("path", "body", "reason"),
    [
        ("/api/generate", {}, "load"),
        ("/api/generate", {"prompt": "", "keep_alive": 0}, "unload"),
        ("/api/chat", {"messages": [], "stream": False}, "load"),
    ],
)
def test_a_request_without_a_question_is_answered_at_once(ollama, path, body, reason):
    ready = facts(ollama, {"model": "m", **body}, path).ready

    line = orjson.loads(ready.body)
    assert (line["model"], line["done"], line["done_reason"]) == ("m", True, reason)
    assert ("response" in line) == (path == "/api/generate")
    assert ready.content_type.startswith("application/json") == (body.get("stream") is False)


def test_a_question_is_not(ollama):
    assert facts(ollama, {"model": "m", "prompt": "hi"}, "/api/generate").ready is None


def test_only_the_models_name_changes(ollama):
    raw = b'{ "model" : "alias", "messages": [{"role": "user", "content": "\\"model\\": 1"}] }'
    target = ollama.attempt(model="llama3.2:1b").target

    sent = relay(InboundWire("POST", "/x/api/chat", body=raw), ollama.endpoint(), target)

    assert sent.path == "/api/chat"
    assert sent.body == raw.replace(b'"alias"', b'"llama3.2:1b"')


@pytest.mark.parametrize(
    "raw",
    [
        b'{"model": "a", "tools": [{"model": "b"}]}',
        b'{"m\\u006fdel": "a"}',
    ],
)
def test_a_body_that_is_not_plain_is_written_anew(ollama, raw):
    wire = InboundWire("POST", "/api/generate", body=raw)

    sent = relay(wire, ollama.endpoint("/api/generate"), ollama.attempt().target)

    assert sent.path == "/api/generate"
    assert orjson.loads(sent.body) == {**orjson.loads(raw), "model": "real"}


def test_a_tap_passes_whole_lines_and_reads_the_last(ollama):
    tap = StreamTap()

    assert tap.feed(PIECE[:9]) == b""
    assert tap.feed(PIECE[9:] + b'{"mo') == PIECE
    assert (tap.content, tap.finished, tap.error) == (True, False, None)
    assert tap.feed(LAST[4:]) == LAST
    assert (tap.finished, tap.usage) == (True, Usage(input=3, output=4))


def test_a_tap_tells_an_error_from_the_word(ollama):
    tap = StreamTap()

    tap.feed(b'{"error": "out of memory"}\n')

    assert (tap.content, tap.finished) == (False, False)
    assert tap.error.message == "out of memory"


def test_a_tap_of_a_whole_body(ollama):
    whole, page = BodyTap(), BodyTap()

    assert whole.feed(LAST) == LAST
    page.feed(b"<html>")

    assert (whole.finished, whole.usage) == (True, Usage(input=3, output=4))
    assert (page.finished, page.content) == (False, False)
