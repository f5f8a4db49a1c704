"""Calls as models of each family write them."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Sequence

from attrs import frozen

from gateway.model import Json
from plugins.toolcompat.tests.corpus.cases import Call


@frozen
class Format:
    """name: of the column. one: a call. head, tail, glue: around and between several calls.

    kind: what the arguments are written in: json, tags or python.
    ends: what may be missing at the end of a call.
    """

    name: str
    one: Callable[[str, dict[str, Json]], str]
    kind: str = "json"
    head: str = ""
    tail: str = ""
    glue: str = "\n"
    ends: Sequence[str] = ()
    arguments: str = "arguments"

    def render(self, calls: Sequence[Call]) -> str:
        return self.head + self.glue.join(self.one(*call) for call in calls) + self.tail


def dumps(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


def raw(value: Json) -> str:
    return value if isinstance(value, str) else dumps(value)


def _object(name: str, arguments: dict[str, Json], key: str = "arguments") -> str:
    return dumps({"name": name, key: arguments})


def _hermes(name: str, arguments: dict[str, Json]) -> str:
    return f"<tool_call>\n{_object(name, arguments)}\n</tool_call>"


def _tool_use(name: str, arguments: dict[str, Json]) -> str:
    return (
        f"<tool_use>\n<name>{name}</name>\n<arguments>{dumps(arguments)}</arguments>\n</tool_use>"
    )


def _tags(name: str, arguments: dict[str, Json]) -> str:
    lines = [f"<parameter={key}>\n{raw(value)}\n</parameter>" for key, value in arguments.items()]
    return "\n".join(["<tool_call>", f"<function={name}>", *lines, "</function>", "</tool_call>"])


def _invoke(name: str, arguments: dict[str, Json]) -> str:
    lines = [f'<parameter name="{k}">{raw(v)}</parameter>' for k, v in arguments.items()]
    return "\n".join([f'<invoke name="{name}">', *lines, "</invoke>"])


def _dsml(name: str, arguments: dict[str, Json]) -> str:
    lines = [
        f'<｜DSML｜parameter name="{k}" string="{str(isinstance(v, str)).lower()}">{raw(v)}'
        "</｜DSML｜parameter>"
        for k, v in arguments.items()
    ]
    return "\n".join([f'<｜DSML｜invoke name="{name}">', *lines, "</｜DSML｜invoke>"])


def _glm(name: str, arguments: dict[str, Json]) -> str:
    lines = [
        f"<arg_key>{k}</arg_key>\n<arg_value>{raw(v)}</arg_value>" for k, v in arguments.items()
    ]
    return "\n".join([f"<tool_call>{name}", *lines, "</tool_call>"])


def _kimi(name: str, arguments: dict[str, Json]) -> str:
    return (
        f"<|tool_call_begin|>functions.{name}:0<|tool_call_argument_begin|>"
        f"{dumps(arguments)}<|tool_call_end|>"
    )


def _deepseek(name: str, arguments: dict[str, Json]) -> str:
    return f"<｜tool▁call▁begin｜>{name}<｜tool▁sep｜>{dumps(arguments)}<｜tool▁call▁end｜>"


def _deepseek_r1(name: str, arguments: dict[str, Json]) -> str:
    inner = f"```json\n{dumps(arguments)}\n```"
    return f"<｜tool▁call▁begin｜>function<｜tool▁sep｜>{name}\n{inner}<｜tool▁call▁end｜>"


def _python(name: str, arguments: dict[str, Json]) -> str:
    return f"{name}({', '.join(f'{key}={value!r}' for key, value in arguments.items())})"


def _reference(prefix: str) -> Callable[[str, dict[str, Json]], str]:
    def one(name: str, arguments: dict[str, Json]) -> str:
        kinds = {str: "string", bool: "boolean", int: "number", float: "number", list: "array"}
        lines = [
            f'    <arg name="{k}" type="{kinds.get(type(v), "object")}">'
            f"{html.escape(raw(v), quote=False)}</arg>"
            for k, v in arguments.items()
        ]
        call = [f"  <name>{name}</name>", "  <args>", *lines, "  </args>"]
        return "\n".join([f"<{prefix}:tool_use>", *call, f"</{prefix}:tool_use>"])

    return one


FORMATS = [
    Format("json", _hermes, ends=["\n</tool_call>"]),
    Format("tags", _tags, "tags", ends=["\n</tool_call>", "\n</function>"]),
    Format(
        "invoke",
        _invoke,
        "tags",
        "<function_calls>\n",
        "\n</function_calls>",
        ends=["\n</function_calls>", "\n</invoke>"],
    ),
    Format(
        "dsml",
        _dsml,
        "tags",
        "<｜DSML｜function_calls>\n",
        "\n</｜DSML｜function_calls>",
        ends=["\n</｜DSML｜function_calls>", "\n</｜DSML｜invoke>"],
    ),
    Format("tool_use", _tool_use, ends=["\n</tool_use>", "</arguments>"]),
    Format("glm", _glm, "tags", ends=["\n</tool_call>"]),
    Format(
        "kimi",
        _kimi,
        head="<|tool_calls_section_begin|>",
        tail="<|tool_calls_section_end|>",
        glue="",
        ends=["<|tool_calls_section_end|>", "<|tool_call_end|>"],
    ),
    Format(
        "deepseek",
        _deepseek,
        head="<｜tool▁calls▁begin｜>",
        tail="<｜tool▁calls▁end｜>",
        glue="",
        ends=["<｜tool▁calls▁end｜>", "<｜tool▁call▁end｜>"],
    ),
    Format(
        "deepseek_r1",
        _deepseek_r1,
        head="<｜tool▁calls▁begin｜>",
        tail="<｜tool▁calls▁end｜>",
        ends=["<｜tool▁calls▁end｜>", "<｜tool▁call▁end｜>"],
    ),
    Format("mistral", _object, head="[TOOL_CALLS][", tail="]", glue=", ", ends=["]"]),
    Format("mistral_v11", lambda n, a: f"[TOOL_CALLS]{n}[ARGS]{dumps(a)}", glue=""),
    Format(
        "llama",
        lambda n, a: _object(n, a, "parameters"),
        head="<|python_tag|>",
        glue="; ",
        arguments="parameters",
    ),
    Format("bare_json", _object),
    Format("fenced", lambda n, a: f"```json\n{_object(n, a)}\n```", ends=["\n```"]),
    Format("python", _python, "python", "[", "]", ", "),
    Format("cs", _reference("cs"), "tags", ends=["\n</cs:tool_use>", "\n  </args>"]),
    Format("ccp", _reference("ccp"), "tags", ends=["\n</ccp:tool_use>", "\n  </args>"]),
]
