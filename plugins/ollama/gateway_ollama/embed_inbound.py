"""A client's request for vectors -> EmbedRequest: /api/embed, and /api/embeddings before it.

Source: Ollama API reference and its server's routes, read 2026-11. An input that is left out or
empty only loads the model, and gets no vectors; in a list, an empty text is one like any other.
"""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from gateway.embedding import EmbedInput, EmbedRequest
from gateway.hooks import Endpoint
from gateway.model import Json, Path, Text
from gateway.reading import get, need, wrong
from gateway.wire import InboundWire, WireReply
from gateway_ollama.fields import unknown
from gateway_ollama.names import EMBEDDINGS

FIELDS = frozenset({"model", "input", "truncate", "dimensions", "options"})
OLD_FIELDS = frozenset({"model", "prompt", "options"})
NO_OPTION: dict[str, frozenset[str]] = {"options": frozenset()}


def read_embed(wire: InboundWire, endpoint: Endpoint) -> EmbedRequest:
    """The neutral form. Raises BadRequest."""
    body = wire.json()
    old = endpoint.path == EMBEDDINGS
    get(body, "options", dict, ())
    return EmbedRequest(
        model=need(body, "model", str, ()),
        inputs=_prompt(body) if old else _inputs(body),
        dimensions=None if old else get(body, "dimensions", int, ()),
        truncate=None if old else get(body, "truncate", bool, ()),
        extra=unknown(body, OLD_FIELDS if old else FIELDS, (), NO_OPTION),
    )


def only_loads(body: dict[str, Json], endpoint: Endpoint) -> WireReply | None:
    """The whole reply to a request that embeds nothing; None for one that does."""
    old = endpoint.path == EMBEDDINGS
    if body.get("prompt" if old else "input"):
        return None
    said = {"embedding": []} if old else {"model": body["model"], "embeddings": []}
    return WireReply(orjson.dumps(said))


def _prompt(body: dict[str, Json]) -> list[EmbedInput]:
    return [EmbedInput([Text(get(body, "prompt", str, ()) or "")], path=("prompt",))]


def _inputs(body: dict[str, Json]) -> list[EmbedInput]:
    given = get(body, "input", (str, list), ())
    path: Path = ("input",)
    if isinstance(given, str):
        return [EmbedInput([Text(given)], path=path)]
    return [_input(one, (*path, place)) for place, one in enumerate(_listed(given))]


def _listed(given: Json) -> Sequence[Json]:
    return given if isinstance(given, list) else ()


def _input(given: Json, path: Path) -> EmbedInput:
    if not isinstance(given, str):
        raise wrong(path, "a string", given)
    return EmbedInput([Text(given)], path=path)
