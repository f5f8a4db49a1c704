"""What a function is given and gives: objects on Gemini's wire, text in the hub."""

from __future__ import annotations

import orjson

from gateway.model import Json

ANSWERS = ("output", "result", "error")
"""Keys under which a function's one answer stands (`output` and `error` by the API reference)."""

RAW = "raw_arguments"
"""Where arguments stand that are no JSON object: {"raw_arguments": "<the text as it came>"}."""


def arguments_object(text: str) -> dict[str, Json] | None:
    """A call's arguments; {} for none, and None for what is no JSON object."""
    if not text.strip():
        return {}
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def told(response: dict[str, Json]) -> str:
    """A response as text: its one answer if that is all it holds, else its JSON; "" for none."""
    if not response:
        return ""
    if len(response) == 1:
        ((key, value),) = response.items()
        if key in ANSWERS and isinstance(value, str):
            return value
    return orjson.dumps(response).decode()


def response_of(text: str, *, failed: bool) -> dict[str, Json]:
    """The response that stands for `text`."""
    return {"error" if failed else "output": text}
