"""JSON Schema's own rules, apart from any provider's: references, joins, and what is implied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import unquote

import orjson

from gateway.model import Json

Schema = dict[str, Json]
LONGEST = 200
"""How many characters of a value are told."""


def resolve(root: Schema, reference: Json) -> Json:
    """What a local `$ref` points at; None when it points nowhere."""
    if not isinstance(reference, str) or not reference.startswith("#"):
        return None
    found: Json = root
    for step in unquote(reference[1:]).strip("/").split("/"):
        key = step.replace("~1", "/").replace("~0", "~")
        if not key:
            continue
        if isinstance(found, list) and key.isdecimal() and int(key) < len(found):
            found = found[int(key)]
        else:
            found = found.get(key) if isinstance(found, dict) else None
    return found


def members(root: Schema, schema: Schema, seen: tuple[Json, ...] = ()) -> Iterator[Schema]:
    """The members of `allOf`, those of their own `allOf` among them, references followed once."""
    listed = schema.get("allOf")
    for member in listed if isinstance(listed, list) else ():
        if not isinstance(member, dict):
            continue
        reference = member.get("$ref")
        if reference is not None and reference in seen:
            continue
        target = resolve(root, reference) if reference is not None else None
        whole = {**(target if isinstance(target, dict) else {}), **member}
        yield {key: value for key, value in whole.items() if key not in ("$ref", "allOf")}
        yield from members(root, whole, (*seen, reference) if reference is not None else seen)


def joined(out: Schema, member: Schema) -> list[str]:
    """Join `member` into `out`; the keywords that both have with different values, `out`'s stay."""
    clashing = []
    for key, value in member.items():
        known = out.get(key)
        if key == "properties" and isinstance(value, dict):
            out[key] = {**(known if isinstance(known, dict) else {}), **value}
        elif key == "required" and isinstance(value, list):
            before = known if isinstance(known, list) else []
            out[key] = [*before, *(one for one in value if one not in before)]
        elif key not in out:
            out[key] = value
        elif known != value:
            clashing.append(key)
    return clashing


def implied_types(schema: Schema) -> list[str]:
    """The types of a schema that names none: by what else it says; [] when that could be any."""
    if "properties" in schema:
        return ["object"]
    if "items" in schema:
        return ["array"]
    listed = schema.get("enum")
    values: Sequence[Json] = listed if isinstance(listed, list) else ()
    values = [schema["const"]] if "const" in schema else values
    kinds = list(dict.fromkeys(_type_of(value) for value in values))
    return kinds if len([kind for kind in kinds if kind != "null"]) <= 1 else []


def is_null(schema: Json) -> bool:
    """Whether null is all that the schema takes."""
    if not isinstance(schema, dict):
        return False
    only_null = "const" in schema and schema["const"] is None
    return schema.get("type") == "null" or only_null or schema.get("enum") == [None]


def says_nothing(key: str, value: Json) -> bool:
    """Models write closed objects anyway; empty values say nothing."""
    closes = key == "additionalProperties" and isinstance(value, bool)
    return closes or value is None or value in ("", [], {})


def with_told(description: Json, told: list[str]) -> str:
    """A description with what the schema could not say."""
    words = "(" + "; ".join(told) + ")"
    return f"{description} {words}" if description else words


def short(value: Json) -> str:
    """A value as people write it, cut where it is long."""
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _type_of(value: Json) -> str:
    names = {bool: "boolean", str: "string", int: "integer", float: "number", list: "array"}
    return names.get(type(value), "null" if value is None else "object")
