"""Vectors of three wires: what a strict provider says to a request, and its reply.

A vector tells its input and its length, so that a test sees which is which. Models called
`say-…` fail as those for chats do; `say-short` leaves out the last vector, `say-mixed-up` gives
them in another order, and `say-uncounted` counts no tokens.
"""

from __future__ import annotations

import base64
import hashlib
import struct
from collections.abc import Callable, Iterator
from typing import Any

from attrs import frozen
from openai.types import EmbeddingCreateParams
from pydantic import BaseModel, ValidationError

from tests.scripted.shapes import errors_of
from tests.scripted.wire import Body

LENGTH = 4
TOKENS = 7
"""Counted for each input."""
AT_ONCE = 100
Vector = list[float]


@frozen
class Embedder:
    """One wire. check: what a strict provider refuses."""

    check: Callable[[Body], list[str]]
    reply: Callable[[Body], Body]


def vector_of(text: str, length: int | None = None) -> Vector:
    """The vector of a text: numbers that 32 bits don't hold exactly."""
    digest = hashlib.sha256(text.encode()).digest()
    return [(byte - 128) / 999 for byte in digest[: length or LENGTH]]


def in_32_bits(vector: Vector) -> Vector:
    """What is left of a vector that was sent as 32-bit numbers."""
    return list(struct.unpack(f"<{len(vector)}f", struct.pack(f"<{len(vector)}f", *vector)))


# --- OpenAI ---


def _openai_errors(body: Body) -> list[str]:
    given = body.get("input")
    empty = [".input: empty"] if given in ("", [], None) or "" in given else []
    return [*errors_of(EmbeddingCreateParams, body), *empty]


def _openai_reply(body: Body) -> Body:
    given = body["input"]
    tokens = isinstance(given, list) and isinstance(given[0], int)
    inputs = [given] if tokens or isinstance(given, str) else given
    length = body.get("dimensions")
    data = [
        {"object": "embedding", "index": at, "embedding": _encoded(str(one), length, body)}
        for at, one in enumerate(inputs)
    ]
    counted = {"prompt_tokens": TOKENS * len(data), "total_tokens": TOKENS * len(data)}
    usage = {} if body["model"] == "say-uncounted" else {"usage": counted}
    if body["model"] == "say-mixed-up":
        data.reverse()
    data = data[:-1] if body["model"] == "say-short" else data
    return {"object": "list", "model": body["model"], "data": data, **usage}


def _encoded(text: str, length: int | None, body: Body) -> Any:
    vector = vector_of(text, length)
    if body.get("encoding_format") != "base64":
        return vector
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


# --- Gemini ---


def _gemini_errors(body: Body) -> list[str]:
    """`body` has the path's model beside it."""
    said = {key: value for key, value in body.items() if key != "path_model"}
    each = said.pop("requests", None)
    if each is None:
        return list(_gemini_one(said, body["path_model"]))
    errors = [f".{key}: unknown" for key in said]
    errors += [".requests: too many"] if len(each) > AT_ONCE else []
    return errors + [error for one in each for error in _gemini_one(one, body["path_model"])]


GEMINI_FIELDS = ("model", "content", "taskType", "title", "outputDimensionality")


def _gemini_one(one: Body, model: str) -> Iterator[str]:
    from google.genai import types  # a heavy import, for those who need it

    yield from (f".{key}: unknown" for key in one if key not in GEMINI_FIELDS)
    if one.get("model", f"models/{model}") != f"models/{model}":
        yield f".model: {one['model']} is not the model of the path"
    yield from _fits(types.Content, one.get("content"), ".content")
    settings = {key: one[key] for key in GEMINI_FIELDS[2:] if key in one}
    yield from _fits(types.EmbedContentConfig, settings, "")


def _gemini_reply(body: Body) -> Body:
    each = body.get("requests", [body])
    vectors = [
        {"values": vector_of(_gemini_text(one), one.get("outputDimensionality"))} for one in each
    ]
    usage = {"usageMetadata": {"promptTokenCount": TOKENS * len(vectors)}}
    usage = {} if body["path_model"] == "say-uncounted" else usage
    vectors = vectors[:-1] if body["path_model"] == "say-short" else vectors
    return {"embeddings": vectors, **usage} if "requests" in body else {"embedding": vectors[0]}


def _gemini_text(one: Body) -> str:
    return "\n".join(part.get("text", "") for part in one["content"]["parts"])


# --- Ollama ---


def _ollama_errors(body: Body) -> list[str]:
    from ollama._types import EmbeddingsRequest, EmbedRequest

    kind = EmbeddingsRequest if "prompt" in body else EmbedRequest
    unknown = [f".{key}: unknown" for key in body if key not in kind.model_fields]
    return [*unknown, *_fits(kind, body, "")]


def _ollama_reply(body: Body) -> Body:
    if "prompt" in body:
        return {"embedding": vector_of(body["prompt"])}
    given = body.get("input") or []
    inputs = [given] if isinstance(given, str) else given
    vectors = [vector_of(one, body.get("dimensions")) for one in inputs]
    vectors = vectors[:-1] if body["model"] == "say-short" else vectors
    counted = {"prompt_eval_count": TOKENS * len(vectors)}
    usage = {} if body["model"] == "say-uncounted" else counted
    times = {"total_duration": 11, "load_duration": 5}
    return {"model": body["model"], "embeddings": vectors, **times, **usage}


def _fits(kind: type[BaseModel], value: Any, path: str) -> list[str]:
    try:
        kind.model_validate(value)
    except ValidationError as error:
        places = ((".".join(map(str, one["loc"])), one["msg"]) for one in error.errors())
        return [f"{path}.{place}: {why}" for place, why in places]
    return []


OPENAI = Embedder(_openai_errors, _openai_reply)
GEMINI = Embedder(_gemini_errors, _gemini_reply)
OLLAMA = Embedder(_ollama_errors, _ollama_reply)
