"""Tool names on Claude's wire, and back.

A namespace, and a free-form tool that was lowered to a function, are part of the name that the
registry remembers: kind, namespace and name, joined by NUL, which no tool's name holds.
"""

from __future__ import annotations

from typing import NamedTuple

from gateway.model import ToolKind
from gateway.registry import ToolRegistry

JOINT = "\0"


class ToolName(NamedTuple):
    name: str
    namespace: str | None = None
    kind: ToolKind = "function"


def lower(name: str, namespace: str | None, kind: ToolKind, registry: ToolRegistry) -> str:
    """The name that Claude sees."""
    if namespace is None and kind == "function":
        return registry.lower(name)
    return registry.lower(JOINT.join([kind, namespace or "", name]))


def raised(name: str, registry: ToolRegistry) -> ToolName:
    """The tool that the model called."""
    original = registry.raise_(name)
    if JOINT not in original:
        return ToolName(original)
    kind, namespace, name = original.split(JOINT, 2)
    return ToolName(name, namespace or None, "custom" if kind == "custom" else "function")
