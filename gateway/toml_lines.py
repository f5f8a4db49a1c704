"""Where everything stands in a TOML document: the line of each table, key and list item.

tomllib gives values without positions (Python 3.11 to 3.14), and no kept library on PyPI does
better (tomlkit 0.15 and rtoml 0.14 were read in 2026-11), so this walks the text once more. The
text has been parsed before: it is valid TOML, and nothing is checked here.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right

from attrs import define, field

from gateway.model import Path

BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
SPACE = re.compile(r"[ \t]*")
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
ONE_LINE_STRING = re.compile(r'"(?:\\.|[^"\\])*"|\'[^\']*\'')
LONG_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{0,2}(?!"))|\'\'\'.*?\'\'\'(?:\'{0,2}(?!\'))', re.DOTALL
)
PLAIN_VALUE = re.compile(r"[^,\]}\n#]*")


def lines_of(text: str) -> dict[Path, int]:
    """The line (from 1) of everything in a valid document, by path: ("upstreams", "x", "keys", 0).

    >>> lines_of('[a]\\nb = [1,\\n2]')
    {('a',): 1, ('a', 'b'): 2, ('a', 'b', 0): 2, ('a', 'b', 1): 3}
    """
    return _Walk(text.replace("\r\n", "\n")).document()


@define
class _Walk:
    text: str
    at: int = 0
    lines: dict[Path, int] = field(factory=dict)
    _ends: list[int] = field(init=False)
    _table_arrays: dict[Path, int] = field(factory=dict)
    """How many tables each array of tables has so far."""

    def __attrs_post_init__(self) -> None:
        self._ends = [place for place, char in enumerate(self.text) if char == "\n"]

    def document(self) -> dict[Path, int]:
        table: Path = ()
        while self._skip(BLANK) < len(self.text):
            if self.text.startswith("[[", self.at):
                table = self._table_of_array()
            elif self.text.startswith("[", self.at):
                table = self._table()
            else:
                self._pair(table)
        return self.lines

    def _table(self) -> Path:
        line = self._line()
        self.at += 1
        path = self._within(self._key())
        self._note(path[:-1], line)
        self.lines[path] = line
        self.at += 1
        return path

    def _table_of_array(self) -> Path:
        line = self._line()
        self.at += 2
        *parents, last = self._key()
        path = (*self._within(parents), last)
        self._note(path, line)
        count = self._table_arrays.get(path, 0)
        self._table_arrays[path] = count + 1
        self.lines[(*path, count)] = line
        self.at += 2
        return (*path, count)

    def _within(self, key: list[str]) -> Path:
        """The path of a header's key: a name of an array of tables means its latest table."""
        path: Path = ()
        for step in key:
            path = (*path, step)
            if path in self._table_arrays:
                path = (*path, self._table_arrays[path] - 1)
        return path

    def _pair(self, table: Path) -> None:
        line = self._line()
        path = (*table, *self._key())
        self._note(path, line)
        self.at += 1
        self._skip(SPACE)
        self._value(path)

    def _note(self, path: Path, line: int) -> None:
        """Remember the line of `path`, and of those above it that have none yet."""
        for length in range(1, len(path) + 1):
            self.lines.setdefault(path[:length], line)

    def _key(self) -> list[str]:
        """A dotted key, up to and with the space behind it."""
        steps = []
        while True:
            self._skip(SPACE)
            steps.append(self._name())
            self._skip(SPACE)
            if not self.text.startswith(".", self.at):
                return steps
            self.at += 1

    def _name(self) -> str:
        if self.text[self.at] not in "\"'":
            return self._take(BARE_KEY)
        name: str = tomllib.loads(f"name = {self._take(ONE_LINE_STRING)}")["name"]
        return name

    def _value(self, path: Path) -> None:
        match self.text[self.at]:
            case "[":
                self._list(path)
            case "{":
                self._inline_table(path)
            case '"' | "'":
                long = self.text.startswith(('"""', "'''"), self.at)
                self._take(LONG_STRING if long else ONE_LINE_STRING)
            case _:
                self._take(PLAIN_VALUE)

    def _list(self, path: Path) -> None:
        self.at += 1
        index = 0
        while self.text[self._skip(BLANK)] != "]":
            self.lines[(*path, index)] = self._line()
            self._value((*path, index))
            self._skip_comma()
            index += 1
        self.at += 1

    def _inline_table(self, path: Path) -> None:
        self.at += 1
        while self.text[self._skip(BLANK)] != "}":
            self._pair(path)
            self._skip_comma()
        self.at += 1

    def _skip_comma(self) -> None:
        if self.text[self._skip(BLANK)] == ",":
            self.at += 1

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        assert found, "the document was parsed before"
        self.at = found.end()
        return found.group()

    def _skip(self, pattern: re.Pattern[str]) -> int:
        self._take(pattern)
        return self.at

    def _line(self) -> int:
        return bisect_right(self._ends, self.at - 1) + 1
