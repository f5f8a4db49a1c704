"""A client's own request, passed on with as little changed as can be."""

from __future__ import annotations

import orjson
import pytest

from gateway.attempt import Target
from gateway.errors import BadRequest
from gateway.model import Seal
from gateway.seals import tagged
from gateway.wire import InboundWire
from gateway_gemini.dialect import DESCRIPTOR
from gateway_gemini.endpoints import ENDPOINTS, facts
from gateway_gemini.relay import relay

TARGET = Target("google", "gemini-x", "gemini", "gemini")
WHOLE, STREAM = ENDPOINTS[0], ENDPOINTS[1]


def wire(body=b'{ "contents" : [] }', **query):
    return InboundWire("POST", "/", {"model": "alias"}, query, {}, body)


def test_the_body_stays_byte_for_byte():
    sent = relay(wire(alt="sse"), STREAM, TARGET)

    assert sent.body == b'{ "contents" : [] }'
    assert sent.path == "/models/gemini-x:streamGenerateContent"
    assert sent.query == {"alt": "sse"}
    assert relay(wire(), WHOLE, TARGET).path == "/models/gemini-x:generateContent"


def test_no_key_goes_further():
    assert relay(wire(key="cs-1", access_token="t", prettyPrint="false"), WHOLE, TARGET).query == {
        "prettyPrint": "false"
    }


def test_settings_of_the_target_are_applied():
    target = Target("google", "m", "gemini", "gemini", params={"temperature": 0.5})

    assert relay(wire(), WHOLE, target).body == {
        "contents": [],
        "generationConfig": {"temperature": 0.5},
    }


def test_tk3_tags_are_taken_off_and_foreign_state_stays_behind():
    own = tagged(Seal("b3du", "gemini", "google", "gemini-x"), "gemini")
    foreign = tagged(Seal("Zm8=", "claude", "anthropic", "c"), "gemini")
    parts = [
        {"text": "hm", "thought": True, "thoughtSignature": own},
        {"text": "hm", "thought": True, "thoughtSignature": foreign},
        {"text": "a", "thought_signature": foreign},
        {"functionCall": {"name": "f"}, "thoughtSignature": foreign},
        {"text": "b", "thoughtSignature": "bare"},
        5,
    ]
    body = orjson.dumps({"contents": [{"role": "model", "parts": parts}, "odd"]})

    sent = relay(wire(body), WHOLE, TARGET).body["contents"]

    assert sent[0]["parts"] == [
        {"text": "hm", "thought": True, "thoughtSignature": "b3du"},
        {"text": "a"},
        {"functionCall": {"name": "f"}, "thoughtSignature": "skip_thought_signature_validator"},
        {"text": "b", "thoughtSignature": "bare"},
        5,
    ]
    assert sent[1] == "odd"


def test_facts_come_from_the_path_and_the_body_is_checked():
    assert facts(wire(), STREAM).model == "alias"
    assert facts(wire(), STREAM).stream
    assert not facts(wire(), WHOLE).stream
    slashed = InboundWire(
        "POST", "/", {"vendor": "deepseek", "model": "chat"}, body=b'{"contents":[]}'
    )
    assert facts(slashed, WHOLE).model == "deepseek/chat"
    with pytest.raises(BadRequest):
        facts(wire(b'{"content": []}'), WHOLE)


def test_the_dialect_has_no_ping_and_says_how_its_client_is_set_up():
    assert DESCRIPTOR.ping == b""
    assert DESCRIPTOR.setup("http://h", "k") == {
        "GOOGLE_GEMINI_BASE_URL": "http://h",
        "GEMINI_API_KEY": "k",
    }
