"""What an SDK's typed objects said, in words of no dialect, so that one table can judge both."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen


@frozen
class Tokens:
    """input: everything read; each SDK's own definition is converted by its reader."""

    input: int | None = None
    cached: int | None = None
    output: int | None = None


@frozen
class Outcome:
    """One reply. finish: in the client dialect's own word. calls: (name, arguments) in order."""

    text: str = ""
    thinking: str = ""
    calls: Sequence[tuple[str, Mapping[str, Any]]] = ()
    call_ids: Sequence[str] = ()
    finish: str | None = None
    stop_sequence: str | None = None
    refusal: str | None = None
    model: str = ""
    tokens: Tokens = field(factory=Tokens)


def arguments_of(text: str) -> Mapping[str, Any]:
    """A call's arguments, which must be an object."""
    value = json.loads(text)
    assert isinstance(value, dict)
    return value
