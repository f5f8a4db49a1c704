"""Vectors in Gemini's shape, both ways (API reference and google-genai 3.6, read 2026-11)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import orjson

from gateway.attempt import Attempt
from gateway.embedding import EmbedReply, Vector, note_left, read_only, read_vector
from gateway.errors import UpstreamError
from gateway.events import Usage
from gateway.hooks import Endpoint
from gateway.losses import Losses
from gateway.model import Json
from gateway.wire import WireReply
from gateway_gemini.endpoints import BATCH
from gateway_gemini.spelling import camel
from gateway_gemini.usage import read_usage, write_usage

USAGE = "usageMetadata"
REPLY = frozenset({"embeddings", USAGE})
ONE = frozenset({"values"})


class _Relayed(msgspec.Struct, rename="camel"):
    """The little that is read of a relayed reply; its vectors are not built."""

    embedding: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    embeddings: list[msgspec.Raw] | msgspec.UnsetType = msgspec.UNSET
    usage_metadata: Json = None


RELAYED = msgspec.json.Decoder(_Relayed)


def relayed_usage(body: bytes) -> Usage | None:
    """The tokens of a whole reply. Raises UpstreamError for anything else."""
    try:
        said = RELAYED.decode(body)
    except (msgspec.MsgspecError, RecursionError):
        raise UpstreamError.garbage("it holds no embeddings") from None
    if said.embedding is msgspec.UNSET and said.embeddings is msgspec.UNSET:
        raise UpstreamError.garbage("it holds no embeddings")
    usage = said.usage_metadata
    return read_usage(usage) if isinstance(usage, dict) else None


def read_embeddings(replies: Sequence[Json], attempt: Attempt) -> EmbedReply:
    """The replies to all batches as one. Raises UpstreamError."""
    vectors: list[Vector] = []
    counts: list[Usage] = []
    for reply in replies:
        if not isinstance(reply, dict):
            raise UpstreamError.garbage("it holds no embeddings")
        vectors += _vectors(camel(reply), attempt.losses)
        usage = camel(reply).get(USAGE)
        if isinstance(usage, dict):
            counts.append(read_only(read_usage(usage), attempt.losses))
    whole = len(counts) == len(replies)
    return EmbedReply(vectors, usage=_sum(counts) if whole else None)


def write_embeddings(endpoint: Endpoint, reply: EmbedReply, losses: Losses) -> WireReply:
    """The reply for a client: one vector, or those of a batch."""
    values = [{"values": vector} for vector in reply.vectors]
    body: dict[str, Json] = (
        {"embeddings": values} if endpoint.path.endswith(BATCH) else {"embedding": values[0]}
    )
    if reply.usage is not None and reply.usage.input is not None:
        body[USAGE] = write_usage(reply.usage, losses)
    return WireReply(orjson.dumps(body))


def _vectors(reply: dict[str, Json], losses: Losses) -> list[Vector]:
    listed = reply.get("embeddings")
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise UpstreamError.garbage("it holds no embeddings")
    note_left(reply, REPLY, (), losses)
    for one in listed:
        note_left(one, ONE, ("embeddings",), losses)
    return [read_vector(one.get("values")) for one in listed]


def _sum(counts: Sequence[Usage]) -> Usage:
    total = sum(count.input or 0 for count in counts)
    guessed = any(count.source != "provider" for count in counts)
    return Usage(input=total, source="estimated" if guessed else "provider")
