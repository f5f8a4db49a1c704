"""A tool's JSON schema in few words: `{ city: string, days?: integer }`, nested, nothing left out.

What the short form has no sign for stands behind it as a comment.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from attrs import frozen

from gateway.model import Json

SAID = frozenset(
    [
        *("type", "properties", "required", "items", "prefixItems", "enum", "const", "$ref"),
        *("anyOf", "oneOf", "allOf", "description", "$schema", "$defs", "definitions", "title"),
    ]
)
"""Keywords that the short form itself says, or that say nothing of a value."""
IMPLIED = {"additionalProperties": (False, True)}
"""Keywords whose values need no word."""
DEPTH = 12


def signature(schema: Json) -> str:
    """The short form of a tool's arguments."""
    return _Shape(schema).of(schema, "", ())


@frozen
class _Shape:
    root: Json

    def of(self, schema: Json, indent: str, via: tuple[str, ...]) -> str:
        if not isinstance(schema, dict):
            return "nothing" if schema is False else "any"
        reference = schema.get("$ref")
        if isinstance(reference, str):
            return self._referred(reference, indent, via)
        if "const" in schema or "enum" in schema:
            return " | ".join(map(_json, schema.get("enum", [schema.get("const")])))
        for key, sign in (("anyOf", " | "), ("oneOf", " | "), ("allOf", " & ")):
            if isinstance(schema.get(key), list):
                return self._joined(schema, key, sign, indent, via)
        kinds = schema.get("type") or _kind(schema)
        names = kinds if isinstance(kinds, list) else [kinds]
        return " | ".join(self._kind(str(kind), schema, indent, via) for kind in names)

    def _joined(
        self, schema: dict[str, Json], key: str, sign: str, indent: str, via: tuple[str, ...]
    ) -> str:
        shapes = [self.of(option, indent, via) for option in schema[key]]
        if schema.get("properties"):
            shapes.insert(0, self._object(schema, indent, via))
            sign = " & "
        return sign.join(shapes)

    def _kind(self, kind: str, schema: dict[str, Json], indent: str, via: tuple[str, ...]) -> str:
        if kind == "object":
            return self._object(schema, indent, via)
        if kind == "array":
            return self._array(schema, indent, via)
        return kind

    def _array(self, schema: dict[str, Json], indent: str, via: tuple[str, ...]) -> str:
        first = schema.get("prefixItems")
        if isinstance(first, list):
            return f"[{', '.join(self.of(item, indent, via) for item in first)}]"
        items = schema.get("items")
        if items is None:
            return "array"
        notes = "".join(f" /* {note} */" for note in _notes(items))
        return f"[{self.of(items, indent, via)}{notes}, …]"

    def _object(self, schema: dict[str, Json], indent: str, via: tuple[str, ...]) -> str:
        properties, required = schema.get("properties") or {}, schema.get("required") or ()
        inner = indent + "  "
        lines = []
        for name, shape in properties.items():
            sign = ":" if name in required else "?:"
            notes = "; ".join(_notes(shape))
            comment = f"  // {notes}" if notes else ""
            lines.append(f"{inner}{_name(name)}{sign} {self.of(shape, inner, via)},{comment}")
        others = schema.get("additionalProperties")
        if isinstance(others, dict):
            lines.append(f"{inner}[any other name]: {self.of(others, inner, via)},")
        if not lines:
            return "object" if others is not False or not indent else "{}"
        return "\n".join(["{", *lines, indent + "}"])

    def _referred(self, reference: str, indent: str, via: tuple[str, ...]) -> str:
        name = reference.rsplit("/", 1)[-1] or "the whole"
        if reference in via or len(via) >= DEPTH:
            return f"({name}, as above)"
        place = self.root
        for step in reference.removeprefix("#").split("/")[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            place = place.get(name) if isinstance(place, dict) else None
        if place is None:
            return f"any /* {reference} */"
        return self.of(place, indent, (*via, reference))


def _notes(schema: Json) -> Iterator[str]:
    """What the short form does not say of a value."""
    if not isinstance(schema, dict):
        return
    described = schema.get("description")
    if isinstance(described, str) and described.strip():
        yield " ".join(described.split())
    for key, value in schema.items():
        if key not in SAID and value not in IMPLIED.get(key, ()):
            if key == "additionalProperties" and isinstance(value, dict):
                continue
            yield f"{key} {_json(value)}"


def _kind(schema: dict[str, Json]) -> str:
    if "properties" in schema or "additionalProperties" in schema:
        return "object"
    return "array" if "items" in schema or "prefixItems" in schema else "any"


def _name(name: str) -> str:
    return name if name.isidentifier() else _json(name)


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)
