"""A client's own request, passed on."""

from __future__ import annotations

import json

import pytest

from gateway.attempt import Target
from gateway.errors import BadRequest
from gateway.hooks import Endpoint
from gateway.wire import InboundWire
from gateway_openai.responses.relay import read_facts, relay

CHAT = Endpoint("POST", "/v1/responses", "responses", "chat")
TARGET = Target("up", "real", "responses", "responses")


def wire(body, **headers):
    return InboundWire("POST", "/v1/responses", headers=headers, body=body)


def test_only_the_models_name_changes(arrows):
    body = b'{"model": "alias",  "input": "hi", "previous_response_id": "resp_1"}'

    sent = relay(wire(body, originator="codex"), CHAT, TARGET)

    assert sent.body == body.replace(b"alias", b"real")
    assert (sent.path, sent.headers) == ("/responses", {"originator": "codex"})


def test_another_field_of_that_name_stays(arrows):
    body = {"tools": [{"parameters": {"properties": {"model": "x"}}}], "model": "alias"}

    sent = relay(wire(json.dumps(body).encode()), CHAT, TARGET)

    assert json.loads(sent.body) == {**body, "model": "real"}


def test_settings_of_the_target_are_written(arrows):
    target = Target("up", "real", "responses", "responses", params={"a": 1}, defaults={"input": 2})

    sent = relay(wire(b'{"model":"alias","input":"hi"}'), CHAT, target)

    assert sent.body == {"model": "real", "input": "hi", "a": 1}


def test_facts_are_read(arrows):
    facts = read_facts(wire(b'{"model":"m","stream":true}'), CHAT)

    assert (facts.model, facts.stream) == ("m", True)
    with pytest.raises(BadRequest, match="model is required"):
        read_facts(wire(b"{}"), CHAT)
