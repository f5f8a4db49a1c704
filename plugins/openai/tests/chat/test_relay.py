"""A client's own request, passed on."""

from __future__ import annotations

import orjson
import pytest

from gateway.errors import BadRequest
from gateway.hooks import Endpoint
from gateway.wire import InboundWire
from gateway_openai.chat.relay import read_facts, relay

CHAT = Endpoint("POST", "/v1/chat/completions", "openai", "chat")


def passed(chat, raw, **facts):
    wire = InboundWire("POST", "/v1/chat/completions", body=raw)
    return relay(wire, CHAT, chat.target("new", **facts)).body


def test_only_the_models_name_changes(chat):
    said = b'[{"role":"user","content":"a \\"model\\": b"}]'
    raw = b'{ "messages": ' + said + b',\n  "model" : "old", "x":1.0}'

    assert passed(chat, raw) == raw.replace(b'"old"', b'"new"')


@pytest.mark.parametrize(
    "raw",
    [
        b'{"model":"a","tools":[{"function":{"parameters":{"properties":{"model":{}}}}}]}',
        b'{"model":"a","\\u006dodel":"a"}',
        b'{"model":"a","model":"a"}',
        b'{"mod\\u0065l":"a"}',
    ],
)
def test_where_the_name_is_not_certain_the_body_is_written_anew(chat, raw):
    sent = passed(chat, raw)

    assert orjson.loads(sent)["model"] == "new"
    assert b'"a"' not in sent


def test_a_stream_is_made_to_end_with_its_counts(chat):
    raw = b' {"model":"old","stream":true}'

    assert passed(chat, raw) == (
        b'{"stream_options":{"include_usage":true},"model":"new","stream":true}'
    )
    assert b"stream_options" not in passed(chat, raw, quirks={"stream_usage": False})


def test_stream_options_of_the_client_are_kept(chat):
    asked = b'{"model":"old","stream":true,"stream_options":{"include_usage":true}}'
    more = b'{"model":"old","stream":true,"stream_options":{"include_obfuscation":false}}'

    assert passed(chat, asked) == asked.replace(b"old", b"new")
    assert orjson.loads(passed(chat, more))["stream_options"] == {
        "include_obfuscation": False,
        "include_usage": True,
    }


def test_params_and_defaults_hold_on_relay_too(chat):
    raw = b'{"model":"old","temperature":1,"top_p":1}'

    sent = passed(chat, raw, params={"temperature": 0}, defaults={"top_p": 0, "seed": 5})

    assert sent == {"model": "new", "temperature": 0, "top_p": 1, "seed": 5}


def test_meaning_headers_are_passed_on(chat):
    wire = InboundWire(
        "POST", "/", headers={"openai-beta": "b", "authorization": "no"}, body=b'{"model":"m"}'
    )

    assert relay(wire, CHAT, chat.target()).headers == {"openai-beta": "b"}


def test_routing_reads_model_and_stream_only(chat):
    assert read_facts(chat.wire({"model": "m", "stream": True, "messages": 5}), CHAT).stream
    assert not read_facts(chat.wire({"model": "m"}), CHAT).stream
    with pytest.raises(BadRequest, match="model is required"):
        read_facts(chat.wire({}), CHAT)
    with pytest.raises(BadRequest, match="line 1"):
        read_facts(InboundWire("POST", "/", body=b"{oops"), CHAT)
