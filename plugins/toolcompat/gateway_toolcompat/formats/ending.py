"""Where a call ends, found while its text grows.

Both finders look at each character once, so that a long argument in small pieces costs no more
than in one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

from attrs import define

LONGEST_TOKEN = 160
"""Characters of the longest tag whose beginning is waited for."""


class Ending(Protocol):
    """Finds the end of one call."""

    def find(self, text: str) -> int | None:
        """Where the call ends in `text`, which is all of it so far; None: not yet."""
        ...

    def settle(self, text: str) -> int:
        """Where it ends, when no more text will come."""
        ...


def pattern(*groups: tuple[str, Iterable[str]]) -> re.Pattern[str]:
    """A pattern whose named groups match the given expressions."""
    return re.compile("|".join(f"(?P<{name}>{'|'.join(each)})" for name, each in groups))


@define
class Balanced:
    """Ends when the brackets that it starts with are closed, or at a closing tag after them.

    tokens: groups open, close, quote, escape, and (optional) end and next. A closing tag inside a
    string is text; `next`, the opening of another call, ends this one without its tag, and `wait`
    is a beginning of one at the end of the text.
    may_go_on: an object that was closed too early goes on when a comma and a key follow.
    """

    tokens: re.Pattern[str]
    tagged: bool
    at: int
    depth: int = 0
    quote: str | None = None
    inside: int | None = None
    """The end of a closing tag that stood inside a string, should no other come."""
    may_go_on: bool = False
    closed: int | None = None
    """Where the brackets were closed, should no closing tag come at all."""

    def find(self, text: str) -> int | None:
        if self.closed is not None and not self.tagged:
            end = self._stays_closed(text, self.closed)
            if end is not None or self.closed is not None:
                return end
        for match in self.tokens.finditer(text, self.at):
            if match.lastgroup == "wait":
                self.at = match.start()
                return None
            end = self._take(match)
            self.at = match.end()
            if end is not None and self.may_go_on:
                end = self._stays_closed(text, end)
                if end is None and self.closed is not None:
                    return None
            if end is not None:
                return end
        self.at = max(self.at, _safe(text, self.at))
        return None

    def _stays_closed(self, text: str, end: int) -> int | None:
        """`end`, when something else than another key follows it; None for not enough text.

        When another key follows, the brackets count as open again.
        """
        found = ANOTHER_KEY.match(text, end)
        if found is None:
            return end
        if found["key"]:
            self.closed, self.depth = None, 1
        return None

    def settle(self, text: str) -> int:
        return self.inside or self.closed or len(text)

    def _take(self, match: re.Match[str]) -> int | None:
        kind, text = match.lastgroup, match[0]
        if kind == "escape":
            return None
        if self.quote is not None:
            if kind == "quote" and text == self.quote:
                self.quote = None
            elif kind == "end" and self.inside is None:
                self.inside = match.end()
            return None
        return self._outside_string(kind, text, match)

    def _outside_string(self, kind: str | None, text: str, match: re.Match[str]) -> int | None:
        if kind == "end":
            return match.end()
        if kind == "next":
            return match.start()
        if kind == "quote":
            self.quote = text
        elif kind == "open":
            self.depth += 1
        elif kind == "close":
            self.depth -= 1
            if self.depth < 0 or (self.depth == 0 and self.closed is None):
                self.closed = match.end()
            return self.closed if not self.tagged else None
        return None


@define
class Tagged:
    """Ends at a closing tag that stands outside the value of an argument.

    tokens: groups end, next, value (an argument opens) and done (it closes).
    """

    tokens: re.Pattern[str]
    at: int
    in_value: bool = False
    inside: int | None = None

    def find(self, text: str) -> int | None:
        for match in self.tokens.finditer(text, self.at):
            end = self._take(match)
            self.at = match.end()
            if end is not None:
                return end
        self.at = max(self.at, _safe(text, self.at))
        return None

    def settle(self, text: str) -> int:
        return self.inside or len(text)

    def _take(self, match: re.Match[str]) -> int | None:
        kind = match.lastgroup
        if kind in ("end", "next") and self.in_value:
            return self._inside_value(kind, match)
        if kind == "end":
            return match.end()
        if kind == "next":
            return match.start()
        self.in_value = kind == "value"
        return None

    def _inside_value(self, kind: str, match: re.Match[str]) -> int | None:
        """A closing tag in a value is text, unless nothing but tags then leads to another call."""
        if kind == "next" and self.inside is not None:
            between = match.string[self.inside : match.start()]
            return None if BETWEEN_CALLS.sub("", between) else self.inside
        self.inside = self.inside or (match.end() if kind == "end" else match.start())
        return None


BETWEEN_CALLS = re.compile(r"</?[\w:.｜-]+>|\s")
ANOTHER_KEY = re.compile(r"\s*(?:\Z|,\s*(?:\Z|(?P<key>\")))")
JSON_TOKENS: tuple[tuple[str, list[str]], ...] = (
    ("escape", [r"\\(?:.|\n)"]),
    ("quote", ['"']),
    ("open", [r"[{\[]"]),
    ("close", [r"[}\]]"]),
)
PYTHON_TOKENS: tuple[tuple[str, list[str]], ...] = (
    ("escape", [r"\\(?:.|\n)"]),
    ("quote", ["[\"']"]),
    ("open", [r"[{\[(]"]),
    ("close", [r"[}\])]"]),
)


def _safe(text: str, at: int) -> int:
    """Up to where `text` can hold no beginning of a token: an escape, or a tag."""
    end = len(text)
    if text.endswith("\\"):
        end -= 1
    start = max(at, end - LONGEST_TOKEN)
    for mark in ("<", "["):
        tag = text.rfind(mark, start, end)
        if tag >= 0:
            end = min(end, tag)
    return end
