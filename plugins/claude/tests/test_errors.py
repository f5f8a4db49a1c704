"""Errors keep their kind, their words and their Retry-After on both ways."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import get_args

import orjson
import pytest

from gateway.errors import (
    BadRequest,
    ErrorKind,
    Loop,
    NotAllowed,
    NotAuthenticated,
    PromptTooLong,
    TooLarge,
    Unavailable,
    UpstreamError,
    WrongMethod,
)
from gateway_claude.errors import OF_KIND, OF_TYPE, error_event, read_error, write_error

CLAUDES = b'{"type":"error","error":{"type":"overloaded_error","message":"Busy"},"request_id":"r"}'


def test_every_kind_has_a_status_and_a_type():
    assert set(OF_KIND) == set(get_args(ErrorKind))
    assert set(OF_TYPE.values()) <= set(get_args(ErrorKind))


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (BadRequest("x"), 400, "invalid_request_error"),
        (NotAuthenticated("x"), 401, "authentication_error"),
        (NotAllowed("x"), 403, "permission_error"),
        (TooLarge("x"), 413, "request_too_large"),
        (Unavailable("x"), 529, "overloaded_error"),
        (UpstreamError("x", kind="billing"), 402, "billing_error"),
        (UpstreamError("x", kind="rate_limit"), 429, "rate_limit_error"),
        (UpstreamError("x"), 502, "api_error"),
        (Loop("x"), 508, "api_error"),
    ],
)
def test_an_error_is_written_in_claudes_words(error, status, kind):
    reply = write_error(error)

    body = orjson.loads(reply.body)
    assert (reply.status, body["type"]) == (status, "error")
    assert body["error"] == {"type": kind, "message": "x"}
    assert body["request_id"].startswith("req_")


def test_a_prompt_that_is_too_long_says_so_in_the_words_that_claude_code_knows():
    body = orjson.loads(write_error(PromptTooLong("9000 tokens, 8192 fit")).body)

    assert body["error"] == {
        "type": "invalid_request_error",
        "message": "prompt is too long: 9000 tokens, 8192 fit",
    }


@pytest.mark.parametrize("make", [NotAuthenticated, NotAllowed, Loop])
def test_the_gateways_own_refusals_ask_for_no_retry(make):
    assert write_error(make("x")).headers["x-should-retry"] == "false"


def test_what_the_gateway_says_of_its_own_errors_in_headers_reaches_the_client():
    wrong = WrongMethod("x", headers={"allow": "GET, POST"})
    again = NotAllowed("x", headers={"x-should-retry": "true"})

    assert write_error(wrong).headers == {"allow": "GET, POST"}
    assert write_error(again).headers == {"x-should-retry": "true"}


def test_an_upstreams_401_leaves_the_retry_to_the_client():
    error = UpstreamError("x", kind="authentication")

    assert "x-should-retry" not in write_error(error).headers


def test_er3_retry_after_and_rate_limits_are_kept():
    headers = {
        "retry-after": "1.5",
        "anthropic-ratelimit-requests-remaining": "0",
        "request-id": "req_1",
        "set-cookie": "secret",
    }

    reply = write_error(read_error(429, headers, b'{"error": {"message": "slow down"}}'))

    assert reply.headers == {
        "retry-after": "2",
        "anthropic-ratelimit-requests-remaining": "0",
        "request-id": "req_1",
    }
    assert orjson.loads(reply.body)["request_id"] == "req_1"


def test_a_retry_after_may_be_a_date():
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)

    assert 50 < read_error(503, {"retry-after": later}, b"").retry_after <= 60
    assert read_error(503, {"retry-after": "soon"}, b"").retry_after is None


def test_claudes_own_body_goes_on_as_it_came():
    assert write_error(read_error(529, {}, CLAUDES)).body == CLAUDES


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (529, CLAUDES, "overloaded", "Busy"),
        (
            400,
            b'{"error":{"type":"invalid_request_error","message":"prompt is too long: 9 > 5"}}',
            "context_exceeded",
            "prompt is too long: 9 > 5",
        ),
        (
            400,
            b'{"error":{"type":"invalid_request_error","message":"The credit balance is too low"}}',
            "billing",
            "credit balance",
        ),
        (
            400,
            b'{"error":{"code":400,"message":"too big","type":"exceed_context_size_error"}}',
            "context_exceeded",
            "too big",
        ),
        (503, b'{"error":{"code":503,"message":"Loading model"}}', "overloaded", "Loading"),
        (401, b'{"error":"bad key"}', "authentication", "bad key"),
        (502, b"<html>nginx</html>", "connection", "status 502 and no readable message"),
        (500, b"[]", "server", "status 500"),
        (404, b"", "not_found", "status 404"),
    ],
)
def test_an_upstreams_error_is_read(status, body, kind, words):
    error = read_error(status, {}, body)

    assert (error.status, error.kind, error.body) == (status, kind, body)
    assert words in error.message
    assert orjson.loads(write_error(error).body)["type"] == "error"


def test_the_event_that_ends_a_stream():
    name, data = error_event(UpstreamError("x", kind="timeout")).split(b"\n")[:2]

    assert name == b"event: error"
    assert orjson.loads(data[6:])["error"] == {"type": "timeout_error", "message": "x"}
