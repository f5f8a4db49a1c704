"""Gemini takes camelCase and snake_case in one body, and so do we; what is known is camelCase.

The google-genai SDK 3.4 mixes both (`parameters_json_schema` beside `functionDeclarations`,
seen 2026-11). Values that belong to the user (arguments, responses, schemas) are never respelled,
and a field that the hub has no name for stands in the ledger as the client spelled it.

A field of an object inside (`functionCall`, `generationConfig`) is kept under a dotted name:
`{"functionCall.willContinue": True}`.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from functools import lru_cache

from gateway.model import NO_EXTRA, Extra, Fields, Json, Path, own
from gateway_gemini.names import DIALECT


def camel(obj: dict[str, Json]) -> dict[str, Json]:
    """`obj` with its own keys in camelCase; what is below stays."""
    if not any("_" in key for key in obj):
        return obj
    return {_camel(key): value for key, value in obj.items()}


def rest(
    raw: dict[str, Json], known: AbstractSet[str], path: Path, inside: str | None = None
) -> Extra:
    """The fields of `raw` outside `known`, for home. inside: the object that `raw` is."""
    if raw.keys() <= known:
        return NO_EXTRA
    prefix = f"{inside}." if inside else ""
    fields = {prefix + k: v for k, v in raw.items() if _camel(k) not in known}
    return {DIALECT: Fields(fields, path)} if fields else NO_EXTRA


def together(path: Path, *extras: Extra) -> Extra:
    """Several extras of this dialect as one, of the object at `path`."""
    fields = {key: value for extra in extras for key, value in extra.get(DIALECT, {}).items()}
    return {DIALECT: Fields(fields, path)} if fields else NO_EXTRA


def put_back(out: dict[str, Json], extra: Extra) -> dict[str, Json]:
    """`out` with the fields that were kept for home, each in its place, in camelCase."""
    for key, value in own(extra, DIALECT).items():
        head, dot, name = key.partition(".")
        if not dot:
            out[_camel(key)] = value
        elif isinstance(out.setdefault(head, {}), dict):
            out[head] = {**out[head], _camel(name): value}
    return out


@lru_cache(maxsize=512)
def _camel(key: str) -> str:
    head, *words = key.split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in words)
