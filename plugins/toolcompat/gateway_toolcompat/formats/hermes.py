"""JSON in a tag: `<tool_call>{"name": "…", "arguments": {…}}</tool_call>`.

Hermes, Qwen 2.5 and 3, Granite and many others were trained on it (their chat templates, 2026-11).
"""

from __future__ import annotations

import json
import re

from gateway.model import Json
from gateway_toolcompat.formats.ending import JSON_TOKENS, Balanced, pattern
from gateway_toolcompat.formats.form import Form
from gateway_toolcompat.formats.objects import calls_in
from gateway_toolcompat.formats.opening import FENCE, SPACE, VALUE_NEXT, literal, opening
from gateway_toolcompat.raw import RawCall

TAGS = ("tool_call", "tool_use", "function_call", "cs:tool_use", "ccp:tool_use", "tool_code")
END = rf"</(?:{'|'.join(TAGS)}|tool_calls|function_calls)\s*>"
TOKENS = pattern(("end", [END]), ("next", [rf"<(?:{'|'.join(TAGS)})>"]), *JSON_TOKENS)

ESCAPED = re.compile(r"</(?=(?:cs:|ccp:)?(?:tool|function)_)")


def write(name: str, arguments: Json) -> str:
    """A call in this form. A closing tag inside a string is written `<\\/`, as JSON allows."""
    call = json.dumps({"name": name, "arguments": arguments}, ensure_ascii=False)
    inner = ESCAPED.sub(r"<\\/", call)
    return f"<tool_call>\n{inner}\n</tool_call>"


def _read(block: str, at: int, _: str) -> list[RawCall]:
    body = block[at:]
    for tag in TAGS:
        body = body.removesuffix(f"</{tag}>")
    return calls_in(body)


FORMS = [
    Form(
        "json_in_tag",
        opening(literal(f"<{tag}>"), SPACE, fence, VALUE_NEXT),
        lambda at, _: Balanced(TOKENS, tagged=True, at=at),
        _read,
    )
    for tag in TAGS
    for fence in ([], FENCE)
]
