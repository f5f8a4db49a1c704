"""Say a JSON Schema in the words that a strict provider takes, and lose nothing in silence.

An allow-list: what is not listed is folded into what is, or told in the description, or is a loss
of meaning. Providers refuse a whole request for one unknown keyword, so a deny-list never ends.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import orjson
from attrs import define, field, frozen

from gateway.losses import Losses
from gateway.model import Json, Path
from gateway.naming import shorten

DEPTH = 24
"""How deep a schema may nest before its rest becomes "any object"."""
SILENT = frozenset({"$schema", "$id", "$anchor", "$comment", "$defs", "definitions", "examples"})
"""Keywords that constrain nothing by themselves."""
COMBINED = ("allOf", "anyOf", "oneOf")
HANDLED = frozenset({"$ref", "const", "type", "nullable", *COMBINED})
Schema = dict[str, Json]


@frozen
class SchemaRules:
    """What a provider takes.

    keywords: beside type, properties, items and required, which everybody takes.
    formats: values of `format` that pass; None passes all.
    any_of: whether `anyOf` may stand. nullable: how null is said: "nullable" writes
    `nullable: true`, "type" writes `type: [X, "null"]`.
    bound: the largest magnitude of a numeric bound; None for no limit.
    names: what a property's name must match; None takes any.
    """

    keywords: frozenset[str]
    formats: frozenset[str] | None = None
    any_of: bool = True
    nullable: str = "nullable"
    bound: int | None = None
    names: re.Pattern[str] | None = None


@define
class Renames:
    """Property names that were changed: lowered name -> original, and the same for what is below.

    A list's items share the entry of the list.
    """

    names: dict[str, str] = field(factory=dict)
    below: dict[str, Renames] = field(factory=dict)

    def __bool__(self) -> bool:
        return bool(self.names) or any(self.below.values())

    def raised(self, value: Json) -> Json:
        """`value` (a call's arguments) with the client's own property names."""
        return self._walk(value, self.names)

    def lowered(self, value: Json) -> Json:
        """`value` with the names that the provider knows."""
        return self._walk(value, {original: lowered for lowered, original in self.names.items()})

    def _walk(self, value: Json, names: Mapping[str, str]) -> Json:
        lowering = names is not self.names
        if isinstance(value, list):
            return [self._walk(item, names) for item in value]
        if not isinstance(value, dict):
            return value
        out = {}
        for key, inner in value.items():
            below = self.below.get(names.get(key, key) if not lowering else key)
            if below:
                inner = below.lowered(inner) if lowering else below.raised(inner)  # noqa: PLW2901
            out[names.get(key, key)] = inner
        return out


@define
class Compiled:
    """A schema in a provider's words, and the property names that changed on the way."""

    schema: Schema
    renames: Renames


def compile_schema(schema: Json, rules: SchemaRules, losses: Losses, path: Path) -> Compiled:
    """`schema` as `rules` allow it. A boolean or missing schema becomes an empty object's."""
    root = schema if isinstance(schema, dict) else {"type": "object"}
    renames = Renames()
    compiler = _Compiler(root, rules, losses)
    return Compiled(compiler.compile(root, path, renames, ()), renames)


@define
class _Compiler:
    root: Schema
    rules: SchemaRules
    losses: Losses

    def compile(self, schema: Json, path: Path, renames: Renames, seen: tuple[str, ...]) -> Schema:
        if not isinstance(schema, dict):
            return {}
        if len(path) > DEPTH * 2:
            self.losses.add(path, "nested too deep; the rest may be anything", "meaning")
            return {"type": "object"}
        if "$ref" in schema:
            return self._follow(schema, path, renames, seen)
        flat = _merge_all_of(schema, self)
        out, told = self._keywords(flat, path)
        self._type(flat, out)
        self._choices(flat, out, told, path, renames, seen)
        self._children(flat, out, path, renames, seen)
        if told:
            out["description"] = _with_told(out.get("description"), told)
        return out

    def resolve(self, reference: Json) -> Json:
        """What a local `$ref` points at; None when it points nowhere."""
        if not isinstance(reference, str) or not reference.startswith("#"):
            return None
        found: Json = self.root
        for step in reference[1:].strip("/").split("/"):
            key = step.replace("~1", "/").replace("~0", "~")
            if not key:
                continue
            found = found.get(key) if isinstance(found, dict) else None
        return found

    def _follow(
        self, schema: Schema, path: Path, renames: Renames, seen: tuple[str, ...]
    ) -> Schema:
        reference = schema["$ref"]
        found = self.resolve(reference)
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        if reference in seen or not isinstance(found, dict):
            why = "it contains itself" if reference in seen else "it points nowhere"
            self.losses.add((*path, "$ref"), f"{why}; may be any object", "meaning")
            return self.compile({"type": "object", **beside}, path, renames, seen)
        return self.compile({**found, **beside}, path, renames, (*seen, reference))

    def _keywords(self, schema: Schema, path: Path) -> tuple[Schema, list[str]]:
        """The plain keywords that may stand, and words for those that may not."""
        out: Schema = {}
        told: list[str] = []
        for key, value in schema.items():
            if key in HANDLED or key in SILENT or key in ("properties", "items", "required"):
                continue
            if key in self.rules.keywords and self._fits(key, value):
                out[key] = value
            elif not _says_nothing(key, value):
                told.append(f"{key}: {_short(value)}")
                self.losses.add((*path, key), "told in the description instead", "hint")
        if "const" in schema:
            out["enum"] = [schema["const"]]
        return out, told

    def _fits(self, key: str, value: Json) -> bool:
        if key == "format":
            return self.rules.formats is None or value in self.rules.formats
        if self.rules.bound is not None and isinstance(value, int | float):
            return abs(value) <= self.rules.bound
        return True

    def _type(self, schema: Schema, out: Schema) -> None:
        said = schema.get("type")
        types = [said] if isinstance(said, str) else list(said or ())
        if not types:
            types = _implied_types(schema)
        plain = [one for one in types if one != "null"]
        null = len(plain) < len(types) or schema.get("nullable") is True
        if len(plain) == 1:
            out["type"] = plain[0]
        elif plain:
            self._several_types(plain, out)
        elif null:
            out["type"] = "null"
            return
        if null:
            self._null(out)

    def _several_types(self, plain: list[str], out: Schema) -> None:
        if self.rules.any_of:
            out["anyOf"] = [{"type": one} for one in plain]
        else:
            out["type"] = plain[0]
            told = "may also be: " + ", ".join(plain[1:])
            out["description"] = _with_told(out.get("description"), [told])

    def _null(self, out: Schema) -> None:
        if self.rules.nullable == "nullable":
            out["nullable"] = True
        elif isinstance(out.get("type"), str):
            out["type"] = [out["type"], "null"]

    def _choices(
        self,
        schema: Schema,
        out: Schema,
        told: list[str],
        path: Path,
        renames: Renames,
        seen: tuple[str, ...],
    ) -> None:
        """`anyOf` and `oneOf`: what is one choice is folded in, null becomes nullable."""
        for key in ("anyOf", "oneOf"):
            choices = schema.get(key)
            if not isinstance(choices, list):
                continue
            real = [one for one in choices if not _is_null(one)]
            if len(real) < len(choices):
                self._null(out)
            compiled = [
                self.compile(one, (*path, key, i), renames, seen) for i, one in enumerate(real)
            ]
            if len(compiled) == 1:
                out.update({k: v for k, v in compiled[0].items() if k not in out})
                if out.get("nullable") is None and len(real) < len(choices):
                    self._null(out)
            elif compiled and self.rules.any_of:
                out["anyOf"] = compiled
                out.pop("type", None)
            elif compiled:
                out.update({k: v for k, v in compiled[0].items() if k not in out})
                told.append("or: " + " | ".join(_short(one) for one in compiled[1:]))
                self.losses.add((*path, key), "only the first choice could be said", "meaning")

    def _children(
        self, schema: Schema, out: Schema, path: Path, renames: Renames, seen: tuple[str, ...]
    ) -> None:
        properties = schema.get("properties")
        if isinstance(properties, dict):
            lowered = {name: self._name(name, renames) for name in properties}
            out["properties"] = {
                lowered[name]: self.compile(
                    inner, (*path, "properties", name), _below(renames, lowered[name]), seen
                )
                for name, inner in properties.items()
            }
            required = schema.get("required")
            if isinstance(required, list):
                out["required"] = [lowered[name] for name in required if name in lowered]
        items = schema.get("items")
        if isinstance(items, dict):
            out["items"] = self.compile(items, (*path, "items"), renames, seen)
        elif out.get("type") == "array":
            out["items"] = {}

    def _name(self, name: str, renames: Renames) -> str:
        if self.rules.names is None or self.rules.names.fullmatch(name):
            return name
        lowered = "p_" + shorten(name, 60).replace("-", "_")
        renames.names[lowered] = name
        return lowered


def _below(renames: Renames, name: str) -> Renames:
    return renames.below.setdefault(name, Renames())


def _merge_all_of(schema: Schema, compiler: _Compiler) -> Schema:
    """`schema` with the members of its `allOf` joined in: properties and required add up."""
    members = schema.get("allOf")
    if not isinstance(members, list):
        return schema
    out = {key: value for key, value in schema.items() if key != "allOf"}
    for member in members:
        if isinstance(member, dict) and "$ref" in member:
            member = {**(compiler.resolve(member["$ref"]) or {}), **member}  # noqa: PLW2901
            member.pop("$ref", None)
        if isinstance(member, dict):
            _join(out, _merge_all_of(member, compiler))
    return out


def _join(out: Schema, member: Schema) -> None:
    for key, value in member.items():
        if key == "properties" and isinstance(value, dict):
            out[key] = {**out.get(key, {}), **value}
        elif key == "required" and isinstance(value, list):
            out[key] = [*out.get(key, []), *(one for one in value if one not in out.get(key, []))]
        else:
            out.setdefault(key, value)


def _implied_types(schema: Schema) -> list[str]:
    if "properties" in schema:
        return ["object"]
    if "items" in schema:
        return ["array"]
    values: Sequence[Json] = [schema["const"]] if "const" in schema else schema.get("enum") or ()
    kinds = {_type_of(value) for value in values}
    return [kinds.pop()] if len(kinds) == 1 else []


def _type_of(value: Json) -> str:
    names = {bool: "boolean", str: "string", int: "integer", float: "number", list: "array"}
    return names.get(type(value), "null" if value is None else "object")


def _is_null(schema: Json) -> bool:
    return isinstance(schema, dict) and schema.get("type") == "null"


def _says_nothing(key: str, value: Json) -> bool:
    """Closed objects are what models write anyway, and titles and defaults of null say nothing."""
    return (key == "additionalProperties" and isinstance(value, bool)) or value in (
        None,
        "",
        [],
        {},
    )


def _with_told(description: Json, told: list[str]) -> str:
    words = "(" + "; ".join(told) + ")"
    return f"{description} {words}" if description else words


def _short(value: Json) -> str:
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return text if len(text) <= 200 else text[:199] + "…"
