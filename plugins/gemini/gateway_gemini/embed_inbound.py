"""A client's embedContent or batchEmbedContents -> EmbedRequest, in both spellings.

Source: Gemini API reference, `models.embedContent` and `models.batchEmbedContents`, read 2026-11.
What one request says for all of its kind may also stand in an `embedContentConfig`.
"""

from __future__ import annotations

from attrs import define

from gateway.embedding import EmbedInput, EmbedRequest
from gateway.errors import BadRequest
from gateway.hooks import Endpoint
from gateway.model import Extra, Json, Part, Path, Text
from gateway.reading import entries, get, need, wrong
from gateway.wire import InboundWire
from gateway_gemini.call_ids import CallIds
from gateway_gemini.endpoints import BATCH, model_of
from gateway_gemini.inbound_parts import read_part
from gateway_gemini.spelling import camel, rest, together

KNOWN = frozenset({"model", "content", "taskType", "title", "outputDimensionality"})
BODY = frozenset({"model", "requests"})
CONTENT = frozenset({"role", "parts"})
CONFIG = "embedContentConfig"
SETTINGS = frozenset({"taskType", "title", "outputDimensionality", "autoTruncate"})


@define
class _Said:
    """One of a client's requests: what it wants embedded, and how."""

    given: EmbedInput
    dimensions: int | None
    truncate: bool | None


def read_embed(wire: InboundWire, endpoint: Endpoint) -> EmbedRequest:
    """The neutral form. Raises BadRequest, also for a batch that wants vectors of several kinds."""
    model, body = model_of(wire), wire.json()
    if not endpoint.path.endswith(BATCH):
        return _together(model, [_one(body, (), model)], {})
    said = [_one(raw, path, model) for path, raw in requests_of(body)]
    return _together(model, said, rest(body, BODY, ()))


def requests_of(body: dict[str, Json]) -> list[tuple[Path, dict[str, Json]]]:
    """The requests of a batch, each with its path. Raises BadRequest."""
    listed = need(body, "requests", list, ())
    if not listed:
        raise BadRequest("requests must not be empty", param="requests")
    return list(entries(listed, ("requests",)))


def check_model(raw: dict[str, Json], path: Path, model: str) -> str | None:
    """The name in a request, if it has one: that of the path. Raises BadRequest for another."""
    said = get(raw, "model", str, path)
    if said is not None and said.removeprefix("models/") != model:
        raise wrong((*path, "model"), f"the model of the path, models/{model}; it is '{said}'")
    return said


def _one(raw: dict[str, Json], path: Path, model: str) -> _Said:
    check_model(raw, path, model)
    body = camel(raw)
    config_raw, at = get(body, CONFIG, dict, path) or {}, (*path, CONFIG)
    config = camel(config_raw)
    parts, content_extra = _parts(body, path)
    said = {**config, **{key: value for key, value in body.items() if value is not None}}
    given = EmbedInput(
        parts,
        title=get(said, "title", str, path),
        task=get(said, "taskType", str, path),
        extra=together(
            path,
            rest(raw, KNOWN | {CONFIG}, path),
            rest(config_raw, SETTINGS, path, CONFIG),
            content_extra,
        ),
        path=(*path, "content"),
    )
    dimensions = get(said, "outputDimensionality", int, path)
    return _Said(given, dimensions, get(config, "autoTruncate", bool, at))


def _parts(body: dict[str, Json], path: Path) -> tuple[list[Part], Extra]:
    content, at = need(body, "content", (str, dict), path), (*path, "content")
    if isinstance(content, str):
        return [Text(content)], {}
    listed = need(content, "parts", list, at)
    if not listed:
        raise wrong((*at, "parts"), "a list with at least one part")
    ids = CallIds()
    parts = [read_part(part, where, ids) for where, part in entries(listed, (*at, "parts"))]
    return parts, rest(content, CONTENT, path, "content")


def _together(model: str, said: list[_Said], extra: Extra) -> EmbedRequest:
    first = said[0]
    for place, one in enumerate(said):
        if (one.dimensions, one.truncate) != (first.dimensions, first.truncate):
            raise wrong(
                ("requests", place, "outputDimensionality"),
                "the same in all requests of a batch (autoTruncate, too)",
            )
    return EmbedRequest(
        model,
        [one.given for one in said],
        dimensions=first.dimensions,
        truncate=first.truncate,
        extra=extra,
    )
