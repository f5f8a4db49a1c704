"""Judge an Ollama request: the official SDK's types, and what an Ollama server refuses besides."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any, get_args, get_origin

from ollama._types import ChatRequest, GenerateRequest, Message, Options, Tool
from pydantic import BaseModel, ValidationError

from tests.scripted.wire import Body

SERVERS_OWN: Mapping[str, frozenset[str]] = {
    "ChatRequest": frozenset({"truncate", "shift"}),
    "GenerateRequest": frozenset({"truncate", "shift"}),
    "Message": frozenset({"tool_call_id"}),
    "ToolCall": frozenset({"id"}),
    "Function": frozenset({"index"}),
    "Options": frozenset({"min_p"}),
}
"""Fields that the server's own types have (Ollama 0.13, `api/types.go`) and the SDK's have not."""
ROLES = ("system", "user", "assistant", "tool")


def errors_of(body: Body) -> list[str]:
    """What an upstream would refuse, and what it would not even read."""
    settings = list(_fits(Options, body.get("options") or {}, ".options"))
    bare = {
        key: value for key, value in body.items() if key not in ("messages", "tools", "options")
    }
    if "prompt" in body:
        return [*settings, *_fits(GenerateRequest, {**bare, "images": []}, ""), *_images(body, "")]
    found = [*settings, *_fits(ChatRequest, bare, ""), *_messages(body.get("messages") or [])]
    for at, tool in enumerate(body.get("tools") or []):
        found += _tool(tool, f".tools[{at}]")
    return found + list(_results(body.get("messages") or []))


def _messages(messages: list[Body]) -> Iterator[str]:
    for at, message in enumerate(messages):
        path = f".messages[{at}]"
        yield from _fits(Message, {**message, "images": []}, path)
        yield from _images(message, path)
        if message.get("role") not in ROLES:
            yield f"{path}.role: {message.get('role')!r}"


def _images(holder: Body, path: str) -> Iterator[str]:
    """The SDK's own type is for files and bytes as well; the server takes base64 only."""
    for at, image in enumerate(holder.get("images") or []):
        try:
            base64.b64decode(image, validate=True)
        except (TypeError, ValueError, binascii.Error):
            yield f"{path}.images[{at}]: no base64"


def _tool(tool: Body, path: str) -> Iterator[str]:
    """A schema may hold any word; those that the server reads must be what it expects."""
    try:
        Tool.model_validate(tool)
    except ValidationError as error:
        yield from _told(error, path)
    function = tool.get("function") or {}
    yield from _unknown(Tool, {**tool, "function": {**function, "parameters": {}}}, path)


def _results(messages: list[Body]) -> Iterator[str]:
    """Results follow the turn with their calls, and name a tool that was called there."""
    called: set[str] = set()
    for at, message in enumerate(messages):
        if message.get("role") != "tool":
            calls = message.get("tool_calls") or []
            called = {str(call["function"]["name"]) for call in calls}
        elif message.get("tool_name") not in called:
            yield f".messages[{at}]: a result of {message.get('tool_name')!r}, which was not called"


def _fits(kind: type[BaseModel], value: Body, path: str) -> Iterator[str]:
    try:
        kind.model_validate(value)
    except ValidationError as error:
        yield from _told(error, path)
    yield from _unknown(kind, value, path)


def _told(error: ValidationError, path: str) -> Iterator[str]:
    for each in error.errors():
        yield f"{path}.{'.'.join(map(str, each['loc']))}: {each['msg']}"


def _unknown(kind: type[BaseModel], value: Any, path: str) -> Iterator[str]:
    """The keys that a type has no field for, at any depth; pydantic lets them pass."""
    if not isinstance(value, dict):
        return
    known = {field.alias or name: field.annotation for name, field in kind.model_fields.items()}
    for key, inner in value.items():
        if key not in known and key not in SERVERS_OWN.get(kind.__name__, ()):
            yield f"{path}.{key}: unknown to {kind.__name__}"
            continue
        for model in _models(known.get(key)):
            for at, one in enumerate(inner if isinstance(inner, list) else [inner]):
                place = f"{path}.{key}[{at}]" if isinstance(inner, list) else f"{path}.{key}"
                yield from _unknown(model, one, place)


def _models(hint: Any) -> Iterator[type[BaseModel]]:
    """The models that a type's hint names: of Optional, of a sequence, of a union."""
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        yield hint
    elif get_origin(hint) is not None:
        for inner in get_args(hint):
            yield from _models(inner)
