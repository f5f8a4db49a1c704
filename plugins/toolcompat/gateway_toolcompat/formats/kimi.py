"""Kimi K2: `<|tool_call_begin|>functions.NAME:0<|tool_call_argument_begin|>{…}<|tool_call_end|>`.

Source: the model's chat template, 2026-11. `<|tool_calls_section_begin|>` stands around all calls.
"""

from __future__ import annotations

from gateway_toolcompat.formats.ending import JSON_TOKENS, Balanced, pattern
from gateway_toolcompat.formats.form import Form
from gateway_toolcompat.formats.objects import with_arguments
from gateway_toolcompat.formats.opening import NAME, SPACE, literal, opening
from gateway_toolcompat.raw import RawCall

ENDS = ("<|tool_call_end|>", "<|tool_calls_section_end|>")
TOKENS = pattern(
    ("end", [r"<\|tool_call_end\|>", r"<\|tool_calls_section_end\|>"]),
    ("next", [r"<\|tool_call_begin\|>"]),
    *JSON_TOKENS,
)


def _read(block: str, at: int, name: str) -> list[RawCall]:
    body = block[at:]
    for end in ENDS:
        body = body.removesuffix(end)
    return [with_arguments(name, body)]


FORMS = [
    Form(
        "kimi",
        opening(
            literal("<|tool_call_begin|>"),
            SPACE,
            NAME,
            SPACE,
            literal("<|tool_call_argument_begin|>"),
        ),
        lambda at, _: Balanced(TOKENS, tagged=True, at=at),
        _read,
    )
]
