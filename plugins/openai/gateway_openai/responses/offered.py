"""The tools that a client offered, and which of them a model's call means.

Other dialects have no namespaces and no free-form tools, so their models call `namespace__name`,
or leave the namespace out; Codex refuses a call without its namespace ("unsupported call").
"""

from __future__ import annotations

from typing import NamedTuple

from attrs import define, field

from gateway.model import Tool, ToolKind

JOINT = "__"


class Called(NamedTuple):
    """A tool as its client knows it."""

    name: str
    namespace: str | None
    kind: ToolKind


@define
class Offered:
    """tools: those of the request, None for none."""

    tools: list[Tool] | None
    _exact: dict[tuple[str | None, str], Called] = field(factory=dict)
    _joined: dict[str, list[Called]] = field(factory=dict)
    _bare: dict[str, list[Called]] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        for tool in self.tools or ():
            if tool.kind == "server":
                continue
            called = Called(tool.name, tool.namespace, tool.kind)
            self._exact.setdefault((tool.namespace, tool.name), called)
            if tool.namespace is not None:
                name = f"{tool.namespace}{JOINT}{tool.name}"
                self._joined.setdefault(name, []).append(called)
                self._bare.setdefault(tool.name, []).append(called)

    def find(self, name: str, namespace: str | None, kind: ToolKind) -> Called:
        """The tool that a call means; as the call says it where no offered tool fits.

        A tool without a namespace is preferred, then `namespace__name`, then a bare name that only
        one namespace has.
        """
        exact = self._exact.get((namespace, name))
        if exact is not None:
            return exact
        if namespace is None:
            for found in (self._joined.get(name, []), self._bare.get(name, [])):
                if len(found) == 1:
                    return found[0]
        return Called(name, namespace, kind)
