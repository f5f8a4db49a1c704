"""A client's request for vectors -> EmbedRequest.

Source: OpenAI API reference, embeddings, read 2026-11.
"""

from __future__ import annotations

from typing import Literal

from gateway.embedding import EmbedInput, EmbedRequest
from gateway.errors import BadRequest
from gateway.model import Json, Path, Text
from gateway.reading import get, need, wrong
from gateway.wire import InboundWire
from gateway_openai.chat.fields import unknown

KNOWN = frozenset({"model", "input", "dimensions", "encoding_format", "user"})
FORMS = ("float", "base64")
EXPECTED = "a string, a list of strings, or lists of token numbers"


def read_embed(wire: InboundWire) -> EmbedRequest:
    """The neutral form. Raises BadRequest."""
    body = wire.json()
    return EmbedRequest(
        model=need(body, "model", str, ()),
        inputs=_inputs(body.get("input")),
        dimensions=get(body, "dimensions", int, ()),
        encoding=_encoding(body),
        user=get(body, "user", str, ()),
        extra=unknown(body, KNOWN, ()),
    )


def _inputs(given: Json) -> list[EmbedInput]:
    path: Path = ("input",)
    if given is None or given in ("", []):
        raise BadRequest("input is required, and it must not be empty", param="input")
    if isinstance(given, str):
        return [EmbedInput([Text(given)], path=path)]
    if not isinstance(given, list):
        raise wrong(path, EXPECTED, given)
    if _are_tokens(given):
        return [EmbedInput(tokens=given, path=path)]
    return [_input(one, (*path, place)) for place, one in enumerate(given)]


def _input(given: Json, path: Path) -> EmbedInput:
    if isinstance(given, str):
        return EmbedInput([Text(given)], path=path)
    if isinstance(given, list) and given and _are_tokens(given):
        return EmbedInput(tokens=given, path=path)
    raise wrong(path, "a string or a list of token numbers", given)


def _are_tokens(given: list[Json]) -> bool:
    return all(type(one) is int for one in given)


def _encoding(body: dict[str, Json]) -> Literal["float", "base64"] | None:
    said = get(body, "encoding_format", str, ())
    if said is not None and said not in FORMS:
        raise wrong(("encoding_format",), f"float or base64; it is '{said}'")
    return "base64" if said == "base64" else "float" if said else None
