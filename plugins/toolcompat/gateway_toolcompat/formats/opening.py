"""How a call begins, as a sequence of atoms: found whole, or as a beginning at the end of a text.

An atom is a regular expression for one character, for a run of characters of bounded length, or
for nothing (a look ahead). What follows a run must not be able to continue it, so that an opening
is found at the same place however the text arrives.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from attrs import frozen

SPACE = r"\s{0,8}"
NAME = r"(?P<name>[\w.:/-]{1,80})"
QUOTE = r"[\"']?"
VALUE_NEXT = r"(?=[{\[])"
"""JSON follows."""


@frozen
class Opening:
    """The beginning of one kind of call, after a fence and a wrapper if there are any.

    whole: group `core` is the opening itself, `name` the name in it. longest: in characters.
    shape: a pattern for the opening or any beginning of it, without what may go before.
    """

    whole: re.Pattern[str]
    beginning: re.Pattern[str]
    longest: int
    shape: str


def opening(*pieces: str | Iterable[str]) -> Opening:
    """Compile an opening from atoms and lists of atoms. Only the group `name` may stand in it."""
    atoms = _atoms(pieces)
    return Opening(
        re.compile(f"{BEFORE}(?P<core>{''.join(atoms)})"),
        re.compile(f"{BEGINNING_BEFORE}|{BEFORE}{_beginning(atoms)}"),
        _length(FENCE) + max(map(_length, WRAPPERS)) + _length(atoms),
        f"{''.join(atoms)}|{_beginning(atoms)}".replace("?P<name>", "?:"),
    )


def any_of(openings: Iterable[Opening]) -> re.Pattern[str]:
    """A pattern that matches where one of them, or a beginning of one, does."""
    shapes = "|".join(each.shape for each in openings)
    return re.compile(f"{BEFORE}(?:{shapes})|{BEGINNING_BEFORE}")


def mark(*pieces: str | Iterable[str]) -> Opening:
    """The same for a mark that no fence and no wrapper goes before, in letters of either case."""
    atoms, flags = _atoms(pieces), re.IGNORECASE
    whole, beginning = f"(?P<core>{''.join(atoms)})", _beginning(atoms)
    shape = f"{''.join(atoms)}|{beginning}"
    return Opening(re.compile(whole, flags), re.compile(beginning, flags), _length(atoms), shape)


def literal(text: str) -> list[str]:
    """The atoms of a fixed text."""
    return [re.escape(char) for char in text]


def _atoms(pieces: Iterable[str | Iterable[str]]) -> list[str]:
    return [atom for piece in pieces for atom in ([piece] if isinstance(piece, str) else piece)]


def _beginning(atoms: Iterable[str]) -> str:
    """A pattern for every beginning of the atoms that reaches the end of the text."""
    nested = ""
    for atom in reversed(list(atoms)):
        nested = f"{atom}(?:\\Z{'|' if nested else ''}{nested})"
    return nested


def _length(atoms: Iterable[str]) -> int:
    """The most characters that the atoms can match."""
    total = 0
    for atom in atoms:
        run = re.search(r"\{\d+,(\d+)\}\)?\Z", atom)
        total += 0 if atom.startswith("(?=") else int(run[1]) if run else 1
    return total


FENCE = [*literal("```"), r"[A-Za-z_]{0,12}", r"[ \t]{0,2}", r"\r?", r"\n", SPACE]
WRAPPERS = [
    [*literal(tag), SPACE]
    for tag in (
        "<function_calls>",
        "<" + "antml:function_calls>",
        "<｜DSML｜function_calls>",
        "<tool_calls>",
        "<tool_call>",
        "<｜tool▁calls▁begin｜>",
        "<|tool_calls_section_begin|>",
    )
]
"""What may stand around calls and means nothing by itself."""
_FENCE = "".join(FENCE)
BEFORE = f"(?:{_FENCE})?(?:{'|'.join(''.join(each) for each in WRAPPERS)})?"
"""What may go before an opening."""
BEGINNING_BEFORE = "|".join(
    [_beginning(FENCE), *(f"(?:{_FENCE})?{_beginning(each)}" for each in WRAPPERS)]
)
"""Every beginning of that which reaches the end of the text."""
