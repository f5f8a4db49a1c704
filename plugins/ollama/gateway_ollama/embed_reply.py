"""Vectors in Ollama's shape, both ways (API reference, read 2026-11)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import orjson

from gateway.attempt import Attempt
from gateway.embedding import EmbedReply, EmbedRequest, note_left, read_vector
from gateway.errors import UpstreamError
from gateway.events import Usage
from gateway.hooks import Endpoint
from gateway.model import Json
from gateway.wire import WireReply
from gateway_ollama.names import EMBEDDINGS
from gateway_ollama.usage import INPUT, read_usage, write_usage

REPLY = frozenset({"model", "embeddings", INPUT, "estimated"})


class _Relayed(msgspec.Struct):
    """The little that is read of a relayed reply; its vectors are not built."""

    embeddings: list[msgspec.Raw] | msgspec.UnsetType = msgspec.UNSET
    embedding: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    prompt_eval_count: int | None = None


RELAYED = msgspec.json.Decoder(_Relayed)


def relayed_usage(body: bytes) -> Usage | None:
    """The tokens of a whole reply. Raises UpstreamError for anything else."""
    try:
        said = RELAYED.decode(body)
    except (msgspec.MsgspecError, RecursionError):
        raise UpstreamError.garbage("it holds no embeddings") from None
    if said.embeddings is msgspec.UNSET and said.embedding is msgspec.UNSET:
        raise UpstreamError.garbage("it holds no embeddings")
    return Usage(input=said.prompt_eval_count) if said.prompt_eval_count is not None else None


def read_embeddings(replies: Sequence[Json], attempt: Attempt) -> EmbedReply:
    """The one reply. Raises UpstreamError."""
    reply = replies[0]
    vectors = reply.get("embeddings") if isinstance(reply, dict) else None
    if not isinstance(vectors, list):
        raise UpstreamError.garbage("it holds no embeddings")
    note_left(reply, REPLY, (), attempt.losses)
    model = reply.get("model")
    return EmbedReply(
        [read_vector(one) for one in vectors],
        model if isinstance(model, str) else None,
        read_usage(reply),
    )


def write_embeddings(endpoint: Endpoint, request: EmbedRequest, reply: EmbedReply) -> WireReply:
    """The reply for a client; the old endpoint has one vector and no counts."""
    if endpoint.path == EMBEDDINGS:
        return WireReply(orjson.dumps({"embedding": reply.vectors[0]}))
    named = {"model": reply.model or request.model}
    body = {**named, "embeddings": reply.vectors, **write_usage(reply.usage)}
    return WireReply(orjson.dumps(body))
