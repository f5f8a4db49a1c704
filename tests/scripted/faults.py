"""What can go wrong at an upstream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from attrs import field, frozen


@frozen
class Refuse:
    """An error reply in the wire's own shape."""

    status: int
    message: str = "the scripted upstream refuses"
    headers: Mapping[str, str] = field(factory=dict)


@frozen
class Raw:
    """These bytes as the whole reply, whatever the wire."""

    body: bytes
    content_type: str = "text/event-stream"
    status: int = 200


@frozen
class Break:
    """A stream that goes wrong.

    reset: the connection is reset after the first text. early: a tidy end before the terminal
    event. error: an error event in place of the terminal one. error_first: an error event in
    place of everything. hang: silence for ever after the first text; hang_head: after the head
    of the reply; hang_silent: before any of it. Silence ends when `Scripted.release` is called.
    """

    how: Literal["reset", "early", "error", "error_first", "hang", "hang_head", "hang_silent"]


Fault: TypeAlias = Refuse | Raw | Break
