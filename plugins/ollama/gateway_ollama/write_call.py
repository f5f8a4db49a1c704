"""A call as a client gets it: whole, its arguments as an object."""

from __future__ import annotations

import orjson

from gateway.losses import Losses
from gateway.model import Extra, Json
from gateway_ollama.fields import note_reply, put_back


def write_call(
    number: int, call_id: str | None, name: str | None, text: str, extra: Extra, losses: Losses
) -> dict[str, Json]:
    """One entry of `tool_calls`. text: the arguments as JSON; others become the field `input`."""
    note_reply(extra, losses)
    function = {"index": number, "name": name or "", "arguments": _arguments(text, losses)}
    return put_back({**({"id": call_id} if call_id else {}), "function": function}, extra)


def _arguments(text: str, losses: Losses) -> Json:
    """An object, its own text kept where that is safe, so that no number loses a digit."""
    try:
        parsed = orjson.loads(text or "{}")
    except orjson.JSONDecodeError:
        parsed = None
    if isinstance(parsed, dict):
        return orjson.Fragment(text or "{}") if "\n" not in text and "\r" not in text else parsed
    losses.add("reply.arguments", "not a JSON object; sent as the field `input`", "meaning")
    return {"input": text}
