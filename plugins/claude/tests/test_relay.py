"""The short way: only the model's name changes."""

from __future__ import annotations

import orjson
import pytest

from gateway.attempt import Target
from gateway.model import Seal
from gateway.seals import tagged
from gateway_claude.dialect import ENDPOINTS
from gateway_claude.relay import relay

CHAT, COUNT = ENDPOINTS[:2]
TARGET = Target("anthropic", "claude-x", "claude", "claude")


def test_every_other_byte_of_a_recorded_request_stays(capture, wire):
    raw = orjson.dumps(capture["body"], option=orjson.OPT_INDENT_2)

    out = relay(wire(raw), CHAT, TARGET)

    old = b'"model": %s' % orjson.dumps(capture["body"]["model"])
    assert out.body == raw.replace(old, b'"model": "claude-x"', 1)
    assert orjson.loads(out.body) == {**capture["body"], "model": "claude-x"}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (
            b'{ "model" :\n"a\\"b", "x": "\\"model\\": 1" }',
            b'{ "model" :\n"claude-x", "x": "\\"model\\": 1" }',
        ),
        (
            b'{"tools":[{"model":"a"}],"model":"a"}',
            b'{"tools":[{"model":"a"}],"model":"claude-x"}',
        ),
        (b'{"model":"claude-x" }', b'{"model":"claude-x" }'),
        (b'{"model":"a","model":"a"}', {"model": "claude-x"}),
        (b'{"model":"a","m\\u006fdel":"a"}', {"model": "claude-x"}),
        (b'{"m\\u006fdel":"a"}', {"model": "claude-x"}),
    ],
)
def test_the_name_is_spliced_at_the_top_and_no_second_one_gets_past(wire, raw, expected):
    assert relay(wire(raw), CHAT, TARGET).body == expected


def test_meaningful_headers_and_the_query_go_on_and_keys_do_not(wire):
    headers = {"anthropic-beta": "b", "x-api-key": "secret", "anthropic-version": "2023-06-01"}

    out = relay(
        wire({"model": "a"}, query={"beta": "true", "key": "s"}, headers=headers), COUNT, TARGET
    )

    assert out.path == "/messages/count_tokens"
    assert out.query == {"beta": "true"}
    assert out.headers == {"anthropic-beta": "b", "anthropic-version": "2023-06-01"}


def test_configured_settings_apply(wire):
    target = Target("a", "claude-x", "claude", defaults={"top_k": 1}, params={"temperature": 0})

    out = relay(wire({"model": "a", "temperature": 1}), CHAT, target)

    assert out.body == {"model": "claude-x", "temperature": 0, "top_k": 1}


def test_tk3_tagged_seals_go_home_and_no_further(wire):
    own = tagged(Seal("sig", "claude", "anthropic", "claude-x"), "claude")
    foreign = tagged(Seal("sig", "openai", "moonshot", "kimi"), "claude")
    content = [
        {"type": "thinking", "thinking": "a", "signature": own},
        {"type": "thinking", "thinking": "b", "signature": foreign},
        {"type": "redacted_thinking", "data": own},
        {"type": "thinking", "thinking": "c", "signature": "plain"},
        {"type": "text", "text": "bgt1"},
    ]
    lost = {"role": "assistant", "content": content[1:2]}
    messages = [{"role": "assistant", "content": content}, lost, {"role": "user", "content": "x"}]

    body = relay(wire({"model": "a", "messages": messages}), CHAT, TARGET).body

    assert body["messages"] == [
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "a", "signature": "sig"},
                {"type": "redacted_thinking", "data": "sig"},
                {"type": "thinking", "thinking": "c", "signature": "plain"},
                {"type": "text", "text": "bgt1"},
            ],
        },
        {"role": "user", "content": "x"},
    ]


def test_a_value_that_reads_model_is_no_key(wire):
    raw = b'{"tools":["model"],"model":"a"}'

    assert relay(wire(raw), CHAT, TARGET).body == b'{"tools":["model"],"model":"claude-x"}'
