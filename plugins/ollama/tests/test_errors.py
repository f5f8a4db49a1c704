"""Errors in Ollama's shape, both ways."""

from __future__ import annotations

import orjson
import pytest

from gateway.errors import BadRequest, NotAllowed, NotAuthenticated, NotFound, UpstreamError
from gateway_ollama.errors import failure_of, read_error, write_error


def test_er1_an_error_is_words_and_a_status():
    reply = write_error(BadRequest("messages must be a list", param="messages"))

    assert reply.status == 400
    assert orjson.loads(reply.body) == {"error": "messages must be a list"}


def test_our_own_refusals_ask_not_to_be_retried():
    for error in (NotAuthenticated("no key"), NotAllowed("not here")):
        assert write_error(error).headers["x-should-retry"] == "false"
    assert "x-should-retry" not in write_error(NotFound("no model")).headers
    busy = UpstreamError("slow down", status=429, kind="rate_limit", retry_after=1.2)
    assert write_error(busy).headers == {"retry-after": "2"}


def test_a_servers_own_body_goes_on_as_it_was():
    body = b'{"error":"unauthorized","signin_url":"https://ollama.com/connect"}'
    error = read_error(401, {}, body)

    assert (error.message, error.kind) == ("unauthorized", "authentication")
    assert write_error(error).body == body


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (404, "model 'x' not found", "not_found"),
        (400, '"x" does not support tools', "invalid_request"),
        (400, "the input length exceeds the context length", "context_exceeded"),
        (400, "prompt is too long: 9 tokens", "context_exceeded"),
        (500, "server busy, please try again", "overloaded"),
        (503, "maximum pending requests exceeded", "overloaded"),
        (500, "llama runner process has terminated", "server"),
    ],
)
def test_the_kind_is_told_by_status_and_words(status, message, kind):
    error = read_error(status, {}, orjson.dumps({"error": message}))

    assert (error.status, error.kind, error.message) == (status, kind, message)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("7", 7.0), ("0.5", 0.5), ("-1", None), ("soon", None), ("", None)],
)
def test_how_long_to_wait_is_read(said, seconds):
    assert read_error(429, {"Retry-After": said}, b"").retry_after == seconds


def test_a_date_to_wait_for_is_read():
    when = "Wed, 21 Oct 2015 07:28:00 GMT"

    assert read_error(503, {"retry-after": when}, b"").retry_after == 0.0


def test_a_page_of_a_gateway_in_front_is_cut_to_its_words():
    page = b"<html><style>x{}</style><h1>502 Bad   Gateway</h1></html>"

    assert read_error(502, {}, page).message == "502 Bad Gateway"


def test_an_error_inside_a_stream_gets_the_status_of_its_kind():
    assert failure_of({"error": "server busy"}).status == 503
    assert failure_of({"error": {"message": "in an object"}}).message == "in an object"
    assert failure_of({"error": True}).status == 500
