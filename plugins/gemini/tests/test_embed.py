"""Vectors in Gemini's words: requests read, relayed and written, replies both ways."""

from __future__ import annotations

import orjson
import pytest

from gateway.embedding import EmbedInput, EmbedReply, EmbedRequest
from gateway.errors import BadRequest, UpstreamError
from gateway.events import Usage
from gateway.losses import Losses
from gateway.model import Media, Text
from gateway.wire import InboundWire
from gateway_gemini.embed_inbound import read_embed
from gateway_gemini.embed_outbound import relay_embed, write_embed
from gateway_gemini.embed_reply import read_embeddings, relayed_usage, write_embeddings
from gateway_gemini.endpoints import ENDPOINTS

ONE = {"content": {"parts": [{"text": "a"}]}}
IMAGE = {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}


def endpoint(verb):
    return next(one for one in ENDPOINTS if one.path.endswith(f":{verb}"))


def wire(body):
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    return InboundWire("POST", "/", {"model": "alias"}, body=raw)


def read(body, verb="embedContent"):
    return read_embed(wire(body), endpoint(verb))


def relayed(target, body, verb="embedContent"):
    return relay_embed(wire(body), endpoint(verb), target)


def test_both_spellings_say_the_same():
    camel = read({**ONE, "taskType": "CLUSTERING", "outputDimensionality": 3})
    snake = read({**ONE, "task_type": "CLUSTERING", "output_dimensionality": 3})

    assert camel == snake
    assert (camel.inputs[0].task, camel.dimensions) == ("CLUSTERING", 3)


def test_a_config_inside_says_what_a_field_would():
    said = read({**ONE, "embedContentConfig": {"title": "T", "autoTruncate": False}})

    assert (said.inputs[0].title, said.truncate) == ("T", False)


def test_an_image_is_a_part_of_its_own():
    (given,) = read({"content": {"parts": [{"text": "a"}, IMAGE]}}).inputs

    assert given.parts == [Text("a"), Media("image", mime="image/png", data="AAAA")]


@pytest.mark.parametrize(
    ("requests", "place"),
    [
        ([], "requests"),
        ([ONE, {}], r"requests\[1\].content"),
        ([ONE, {**ONE, "outputDimensionality": 3}], r"requests\[1\].outputDimensionality"),
        ([{**ONE, "model": "models/other"}], r"requests\[0\].model"),
        ([{"content": {"parts": []}}], r"requests\[0\].content.parts"),
        ([5], r"requests\[0\]"),
    ],
)
def test_a_batch_that_is_wrong_is_refused_by_its_place(requests, place):
    with pytest.raises(BadRequest, match=place):
        read({"requests": requests}, "batchEmbedContents")


def test_a_body_that_names_no_model_stays_byte_for_byte(gemini):
    raw = b'{ "content": {"parts": [{"text": "a"}]} }'

    sent = relayed(gemini.attempt().target, raw)

    assert (sent.path, sent.body) == ("/models/gemini-2.5-flash:embedContent", raw)


def test_a_batch_gets_the_name_of_the_target_everywhere(gemini):
    named = {**ONE, "model": "models/alias"}

    sent = relayed(gemini.attempt().target, {"requests": [named, ONE]}, "batchEmbedContents")

    real = {**ONE, "model": "models/gemini-2.5-flash"}
    assert sent.body == {"requests": [real, ONE]}


@pytest.mark.parametrize("name", ["dimensions", "outputDimensionality"])
def test_settings_of_a_model_reach_each_input_on_both_ways(gemini, name):
    target = gemini.attempt(params={name: 2, "temperature": 1}, defaults={"taskType": "X"}).target
    attempt = gemini.attempt(params=target.params, defaults=target.defaults)

    written = write_embed(EmbedRequest("m", [EmbedInput([Text("a")])], dimensions=9), attempt)

    passed = relayed(target, {**ONE, "output_dimensionality": 9})
    assert passed.body == {**ONE, "outputDimensionality": 2, "taskType": "X"}
    (one,) = written[0].body["requests"]
    assert one == {**ONE, "model": "models/gemini-2.5-flash", "outputDimensionality": 2} | {
        "taskType": "X"
    }


def test_many_inputs_are_asked_for_in_batches_of_a_hundred(gemini):
    inputs = [EmbedInput([Text(str(number))]) for number in range(201)]

    wires = write_embed(EmbedRequest("m", inputs), gemini.attempt())

    assert [len(one.body["requests"]) for one in wires] == [100, 100, 1]
    assert wires[2].body["requests"][0]["content"] == {"parts": [{"text": "200"}]}


def test_batches_are_read_as_one_with_the_sum_of_their_tokens(gemini):
    replies = [
        {"embeddings": [{"values": [1]}], "usageMetadata": {"promptTokenCount": 2}},
        {"embeddings": [{"values": [2]}], "usageMetadata": {"promptTokenCount": 3}},
    ]

    read = read_embeddings(replies, gemini.attempt())

    assert (read.vectors, read.usage) == ([[1.0], [2.0]], Usage(input=5))


def test_tokens_that_only_one_batch_counts_are_not_said(gemini):
    replies = [
        {"embeddings": [{"values": [1]}], "usageMetadata": {"promptTokenCount": 2}},
        {"embeddings": [{"values": [2]}]},
    ]

    assert read_embeddings(replies, gemini.attempt()).usage is None


def test_one_vector_is_written_as_one_and_several_as_a_batch():
    reply = EmbedReply([[0.5]], usage=Usage(input=3, source="estimated"))

    single = write_embeddings(endpoint("embedContent"), reply, Losses())
    batch = write_embeddings(endpoint("batchEmbedContents"), reply, Losses())

    usage = {"promptTokenCount": 3, "totalTokenCount": 3, "estimated": True}
    assert orjson.loads(single.body) == {"embedding": {"values": [0.5]}, "usageMetadata": usage}
    assert orjson.loads(batch.body) == {"embeddings": [{"values": [0.5]}], "usageMetadata": usage}


def test_a_relayed_reply_is_read_for_its_tokens_alone():
    assert relayed_usage(b'{"embedding":{"values":[1]}}') is None
    counted = b'{"embeddings":[],"usageMetadata":{"promptTokenCount":4}}'
    assert relayed_usage(counted) == Usage(input=4)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"embeddings":1}', b"\xff"])
def test_what_is_no_reply_is_said(body):
    with pytest.raises(UpstreamError, match="it holds no embeddings"):
        relayed_usage(body)
