"""One thing that the doctor found."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

Grade = Literal["good", "note", "bad"]


@frozen
class Finding:
    """what: what was seen, and where. why: why it matters. do: what to do about it.

    grade: "bad" keeps something from working, "note" may surprise, "good" is as it should be.
    """

    area: str
    grade: Grade
    what: str
    why: str = ""
    do: str = ""


def good(area: str, what: str) -> Finding:
    return Finding(area, "good", what)


def note(area: str, what: str, why: str, do: str) -> Finding:
    return Finding(area, "note", what, why, do)


def bad(area: str, what: str, why: str, do: str) -> Finding:
    return Finding(area, "bad", what, why, do)
