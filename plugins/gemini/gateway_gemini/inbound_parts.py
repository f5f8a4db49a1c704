"""Parts of a Gemini message, as they are read from a client's history."""

from __future__ import annotations

import orjson

from gateway.model import (
    Extra,
    Json,
    Opaque,
    Part,
    Path,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)
from gateway.reading import entries, get, need, noted, wrong
from gateway.seals import is_redacted, untagged
from gateway_gemini.call_ids import CallIds
from gateway_gemini.media import read_blob, read_file
from gateway_gemini.names import DIALECT
from gateway_gemini.responses import told
from gateway_gemini.spelling import camel, rest, together

TEXT = frozenset({"text", "thought", "thoughtSignature"})
PART_OF_CALL = frozenset({"functionCall", "thoughtSignature"})
PART_OF_RESULT = frozenset({"functionResponse"})
CALL = frozenset({"id", "name", "args"})
RESPONSE = frozenset({"id", "name", "response", "parts"})


def read_part(raw: dict[str, Json], path: Path, ids: CallIds) -> Part:
    """One part; what only Gemini understands is opaque. Raises BadRequest."""
    part = camel(raw)
    if part.get("functionCall") is not None:
        return _call(raw, part, path, ids)
    if part.get("functionResponse") is not None:
        return _result(raw, part, path, ids)
    if part.get("inlineData") is not None:
        return read_blob(raw, part, path)
    if part.get("fileData") is not None:
        return read_file(raw, part, path)
    if part.get("text") is not None or part.keys() == {"thoughtSignature"}:
        return _text(raw, part, path)
    if not part:
        raise wrong(path, "a part with text, inlineData, functionCall or another content")
    return Opaque(DIALECT, raw, path=path)


def _text(raw: dict[str, Json], part: dict[str, Json], path: Path) -> Part:
    text = get(part, "text", str, path)
    signature = get(part, "thoughtSignature", str, path)
    seal = untagged(signature, DIALECT) if signature else None
    extra = rest(raw, TEXT, path)
    if part.get("thought") is True:
        redacted = bool(signature) and is_redacted(signature or "")
        return Thinking(text or "", redacted=redacted, seal=seal, extra=extra)
    if "thought" in part:
        extra = noted(extra, DIALECT, path, thought=part["thought"])
    if text is None:
        extra = noted(extra, DIALECT, path, only_signature=True)
    return Text(text or "", seal=seal, extra=extra)


def _call(raw: dict[str, Json], part: dict[str, Json], path: Path, ids: CallIds) -> ToolCall:
    call_raw = need(part, "functionCall", dict, path)
    call, at = camel(call_raw), (*path, "functionCall")
    name = need(call, "name", str, at)
    args = get(call, "args", dict, at)
    arguments = "" if args is None else orjson.dumps(args).decode()
    given = get(call, "id", str, at)
    signature = get(part, "thoughtSignature", str, path)
    return ToolCall(
        id=ids.called(name, given, arguments),
        name=name,
        arguments=arguments,
        seal=untagged(signature, DIALECT) if signature else None,
        extra=_extra(path, given, rest(raw, PART_OF_CALL, path), call_raw, CALL, "functionCall"),
    )


def _result(raw: dict[str, Json], part: dict[str, Json], path: Path, ids: CallIds) -> ToolResult:
    result_raw = need(part, "functionResponse", dict, path)
    result, at = camel(result_raw), (*path, "functionResponse")
    name = need(result, "name", str, at)
    response = get(result, "response", dict, at)
    given = get(result, "id", str, at)
    inner = get(result, "parts", list, at)
    words = told(response or {})
    parts: list[Part] = [Text(words)] if words else []
    parts += [read_part(one, where, ids) for where, one in entries(inner or (), (*at, "parts"))]
    beside = rest(raw, PART_OF_RESULT, path)
    extra = _extra(path, given, beside, result_raw, RESPONSE, "functionResponse")
    return ToolResult(
        ids.answered(name, given),
        parts,
        name=name,
        is_error=True if response and set(response) == {"error"} else None,
        extra=noted(extra, DIALECT, path, response=response),
    )


def _extra(
    path: Path,
    given: str | None,
    beside: Extra,
    inner: dict[str, Json],
    known: frozenset[str],
    name: str,
) -> Extra:
    """What a call or a result holds beyond the hub's words, and that it came without an id."""
    extra = together(path, beside, rest(inner, known, path, name))
    return extra if given else noted(extra, DIALECT, path, no_id=True)
