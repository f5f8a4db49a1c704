"""Parts of a message, as a Gemini model gets them."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from gateway.attempt import Attempt
from gateway.model import (
    Json,
    Media,
    Message,
    Opaque,
    Part,
    Seal,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
    note,
    own,
)
from gateway.registry import lower_id
from gateway.seals import belongs_to
from gateway_gemini.names import DIALECT

UNSIGNED = "skip_thought_signature_validator"
"""What Google's own documentation gives for calls that another model made (read 2026-11)."""


def write_parts(message: Message, attempt: Attempt, calls: Mapping[str, str]) -> list[Json]:
    """The parts of one turn; media of tool results follow all the results.

    calls: the tools' names by call id.
    """
    parts: list[Json] = []
    after: list[Json] = []
    first_call = True
    for part in message.parts:
        match part:
            case ToolCall():
                parts.append(_call(part, attempt, must_sign=first_call))
                first_call = False
            case ToolResult():
                parts.append(_result(part, attempt, calls, after))
            case _:
                written = _plain(part, attempt)
                if written is not None:
                    parts.append(written)
    return parts + after


def _plain(part: Part, attempt: Attempt) -> Json:
    if not isinstance(part, Opaque) and part.cache_control is not None:
        attempt.losses.add("messages.cache_control", "Gemini caches by itself", "hint")
    match part:
        case Text():
            if not part.text and not part.seal and attempt.client != DIALECT:
                return None
            return _signed({"text": part.text, **_thought(part)}, part, attempt)
        case Thinking():
            return _thinking(part, attempt)
        case Media():
            return _media(part)
        case Opaque(dialect="gemini"):
            return part.raw
        case Opaque():
            return {"text": part.text} if part.text else None
    return None


def _thought(part: Text) -> dict[str, Json]:
    said = note(part.extra, DIALECT, "thought")
    return {} if said is None else {"thought": said}


def _signed(out: dict[str, Json], part: Text | Thinking | ToolCall, attempt: Attempt) -> Json:
    seal: Seal | None = part.seal
    if seal is not None and belongs_to(seal, attempt.target):
        out["thoughtSignature"] = seal.value
    elif seal is not None and seal.value:
        attempt.losses.add(
            "messages.seal", f"only {seal.upstream or seal.dialect} reads it", "hint"
        )
    return {**out, **own(part.extra, DIALECT)}


def _thinking(part: Thinking, attempt: Attempt) -> Json:
    """A thought of this model's own; any other model's is of no use to it."""
    foreign = part.redacted or attempt.client != DIALECT
    if foreign and not (part.seal and belongs_to(part.seal, attempt.target)):
        attempt.losses.add("messages.thinking", "another model's thoughts are not replayed", "hint")
        return None
    return _signed({"text": part.text, "thought": True}, part, attempt)


def _media(part: Media) -> Json:
    extra = own(part.extra, DIALECT)
    if part.data is not None:
        blob: dict[str, Json] = {"mimeType": part.mime or "application/octet-stream"}
        blob["data"] = part.data
        if part.name and DIALECT in part.extra:
            blob["displayName"] = part.name
        return {"inlineData": {**blob, **(note(part.extra, DIALECT, "blob") or {})}, **extra}
    file: dict[str, Json] = {"fileUri": part.url or part.file_id}
    if part.mime:
        file = {"mimeType": part.mime, **file}
    return {"fileData": file, **extra}


def _call(part: ToolCall, attempt: Attempt, *, must_sign: bool) -> Json:
    name = attempt.registry.lower(part.name)
    call: dict[str, Json] = {"name": name}
    if not note(part.extra, DIALECT, "no_id"):
        call["id"] = lower_id(part.id) if attempt.client != DIALECT else part.id
    args = _arguments(part, name, attempt)
    if args is not None:
        call["args"] = args
    fields = dict(own(part.extra, DIALECT))
    out = _signed({"functionCall": call}, part, attempt)
    out = {key: value for key, value in out.items() if key not in fields} | fields
    if must_sign and "thoughtSignature" not in out and attempt.client != DIALECT:
        out["thoughtSignature"] = UNSIGNED
    return out


def _arguments(part: ToolCall, name: str, attempt: Attempt) -> Json:
    if part.kind == "custom":
        return {"input": part.arguments}
    if not part.arguments:
        return None if attempt.client == DIALECT else {}
    try:
        parsed = orjson.loads(part.arguments)
    except orjson.JSONDecodeError:
        parsed = None
    if isinstance(parsed, dict):
        return attempt.registry.lower_arguments(name, parsed)
    attempt.losses.add(f"tool_calls.{part.id}.arguments", "not a JSON object; sent as text", "hint")
    return {"text": part.arguments}


def _result(
    part: ToolResult, attempt: Attempt, calls: Mapping[str, str], after: list[Json]
) -> Json:
    name = attempt.registry.lower(part.name or calls.get(part.call_id) or part.call_id)
    response = note(part.extra, DIALECT, "response")
    result: dict[str, Json] = {"name": name}
    if not note(part.extra, DIALECT, "no_id"):
        result["id"] = lower_id(part.call_id) if attempt.client != DIALECT else part.call_id
    media = [one for one in part.parts if not isinstance(one, Text)]
    written = [out for one in media if (out := _plain(one, attempt)) is not None]
    if response is not None:
        result["response"] = response
        if written:
            result["parts"] = written
        return {"functionResponse": {**result, **own(part.extra, DIALECT)}}
    text = "\n".join(one.text for one in part.parts if isinstance(one, Text))
    if written:
        after += [{"text": f"Attached by the result of {name}:"}, *written]
        text = text or "The result is attached after the results."
    result["response"] = {"error" if part.is_error else "output": text}
    return {"functionResponse": result}
