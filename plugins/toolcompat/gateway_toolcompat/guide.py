"""What the model is told: how to call, and what there is to call. Short, and the same each turn."""

from __future__ import annotations

import json
from collections.abc import Iterator

from gateway.model import Json, Message, Output, Text, ToolChoice
from gateway_toolcompat.asking import Asking
from gateway_toolcompat.compact import signature
from gateway_toolcompat.toolbox import Toolbox

RULES = """# Tools

You can call the tools listed below. To call one, write a block of exactly this form, with the \
tool's name and arguments in place of the ones shown:

{example}

{values} Every block is carried out as it stands, so write one only to call, outside of any code \
fence. You may say a few words before it. To call several tools at once, write several blocks \
after each other. Then end your turn: the results come in the next message, in <tool_result> \
blocks. Never write a <tool_result> yourself, and never invent a result. When no tool is needed, \
answer in plain words.

`name: type` is an argument that must be given, `name?: type` one that may be left out."""
MUST = "In this turn you must call {what}; words alone are no answer."
ONE = "Call one tool at a time: one block, then end your turn."
JSON_ONLY = "An answer that calls no tool must be JSON and nothing else."
EXAMPLES = 6
"""How many tools are shown in use."""
GREETING = ("Hello!", "Hello! How can I help you?")


def guide(box: Toolbox, asking: Asking) -> str:
    """The rules and the tools, for the end of the system text."""
    rules = RULES.format(example=asking.example, values=asking.values)
    return "\n\n".join([rules, *(_described(box, name) for name in box.tools)])


def demands(box: Toolbox, choice: ToolChoice | None, output: Output | None) -> str:
    """What this one turn must keep to; "" for nothing."""
    return "\n".join(_demands(box, choice, output))


def worked_examples(box: Toolbox, asking: Asking) -> list[Message]:
    """Earlier turns that show the form in use: small models follow turns and not rules."""
    hello, answer = GREETING
    turns = [_said("user", hello), _said("assistant", answer)]
    for name in [name for name in box.tools if name in box.callable][:EXAMPLES]:
        arguments = _sample(box.shape(name))
        given = " and ".join(f"{key} {json.dumps(value)}" for key, value in arguments.items())
        asked = f"Please use {name}" + (f" with {given}." if given else ".")
        turns += [_said("user", asked), _said("assistant", asking.write(name, arguments))]
    return turns


def _demands(box: Toolbox, choice: ToolChoice | None, output: Output | None) -> Iterator[str]:
    if choice is not None and choice.mode in ("required", "tool"):
        names = " or ".join(name for name in box.tools if name in box.callable)
        all_of_them = len(box.callable) == len(box.tools) and len(box.tools) > 1
        yield MUST.format(what="at least one of the tools" if all_of_them else names)
    elif choice is not None and choice.allowed is not None:
        yield f"Only these may be called in this turn: {', '.join(sorted(box.callable))}."
    if choice is not None and choice.parallel is False:
        yield ONE
    if output is not None and output.kind != "text":
        yield JSON_ONLY
        if output.schema is not None:
            yield "It must fit this JSON schema: " + json.dumps(output.schema, ensure_ascii=False)


def _described(box: Toolbox, name: str) -> str:
    described = (box.tools[name].description or "").strip()
    return "\n".join(line for line in (f"## {name}", described, signature(box.shape(name))) if line)


def _said(role: str, text: str) -> Message:
    return Message("user" if role == "user" else "assistant", [Text(text)])


def _sample(schema: Json) -> dict[str, Json]:
    """Arguments that a tool might be called with: those that must be given."""
    properties = schema.get("properties") or {} if isinstance(schema, dict) else {}
    names = [name for name in schema.get("required") or properties if name in properties]
    return {name: _value(name, properties[name]) for name in names}


def _value(name: str, schema: Json) -> Json:
    if not isinstance(schema, dict):
        return name
    for key in ("examples", "enum"):
        if isinstance(schema.get(key), list) and schema[key]:
            return schema[key][0]
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    kinds = schema.get("type", "string")
    kind = kinds[0] if isinstance(kinds, list) and kinds else kinds
    if kind == "object":
        return _sample(schema)
    if kind == "array":
        return [_value(name, schema.get("items", {}))]
    plain: dict[str, Json] = {"integer": 2, "number": 2.5, "boolean": True, "null": None}
    return plain.get(str(kind), f"my {name.replace('_', ' ')}")
