"""What other dialects are told of a block that only Claude understands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from gateway.model import Json


def words_of(block: dict[str, Json]) -> str | None:
    """Words that say all of the block's content, or None when words can't."""
    say = WORDS.get(block.get("type") or "")
    return say(block) if say else None


def _tool_reference(block: dict[str, Json]) -> str | None:
    return f"Tool {block.get('tool_name')} is now available."


def _search_result(block: dict[str, Json]) -> str | None:
    text = _plain(block.get("content"))
    if text is None:
        return None
    return f"{block.get('title')} ({block.get('source')})\n{text}"


def _document(block: dict[str, Json]) -> str | None:
    source = block.get("source")
    text = _plain(source.get("content")) if isinstance(source, dict) else None
    if text is None:
        return None
    heading = [str(block[key]) for key in ("title", "context") if block.get(key)]
    return "\n".join([*heading, text])


def _compaction(block: dict[str, Json]) -> str | None:
    content = block.get("content")
    return content if isinstance(content, str) and content else None


def _plain(content: Json) -> str | None:
    """The text of a string or of a list of text blocks; None when anything else is in it."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return None
    texts = [block.get("text") for block in content if isinstance(block, dict)]
    told = [text for text in texts if isinstance(text, str)]
    return "\n".join(told) if len(told) == len(content) else None


WORDS: Mapping[str, Callable[[dict[str, Json]], str | None]] = MappingProxyType(
    {
        "tool_reference": _tool_reference,
        "search_result": _search_result,
        "document": _document,
        "compaction": _compaction,
    }
)
