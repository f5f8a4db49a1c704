"""Vectors in OpenAI's shape, both ways."""

from __future__ import annotations

import base64
import struct

import orjson
import pytest
from openai.types import CreateEmbeddingResponse

from gateway.embedding import EmbedInput, EmbedReply, EmbedRequest
from gateway.errors import UpstreamError
from gateway.events import Usage
from gateway_openai.embed_reply import read_embeddings, relayed_usage, write_embeddings


def reply(*data, **more):
    return {"object": "list", "data": [{"object": "embedding", **one} for one in data], **more}


def test_numbers_and_base64_are_read_alike(chat):
    text = base64.b64encode(struct.pack("<2f", 0.5, -2.0)).decode()
    body = reply({"index": 0, "embedding": [0.5, -2.0]}, {"index": 1, "embedding": text})

    read = read_embeddings([body], chat.attempt())

    assert read.vectors == [[0.5, -2.0], [0.5, -2.0]]


def test_vectors_without_an_index_keep_their_order(chat):
    body = reply({"embedding": [1]}, {"embedding": [2], "index": 0})

    assert read_embeddings([body], chat.attempt()).vectors == [[1.0], [2.0]]


@pytest.mark.parametrize("encoding", ["float", "base64", None])
def test_what_is_written_is_what_the_sdk_types_hold(encoding):
    request = EmbedRequest("asked", [EmbedInput()], encoding=encoding)

    written = write_embeddings(request, EmbedReply([[0.5, 1]], usage=Usage(input=3)))

    body = orjson.loads(written.body)
    if encoding == "base64":
        data = base64.b64decode(body["data"][0]["embedding"])
        body["data"][0]["embedding"] = struct.unpack("<2f", data)
    typed = CreateEmbeddingResponse.model_validate(body)
    assert typed.data[0].embedding == [0.5, 1.0]
    assert (typed.model, typed.usage.total_tokens) == ("asked", 3)


def test_a_relayed_reply_is_read_for_its_tokens_alone():
    body = orjson.dumps(reply({"embedding": "anything"}, usage={"prompt_tokens": 5}))

    assert relayed_usage(body) == Usage(input=5)
    assert relayed_usage(b'{"data":[]}') is None


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"data":1}', b"<html>", b"\xff"])
def test_what_is_no_reply_is_said(body):
    with pytest.raises(UpstreamError, match="no list of embeddings"):
        relayed_usage(body)
