"""Gemini takes camelCase and snake_case in one body, and so do we; inside is camelCase.

The google-genai SDK 3.4 mixes both (`parameters_json_schema` beside `functionDeclarations`,
seen 2026-11). Values that belong to the user (arguments, responses, schemas) are never respelled.
"""

from __future__ import annotations

from functools import lru_cache

from gateway.model import Json


def camel(obj: dict[str, Json]) -> dict[str, Json]:
    """`obj` with its own keys in camelCase; what is below stays."""
    if not any("_" in key for key in obj):
        return obj
    return {_camel(key): value for key, value in obj.items()}


@lru_cache(maxsize=512)
def _camel(key: str) -> str:
    head, *rest = key.split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in rest)
