"""ER1-ER4 and RT1: failures of an upstream, and what they may and may not cause."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.clients.fixtures import REAL_KEYS
from tests.clients.gateway_process import Gateway
from tests.clients.http import PATHS, chat, error_of, events, post
from tests.scripted import Script, Scripted
from tests.scripted.answer import TEXT

STATUSES = [400, 401, 403, 404, 413, 429, 500, 503, 529]


@pytest.mark.parametrize("status", STATUSES)
def test_er1_a_failed_upstream_is_an_error_in_the_clients_dialect(
    babelgate: Gateway,
    upstream: Scripted,
    inbound: str,
    outbound: str,
    stream: bool,
    status: int,
) -> None:
    """Across dialects, a status of 500 and more may become the other's own."""
    path = f"/{outbound}{PATHS[inbound]}"

    reply = post(babelgate, path, chat(inbound, f"say-error-{status}", stream=stream))

    assert reply.status == status or (inbound != outbound and min(status, reply.status) >= 500)
    assert f"scripted {status}" in error_of(inbound, reply)["message"]


def test_er2_an_error_first_in_a_stream_is_tried_elsewhere(
    babelgate: Gateway, upstream: Scripted, inbound: str
) -> None:
    body = chat(inbound, "errs-first", stream=True)

    reply = post(babelgate, f"/cascade{PATHS[inbound]}", body)

    assert reply.status == 200
    assert TEXT[:9].encode() in reply.body
    assert [seen.wire for seen in upstream.requests] == ["openai", "claude"]


def test_er2_an_error_first_in_a_stream_keeps_a_status_when_nothing_else_is_left(
    babelgate: Gateway, upstream: Scripted, inbound: str, outbound: str
) -> None:
    body = chat(inbound, "say-error-first", stream=True)

    reply = post(babelgate, f"/{outbound}{PATHS[inbound]}", body)

    assert reply.status >= 500
    assert "scripted failure" in error_of(inbound, reply)["message"]


def test_er3_retry_after_is_forwarded(
    babelgate: Gateway, upstream: Scripted, inbound: str, outbound: str, stream: bool
) -> None:
    path = f"/{outbound}{PATHS[inbound]}"

    reply = post(babelgate, path, chat(inbound, "say-error-429-7", stream=stream))

    assert (reply.status, reply.headers["retry-after"]) == (429, "7")


LIMITS = {
    "openai": ("x-ratelimit-remaining-requests", "59"),
    "claude": ("anthropic-ratelimit-requests-remaining", "59"),
}


def test_er3_rate_limit_headers_are_forwarded(
    babelgate: Gateway, upstream: Scripted, inbound: str, outbound: str, stream: bool
) -> None:
    """Also when the head of a stream comes in a network read of its own."""
    upstream.script = Script(stall=0.05)
    path = f"/{outbound}{PATHS[inbound]}"
    name, value = LIMITS[outbound]

    reply = post(babelgate, path, chat(inbound, "say-text", stream=stream))

    assert reply.headers[name] == value


@pytest.mark.parametrize("status", [400, 404, 413, 422])
def test_er4_an_error_of_the_request_rests_no_key(
    babelgate: Gateway, upstream: Scripted, inbound: str, status: int
) -> None:
    path = f"/spare{PATHS[inbound]}"

    post(babelgate, path, chat(inbound, f"say-error-{status}"))
    failed = len(upstream.requests)
    for _ in range(4):
        post(babelgate, path, chat(inbound, "say-text"))

    assert failed == 1
    keys = Counter(seen.headers["authorization"] for seen in upstream.requests[failed:])
    expected = [f"Bearer {REAL_KEYS[name]}" for name in ("REAL_FIRST", "REAL_SECOND")]
    assert keys == dict.fromkeys(expected, 2)


def test_a_key_out_of_quota_is_followed_by_the_next_key(
    babelgate: Gateway, upstream: Scripted, inbound: str
) -> None:
    post(babelgate, f"/spare{PATHS[inbound]}", chat(inbound, "say-error-429-0"))

    assert len({seen.headers["authorization"] for seen in upstream.requests}) == 2


def test_a_failed_target_is_followed_by_the_next(
    babelgate: Gateway, upstream: Scripted, inbound: str, stream: bool
) -> None:
    reply = post(babelgate, f"/cascade{PATHS[inbound]}", chat(inbound, "errs", stream=stream))

    assert reply.status == 200
    assert [seen.wire for seen in upstream.requests] == ["openai", "claude"]


def test_a_refused_request_is_tried_nowhere_else(
    babelgate: Gateway, upstream: Scripted, inbound: str, stream: bool
) -> None:
    reply = post(babelgate, f"/cascade{PATHS[inbound]}", chat(inbound, "refuses", stream=stream))

    assert reply.status == 400
    assert len(upstream.requests) == 1


def test_rt1_nothing_is_tried_again_once_output_has_begun(
    babelgate: Gateway, upstream: Scripted, inbound: str
) -> None:
    body = chat(inbound, "breaks", stream=True)

    reply = post(babelgate, f"/cascade{PATHS[inbound]}", body)

    assert reply.status == 200
    assert "error" in events(reply.body)[-1]
    assert b"[DONE]" not in reply.body
    assert b"message_stop" not in reply.body
    assert len(upstream.requests) == 1
