"""Requests for vectors between every two dialects: the rows that docs/matrix.md shows of them."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from gateway.embedding import EmbedRequest
from gateway.errors import GatewayError, NotOffered
from gateway.hooks import Endpoint
from gateway.losses import Losses
from gateway.model import Json
from gateway.testing.canary import Outcome
from gateway.wire import InboundWire
from tests.matrix.pairs import SUBJECT

OPENAI = "/v1/embeddings"
GEMINI = "/v1beta/models/{model}:embedContent"
BATCH = "/v1beta/models/{model}:batchEmbedContents"
OLLAMA = "/api/embed"
SAID = {"content": {"parts": [{"text": "a"}]}}
IMAGE = {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}}
ROWS: Mapping[str, Mapping[str, tuple[str, Json]]] = {
    "one text": {
        "gemini": (GEMINI, SAID),
        "ollama": (OLLAMA, {"input": "a"}),
        "openai": (OPENAI, {"input": "a"}),
    },
    "several texts": {
        "gemini": (BATCH, {"requests": [SAID, SAID]}),
        "ollama": (OLLAMA, {"input": ["a", "b"]}),
        "openai": (OPENAI, {"input": ["a", "b"]}),
    },
    "a text in several parts": {
        "gemini": (GEMINI, {"content": {"parts": [{"text": "a"}, {"text": "b"}]}}),
    },
    "token numbers": {"openai": (OPENAI, {"input": [[1, 2], [3]]})},
    "image": {"gemini": (GEMINI, {"content": {"parts": [IMAGE]}})},
    "length of the vectors": {
        "gemini": (GEMINI, {**SAID, "outputDimensionality": 256}),
        "ollama": (OLLAMA, {"input": "a", "dimensions": 256}),
        "openai": (OPENAI, {"input": "a", "dimensions": 256}),
    },
    "base64": {"openai": (OPENAI, {"input": "a", "encoding_format": "base64"})},
    "what the vectors are for": {"gemini": (GEMINI, {**SAID, "taskType": "RETRIEVAL_QUERY"})},
    "a document's title": {"gemini": (GEMINI, {**SAID, "title": "T"})},
    "cut what is too long": {"ollama": (OLLAMA, {"input": "a", "truncate": True})},
    "refuse what is too long": {"ollama": (OLLAMA, {"input": "a", "truncate": False})},
    "how the model is run": {
        "ollama": (OLLAMA, {"input": "a", "keep_alive": "5m", "options": {"num_ctx": 4096}}),
    },
    "end user's id": {"openai": (OPENAI, {"input": "a", "user": "user-7f3a"})},
}
CLIENTS = ("gemini", "ollama", "openai")


def endpoint_of(dialect: str, path: str) -> Endpoint:
    return next(one for one in SUBJECT.dialects[dialect].endpoints if one.path == path)


def read(dialect: str, path: str, body: Json, losses: Losses) -> EmbedRequest:
    """The neutral form of a client's request. Raises BadRequest."""
    wire = InboundWire("POST", path, {"model": "asked"}, body=orjson.dumps(body))
    request = SUBJECT.manager.hook.parse_embed(
        endpoint=endpoint_of(dialect, path), wire=wire, losses=losses
    )
    assert isinstance(request, EmbedRequest)
    return request


def carried(dialect: str, path: str, upstream: str, body: Json) -> Outcome | GatewayError:
    """What the upstream is sent of a client's request, and the ledger."""
    attempt = SUBJECT.attempt(upstream, dialect)
    arrows = SUBJECT.backends[upstream].embeddings
    if arrows is None:
        return NotOffered(f"{upstream} has no embeddings")
    try:
        wires = arrows.write(read(dialect, path, body, attempt.losses), attempt)
    except GatewayError as error:
        return error
    whole = [part for wire in wires for part in (wire.path, orjson.dumps(wire.body).decode())]
    return Outcome("\n".join(whole), attempt.losses)


def outcome(client: str, upstream: str, row: str) -> Outcome | GatewayError | None:
    """What becomes of a row's request; None where the client has no words for it."""
    said = ROWS[row].get(client)
    if said is None:
        return None
    path, body = said
    return carried(client, path, upstream, {"model": "asked", **body} if path != BATCH else body)
