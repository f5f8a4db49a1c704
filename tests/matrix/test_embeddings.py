"""Law 8 for embeddings: every leaf of a request or a reply arrives or stands in the ledger."""

from __future__ import annotations

import itertools

import orjson
import pytest

from gateway.embedding import counted
from gateway.errors import GatewayError, NotOffered, UpstreamError
from gateway.testing.canary import Outcome, lost_leaves
from gateway.testing.leaves import nodes, replaced
from tests.matrix.embeddings import carried, endpoint_of, read
from tests.matrix.pairs import SUBJECT

UPSTREAMS = [name for name in SUBJECT.faces if SUBJECT.backends[name].embeddings]
GEMINI_ONE = {
    "model": "models/asked",
    "content": {"role": "user", "parts": [{"text": "a"}, {"text": "b", "partMetadata": {"x": 1}}]},
    "taskType": "RETRIEVAL_QUERY",
    "title": "T",
    "outputDimensionality": 3,
    "embedContentConfig": {"autoTruncate": False, "documentOcr": True},
    "somethingNew": {"deep": [1]},
}
REQUESTS = {
    "openai": (
        "/v1/embeddings",
        {
            "model": "asked",
            "input": ["a", "b"],
            "dimensions": 3,
            "encoding_format": "float",
            "user": "alice",
            "input_type": "query",
            "something_new": {"deep": [1]},
        },
    ),
    "gemini": ("/v1beta/models/{model}:embedContent", GEMINI_ONE),
    "gemini, snake_case": (
        "/v1beta/models/{model}:embedContent",
        {
            "content": {"parts": [{"text": "a"}]},
            "task_type": "RETRIEVAL_QUERY",
            "output_dimensionality": 3,
        },
    ),
    "gemini, batch": (
        "/v1beta/models/{model}:batchEmbedContents",
        {"requests": [GEMINI_ONE, GEMINI_ONE], "something_new": 1},
    ),
    "ollama": (
        "/api/embed",
        {
            "model": "asked",
            "input": ["a", "b"],
            "truncate": True,
            "dimensions": 3,
            "keep_alive": "5m",
            "options": {"num_ctx": 9, "temperature": 0.5, "something_new": 1},
            "something_new": {"deep": [1]},
        },
    ),
    "ollama, old": (
        "/api/embeddings",
        {"model": "asked", "prompt": "a", "options": {"num_ctx": 9}, "keep_alive": 5},
    ),
}
HONOURED = {
    "model": "the target's name takes its place",
    "requests.model": "likewise; another than the path's is refused",
    "encoding_format": "the form of the client's own reply",
    "content.role": "what is embedded has no other role",
    "requests.content.role": "likewise",
}
WORDS = {"taskType": "task", "task_type": "task", "autoTruncate": "truncate"}
REPLIES = {
    "openai": {
        "object": "list",
        "model": "real",
        "data": [{"object": "embedding", "index": 0, "embedding": [0.5, 0.25], "new": 1}],
        "usage": {"prompt_tokens": 3, "total_tokens": 3, "completion_tokens": 1, "cost": 0.1},
        "warnings": ["w"],
    },
    "gemini": {
        "embeddings": [{"values": [0.5, 0.25], "statistics": {"tokenCount": 3}}],
        "usageMetadata": {
            "promptTokenCount": 3,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 3}],
        },
        "metadata": {"billableCharacterCount": 5},
    },
    "ollama": {
        "model": "real",
        "embeddings": [[0.5, 0.25]],
        "total_duration": 11,
        "load_duration": 5,
        "prompt_eval_count": 3,
        "something_new": True,
    },
}
IMPLIED = {
    "object": "the kind of object",
    "data.object": "likewise",
    "data.index": "the place in the list",
    "usage.total_tokens": "a sum",
    "model": "Gemini's replies name none; the client knows whom it asked",
}
PATHS = {
    "openai": "/v1/embeddings",
    "gemini": "/v1beta/models/{model}:batchEmbedContents",
    "ollama": "/api/embed",
}


def sent(name, upstream, body):
    return carried(name.partition(",")[0], REQUESTS[name][0], upstream, body)


def home(name, body):
    """The neutral form of a client's request."""
    dialect = name.partition(",")[0]
    return read(dialect, REQUESTS[name][0], body, SUBJECT.losses(dialect))


@pytest.mark.parametrize(("name", "upstream"), [*itertools.product(REQUESTS, UPSTREAMS)])
def test_every_leaf_of_a_request_arrives_or_is_in_the_ledger(name, upstream):
    lost = lost_leaves(lambda body: sent(name, upstream, body), REQUESTS[name][1], HONOURED, WORDS)

    assert list(lost) == []


def told(upstream, client, body):
    """What a client is told of an upstream's reply, and the ledger."""
    attempt = SUBJECT.attempt(upstream, client)
    asked = REQUESTS[client][1]
    request = home(client, asked | {"input": ["a"]} if "input" in asked else asked)
    try:
        reply = SUBJECT.backends[upstream].embeddings.read([body], attempt)
        written = SUBJECT.manager.hook.encode_embeddings(
            endpoint=endpoint_of(client, PATHS[client]),
            request=request,
            reply=counted(reply, request),
            losses=attempt.losses,
        )
    except GatewayError as error:
        return error
    return Outcome(written.body.decode(), attempt.losses)


@pytest.mark.parametrize(("upstream", "client"), [*itertools.product(REPLIES, PATHS)])
def test_every_leaf_of_a_reply_arrives_or_is_in_the_ledger(upstream, client):
    lost = lost_leaves(lambda body: told(upstream, client, body), REPLIES[upstream], IMPLIED)

    assert list(lost) == []


@pytest.mark.parametrize(("client", "upstream"), [*itertools.product(PATHS, UPSTREAMS)])
def test_a_plain_request_loses_nothing(client, upstream):
    body = {
        "openai": {"model": "asked", "input": ["a"], "dimensions": 3},
        "gemini": {"requests": [{"content": {"parts": [{"text": "a"}]}}]},
        "ollama": {"model": "asked", "input": ["a"], "dimensions": 3},
    }[client]
    name = "gemini, batch" if client == "gemini" else client

    assert list(sent(name, upstream, body).losses) == []


def test_at_home_everything_is_written_as_it_came():
    for name in ("openai", "gemini, batch", "ollama"):
        dialect, body = name.partition(",")[0], REQUESTS[name][1]
        attempt = SUBJECT.attempt(dialect, dialect)
        (wire,) = SUBJECT.backends[dialect].embeddings.write(home(name, body), attempt)
        expected = orjson.loads(orjson.dumps(body).replace(b"asked", b"real-model"))
        assert _bare(wire.body) == _bare(expected), name


def _bare(body):
    """Without what is the client's own affair, or may stand in either of two places."""
    if isinstance(body, list):
        return [_bare(one) for one in body]
    if not isinstance(body, dict):
        return body
    left_out = ("encoding_format", "role", "autoTruncate")
    return {_camel(key): _bare(value) for key, value in body.items() if key not in left_out}


def _camel(key):
    return "somethingNew" if key == "something_new" else key


@pytest.mark.parametrize("upstream", [one for one in UPSTREAMS if one != "gemini"])
def test_an_image_is_refused_by_its_place(upstream):
    image = {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}
    error = sent("gemini", upstream, {"content": {"parts": [{"text": "a"}, image]}})

    assert isinstance(error, NotOffered)
    assert error.param == "content.parts[1]"


JUNK = (None, True, 0, -1, 1e300, "", "x", [], [[]], [None], {}, {"x": 1}, [{"x": 1}])


@pytest.mark.parametrize(("name", "upstream"), [*itertools.product(REQUESTS, UPSTREAMS)])
def test_a_wrong_value_anywhere_is_refused_or_carried_and_breaks_nothing(name, upstream):
    body = REQUESTS[name][1]

    for node, junk in itertools.product(nodes(body), JUNK):
        result = sent(name, upstream, replaced(body, node.path, junk))

        if isinstance(result, GatewayError):
            assert (result.status, type(result)) != (500, GatewayError)
            assert result.message


@pytest.mark.parametrize(("upstream", "client"), [*itertools.product(REPLIES, PATHS)])
def test_a_wrong_value_anywhere_in_a_reply_breaks_nothing(upstream, client):
    body = REPLIES[upstream]

    for node, junk in itertools.product(nodes(body), JUNK):
        result = told(upstream, client, replaced(body, node.path, junk))

        assert isinstance(result, Outcome | UpstreamError), (node.path, junk)
