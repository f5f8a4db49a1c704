"""US1-US3: what a client hears of lengths."""

from __future__ import annotations

import pytest

from tests.clients.gateway_process import Gateway
from tests.clients.http import chat, events, post
from tests.scripted import Scripted

COUNT_PATH = "/v1/messages/count_tokens"
TOOLS = [{"name": "look", "description": "Look it up.", "input_schema": {"type": "object"}}]


def test_us1_the_first_event_estimates_the_input_and_the_last_corrects_it(
    babelgate: Gateway, upstream: Scripted
) -> None:
    prompt = [{"role": "user", "content": "word " * 100}]
    body = chat("claude", "say-text", messages=prompt, stream=True)

    reply = post(babelgate, "/openai/v1/messages", body)

    told = {event["type"]: event for event in events(reply.body)}
    assert 50 < told["message_start"]["message"]["usage"]["input_tokens"] < 300
    assert told["message_delta"]["usage"]["input_tokens"] == 1200
    assert told["message_delta"]["usage"]["output_tokens"] == 17


def test_us2_the_clients_own_payload_is_counted(babelgate: Gateway, upstream: Scripted) -> None:
    """Group `tuned` sets a field of every chat; it is no part of what the client asked about."""
    body = chat("claude", "say-text", system="Be brief.", tools=TOOLS)
    del body["max_tokens"]

    reply = post(babelgate, f"/tuned{COUNT_PATH}", body)

    assert reply.json["input_tokens"] == 1234
    counted = upstream.last.body
    assert counted["model"] == "say-text"
    assert "service_tier" not in counted
    assert (counted["system"], counted["tools"]) == ("Be brief.", TOOLS)


@pytest.mark.parametrize(
    ("group", "model"),
    [
        ("openai", "say-text"),
        ("claude", "say-error-500"),
        ("claude", "say-error-404"),
        ("dead", "x"),
    ],
    ids=["cannot-count", "fails", "has-no-such-route", "is-down"],
)
def test_us3_tokens_are_counted_whatever_the_upstream_can_do(
    babelgate: Gateway, upstream: Scripted, group: str, model: str
) -> None:
    body = chat("claude", model, messages=[{"role": "user", "content": "word " * 100}])
    del body["max_tokens"]

    reply = post(babelgate, f"/{group}{COUNT_PATH}", body)

    assert reply.status == 200
    assert 50 < reply.json["input_tokens"] < 300
    assert reply.headers["x-babelgate-estimated"] == "tokens"
