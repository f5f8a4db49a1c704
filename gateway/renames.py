"""Property names that a provider can't take, and the way back to the client's own."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import define, field

from gateway.model import Json


@define
class Renames:
    """The changed names of one object: lowered name -> original; and those of what is below.

    below: by lowered name, of every property that holds objects. A list's items share the entry
    of the list.
    """

    names: dict[str, str] = field(factory=dict)
    below: dict[str, Renames] = field(factory=dict)

    def __bool__(self) -> bool:
        return bool(self.names) or any(self.below.values())

    def inside(self, name: str) -> Renames:
        """The renames below a property, by its lowered name."""
        return self.below.setdefault(name, Renames())

    def raised(self, value: Json) -> Json:
        """`value` (a call's arguments) with the client's own property names."""
        if isinstance(value, list):
            return [self.raised(item) for item in value]
        if not isinstance(value, dict):
            return value
        return {
            self.names.get(key, key): self._below(key).raised(inner) for key, inner in value.items()
        }

    def lowered(self, value: Json) -> Json:
        """`value` with the names that the provider knows."""
        return self._lowered(value, {name: lowered for lowered, name in self.names.items()})

    def _lowered(self, value: Json, names: Mapping[str, str]) -> Json:
        if isinstance(value, list):
            return [self._lowered(item, names) for item in value]
        if not isinstance(value, dict):
            return value
        found = {names.get(key, key): inner for key, inner in value.items()}
        return {key: self._below(key).lowered(inner) for key, inner in found.items()}

    def _below(self, name: str) -> Renames:
        return self.below.get(name) or UNCHANGED


UNCHANGED = Renames()
