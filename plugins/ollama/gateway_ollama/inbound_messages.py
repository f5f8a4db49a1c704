"""The conversation of a client's chat request: roles, images, calls and their results."""

from __future__ import annotations

from collections.abc import Callable

from gateway.model import Extra, Json, Message, Part, Path, Text, Thinking, ToolResult
from gateway.reading import entries, get, need, wrong
from gateway_ollama.calls import OpenCalls
from gateway_ollama.fields import unknown, with_notes
from gateway_ollama.media import read_images

PLAIN = frozenset({"role", "content", "images"})
ASSISTANT = PLAIN | {"thinking", "tool_calls"}
TOOL = PLAIN | {"tool_name", "name", "tool_call_id"}


def read_messages(listed: list[Json]) -> tuple[list[Text], list[Message]]:
    """The leading system texts, one for each message, and the conversation. Raises BadRequest."""
    calls, system, messages = OpenCalls(), list[Text](), list[Message]()
    for path, item in entries(listed, ("messages",)):
        role = need(item, "role", str, path)
        if role not in READERS:
            raise wrong((*path, "role"), f"one of {', '.join(READERS)}")
        message = READERS[role](item, path, calls)
        if role == "system" and not messages and _is_text(message):
            system.append(_leading(message, path))
        elif role == "tool" and messages and _has_results(messages[-1]):
            messages[-1].parts += message.parts
        else:
            messages.append(message)
    return system, messages


def _is_text(message: Message) -> bool:
    return all(isinstance(part, Text) for part in message.parts)


def _leading(message: Message, path: Path) -> Text:
    text = "".join(part.text for part in message.parts if isinstance(part, Text))
    return Text(text, extra=with_notes(message.extra, path, start=True))


def _has_results(message: Message) -> bool:
    last = message.parts[-1] if message.parts else None
    return message.role == "user" and isinstance(last, ToolResult)


def _said(item: dict[str, Json], path: Path) -> list[Part]:
    content = get(item, "content", str, path)
    return [*([Text(content)] if content else []), *read_images(item, path)]


def _extra(item: dict[str, Json], known: frozenset[str], path: Path) -> Extra:
    """The fields for home, and whether the content was left out altogether."""
    absent = True if item.get("content") is None else None
    return with_notes(unknown(item, known, path), path, home=True, absent=absent)


def _system(item: dict[str, Json], path: Path, _: OpenCalls) -> Message:
    return Message("system", _said(item, path), _extra(item, PLAIN, path))


def _user(item: dict[str, Json], path: Path, _: OpenCalls) -> Message:
    return Message("user", _said(item, path), _extra(item, PLAIN, path))


def _assistant(item: dict[str, Json], path: Path, calls: OpenCalls) -> Message:
    thinking = get(item, "thinking", str, path)
    parts: list[Part] = [Thinking(thinking)] if thinking else []
    parts += _said(item, path)
    parts += calls.read(item, path)
    return Message("assistant", parts, _extra(item, ASSISTANT, path))


def _tool(item: dict[str, Json], path: Path, calls: OpenCalls) -> Message:
    """A result. Before `tool_name` there was `name`, which clients still send."""
    given = get(item, "tool_call_id", str, path) or None
    name, older = get(item, "tool_name", str, path), get(item, "name", str, path)
    field = "name" if name is None and older is not None else None
    extra = with_notes(
        _extra(item, TOOL if name is None else TOOL - {"name"}, path),
        path,
        no_id=None if given else True,
        field=field,
        nameless=True if name is None and older is None else None,
    )
    called = older if name is None else name
    call_id = calls.answered(given, called, path)
    return Message("user", [ToolResult(call_id, _said(item, path), name=called, extra=extra)])


READERS: dict[str, Callable[[dict[str, Json], Path, OpenCalls], Message]] = {
    "system": _system,
    "user": _user,
    "assistant": _assistant,
    "tool": _tool,
}
