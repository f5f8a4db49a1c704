"""A request for vectors, on its way to a Gemini model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from urllib.parse import quote

from gateway.attempt import Attempt, Target
from gateway.embedding import EmbedInput, EmbedRequest, note_unsaid, unfit, with_settings
from gateway.hooks import Endpoint
from gateway.losses import Losses
from gateway.model import Json, Media, Opaque, Part, Path, Text
from gateway.wire import InboundWire, UpstreamWire
from gateway_gemini.embed_inbound import CONFIG, check_model, requests_of
from gateway_gemini.endpoints import BATCH, SINGLE, model_of
from gateway_gemini.media import write_media
from gateway_gemini.names import DIALECT
from gateway_gemini.spelling import camel, put_back

AT_ONCE = 100
"""Requests that one batch may hold (the API's own error for more says so, seen 2026-11)."""
SETTINGS = frozenset({"taskType", "title", "outputDimensionality", CONFIG})
"""What `params` and `defaults` may set here, for each input."""
SPELLED = {"dimensions": "outputDimensionality"}
"""What other dialects' users call it."""


def write_embed(request: EmbedRequest, attempt: Attempt) -> Sequence[UpstreamWire]:
    """Batches of at most AT_ONCE. Raises NotOffered for token numbers."""
    note_unsaid(request, DIALECT, attempt.losses)
    _note_no_field(request, attempt.losses)
    inputs = iter(request.inputs)
    path = _path(attempt.target, BATCH)
    batches: list[UpstreamWire] = []
    while share := list(islice(inputs, AT_ONCE)):
        body: dict[str, Json] = {"requests": [_one(each, request, attempt) for each in share]}
        batches.append(UpstreamWire(path, put_back(body, request.extra)))
    return batches


def relay_embed(wire: InboundWire, endpoint: Endpoint, target: Target) -> UpstreamWire:
    """A client's own request. The body stays as it is unless it names the model, too."""
    body, model = wire.json(), model_of(wire)
    batch = endpoint.path.endswith(BATCH)
    each = requests_of(body) if batch else [((), body)]
    own = [_own(raw, path, model, target) for path, raw in each]
    path = _path(target, BATCH if batch else SINGLE)
    if own == [raw for _, raw in each]:
        return UpstreamWire(path, wire.body)
    return UpstreamWire(path, {**body, "requests": own} if batch else own[0])


def _own(raw: dict[str, Json], path: Path, model: str, target: Target) -> dict[str, Json]:
    named = check_model(raw, path, model) is not None
    out = {**raw, "model": f"models/{target.model}"} if named else raw
    if not target.params and not target.defaults:
        return out
    return _settled(camel(out), target)


def _one(given: EmbedInput, request: EmbedRequest, attempt: Attempt) -> dict[str, Json]:
    out: dict[str, Json] = {
        "model": f"models/{attempt.target.model}",
        "content": {"parts": list(_parts(given, attempt))},
    }
    if given.task is not None:
        out["taskType"] = given.task
    if given.title is not None:
        out["title"] = given.title
    if request.dimensions is not None:
        out["outputDimensionality"] = request.dimensions
    return _settled(put_back(out, given.extra), attempt.target)


def _parts(given: EmbedInput, attempt: Attempt) -> Iterator[Json]:
    if given.tokens is not None:
        why = "token numbers mean nothing to another model; send text"
        raise unfit(given.path, why, attempt)
    for place, part in enumerate(given.parts):
        yield _part(part, (*given.path, "parts", place), attempt)


def _part(part: Part, path: Path, attempt: Attempt) -> Json:
    match part:
        case Text():
            return put_back({"text": part.text}, part.extra)
        case Media():
            return put_back(write_media(part, attempt, path), part.extra)
        case Opaque(dialect="gemini"):
            return part.raw
    raise unfit(path, f"Gemini embeds no {type(part).__name__.lower()}", attempt)


def _settled(body: dict[str, Json], target: Target) -> dict[str, Json]:
    for name, spelled in SPELLED.items():
        if name in target.defaults:
            body.setdefault(spelled, target.defaults[name])
        if name in target.params:
            body[spelled] = target.params[name]
    return with_settings(body, target, SETTINGS)


def _path(target: Target, verb: str) -> str:
    return f"/models/{quote(target.model, safe='')}:{verb}"


def _note_no_field(request: EmbedRequest, losses: Losses) -> None:
    """truncate: the API cuts what is too long, which False did not want."""
    if request.truncate is False:
        losses.add("truncate", "Gemini cuts an input that is too long", "meaning")
    if request.user is not None:
        losses.add("user", "Gemini has no such field", "hint")
