"""A request for vectors, on its way to a provider of OpenAI's API."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from gateway.attempt import Attempt, Target
from gateway.embedding import EmbedInput, EmbedRequest, note_unsaid, with_settings, words_of
from gateway.losses import Losses
from gateway.model import Json
from gateway.wire import InboundWire, UpstreamWire
from gateway_openai.chat.fields import DIALECT, put_back
from gateway_openai.chat.inbound import HEADERS

PATH = "/embeddings"
SETTINGS = frozenset(
    {
        *("dimensions", "encoding_format", "user"),
        *("input_type", "truncate", "modality"),
        *("task", "late_chunking", "normalized", "embedding_type", "truncation"),
        *("output_dimension", "output_dtype", "text_type"),
        *("truncate_prompt_tokens", "add_special_tokens", "priority"),
    }
)
"""What `params` and `defaults` may set here: OpenAI's own fields, then those of NVIDIA's, Jina's,
Voyage's and DashScope's models, and vLLM's (as generally known in 2026-11)."""


def write_embed(request: EmbedRequest, attempt: Attempt) -> Sequence[UpstreamWire]:
    """One request: OpenAI takes 2048 inputs at once. Raises NotOffered for media."""
    note_unsaid(request, DIALECT, attempt.losses)
    _note_no_field(request, attempt.losses)
    body: dict[str, Json] = {
        "model": attempt.target.model,
        "input": [_input(given, attempt) for given in request.inputs],
    }
    if request.dimensions is not None:
        body["dimensions"] = request.dimensions
    if request.user is not None:
        body["user"] = request.user
    put_back(body, request.extra)
    return [UpstreamWire(PATH, with_settings(body, attempt.target, SETTINGS))]


def relay_embed(wire: InboundWire, target: Target) -> UpstreamWire:
    """A client's own request, with the target's model in it."""
    headers = {name: wire.headers[name] for name in HEADERS if name in wire.headers}
    raw = wire.renamed(target.model)
    if raw is None or SETTINGS & (target.params.keys() | target.defaults.keys()):
        fresh = {**wire.json(), "model": target.model}
        raw = orjson.dumps(with_settings(fresh, target, SETTINGS))
    return UpstreamWire(PATH, raw, headers=headers)


def _input(given: EmbedInput, attempt: Attempt) -> Json:
    is_own = given.tokens is not None and attempt.client == DIALECT
    return given.tokens if is_own else words_of(given, attempt)


def _note_no_field(request: EmbedRequest, losses: Losses) -> None:
    """truncate: an input that is too long is an error here, which True did not want."""
    if request.truncate:
        losses.add("truncate", "OpenAI refuses an input that is too long", "hint")
    for given in request.inputs:
        if given.task is not None:
            losses.add((*given.path, "task"), "OpenAI has no such field", "hint")
        if given.title is not None:
            losses.add((*given.path, "title"), "OpenAI has no such field", "meaning")
