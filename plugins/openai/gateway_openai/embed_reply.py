"""Vectors in OpenAI's shape, both ways (API reference, embeddings, read 2026-11)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import orjson

from gateway.attempt import Attempt
from gateway.embedding import (
    EmbedReply,
    EmbedRequest,
    note_left,
    read_only,
    read_vector,
    to_base64,
)
from gateway.errors import UpstreamError
from gateway.events import Usage
from gateway.model import Json
from gateway.wire import WireReply
from gateway_openai.chat.usage import read_usage

REPLY = frozenset({"object", "data", "model", "usage", "id", "created"})
ONE = frozenset({"object", "embedding", "index"})


class _Relayed(msgspec.Struct):
    """The little that is read of a relayed reply; its vectors are not built."""

    data: list[msgspec.Raw]
    usage: Json = None


RELAYED = msgspec.json.Decoder(_Relayed)


def relayed_usage(body: bytes) -> Usage | None:
    """The tokens of a whole reply. Raises UpstreamError for anything else."""
    try:
        said = RELAYED.decode(body).usage
    except (msgspec.MsgspecError, RecursionError):
        raise UpstreamError.garbage("it is no list of embeddings") from None
    return read_usage(said) if isinstance(said, dict) else None


def read_embeddings(replies: Sequence[Json], attempt: Attempt) -> EmbedReply:
    """The one reply. Raises UpstreamError."""
    reply = replies[0]
    data = reply.get("data") if isinstance(reply, dict) else None
    if not isinstance(data, list) or not all(isinstance(one, dict) for one in data):
        raise UpstreamError.garbage("it is no list of embeddings")
    note_left(reply, REPLY, (), attempt.losses)
    for one in data:
        note_left(one, ONE, ("data",), attempt.losses)
    model, said = reply.get("model"), reply.get("usage")
    usage = read_usage(said) if isinstance(said, dict) else None
    return EmbedReply(
        [read_vector(one.get("embedding")) for one in _in_order(data)],
        model if isinstance(model, str) else None,
        read_only(usage, attempt.losses) if usage else None,
    )


def write_embeddings(request: EmbedRequest, reply: EmbedReply) -> WireReply:
    """The reply for a client, in the form that it asked for."""
    data = [
        {
            "object": "embedding",
            "index": place,
            "embedding": to_base64(vector) if request.encoding == "base64" else vector,
        }
        for place, vector in enumerate(reply.vectors)
    ]
    body = {
        "object": "list",
        "data": data,
        "model": reply.model or request.model,
        "usage": _usage(reply.usage or Usage()),
    }
    return WireReply(orjson.dumps(body))


def _in_order(data: list[dict[str, Json]]) -> list[dict[str, Json]]:
    """By `index` where all have one: not every provider keeps the order."""
    if all(type(one.get("index")) is int for one in data):
        return sorted(data, key=lambda one: one["index"])
    return data


def _usage(usage: Usage) -> dict[str, Json]:
    read = usage.input or 0
    label = {} if usage.source == "provider" else {"source": usage.source}
    return {"prompt_tokens": read, "total_tokens": read, **label}
