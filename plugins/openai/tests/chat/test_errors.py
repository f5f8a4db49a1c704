"""Errors: providers' shapes in, the client's shape out."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from gateway.errors import (
    BadRequest,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    PromptTooLong,
    UpstreamError,
    kind_of_status,
)
from gateway_openai.chat.errors import KINDS, NAMED, read_error, write_error
from gateway_openai.chat.retry_after import read_retry_after

LLAMA = {
    "error": {
        "code": 400,
        "message": "the request exceeds the available context size, try increasing it",
        "type": "exceed_context_size_error",
        "n_prompt_tokens": 9000,
        "n_ctx": 8192,
    }
}


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"error": {"message": "m", "code": "context_length_exceeded"}}, "context_exceeded"),
        (400, LLAMA, "context_exceeded"),
        (
            400,
            {"error": {"message": "This model's maximum context length is 8"}},
            "context_exceeded",
        ),
        (429, {"error": {"message": "m", "code": "insufficient_quota"}}, "billing"),
        (429, {"error": {"message": "m", "type": "exceeded_current_quota_error"}}, "billing"),
        (429, {"error": {"message": "m", "type": "engine_overloaded_error"}}, "overloaded"),
        (429, {"error": {"message": "m", "type": "requests"}}, "rate_limit"),
        (401, {"error": {"message": "m", "type": "invalid_request_error"}}, "authentication"),
        (404, {"error": {"message": "m", "type": "invalid_request_error"}}, "not_found"),
        (400, {"error": {"message": "m", "type": "invalid_request_error"}}, "invalid_request"),
        (503, {"error": {"message": "m", "type": "server_error"}}, "overloaded"),
        (400, {"object": "error", "message": "m", "code": 400}, "invalid_request"),
        (422, {"detail": [{"loc": ["x"]}]}, "invalid_request"),
        (500, {"error": "m"}, "server"),
    ],
)
def test_an_error_is_known_by_code_then_type_then_status(status, body, kind):
    error = read_error(status, {}, json.dumps(body).encode())

    assert (error.status, error.kind, error.dialect) == (status, kind, "openai")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (json.dumps(LLAMA), LLAMA["error"]["message"]),
        ('{"error": "plain"}', "plain"),
        ('{"message": "top"}', "top"),
        ('{"detail": "fast"}', "fast"),
        ('[{"error": {"message": "in a list"}}]', "in a list"),
        (
            "<html><head><title>x</title></head><body><h1>502 Bad</h1> gateway</body>",
            "502 Bad gateway",
        ),
        ("busy, come back", "busy, come back"),
        ("", "the upstream answered HTTP 500"),
        ("{}", "{}"),
        ("\xff\xfe", "ÿþ"),
    ],
)
def test_the_providers_own_words_are_passed_on(body, message):
    assert read_error(500, {}, body.encode()).message == message


def test_er3_waiting_time_and_limits_are_kept_and_account_names_are_not():
    headers = {
        "Retry-After": "7",
        "X-RateLimit-Remaining-Tokens": "3",
        "x-request-id": "r",
        "openai-organization": "org-ours",
        "set-cookie": "c",
    }

    error = read_error(429, headers, b"{}")

    assert error.retry_after == 7
    assert error.headers == {"x-ratelimit-remaining-tokens": "3", "x-request-id": "r"}
    assert write_error(error).headers["retry-after"] == "7"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "Wed, 25 Nov 2026 10:00:30 GMT"}, 30),
        ({"retry-after": "Wed, 25 Nov 2026 09:00:00 GMT"}, 0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "nan"}, None),
        ({}, None),
    ],
)
def test_a_waiting_time_has_three_forms(headers, seconds):
    now = datetime(2026, 11, 25, 10, tzinfo=UTC)

    assert read_retry_after(headers, now) == seconds


def test_every_kind_has_a_name_that_reads_back_as_itself():
    for kind, named in NAMED.items():
        error = UpstreamError("m", status=named.status, kind=kind)
        reply = write_error(error)
        assert json.loads(reply.body)["error"]["type"] == named.type
        again = read_error(reply.status, {}, reply.body)
        assert again.kind in (kind, kind_of_status(named.status))
    assert set(KINDS.values()) <= set(NAMED)


@pytest.mark.parametrize(
    ("error", "status", "final"),
    [
        (NotAuthenticated("no key"), 401, True),
        (NotAllowed("not yours"), 403, True),
        (BadRequest("wrong", param="messages[0]"), 400, False),
        (NotFound("no such model"), 404, False),
        (UpstreamError("m", status=429, kind="rate_limit"), 429, False),
        (UpstreamError("m", status=529, kind="overloaded"), 503, False),
        (UpstreamError("m", status=200, kind="rate_limit"), 429, False),
    ],
)
def test_our_own_final_errors_tell_clients_not_to_retry(error, status, final):
    reply = write_error(error)

    assert reply.status == status
    assert (reply.headers.get("x-should-retry") == "false") is final


def test_a_prompt_too_long_has_the_code_that_clients_compact_on():
    said = json.loads(write_error(PromptTooLong("too long")).body)["error"]

    assert (said["code"], said["type"]) == ("context_length_exceeded", "invalid_request_error")


def test_a_wrong_value_is_named():
    said = json.loads(write_error(BadRequest("wrong", param="messages[0]")).body)["error"]

    assert (said["message"], said["param"]) == ("wrong", "messages[0]")


def test_a_body_of_this_dialect_is_passed_on_as_it_was():
    body = b'{"error": {"message": "m", "type": "t", "extra": 1}}'

    assert write_error(read_error(400, {}, body)).body == body
    assert json.loads(write_error(read_error(400, {}, b"<p>oops</p>")).body)["error"][
        "message"
    ] == ("oops")
