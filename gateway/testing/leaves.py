"""Walk a JSON body: its nodes, their shapes, and the body with one of them replaced."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import frozen

from gateway.model import Json, Path

NAMED = frozenset(["properties", "$defs", "definitions"])
"""Keys whose children are names of somebody's choice: one of them stands for all."""


@frozen
class Node:
    """One value in a body, and where it stands."""

    path: Path
    value: Json

    @property
    def is_leaf(self) -> bool:
        return not isinstance(self.value, dict | list) or not self.value

    @property
    def keys(self) -> set[str]:
        return {step for step in self.path if isinstance(step, str)}

    @property
    def plain(self) -> str:
        """Its path without indices: "messages.content.text"."""
        return ".".join(step for step in self.path if isinstance(step, str))

    @property
    def name(self) -> str:
        """The last name of its path."""
        return self.plain.rsplit(".", 1)[-1]


def nodes(body: Json, path: Path = ()) -> Iterator[Node]:
    """Every value below `body`, parents first."""
    if isinstance(body, dict):
        pairs: Iterable[tuple[str | int, Json]] = body.items()
    else:
        pairs = enumerate(body)
    for step, value in pairs:
        yield Node((*path, step), value)
        if isinstance(value, dict | list):
            yield from nodes(value, (*path, step))


def replaced(body: Json, path: Path, value: Json) -> Json:
    """`body` with another value at `path`; what lies beside the path is shared, not copied."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    copy: Json = dict(body) if isinstance(body, dict) else list(body)
    copy[step] = replaced(body[step], rest, value)
    return copy


def without(body: Json, path: Path) -> Json:
    """`body` without the value at `path`."""
    parent, step = path[:-1], path[-1]
    holder = body
    for each in parent:
        holder = holder[each]
    if isinstance(holder, dict):
        return replaced(body, parent, {key: old for key, old in holder.items() if key != step})
    return replaced(body, parent, [old for place, old in enumerate(holder) if place != step])


def shape(body: Json, path: Path) -> Path:
    """`path` with what tells one kind of value from another: no indices, but types and roles.

    Two nodes of one shape are read by the same code.
    """
    out: list[str | int] = []
    for place, step in enumerate(path):
        free = place and path[place - 1] in NAMED
        out.append("*" if free or isinstance(step, int) else step)
        body = body[step]
        if isinstance(body, dict):
            out += [word for key in ("type", "role") if isinstance(word := body.get(key), str)]
    return tuple(out)


def samples(bodies: Iterable[Json]) -> Iterator[tuple[Json, Node]]:
    """One node for each shape that occurs, in the smallest body that has it."""
    seen: set[Path] = set()
    for body in sorted(bodies, key=lambda body: len(repr(body))):
        for node in nodes(body):
            kind = (shape(body, node.path), type(node.value).__name__)
            if (*kind[0], kind[1]) not in seen:
                seen.add((*kind[0], kind[1]))
                yield body, node
