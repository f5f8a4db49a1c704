"""Requests for vectors on their way to a provider of OpenAI's API."""

from __future__ import annotations

import orjson
import pytest

from gateway.attempt import Attempt, Target
from gateway.embedding import EmbedInput, EmbedRequest
from gateway.model import Text
from gateway.wire import InboundWire
from gateway_openai.embed_outbound import relay_embed, write_embed

TUNED = {"params": {"dimensions": 2, "temperature": 1}, "defaults": {"user": "u", "top_p": 1}}


def target(**settings):
    return Target("up", "real", "openai", "openai", **settings)


def wire(body, **headers):
    return InboundWire("POST", "/v1/embeddings", headers=headers, body=body)


def test_only_the_name_is_replaced():
    sent = relay_embed(wire(b'{"input": "model", "model":"alias"}'), target())

    assert (sent.path, sent.body) == ("/embeddings", b'{"input": "model", "model":"real"}')


def test_a_second_name_reaches_nobody():
    sent = relay_embed(wire(b'{"model":"alias","input":"a","model":"other"}'), target())

    assert orjson.loads(sent.body) == {"model": "real", "input": "a"}


def test_a_header_of_the_dialect_goes_along_and_others_stay():
    sent = relay_embed(
        wire(b'{"model":"m"}', **{"openai-beta": "x", "authorization": "k"}), target()
    )

    assert sent.headers == {"openai-beta": "x"}


@pytest.mark.parametrize("way", ["relayed", "written"])
def test_settings_of_chats_stay_out(way):
    if way == "relayed":
        sent = orjson.loads(relay_embed(wire(b'{"model":"m","input":["a"]}'), target(**TUNED)).body)
    else:
        request = EmbedRequest("m", [EmbedInput([Text("a")])])
        (made,) = write_embed(request, Attempt(target(**TUNED)))
        sent = made.body

    assert sent == {"model": "real", "input": ["a"], "dimensions": 2, "user": "u"}


def test_settings_of_chats_alone_change_no_byte():
    raw = b'{ "model":"m" }'

    assert relay_embed(wire(raw), target(params={"temperature": 1})).body == b'{ "model":"real" }'
