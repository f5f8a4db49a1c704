"""One tag for each argument, the tool's name in an attribute.

`<function_calls><invoke name="…"><parameter name="…">…</parameter></invoke></function_calls>` and
DeepSeek V3.2's DSML form of it; Qwen3-Coder's `<function=…><parameter=…>`; Llama's
`<function=…>{…}</function>` (the models' chat templates, 2026-11).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from gateway.model import Json
from gateway_toolcompat.formats.ending import Tagged, pattern
from gateway_toolcompat.formats.form import Form
from gateway_toolcompat.formats.markup import (
    PREFIX,
    VALUE_DONE,
    VALUE_OPEN,
    Read,
    arguments,
    as_it_is,
    kept_inside,
    own_line,
)
from gateway_toolcompat.formats.opening import NAME, QUOTE, literal, opening
from gateway_toolcompat.raw import RawCall

WORDS = ("invoke", "function", "tool_call", "tool_use", "tool", "function_call")
END = rf"</{PREFIX}(?:{'|'.join(WORDS)}|function_calls|tool_calls)\s*>"
NEXT = rf"<{PREFIX}(?:invoke\s+name\s*=|function\s*=)"
TOKENS = pattern(("value", [VALUE_OPEN]), ("done", [VALUE_DONE]), ("end", [END]), ("next", [NEXT]))
CLOSING = re.compile(rf"\s*(?:{END}\s*)*\Z")
ATTRIBUTE = [r"\s{1,4}", *literal("name"), r"\s{0,2}", "=", r"\s{0,2}"]
REST = [QUOTE, NAME, QUOTE, r"[^<>]{0,40}", ">"]


def write_invoke(name: str, arguments: Json) -> str:
    """A call as `<invoke>`; strings stand raw, other values as JSON."""
    lines = [
        f'<parameter name="{key}">{_raw(value)}</parameter>' for key, value in arguments.items()
    ]
    call = [f'<invoke name="{name}">', *lines, "</invoke>"]
    return "\n".join(["<function_calls>", *call, "</function_calls>"])


def write_tags(name: str, arguments: Json) -> str:
    """A call as `<function=…>`; every value between line breaks of its own."""
    lines = [f"<parameter={key}>\n{_raw(value)}\n</parameter>" for key, value in arguments.items()]
    return "\n".join(["<tool_call>", f"<function={name}>", *lines, "</function>", "</tool_call>"])


def _raw(value: Json) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return kept_inside(text)


def _reader(read: Read) -> Callable[[str, int, str], list[RawCall]]:
    def calls(block: str, at: int, name: str) -> list[RawCall]:
        body = CLOSING.sub("", block[at:])
        values, textual, repaired = arguments(body, read)
        return [RawCall(name, values, textual, repaired)]

    return calls


def _tagged(at: int, _: str) -> Tagged:
    return Tagged(TOKENS, at)


FORMS = [
    *(
        Form(
            "invoke",
            opening(literal(f"<{prefix}invoke"), ATTRIBUTE, REST),
            _tagged,
            _reader(as_it_is),
        )
        for prefix in ("", "antml:", "｜DSML｜")
    ),
    *(
        Form("invoke", opening(literal(f"<{word}"), ATTRIBUTE, REST), _tagged, _reader(as_it_is))
        for word in WORDS[1:]
    ),
    Form("tags", opening(literal("<function="), REST), _tagged, _reader(own_line)),
]
