"""Parts of a Gemini message, as they are read from a client's history."""

from __future__ import annotations

import hashlib
from collections import deque

import orjson
from attrs import define, field

from gateway.model import (
    Fields,
    Json,
    Media,
    Opaque,
    Part,
    Path,
    Seal,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)
from gateway.reading import get, need, noted, rest, wrong
from gateway.seals import untagged
from gateway_gemini.names import DIALECT, kind_of
from gateway_gemini.spelling import camel

TEXT = frozenset({"text", "thought", "thoughtSignature"})
BLOB = frozenset({"mimeType", "data", "displayName"})
FILE = frozenset({"mimeType", "fileUri", "displayName"})
CALL = frozenset({"id", "name", "args"})
RESPONSE = frozenset({"id", "name", "response", "parts"})
OWN = ("executableCode", "codeExecutionResult", "toolCall", "toolResponse")
ANSWERS = ("output", "result")


@define
class History:
    """What has been called so far, so that calls and results without ids find each other.

    Ids that have to be made come from position and content: each turn makes them alike.
    """

    _waiting: dict[str, deque[str]] = field(factory=dict)
    _count: int = 0

    def called(self, name: str, given: str | None, arguments: str) -> str:
        """The id of a call."""
        self._count += 1
        call_id = given or self._made(name, arguments)
        self._waiting.setdefault(name, deque()).append(call_id)
        return call_id

    def answered(self, name: str, given: str | None) -> str:
        """The id of the call that a result belongs to: its own, or the oldest open of its name."""
        waiting = self._waiting.get(name)
        if given:
            if waiting and given in waiting:
                waiting.remove(given)
            return given
        return waiting.popleft() if waiting else self._made(name, "unasked")

    def _made(self, name: str, arguments: str) -> str:
        text = f"{self._count}:{name}:{arguments}"
        return "call_" + hashlib.sha256(text.encode()).hexdigest()[:24]


def read_part(raw: dict[str, Json], path: Path, history: History) -> Part:
    """One part. Raises BadRequest."""
    part = camel(raw)
    for key, read in READERS.items():
        if part.get(key) is not None:
            return read(part, path, history)
    if "thoughtSignature" in part:
        return _text({"text": "", **part}, path, history)
    if any(key in part for key in OWN):
        return Opaque(DIALECT, raw, path=path)
    if not part:
        raise wrong(path, "a part with text, inlineData, functionCall or another content")
    return Opaque(DIALECT, raw, path=path)


def _text(part: dict[str, Json], path: Path, _: History) -> Part:
    text = need(part, "text", str, path)
    extra = rest(part, TEXT, DIALECT, path)
    seal = _seal(part, path)
    if part.get("thought") is True:
        return Thinking(text, seal=seal, extra=extra)
    if "thought" in part:
        extra = noted(extra, DIALECT, path, thought=part["thought"])
    return Text(text, seal=seal, extra=extra)


def _blob(part: dict[str, Json], path: Path, _: History) -> Part:
    blob = camel(need(part, "inlineData", dict, path))
    where = (*path, "inlineData")
    mime = get(blob, "mimeType", str, where)
    extra = rest(part, frozenset({"inlineData"}), DIALECT, path)
    inner = rest(blob, BLOB, DIALECT, where)
    if inner:
        extra = noted(extra, DIALECT, path, blob=dict(inner[DIALECT]))
    return Media(
        kind_of(mime),  # type: ignore[arg-type]
        mime=mime,
        data=need(blob, "data", str, where),
        name=get(blob, "displayName", str, where),
        extra=extra,
    )


def _file(part: dict[str, Json], path: Path, _: History) -> Part:
    file = camel(need(part, "fileData", dict, path))
    where = (*path, "fileData")
    mime = get(file, "mimeType", str, where)
    uri = need(file, "fileUri", str, where)
    own = "/files/" in uri or uri.startswith("gs://")
    return Media(
        kind_of(mime),  # type: ignore[arg-type]
        mime=mime,
        url=None if own else uri,
        file_id=uri if own else None,
        name=get(file, "displayName", str, where),
        extra=rest(part, frozenset({"fileData"}), DIALECT, path),
    )


def _call(part: dict[str, Json], path: Path, history: History) -> Part:
    call = camel(need(part, "functionCall", dict, path))
    where = (*path, "functionCall")
    name = need(call, "name", str, where)
    args = get(call, "args", dict, where)
    arguments = "" if args is None else orjson.dumps(args).decode()
    given = get(call, "id", str, where)
    extra = rest(part, frozenset({"functionCall", "thoughtSignature"}), DIALECT, path)
    inner = rest(call, CALL, DIALECT, where)
    if inner:
        extra = {DIALECT: Fields({**extra.get(DIALECT, {}), **inner[DIALECT]}, where)}
    if not given:
        extra = noted(extra, DIALECT, path, no_id=True)
    return ToolCall(
        id=history.called(name, given, arguments),
        name=name,
        arguments=arguments,
        seal=_seal(part, path),
        extra=extra,
    )


def _response(part: dict[str, Json], path: Path, history: History) -> Part:
    raw = camel(need(part, "functionResponse", dict, path))
    where = (*path, "functionResponse")
    name = need(raw, "name", str, where)
    response = get(raw, "response", dict, where) or {}
    given = get(raw, "id", str, where)
    parts: list[Part] = [Text(_told(response))]
    inner = get(raw, "parts", list, where)
    for index, one in enumerate(inner or ()):
        if not isinstance(one, dict):
            raise wrong((*where, "parts", index), "an object", one)
        parts.append(read_part(one, (*where, "parts", index), history))
    extra = noted(rest(raw, RESPONSE, DIALECT, where), DIALECT, where, response=response)
    if not given:
        extra = noted(extra, DIALECT, where, no_id=True)
    return ToolResult(
        history.answered(name, given),
        parts,
        name=name,
        is_error=True if set(response) == {"error"} else None,
        extra=extra,
    )


def _told(response: dict[str, Json]) -> str:
    """A function's response as text: its one answer if that is all it holds, else its JSON."""
    if len(response) == 1:
        (key, value), *_ = response.items()
        if key in (*ANSWERS, "error") and isinstance(value, str):
            return value
    return orjson.dumps(response).decode()


def _seal(part: dict[str, Json], path: Path) -> Seal | None:
    signature = get(part, "thoughtSignature", str, path)
    return untagged(signature, DIALECT) if signature else None


READERS = {
    "text": _text,
    "functionCall": _call,
    "functionResponse": _response,
    "inlineData": _blob,
    "fileData": _file,
}
