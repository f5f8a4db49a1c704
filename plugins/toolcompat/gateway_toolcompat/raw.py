"""A call as it was read from text, before anything is known of its tool."""

from __future__ import annotations

from attrs import field, frozen

from gateway.model import Json


@frozen
class RawCall:
    """One call.

    arguments: by name; the values are JSON, or plain text where `textual` says so. Text that no
    reader understood, where it is a string.
    beside: what stands next to the arguments; a tool's own argument among it belongs to them.
    repaired: something about its form had to be mended.
    whole: nothing in the middle of a value is missing; False for a call that was cut off.
    """

    name: str
    arguments: dict[str, Json] | str
    textual: bool = False
    repaired: bool = False
    whole: bool = True
    beside: dict[str, Json] = field(factory=dict)
