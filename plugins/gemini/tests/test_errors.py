"""Errors in Google's shape, for clients and from upstreams."""

from __future__ import annotations

import orjson
import pytest

from gateway.errors import BadRequest, NotAuthenticated, PromptTooLong, Unavailable, UpstreamError
from gateway_gemini.errors import read_error, write_error


@pytest.mark.parametrize(
    ("error", "status", "word"),
    [
        (BadRequest("wrong"), 400, "INVALID_ARGUMENT"),
        (NotAuthenticated("no key"), 401, "UNAUTHENTICATED"),
        (PromptTooLong("too long"), 400, "INVALID_ARGUMENT"),
        (Unavailable("wait"), 503, "UNAVAILABLE"),
        (UpstreamError("slow", status=429, kind="rate_limit"), 429, "RESOURCE_EXHAUSTED"),
        (UpstreamError("busy", status=529, kind="overloaded"), 503, "UNAVAILABLE"),
    ],
)
def test_an_error_has_code_message_and_status(error, status, word):
    reply = write_error(error)

    assert reply.status == status
    assert orjson.loads(reply.body) == {
        "error": {"code": status, "message": error.message, "status": word}
    }


def test_er3_retry_after_is_passed_on_in_whole_seconds():
    error = UpstreamError("slow", status=429, kind="rate_limit", retry_after=6.2)

    assert write_error(error).headers["retry-after"] == "7"


def test_our_own_refusals_say_not_to_retry():
    assert write_error(NotAuthenticated("no key")).headers["x-should-retry"] == "false"
    assert "x-should-retry" not in write_error(UpstreamError("x", status=401)).headers


def test_an_error_of_geminis_own_goes_home_as_it_was():
    body = b'{"error": {"code": 400, "message": "m", "status": "INVALID_ARGUMENT", "details": []}}'

    reply = write_error(read_error(400, {}, body))

    assert (reply.status, reply.body) == (400, body)


@pytest.mark.parametrize(
    ("status", "word", "message", "kind"),
    [
        (400, "INVALID_ARGUMENT", "bad", "invalid_request"),
        (
            400,
            "INVALID_ARGUMENT",
            "The input token count (9) exceeds the maximum",
            "context_exceeded",
        ),
        (403, "PERMISSION_DENIED", "no", "permission"),
        (404, "NOT_FOUND", "no", "not_found"),
        (429, "RESOURCE_EXHAUSTED", "quota", "rate_limit"),
        (500, "INTERNAL", "oops", "server"),
        (503, "UNAVAILABLE", "overloaded", "overloaded"),
        (504, "DEADLINE_EXCEEDED", "slow", "timeout"),
    ],
)
def test_what_upstreams_say_is_understood(status, word, message, kind):
    body = orjson.dumps({"error": {"code": status, "message": message, "status": word}})

    error = read_error(status, {}, body)

    assert (error.status, error.kind, error.message) == (status, kind, message)


def test_a_wrong_key_is_a_wrong_key_though_google_says_400():
    message = "API key not valid. Please pass a valid API key."
    body = orjson.dumps({"error": {"code": 400, "message": message, "status": "INVALID_ARGUMENT"}})

    error = read_error(400, {}, body)

    assert (error.status, error.kind) == (401, "authentication")
    assert write_error(error).status == 401


def test_the_error_of_a_stream_may_stand_in_a_list():
    body = orjson.dumps(
        [{"error": {"code": 429, "message": "quota", "status": "RESOURCE_EXHAUSTED"}}]
    )

    assert read_error(429, {}, body).message == "quota"


@pytest.mark.parametrize(
    ("headers", "delay", "expected"),
    [({"retry-after": "3"}, "34.5s", 3), ({}, "34.5s", 34.5), ({"retry-after": "Wed"}, None, None)],
)
def test_er3_the_wait_stands_in_the_header_or_in_the_details(headers, delay, expected):
    details = [{"@type": "x"}, {"retryDelay": delay}, "odd"]
    body = orjson.dumps({"error": {"code": 429, "message": "m", "details": details}})

    assert read_error(429, headers, body).retry_after == expected


def test_a_page_of_a_proxy_is_told_in_its_words():
    assert read_error(502, {}, b"<html>bad gateway").message == "<html>bad gateway"
