"""Vectors in Ollama's words, at /api/embed and at /api/embeddings before it."""

from __future__ import annotations

import orjson
import pytest

from gateway.embedding import EmbedInput, EmbedReply, EmbedRequest
from gateway.errors import BadRequest, UpstreamError
from gateway.events import Usage
from gateway.model import Text
from gateway_ollama.embed_inbound import read_embed
from gateway_ollama.embed_outbound import write_embed
from gateway_ollama.embed_reply import read_embeddings, relayed_usage, write_embeddings
from gateway_ollama.relay import read_facts, relay

NEW, OLD = "/api/embed", "/api/embeddings"


def read(ollama, body, path=NEW):
    return read_embed(ollama.wire({"model": "m", **body}, path), ollama.endpoint(path))


def test_one_text_and_several_are_read(ollama):
    assert read(ollama, {"input": "a"}).inputs == [EmbedInput([Text("a")])]
    assert len(read(ollama, {"input": ["a", ""]}).inputs) == 2
    assert read(ollama, {"prompt": "a"}, OLD).inputs == [EmbedInput([Text("a")])]


def test_the_old_endpoint_knows_no_newer_fields(ollama):
    said = read(ollama, {"prompt": "a", "dimensions": 3}, OLD)

    assert said.dimensions is None
    assert said.extra["ollama"] == {"dimensions": 3}


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"input": 5}, "input"),
        ({"input": [5]}, r"input\[0\]"),
        ({"input": "a", "truncate": "yes"}, "truncate"),
        ({"input": "a", "dimensions": "3"}, "dimensions"),
        ({"input": "a", "options": []}, "options"),
    ],
)
def test_bad_input_is_refused_by_its_place(ollama, body, place):
    with pytest.raises(BadRequest, match=place):
        read(ollama, body)


@pytest.mark.parametrize(
    ("path", "body", "reply"),
    [
        (NEW, {}, {"model": "m", "embeddings": []}),
        (NEW, {"input": []}, {"model": "m", "embeddings": []}),
        (NEW, {"input": ""}, {"model": "m", "embeddings": []}),
        (OLD, {"prompt": ""}, {"embedding": []}),
    ],
)
def test_a_request_that_only_loads_is_known_at_once(ollama, path, body, reply):
    wire = ollama.wire({"model": "m", **body}, path)

    ready = read_facts(wire, ollama.endpoint(path)).ready

    assert orjson.loads(ready.body) == reply


def test_a_text_without_words_in_a_list_is_embedded(ollama):
    wire = ollama.wire({"model": "m:latest", "input": [""]}, NEW)

    facts = read_facts(wire, ollama.endpoint(NEW))

    assert (facts.ready, facts.model, facts.plain) == (None, "m:latest", "m")


@pytest.mark.parametrize("path", [NEW, OLD])
def test_a_relayed_request_keeps_its_endpoint(ollama, path):
    wire = ollama.wire({"model": "alias", "input": "a"}, path)

    sent = relay(wire, ollama.endpoint(path), ollama.attempt().target)

    assert (sent.path, sent.body) == (path, b'{"model":"real","input":"a"}')


def test_settings_of_a_model_stand_where_the_server_reads_them(ollama):
    attempt = ollama.attempt(params={"dimensions": 2, "num_ctx": 99}, defaults={"truncate": False})

    (wire,) = write_embed(EmbedRequest("m", [EmbedInput([Text("a")])], dimensions=9), attempt)

    assert wire.body == {
        "model": "real",
        "input": ["a"],
        "dimensions": 2,
        "truncate": False,
        "options": {"num_ctx": 99},
    }


def test_a_reply_is_read_with_its_tokens(ollama):
    attempt = ollama.attempt("openai")

    read = read_embeddings(
        [{"model": "real", "embeddings": [[1, 0.5]], "prompt_eval_count": 3, "load_duration": 9}],
        attempt,
    )

    assert read == EmbedReply([[1.0, 0.5]], "real", Usage(input=3))
    assert [(loss.path, loss.weight) for loss in attempt.losses] == [
        ("reply.load_duration", "hint")
    ]


def test_each_endpoint_has_its_own_reply(ollama):
    request = EmbedRequest("m", [EmbedInput()])
    reply = EmbedReply([[0.5]], "real", Usage(input=3, source="estimated"))

    new, old = (write_embeddings(ollama.endpoint(p), request, reply) for p in (NEW, OLD))

    assert orjson.loads(old.body) == {"embedding": [0.5]}
    assert orjson.loads(new.body) == {
        "model": "real",
        "embeddings": [[0.5]],
        "prompt_eval_count": 3,
        "estimated": True,
    }


def test_a_relayed_reply_is_read_for_its_tokens_alone():
    assert relayed_usage(b'{"embeddings":[[1]],"prompt_eval_count":4}') == Usage(input=4)
    assert relayed_usage(b'{"embedding":[1]}') is None


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"embeddings":1}', b"\xff"])
def test_what_is_no_reply_is_said(body):
    with pytest.raises(UpstreamError, match="it holds no embeddings"):
        relayed_usage(body)
