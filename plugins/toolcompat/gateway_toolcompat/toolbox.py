"""The tools of one exchange: what the model sees of them, and what it may call."""

from __future__ import annotations

from collections.abc import Collection

import orjson
from attrs import define, field, frozen

from gateway.model import Json, Tool, ToolChoice
from gateway_toolcompat.names import PLACEHOLDER, meant, undecorated
from gateway_toolcompat.raw import RawCall
from gateway_toolcompat.typed import Fitting

FREE_FORM: Json = {
    "type": "object",
    "properties": {"input": {"type": "string", "description": "The tool's whole input, as text."}},
    "required": ["input"],
}


@frozen
class Call:
    """A call that can be handed on. arguments: JSON text, or a free-form tool's input."""

    tool: Tool
    arguments: str
    repaired: bool = False


@frozen
class Problem:
    """Why a call can't be handed on, in words for the model."""

    reason: str
    quoted: bool = False
    """It was no call but our own guide, quoted."""


@define
class Toolbox:
    """tools: by the names that the model sees. callable: those of them that it may call now."""

    tools: dict[str, Tool]
    callable: Collection[str] = field(factory=frozenset)

    def shape(self, name: str) -> Json:
        """The schema of a tool's arguments, as the model is told and held to it."""
        tool = self.tools[name]
        if tool.kind == "custom":
            return FREE_FORM
        return tool.schema if isinstance(tool.schema, dict) else {"type": "object"}

    def knows(self, name: str, *, exact: bool = False) -> bool:
        """Whether a call of `name` can be meant for one of the tools."""
        if name in self.tools:
            return True
        return not exact and meant(name, self.tools) is not None

    def settle(self, raw: RawCall, *, exact: bool = False) -> Call | Problem:
        """The call that was meant, typed and checked; or what is wrong with it."""
        if raw.name == PLACEHOLDER:
            return Problem("it is the guide's own example", quoted=True)
        name = raw.name if exact and raw.name in self.tools else meant(raw.name, self.tools)
        if name is None:
            return Problem(f'there is no tool "{raw.name}"; the tools are: {", ".join(self.tools)}')
        if name not in self.callable:
            allowed = ", ".join(sorted(self.callable))
            return Problem(f'"{name}" may not be called now; what may be called: {allowed}')
        if isinstance(raw.arguments, str):
            return Problem(f'the arguments of "{name}" could not be read')
        if not raw.whole:
            return Problem(f'the call of "{name}" breaks off')
        return self._fitted(name, raw, exact=exact)

    def _fitted(self, name: str, raw: RawCall, *, exact: bool) -> Call | Problem:
        assert isinstance(raw.arguments, dict)
        shape = self.shape(name)
        if exact and not raw.arguments.keys() <= (shape.get("properties") or {}).keys():
            return Problem(f'"{name}" has no such arguments')
        fitting = Fitting(shape)
        own = shape.get("properties") or {}
        strayed = {key: value for key, value in raw.beside.items() if key in own}
        values = fitting.arguments({**strayed, **raw.arguments}, textual=raw.textual)
        wrong = fitting.problem(values)
        if wrong:
            return Problem(f'the arguments of "{name}" do not fit: {wrong}')
        tool = self.tools[name]
        changed = name not in (raw.name, undecorated(raw.name)) or (
            values != raw.arguments and not raw.textual
        )
        text = values["input"] if tool.kind == "custom" else orjson.dumps(values).decode()
        return Call(tool, text, repaired=raw.repaired or changed)


def toolbox(tools: list[Tool], choice: ToolChoice | None) -> Toolbox:
    """The tools that can be told in words; a tool of a namespace has its name before its own."""
    offered: dict[str, Tool] = {}
    for tool in tools:
        if tool.kind == "server":
            continue
        name = visible_name(tool.name, tool.namespace)
        offered.setdefault(name, tool)
    return Toolbox(offered, _callable(offered, choice))


def visible_name(name: str, namespace: str | None) -> str:
    """The name that the model sees."""
    return f"{namespace}__{name}" if namespace else name


def _callable(offered: dict[str, Tool], choice: ToolChoice | None) -> frozenset[str]:
    if choice is None:
        return frozenset(offered)
    wanted = [choice.name] if choice.mode == "tool" else choice.allowed
    if wanted is None:
        return frozenset(offered)
    return frozenset(
        name for name, tool in offered.items() if name in wanted or tool.name in wanted
    )
