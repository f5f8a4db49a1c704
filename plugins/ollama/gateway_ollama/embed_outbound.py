"""A request for vectors, on its way to an Ollama server."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.attempt import Attempt
from gateway.embedding import EmbedRequest, note_unsaid, words_of
from gateway.losses import Losses
from gateway.model import Json
from gateway.wire import UpstreamWire
from gateway_ollama.fields import put_back
from gateway_ollama.names import DIALECT, EMBED
from gateway_ollama.outbound import with_settings

NO_FIELD = "Ollama has no such field"


def write_embed(request: EmbedRequest, attempt: Attempt) -> Sequence[UpstreamWire]:
    """One request. Raises NotOffered for token numbers and media."""
    note_unsaid(request, DIALECT, attempt.losses)
    _note_no_field(request, attempt.losses)
    body: dict[str, Json] = {
        "model": attempt.target.model,
        "input": [words_of(given, attempt) for given in request.inputs],
    }
    if request.dimensions is not None:
        body["dimensions"] = request.dimensions
    if request.truncate is not None:
        body["truncate"] = request.truncate
    put_back(body, request.extra)
    return [UpstreamWire(EMBED, with_settings(body, attempt.target))]


def _note_no_field(request: EmbedRequest, losses: Losses) -> None:
    if request.user is not None:
        losses.add("user", NO_FIELD, "hint")
    for given in request.inputs:
        if given.task is not None:
            losses.add((*given.path, "task"), NO_FIELD, "hint")
        if given.title is not None:
            losses.add((*given.path, "title"), NO_FIELD, "meaning")
