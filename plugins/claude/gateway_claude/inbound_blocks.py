"""A client's content blocks as parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from gateway.model import (
    NO_EXTRA,
    Extra,
    Fields,
    Json,
    Opaque,
    Part,
    Path,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)
from gateway.reading import entries, get, need, noted, rest, wrong
from gateway.seals import untagged
from gateway_claude.arguments import arguments_text
from gateway_claude.cache import read_cache
from gateway_claude.media import read_media
from gateway_claude.names import NAME
from gateway_claude.opaque import words_of

TEXT = frozenset(["type", "text", "cache_control"])
THINKING = frozenset(["type", "thinking", "signature", "cache_control"])
REDACTED = frozenset(["type", "data", "cache_control"])
TOOL_USE = frozenset(["type", "id", "name", "input", "cache_control"])
TOOL_RESULT = frozenset(["type", "tool_use_id", "content", "is_error", "cache_control"])
BARE_TEXT, BARE_USE, BARE_RESULT = 2, 4, 3
"""How many fields a block has that holds just what it must: nothing else has to be looked for."""
PLAIN: Extra = MappingProxyType({NAME: Fields({"$content": "string"}, ())})
"""The note that `noted(NO_EXTRA, NAME, path, content="string")` would make; notes need no path."""


def read_content(owner: dict[str, Json], path: Path, extra: Extra) -> tuple[list[Part], Extra]:
    """The parts of `owner["content"]`, and `extra` with a note when it was no list.

    A string is one text; a missing content is no parts. Raises BadRequest.
    """
    content = owner.get("content")
    if type(content) is list:
        blocks = entries(content, (*path, "content"))
        return [read_block(block, where) for where, block in blocks], extra
    if type(content) is str:
        parts: list[Part] = [Text(content)] if content else []
        return parts, noted(extra, NAME, path, content="string") if extra else PLAIN
    if content is None:
        return [], noted(extra, NAME, path, content="none")
    raise wrong((*path, "content"), "a string or a list", content)


def read_block(block: dict[str, Json], path: Path) -> Part:
    """One block. What only Claude understands becomes an Opaque part. Raises BadRequest."""
    return READERS.get(need(block, "type", str, path), _opaque)(block, path)


def read_text(block: dict[str, Json], path: Path) -> Text:
    """A `text` block. Raises BadRequest for any other."""
    text = block.get("text")
    if block.get("type") != "text":
        raise wrong((*path, "type"), '"text"', block.get("type"))
    if type(text) is str and len(block) == BARE_TEXT:
        return Text(text)
    return Text(
        need(block, "text", str, path),
        cache_control=read_cache(block, path),
        extra=rest(block, TEXT, NAME, path),
    )


def _thinking(block: dict[str, Json], path: Path) -> Thinking:
    extra = rest(block, THINKING, NAME, path)
    signature = get(block, "signature", str, path)
    seal = untagged(signature, NAME) if signature else None
    if signature == "":
        extra = noted(extra, NAME, path, signature="")
    elif seal is not None and not seal.value:
        extra = noted(extra, NAME, path, origin=[seal.dialect, seal.upstream, seal.model])
        seal = None
    text = need(block, "thinking", str, path)
    return Thinking(text, seal=seal, cache_control=read_cache(block, path), extra=extra)


def _redacted(block: dict[str, Json], path: Path) -> Thinking:
    return Thinking(
        "",
        redacted=True,
        seal=untagged(need(block, "data", str, path), NAME),
        cache_control=read_cache(block, path),
        extra=rest(block, REDACTED, NAME, path),
    )


def _media(block: dict[str, Json], path: Path) -> Part:
    return read_media(block, path) or _opaque(block, path)


def _tool_use(block: dict[str, Json], path: Path) -> ToolCall:
    given = get(block, "input", dict, path)
    id_, name = need(block, "id", str, path), need(block, "name", str, path)
    arguments = arguments_text(given or {})
    if given is not None and len(block) == BARE_USE:
        return ToolCall(id_, name, arguments)
    return ToolCall(
        id_,
        name,
        arguments,
        cache_control=read_cache(block, path),
        extra=rest(block, TOOL_USE, NAME, path),
    )


def _tool_result(block: dict[str, Json], path: Path) -> ToolResult:
    if block.get("content") is not None and len(block) == BARE_RESULT:
        parts, extra = read_content(block, path, NO_EXTRA)
        return ToolResult(need(block, "tool_use_id", str, path), parts, extra=extra)
    parts, extra = read_content(block, path, rest(block, TOOL_RESULT, NAME, path))
    return ToolResult(
        need(block, "tool_use_id", str, path),
        parts,
        is_error=get(block, "is_error", bool, path),
        cache_control=read_cache(block, path),
        extra=extra,
    )


def _opaque(block: dict[str, Json], path: Path) -> Opaque:
    return Opaque(NAME, block, words_of(block), path)


READERS: Mapping[str, Callable[[dict[str, Json], Path], Part]] = MappingProxyType(
    {
        "text": read_text,
        "thinking": _thinking,
        "redacted_thinking": _redacted,
        "image": _media,
        "document": _media,
        "tool_use": _tool_use,
        "tool_result": _tool_result,
    }
)
