"""Calls to render: the cases of the Berkeley data, and a few of our own that need no package."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

import orjson
from attrs import frozen

from gateway.model import Json, Tool
from gateway_toolcompat.validation import problem

FILES = ("simple_python", "multiple", "parallel", "parallel_multiple")
KINDS = {"dict": "object", "float": "number", "tuple": "array", "any": None}
"""The data's words for types, in JSON Schema's."""
Call = tuple[str, dict[str, Json]]


@frozen
class Case:
    """The tools on offer, and the calls that a model makes of them."""

    name: str
    tools: list[Tool]
    calls: list[Call]


def bfcl_cases() -> Iterator[Case]:
    """The cases whose stated answer fits the stated schema; none without the package."""
    spec = find_spec("bfcl_eval")
    if spec is None or not spec.submodule_search_locations:
        return iter(())
    folder = Path(spec.submodule_search_locations[0]) / "data"
    return chain.from_iterable(_file(folder, name) for name in FILES)


def _file(folder: Path, name: str) -> Iterator[Case]:
    file = f"BFCL_v4_{name}.json"
    questions = _lines(folder / file)
    answers = {row["id"]: row["ground_truth"] for row in _lines(folder / "possible_answer" / file)}
    for row in questions:
        tools = [
            Tool(each["name"], each["description"], _schema(each["parameters"]))
            for each in row["function"]
        ]
        calls = [
            (name, {key: _first(values) for key, values in arguments.items() if _given(values)})
            for answer in answers[row["id"]]
            for name, arguments in answer.items()
        ]
        schemas = {tool.name: tool.schema for tool in tools}
        if all(problem(values, schemas[n], schemas[n]) is None for n, values in calls):
            yield Case(row["id"], tools, calls)


def _lines(path: Path) -> list[Json]:
    return [orjson.loads(line) for line in path.read_bytes().splitlines() if line]


def _schema(value: Json) -> Json:
    if isinstance(value, list):
        return [_schema(each) for each in value]
    if not isinstance(value, dict):
        return value
    out = {key: _schema(inner) for key, inner in value.items()}
    kind = out.get("type")
    if isinstance(kind, str) and kind in KINDS:
        out["type"] = KINDS[kind]
        if out["type"] is None:
            del out["type"]
    return out


def _given(values: Json) -> bool:
    return bool(values) and values[0] != ""


def _first(values: Json) -> Json:
    """The first of the values that the data takes for right; inner objects list theirs too."""
    return _inner(values[0])


def _inner(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _first(inner) for key, inner in value.items() if _given(inner)}
    if isinstance(value, list):
        return [_inner(each) for each in value]
    return value


GARDEN = [
    Tool(
        "water_bed",
        "Water one bed of the garden.",
        {
            "type": "object",
            "properties": {
                "bed": {"type": "string", "description": "Its name on the plan"},
                "litres": {"type": "number", "minimum": 0},
                "gentle": {"type": "boolean", "default": False},
                "note": {"type": "string"},
            },
            "required": ["bed", "litres"],
            "additionalProperties": False,
        },
    ),
    Tool(
        "plan_rows",
        "Plan what grows where.",
        {
            "type": "object",
            "properties": {
                "rows": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "plant": {"type": "string"},
                            "count": {"type": "integer"},
                        },
                        "required": ["plant", "count"],
                    },
                },
                "season": {"type": "string", "enum": ["spring", "autumn"]},
            },
            "required": ["rows"],
        },
    ),
    Tool("list_beds", "List the beds.", {"type": "object", "properties": {}}),
]
OWN_CASES = [
    Case("one", GARDEN, [("water_bed", {"bed": "north", "litres": 12.5, "gentle": True})]),
    Case(
        "nested",
        GARDEN,
        [
            (
                "plan_rows",
                {
                    "rows": [
                        {"plant": "peas", "count": 40},
                        {"plant": 'so-called "kale"', "count": 3},
                    ],
                    "season": "autumn",
                },
            )
        ],
    ),
    Case("without arguments", GARDEN, [("list_beds", {})]),
    Case(
        "two",
        GARDEN,
        [
            ("water_bed", {"bed": "Beet\nunter der Eiche, süd", "litres": 3}),
            ("water_bed", {"bed": "south", "litres": 7, "note": "line one\n  line two\n"}),
        ],
    ),
]
