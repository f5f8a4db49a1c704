"""What is asked of a model that embeds, and what it answers, in words that belong to no dialect.

`None` means that the client did not say, never a default.
"""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Collection, Iterable, Sequence
from typing import Literal

import msgspec
from attrs import define, evolve, field

from gateway.attempt import Attempt, Target
from gateway.errors import NotOffered, UpstreamError
from gateway.estimate import estimate_text
from gateway.events import Usage
from gateway.losses import Losses, note_extra, note_part, show
from gateway.model import NO_EXTRA, Extra, Json, Part, Path, Text

Vector = list[float]
FLOAT = struct.calcsize("<f")


@define
class EmbedInput:
    """One thing to embed, which becomes one vector.

    parts: what it is made of. tokens: it in place of parts, in numbers of the model's own.
    title: of a document. task: what the vector is for, in Gemini's words ("RETRIEVAL_QUERY").
    path: where it stands in the client's body.
    """

    parts: list[Part] = field(factory=list)
    tokens: list[int] | None = None
    title: str | None = None
    task: str | None = None
    extra: Extra = NO_EXTRA
    path: Path = field(default=(), eq=False)


@define
class EmbedRequest:
    """One request for vectors.

    dimensions: the length of each. truncate: whether an input that is too long is cut; False
    makes it an error. encoding: the form of the vectors in the client's reply.
    """

    model: str
    inputs: list[EmbedInput]
    dimensions: int | None = None
    truncate: bool | None = None
    encoding: Literal["float", "base64"] | None = None
    user: str | None = None
    extra: Extra = NO_EXTRA


@define
class EmbedReply:
    """The vectors, in the order of the inputs."""

    vectors: list[Vector]
    model: str | None = None
    usage: Usage | None = None


# --- for those who write a request ---


def words_of(given: EmbedInput, attempt: Attempt) -> str:
    """An input's text, its pieces on lines of their own. Raises NotOffered for anything else."""
    if given.tokens is not None:
        raise unfit(given.path, "token numbers mean nothing to another model; send text", attempt)
    texts: list[str] = []
    for place, part in enumerate(given.parts):
        if not isinstance(part, Text):
            at = (*given.path, "parts", place)
            raise unfit(at, f"it embeds text only, no {type(part).__name__.lower()}", attempt)
        texts.append(part.text)
    return "\n".join(texts)


def unfit(path: Path, why: str, attempt: Attempt) -> NotOffered:
    """The error for an input that `attempt.target` can't embed; raise it."""
    return NotOffered(f"'{attempt.target}' can't embed {show(path)}: {why}", param=show(path))


def note_unsaid(request: EmbedRequest, home: str, losses: Losses) -> None:
    """Record the fields of `request` that only other dialects than `home` can write."""
    note_extra(request.extra, home, losses)
    for given in request.inputs:
        note_extra(given.extra, home, losses)
        for part in given.parts:
            note_part(part, home, losses)


def with_settings(
    body: dict[str, Json], target: Target, fields: Collection[str]
) -> dict[str, Json]:
    """`body` with those defaults and params of `target` that are among `fields`.

    An upstream's settings are for its chats, whose fields a request for vectors doesn't have.
    """
    for name, value in target.defaults.items():
        if name in fields:
            body.setdefault(name, value)
    body.update({name: value for name, value in target.params.items() if name in fields})
    return body


# --- for those who read a reply ---


def read_vector(raw: Json) -> Vector:
    """Numbers, or the base64 of little-endian 32-bit ones. Raises UpstreamError."""
    if isinstance(raw, str):
        return from_base64(raw)
    try:
        return msgspec.convert(raw, Vector)
    except msgspec.ValidationError:
        raise UpstreamError.garbage("a vector that is no list of numbers") from None


def note_left(obj: dict[str, Json], known: Collection[str], path: Path, losses: Losses) -> None:
    """Record the fields of a reply's object that a reply in neutral words has no place for."""
    for name, value in obj.items():
        if name not in known and value is not None:
            losses.add(("reply", *path, name), "no other dialect has such a field")


def read_only(usage: Usage, losses: Losses) -> Usage:
    """How much was read, and no more: a reply of vectors counts nothing else."""
    note_extra(usage.extra, "", losses)
    for name in ("cached_input", "cache_write", "output", "reasoning"):
        if getattr(usage, name):
            losses.add(f"usage.{name}", "a reply of vectors has no such count", "hint")
    return Usage(input=usage.input, source=usage.source)


def counted(reply: EmbedReply, request: EmbedRequest) -> EmbedReply:
    """`reply`, with a guess where the provider counts no tokens. Raises UpstreamError.

    A reply has as many vectors as there were inputs.
    """
    if len(reply.vectors) != len(request.inputs):
        have, need = len(reply.vectors), len(request.inputs)
        raise UpstreamError.garbage(f"it has {have} vectors for {need} inputs")
    if reply.usage is not None:
        return reply
    return evolve(reply, usage=Usage(input=estimate_inputs(request.inputs), source="estimated"))


def estimate_inputs(inputs: Iterable[EmbedInput]) -> int:
    """Tokens of all inputs, roughly; at least 1."""
    return max(1, sum(_length(given) for given in inputs))


# --- vectors as text ---


def to_base64(vector: Sequence[float]) -> str:
    """Little-endian 32-bit numbers, as OpenAI's clients ask for them. Raises UpstreamError."""
    try:
        return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
    except OverflowError:
        raise UpstreamError.garbage("a number too large for a vector") from None


def from_base64(text: str) -> Vector:
    """The numbers of such a text, exactly. Raises UpstreamError."""
    try:
        data = base64.b64decode(text, validate=True)
        return list(struct.unpack(f"<{len(data) // FLOAT}f", data))
    except (binascii.Error, struct.error, ValueError):
        raise UpstreamError.garbage("a vector that is no base64 of 32-bit numbers") from None


def _length(given: EmbedInput) -> int:
    if given.tokens is not None:
        return len(given.tokens)
    return sum(estimate_text(part.text) for part in given.parts if isinstance(part, Text))
