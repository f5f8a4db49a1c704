"""Tool arguments: JSON text in the hub, an object on Claude's wire."""

from __future__ import annotations

import orjson

from gateway.model import Json

RAW = "raw_arguments"
"""Where arguments stand that are no JSON object: {"raw_arguments": "<the text as it came>"}."""
CUSTOM = "input"
"""The one parameter of a free-form tool that was lowered to a function."""


def input_object(arguments: str) -> dict[str, Json]:
    """The arguments as an object; {} for none. Never raises: see RAW."""
    if not arguments.strip():
        return {}
    try:
        value = orjson.loads(arguments)
    except orjson.JSONDecodeError:
        return {RAW: arguments}
    return value if isinstance(value, dict) else {RAW: arguments}


def arguments_text(value: dict[str, Json]) -> str:
    """The object as JSON text."""
    return orjson.dumps(value).decode()


def custom_input(arguments: str) -> str:
    """The raw input of a free-form tool, out of the arguments of its function."""
    value = input_object(arguments).get(CUSTOM)
    return value if isinstance(value, str) else arguments
