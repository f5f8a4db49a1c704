"""Arguments as a tool's schema wants them: text becomes numbers, "True" becomes true."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson
from attrs import frozen

from gateway.model import Json
from gateway_toolcompat import repair
from gateway_toolcompat.names import squeezed

NUMBER = re.compile(r"[+-]?(?:\d[\d_]*(?:,\d{3})*)?(?:\.\d*)?(?:[eE][+-]?\d+)?")
WORDS: Mapping[str, Json] = {"true": True, "false": False}
NOTHING = frozenset({"", "null", "none", "nil"})
DEPTH = 32
"""How deep references in a schema are followed."""
MISSING: Any = object()


@frozen
class Fitting:
    """Fits values to one tool's schema, whose references point into `root`."""

    root: Json

    def arguments(self, values: dict[str, Json], *, textual: bool) -> dict[str, Json]:
        """The arguments of a call, as near to the schema as they can be brought.

        textual: the values came as plain text, so that each may stand for something else.
        """
        fitted = self._fit(values, self.root, textual=textual)
        return fitted if isinstance(fitted, dict) else values

    def _fit(self, value: Json, schema: Json, *, textual: bool) -> Json:
        schema = self._followed(schema)
        if not isinstance(schema, dict):
            return value
        for key in ("anyOf", "oneOf"):
            if isinstance(schema.get(key), list):
                value = self._chosen(value, schema[key], textual=textual)
        for part in schema.get("allOf") or ():
            value = self._fit(value, part, textual=textual)
        if "const" in schema or "enum" in schema:
            return _listed(value, schema.get("enum", [schema.get("const")]))
        kinds = _kinds(schema)
        if not kinds:
            return _any(value) if textual and not _composed(schema) else value
        own = None if textual else KIND_OF.get(type(value))
        for kind in sorted(kinds, key=lambda kind: (kind != own, kind == "string")):
            fitted = self._as_kind(kind, value, schema, textual=textual)
            if fitted is not MISSING:
                return fitted
        return value

    def _as_kind(self, kind: str, value: Json, schema: dict[str, Json], *, textual: bool) -> Json:
        match kind:
            case "object":
                loaded = _loaded(value, dict)
                if loaded is MISSING:
                    return MISSING
                return self._object(loaded, schema, textual=textual and loaded is value)
            case "array":
                return self._array(value, schema, textual=textual)
        return SCALARS[kind](value) if kind in SCALARS else MISSING

    def _object(self, value: dict[str, Json], schema: dict[str, Json], *, textual: bool) -> Json:
        known = schema.get("properties") or {}
        required = schema.get("required") or ()
        value = _placed(_renamed(value, known), known)
        others = schema.get("additionalProperties", True)
        fitted: dict[str, Json] = {}
        for name, inner in value.items():
            if name not in known and (others is False and not schema.get("patternProperties")):
                continue
            shape = known.get(name, others if isinstance(others, dict) else {})
            if name not in required and name in known and self._is_blank(inner, shape):
                continue
            fitted[name] = self._fit(inner, shape, textual=textual)
        return fitted

    def _array(self, value: Json, schema: dict[str, Json], *, textual: bool) -> Json:
        items = schema.get("items") or {}
        loaded = _loaded(value, list)
        if loaded is MISSING:
            if isinstance(value, str) and not value.strip():
                return []
            loaded = [value]
            inner_textual = textual
        else:
            inner_textual = textual and loaded is value
        first = schema.get("prefixItems") or ()
        return [
            self._fit(each, first[at] if at < len(first) else items, textual=inner_textual)
            for at, each in enumerate(loaded)
        ]

    def _is_blank(self, value: Json, shape: Json) -> bool:
        """Whether an optional argument says nothing that its schema could take."""
        shape = self._followed(shape)
        kinds = _kinds(shape) if isinstance(shape, dict) else []
        if not kinds or "null" in kinds:
            return False
        blank = value is None or (isinstance(value, str) and value.strip().casefold() in NOTHING)
        return blank and (value is None or "string" not in kinds)

    def _chosen(self, value: Json, options: list[Json], *, textual: bool) -> Json:
        """The value as the first of several schemas that it fits, unchanged if possible."""
        if not textual and any(self.problem(value, option) is None for option in options):
            return value
        last = sorted(options, key=lambda option: "string" in _kinds(self._followed(option)))
        for option in last if textual else options:
            fitted = self._fit(value, option, textual=textual)
            if self.problem(fitted, option) is None:
                return fitted
        return value

    def problem(self, value: Json, schema: Json = MISSING) -> str | None:
        """What of `value` does not fit, in words for the model; None when all fits."""
        from gateway_toolcompat.validation import problem

        return problem(value, self.root if schema is MISSING else schema, self.root)

    def _followed(self, schema: Json) -> Json:
        """A schema without a reference at its top; True where one leads nowhere."""
        for _ in range(DEPTH):
            reference = schema.get("$ref") if isinstance(schema, dict) else None
            if not isinstance(reference, str):
                return schema
            schema = _pointed(self.root, reference)
        return True


def _pointed(root: Json, reference: str) -> Json:
    place = root
    for step in reference.removeprefix("#").split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        place = place.get(name) if isinstance(place, dict) else None
    return True if place is None or not reference.startswith("#") else place


def _kinds(schema: Json) -> list[str]:
    if not isinstance(schema, dict):
        return []
    kind = schema.get("type")
    if kind is None:
        return ["object"] if "properties" in schema else ["array"] if "items" in schema else []
    return [str(each).lower() for each in (kind if isinstance(kind, list) else [kind])]


def _composed(schema: dict[str, Json]) -> bool:
    return any(key in schema for key in ("anyOf", "oneOf", "allOf"))


def _listed(value: Json, allowed: list[Json]) -> Json:
    """The allowed value that `value` writes otherwise: in another case, or as text."""
    if value in allowed:
        return value
    text = _text(value).strip().strip("\"'").casefold()
    same = [each for each in allowed if _text(each).casefold() == text]
    return same[0] if len(same) == 1 else value


def _any(value: Json) -> Json:
    """Text of an argument that may be anything: JSON, where it can be nothing else."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    try:
        loaded = orjson.loads(text)
    except orjson.JSONDecodeError:
        return value
    return value if isinstance(loaded, str) else loaded


def _loaded(value: Json, kind: type) -> Json:
    if isinstance(value, str) and value.strip()[:1] in ("{", "[", "`"):
        mended = repair.load(value)
        value = mended.value if mended and mended.whole else value
    return value if isinstance(value, kind) else MISSING


def _renamed(value: dict[str, Json], known: Mapping[str, Json]) -> dict[str, Json]:
    """`value` with names that differ from a known one in case or separators alone set right."""
    free = {squeezed(name): name for name in known if name not in value}
    return {
        (name if name in known else free.get(squeezed(name), name)): inner
        for name, inner in value.items()
    }


def _placed(value: dict[str, Json], known: Mapping[str, Json]) -> dict[str, Json]:
    """`value` with the arguments that were given by place (`"\\0" + place`) under their names."""
    names = list(known)
    out: dict[str, Json] = {}
    for name, inner in value.items():
        at = int(name[1:]) if name.startswith("\0") else -1
        out[names[at] if 0 <= at < len(names) else name.lstrip("\0")] = inner
    return out


def _string(value: Json) -> Json:
    return value if isinstance(value, str) else _text(value)


def _integer(value: Json) -> Json:
    number = _number(value)
    if isinstance(number, float) and number.is_integer():
        return int(number)
    return number


def _number(value: Json) -> Json:
    if isinstance(value, int | float):
        return value if not isinstance(value, bool) else MISSING
    text = value.strip().strip("\"'") if isinstance(value, str) else ""
    if not NUMBER.fullmatch(text) or not any(char.isdigit() for char in text):
        return MISSING
    text = text.replace(",", "").replace("_", "")
    return float(text) if re.search(r"[.eE]", text) else int(text)


def _boolean(value: Json) -> Json:
    if isinstance(value, bool):
        return value
    return WORDS.get(_text(value).strip().strip("\"'").casefold(), MISSING)


def _null(value: Json) -> Json:
    blank = value is None or (isinstance(value, str) and value.strip().casefold() in NOTHING)
    return None if blank else MISSING


def _text(value: Json) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


KIND_OF: Mapping[type, str] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    list: "array",
    dict: "object",
    type(None): "null",
}
SCALARS = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "null": _null,
}
