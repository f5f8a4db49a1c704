"""Arguments in tags, read with tolerance: these are texts that look like XML, not XML."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from gateway.model import Json
from gateway_toolcompat import repair
from gateway_toolcompat.raw import RawCall

PREFIX = r"(?:[a-z]{2,8}:|｜DSML｜)?"
VALUE_OPEN = (
    rf"<{PREFIX}(?:parameter|param|argument|arg)(?:\s+(?:name|key))?\s*=\s*[\"']?"
    r"[\w.:$@/-]{1,80}[\"']?[^<>]*>"
)
VALUE_DONE = rf"</{PREFIX}(?:parameter|param|argument|arg)\s*>"
PARAMETER = re.compile(
    rf"<{PREFIX}(?P<tag>parameter|param|argument|arg)(?:\s+(?:name|key))?\s*=\s*[\"']?"
    r"(?P<name>[\w.:$@/-]{1,80})[\"']?(?P<rest>[^<>]*)>"
)
CHILD = re.compile(r"<(?P<name>[A-Za-z_][\w.-]{0,79})\s*>(?P<value>.*?)</(?P=name)\s*>", re.DOTALL)
NAME = re.compile(
    r"<(?:tool_)?name\s*>\s*(?P<name>[^<\n]{1,120}?)\s*(?:</(?:tool_)?name\s*>|\n|<|\Z)"
)
HOLDER = re.compile(
    r"<(?P<tag>args|arguments|parameters|params|input|tool_input|tool_parameters)\s*>"
    r"(?P<value>.*)",
    re.DOTALL,
)
ENCLOSING = re.compile(r"\A\n(.*)\n\Z", re.DOTALL)
TAGS = (
    r"(?:[a-z]{2,8}:)?(?:parameter|function|invoke|tool_call|tool_use|function_calls|arg_value)\b"
)
UNESCAPED_END = re.compile(rf"<(\\*/{TAGS})")
ESCAPED_END = re.compile(rf"<\\(\\*/{TAGS})")
Read = Callable[[str], str]


def as_it_is(text: str) -> str:
    """A value written raw, but for closing tags (`<\\/parameter>`, as our history writes them)."""
    return ESCAPED_END.sub(r"<\1", text)


def kept_inside(text: str) -> str:
    """A value to be written raw, with the closing tags in it escaped; `as_it_is` undoes it."""
    return UNESCAPED_END.sub(r"<\\\1", text)


def own_line(text: str) -> str:
    """A value between line breaks that belong to the tags."""
    inner = ENCLOSING.match(text)
    return as_it_is(inner[1] if inner else text)


def decoded(text: str) -> str:
    """A value in which `&`, `<` and `>` are written as entities."""
    return html.unescape(text)


def arguments(body: str, read: Read) -> tuple[dict[str, Json] | str, bool, bool]:
    """The arguments in `body`, whether they are plain texts, and whether they were mended.

    A string where nobody could read them.
    """
    stripped = body.strip()
    if stripped.startswith(("{", "```")):
        mended = repair.load(stripped)
        if mended is None or not isinstance(mended.value, dict):
            return stripped, False, True
        if not mended.whole:
            return stripped, False, True
        return mended.value, False, mended.repaired
    found, repaired = _parameters(body, read)
    if not found:
        found = {match["name"]: read(match["value"]) for match in CHILD.finditer(body)}
    if not found and re.sub(r"</?[\w:.｜-]+\s*/?>", "", stripped).strip():
        return stripped, True, True
    return found, True, repaired


def named(body: str, read: Read) -> RawCall | None:
    """A call whose name stands in a tag of its own (`<name>…</name>`)."""
    name = NAME.search(body)
    if name is None:
        return None
    rest = body[: name.start()] + body[name.end("name") :]
    rest = re.sub(r"\A\s*</(?:tool_)?name\s*>", "", rest)
    holder = HOLDER.search(rest)
    inner, closed = rest, True
    if holder is not None:
        inner, close, _ = holder["value"].rpartition(f"</{holder['tag']}>")
        closed = bool(close)
        inner = inner if closed else holder["value"]
    values, textual, repaired = arguments(inner, read)
    return RawCall(name["name"], values, textual, repaired or not closed)


def _parameters(body: str, read: Read) -> tuple[dict[str, Json], bool]:
    found: dict[str, Json] = {}
    repaired = False
    opens = list(PARAMETER.finditer(body))
    at = 0
    for index, match in enumerate(opens):
        if match.start() < at:
            continue
        if match["rest"].rstrip().endswith("/"):
            found[match["name"]] = _attribute(match["rest"])
            at = match.end()
            continue
        following = opens[index + 1].start() if index + 1 < len(opens) else len(body)
        close = re.compile(VALUE_DONE).search(body, match.end())
        if close is None or close.start() > following:
            end = following
            repaired = True
            value = re.sub(r"\s*(?:</[\w:.｜-]+\s*>\s*)*\Z", "", body[match.end() : end])
            value = value.removeprefix("\n")
            at = end
        else:
            value, at = body[match.end() : close.start()], close.end()
        found[match["name"]] = read(value)
    return found, repaired


def _attribute(rest: str) -> str:
    value = re.search(r"value\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", rest)
    return html.unescape(value[1] or value[2] or "") if value else ""
