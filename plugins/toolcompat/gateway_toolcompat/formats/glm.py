"""GLM 4.5 and later: `<tool_call>NAME<arg_key>…</arg_key><arg_value>…</arg_value></tool_call>`.

Source: the model's chat template, 2026-11. Strings stand raw, other values as JSON.
"""

from __future__ import annotations

import re

from gateway_toolcompat.formats.ending import Tagged, pattern
from gateway_toolcompat.formats.form import Form
from gateway_toolcompat.formats.markup import arguments, as_it_is
from gateway_toolcompat.formats.opening import NAME, SPACE, literal, opening
from gateway_toolcompat.raw import RawCall

END = r"</tool_calls?\s*>"
TOKENS = pattern(
    ("value", ["<arg_value>"]),
    ("done", ["</arg_value>"]),
    ("end", [END]),
    ("next", ["<tool_call>"]),
)
CLOSING = re.compile(rf"\s*(?:{END}\s*)*\Z")
PAIR = re.compile(
    r"<arg_key>\s*(?P<key>[^<]+?)\s*(?:</arg_key>)?\s*<arg_value>(?P<value>.*?)"
    r"(?P<done></arg_value>|(?=<arg_key>)|\Z)",
    re.DOTALL,
)


def _read(block: str, at: int, name: str) -> list[RawCall]:
    body = CLOSING.sub("", block[at:])
    pairs = list(PAIR.finditer(body))
    if not pairs:
        values, textual, repaired = arguments(body, as_it_is)
        return [RawCall(name, values, textual, repaired)]
    found = {pair["key"]: as_it_is(_value(pair)) for pair in pairs}
    return [RawCall(name, found, textual=True, repaired=not all(pair["done"] for pair in pairs))]


def _value(pair: re.Match[str]) -> str:
    return pair["value"] if pair["done"] else pair["value"].rstrip()


FORMS = [
    Form(
        "glm",
        opening(literal("<tool_call>"), SPACE, NAME, SPACE, r"(?=[<{])"),
        lambda at, _: Tagged(TOKENS, at),
        _read,
        anchored=True,
    )
]
