"""What a call format is: where a call opens, where it ends, and what it says."""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen

from gateway_toolcompat.formats.ending import Ending
from gateway_toolcompat.formats.opening import Opening
from gateway_toolcompat.raw import RawCall


@frozen
class Form:
    """One way of writing a call.

    ending: a finder of the end, given where the opening ends and the name in it ("" for none).
    read: the calls in a block that begins with the opening, given where the opening ends and the
    name in it. [] when it is no call after all.
    alone: it may only begin a line. anchored: the name in the opening must be a declared tool's;
    exact: to the letter, and its arguments must all be known.
    explicit: this markup is used for calls alone, so that a broken one is worth asking about.
    """

    name: str
    opening: Opening
    ending: Callable[[int, str], Ending]
    read: Callable[[str, int, str], list[RawCall]]
    alone: bool = False
    anchored: bool = False
    exact: bool = False
    explicit: bool = True
