"""Lower the names and ids that a target can't take, and raise them back exactly.

Lowering is a pure function of the name, so that every turn of a conversation lowers it alike and
prompt caches keep hitting.
"""

from __future__ import annotations

import re
from typing import Any

import orjson
from attrs import define, field

from gateway.naming import NAME, fits, lower_id, shorten
from gateway.renames import Renames

__all__ = ["NAME", "ToolRegistry", "lower_id", "shorten"]


@define
class ToolRegistry:
    """What one attempt changed about its tools, by the names that the target sees."""

    _originals: dict[str, str] = field(factory=dict)
    _namespaces: dict[str, tuple[str, str]] = field(factory=dict)
    _renames: dict[str, Renames] = field(factory=dict)
    _custom: set[str] = field(factory=set)

    def lower(self, name: str, allowed: re.Pattern[str] = NAME, limit: int = 64) -> str:
        """The name that the target sees: `name` itself where `allowed` matches all of it."""
        if fits(name, allowed):
            return name
        lowered = shorten(name, limit)
        if not allowed.fullmatch(lowered):  # it begins with what may not stand first
            lowered = "t_" + shorten(name, limit - 2)
        self._originals[lowered] = name
        return lowered

    def lower_in(
        self, namespace: str | None, name: str, allowed: re.Pattern[str] = NAME, limit: int = 64
    ) -> str:
        """The name that the target sees for a tool of a namespace: `namespace__name`, lowered."""
        if namespace is None:
            return self.lower(name, allowed, limit)
        lowered = self.lower(f"{namespace}__{name}", allowed, limit)
        self._namespaces[lowered] = (namespace, name)
        return lowered

    def raise_in(self, name: str) -> tuple[str | None, str]:
        """The namespace (None for none) and the client's own name of a tool that was called."""
        return self._namespaces.get(name) or (None, self.raise_(name))

    def raise_(self, name: str) -> str:
        """The client's own name for a tool that the model called."""
        return self._originals.get(name, name)

    def renamed(self, name: str, renames: Renames) -> None:
        """Remember the parameter names that were changed for the tool that is now `name`."""
        if renames:
            self._renames[name] = renames

    def wrap_custom(self, name: str) -> dict[str, Any]:
        """The schema of a free-form tool as a function: one string, `input`."""
        self._custom.add(name)
        return CUSTOM_SCHEMA

    def is_custom(self, name: str) -> bool:
        """Whether the tool that the target sees as `name` takes free-form input."""
        return name in self._custom

    def lower_arguments(self, name: str, arguments: Any) -> Any:
        """A call's parsed arguments with the names that the target knows."""
        renames = self._renames.get(name)
        return renames.lowered(arguments) if renames else arguments

    def raise_arguments(self, name: str, arguments: str) -> str:
        """The JSON text of a call's arguments as the client's own tool takes it.

        A free-form tool gets its raw input. Text that is not JSON comes back as it is.
        """
        renames = self._renames.get(name)
        if renames is None and name not in self._custom:
            return arguments
        try:
            parsed = orjson.loads(arguments)
        except orjson.JSONDecodeError:
            return arguments
        if name in self._custom:
            given = parsed.get("input") if isinstance(parsed, dict) else None
            return given if isinstance(given, str) else arguments
        assert renames is not None
        return orjson.dumps(renames.raised(parsed)).decode()

    def changes_arguments(self, name: str) -> bool:
        """Whether a call of `name` has to be whole before its arguments can be raised."""
        return name in self._custom or name in self._renames


CUSTOM_SCHEMA = {
    "type": "object",
    "properties": {"input": {"type": "string", "description": "The tool's whole input, as text."}},
    "required": ["input"],
}
