"""Say a JSON Schema in the words that a strict provider takes, and lose nothing in silence.

An allow-list: what is not listed is folded into what is, or told in the description, or is a loss
of meaning. Providers refuse a whole request for one unknown keyword, so a deny-list never ends.
"""

from __future__ import annotations

import re
from functools import lru_cache

import orjson
from attrs import define, evolve, field, frozen

from gateway.losses import Losses, Weight
from gateway.model import Json, Path
from gateway.naming import shorten
from gateway.renames import Renames
from gateway.schema_words import (
    Schema,
    implied_types,
    is_null,
    joined,
    members,
    resolve,
    says_nothing,
    short,
    with_told,
)

DEPTH = 24
"""How deep a schema may nest before its rest becomes "any object"."""
MOST = 4_000
"""How many subschemas one schema may unfold into (references are inlined), likewise."""
SILENT = frozenset({"$schema", "$id", "$anchor", "$comment", "$defs", "definitions"})
"""Keywords that say nothing to a model."""
HANDLED = frozenset(
    [
        *("$ref", "const", "enum", "type", "nullable", "allOf", "anyOf", "oneOf"),
        *("properties", "items", "required"),
    ]
)
CACHED = 512


@frozen
class SchemaRules:
    """What a provider takes.

    keywords: beside type, properties, items, required and enum, which everybody takes.
    formats: values of `format` that pass; None passes all. enums: what an enum may list.
    any_of: whether `anyOf` may stand. nullable: how null is said: "nullable" writes
    `nullable: true`, "type" writes `type: [X, "null"]`.
    bound: the largest magnitude of a numeric bound; None for no limit.
    names: what a property's name must match; None takes any.
    """

    keywords: frozenset[str]
    formats: frozenset[str] | None = None
    enums: tuple[type, ...] = (str, int, float, bool)
    any_of: bool = True
    nullable: str = "nullable"
    bound: int | None = None
    names: re.Pattern[str] | None = None


@define
class Compiled:
    """A schema in a provider's words, and the property names that changed on the way.

    It is shared with later requests: nobody changes it.
    """

    schema: Schema
    renames: Renames


def compile_schema(schema: Json, rules: SchemaRules, losses: Losses, path: Path) -> Compiled:
    """`schema` as `rules` allow it. A boolean or missing schema becomes an empty object's.

    Clients send the same tools with every request, so results are kept.
    """
    root = schema if isinstance(schema, dict) else {"type": "object"}
    compiled, lost = _compiled(orjson.dumps(root), rules)
    for place, reason, weight in lost:
        losses.add((*path, *place), reason, weight)
    return compiled


_Lost = tuple[Path, str, Weight]


@lru_cache(maxsize=CACHED)
def _compiled(schema: bytes, rules: SchemaRules) -> tuple[Compiled, tuple[_Lost, ...]]:
    root, renames = orjson.loads(schema), Renames()
    compiler = _Compiler(root, rules)
    out = compiler.compile(root, _Spot((), renames))
    return Compiled(out, renames), tuple(compiler.lost)


@frozen
class _Spot:
    """Where the compiler is.

    renames: of the object here. seen: references that were followed to get here.
    """

    path: Path
    renames: Renames
    seen: tuple[str, ...] = ()

    def at(self, *steps: str | int) -> _Spot:
        return evolve(self, path=(*self.path, *steps))

    def inside(self, lowered: str, name: str) -> _Spot:
        path = (*self.path, "properties", name)
        return evolve(self, path=path, renames=self.renames.inside(lowered))


@define
class _Compiler:
    """lost: what could not be said so far. count: how many subschemas there were."""

    root: Schema
    rules: SchemaRules
    lost: list[_Lost] = field(factory=list)
    count: int = 0

    def compile(self, schema: Json, spot: _Spot) -> Schema:
        if not isinstance(schema, dict):
            return {}
        self.count += 1
        if len(spot.path) > DEPTH * 2 or self.count > MOST:
            self._lose(spot, "nested too deep; the rest may be anything", "meaning")
            return {"type": "object"}
        if "$ref" in schema:
            return self._follow(schema, spot)
        flat = self._flat(schema, spot)
        told: list[str] = []
        out = self._keywords(flat, spot, told)
        null = self._type(flat, out, told)
        null = self._enum(flat, out, spot, told) or null
        null = self._choices(flat, out, spot, told) or null
        self._children(flat, out, spot)
        if null:
            self._null(out)
        if told:
            out["description"] = with_told(out.get("description"), told)
        return out

    def _lose(self, spot: _Spot, reason: str, weight: Weight = "hint") -> None:
        self.lost.append((spot.path, reason, weight))

    def _follow(self, schema: Schema, spot: _Spot) -> Schema:
        reference = schema["$ref"]
        found = resolve(self.root, reference)
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        if reference in spot.seen or not isinstance(found, dict):
            why = "it contains itself" if reference in spot.seen else "it points nowhere"
            self._lose(spot.at("$ref"), f"{why}; may be any object", "meaning")
            return self.compile({"type": "object", **beside}, spot)
        return self.compile({**found, **beside}, evolve(spot, seen=(*spot.seen, reference)))

    def _flat(self, schema: Schema, spot: _Spot) -> Schema:
        """`schema` with the members of its `allOf` joined in: properties and required add up."""
        if "allOf" not in schema:
            return schema
        out = {key: value for key, value in schema.items() if key != "allOf"}
        for member in members(self.root, schema):
            for key in joined(out, member):
                self._lose(spot.at("allOf", key), "one of several was taken", "meaning")
        return out

    def _keywords(self, schema: Schema, spot: _Spot, told: list[str]) -> Schema:
        """The plain keywords that may stand; the others are told."""
        out: Schema = {}
        for key, value in schema.items():
            if key in HANDLED:
                continue
            if key in SILENT or says_nothing(key, value):
                if key not in ("$defs", "definitions"):
                    self._lose(spot.at(key), "models need no such word")
            elif key in self.rules.keywords and self._fits(key, value):
                out[key] = value
            else:
                self._tell(key, value, spot, told)
        return out

    def _tell(self, key: str, value: Json, spot: _Spot, told: list[str]) -> None:
        told.append(f"{key}: {short(value)}")
        self._lose(spot.at(key), "told in the description instead")

    def _fits(self, key: str, value: Json) -> bool:
        if key == "format":
            return self.rules.formats is None or value in self.rules.formats
        if self.rules.bound is not None and isinstance(value, int | float):
            return abs(value) <= self.rules.bound
        return True

    def _type(self, schema: Schema, out: Schema, told: list[str]) -> bool:
        """Write the type; whether null is one."""
        said = schema.get("type")
        listed = said if isinstance(said, list) else [said]
        types = [one for one in listed if isinstance(one, str)] or implied_types(schema)
        plain = [one for one in types if one != "null"]
        if not plain and types:
            out["type"] = "null"
            return False
        if len(plain) == 1:
            out["type"] = plain[0]
        elif plain and self.rules.any_of:
            out["anyOf"] = [{"type": one} for one in plain]
        elif plain:
            out["type"] = plain[0]
            told.append("may also be: " + ", ".join(plain[1:]))
        return len(plain) < len(types) or schema.get("nullable") is True

    def _null(self, out: Schema) -> None:
        if self.rules.nullable == "nullable":
            out["nullable"] = True
        elif "anyOf" in out:
            out["anyOf"] = [*out["anyOf"], {"type": "null"}]
        elif isinstance(out.get("type"), str) and out["type"] != "null":
            out["type"] = [out["type"], "null"]

    def _enum(self, schema: Schema, out: Schema, spot: _Spot, told: list[str]) -> bool:
        """Write `enum` and `const`; whether null is one of the values."""
        values = [schema["const"]] if "const" in schema else schema.get("enum")
        if not isinstance(values, list) or not values:
            return False
        real = [value for value in values if value is not None]
        if not all(type(value) in self.rules.enums for value in real):
            self._tell("const" if "const" in schema else "enum", values, spot, told)
        elif real:
            out["enum"] = real
        return len(real) < len(values)

    def _choices(self, schema: Schema, out: Schema, spot: _Spot, told: list[str]) -> bool:
        """Write `anyOf` and `oneOf`: a single choice is folded in; whether null is one."""
        null = False
        for key in ("anyOf", "oneOf"):
            choices = schema.get(key)
            if not isinstance(choices, list):
                continue
            real = [one for one in choices if not is_null(one)]
            null = null or len(real) < len(choices)
            self._choice(real, out, spot.at(key), told)
        return null

    def _choice(self, real: list[Json], out: Schema, spot: _Spot, told: list[str]) -> None:
        compiled = [self.compile(one, spot.at(index)) for index, one in enumerate(real)]
        key = str(spot.path[-1])
        if len(compiled) == 1:
            out.update({k: v for k, v in compiled[0].items() if k not in out})
        elif not all("type" in one or "anyOf" in one for one in compiled):
            told.append(f"{key}: {short(real)}")
            self._lose(spot, "told in the description instead")
        elif compiled and self.rules.any_of:
            out["anyOf"] = compiled
            out.pop("type", None)
        elif compiled:
            out.update({k: v for k, v in compiled[0].items() if k not in out})
            told.append("or: " + " | ".join(short(one) for one in compiled[1:]))
            self._lose(spot, "only the first choice could be said", "meaning")

    def _children(self, schema: Schema, out: Schema, spot: _Spot) -> None:
        properties = schema.get("properties")
        if isinstance(properties, dict):
            lowered = {name: self._name(name, spot.renames) for name in properties}
            out["properties"] = {
                lowered[name]: self.compile(inner, spot.inside(lowered[name], name))
                for name, inner in properties.items()
            }
            self._required(schema.get("required"), lowered, out, spot)
        items = schema.get("items")
        if isinstance(items, dict):
            out["items"] = self.compile(items, spot.at("items"))
        elif isinstance(items, list):
            kinds = [self.compile(one, spot.at("items", at)) for at, one in enumerate(items)]
            out["items"] = kinds[0] if kinds else {}
            self._lose(spot.at("items"), "all items are as the first", "meaning")
        elif out.get("type") == "array":
            out["items"] = {}

    def _required(self, required: Json, known: dict[str, str], out: Schema, spot: _Spot) -> None:
        if not isinstance(required, list):
            return
        out["required"] = [known[name] for name in required if name in known]
        if len(out["required"]) < len(required):
            self._lose(spot.at("required"), "it names properties that there are not")

    def _name(self, name: str, renames: Renames) -> str:
        if self.rules.names is None or self.rules.names.fullmatch(name):
            return name
        lowered = "p_" + shorten(name, 60).replace("-", "_")
        renames.names[lowered] = name
        return lowered
