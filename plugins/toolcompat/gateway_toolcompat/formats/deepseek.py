"""DeepSeek: `<｜tool▁call▁begin｜>NAME<｜tool▁sep｜>{…}<｜tool▁call▁end｜>`.

V3.1 as above; V3 and R1 put `function` before the separator, then the name and a JSON fence (the
models' chat templates, 2026-11). The marks are U+FF5C and U+2581; some servers write | and _.
"""

from __future__ import annotations

from gateway_toolcompat.formats.ending import JSON_TOKENS, Balanced, pattern
from gateway_toolcompat.formats.form import Form
from gateway_toolcompat.formats.objects import with_arguments
from gateway_toolcompat.formats.opening import NAME, SPACE, literal, opening
from gateway_toolcompat.raw import RawCall

BEGIN, SEPARATOR = "<｜tool▁call▁begin｜>", "<｜tool▁sep｜>"
ENDS = ("<｜tool▁call▁end｜>", "<｜tool▁calls▁end｜>", "<|tool_call_end|>", "<|tool_calls_end|>")


def ascii_form(mark: str) -> str:
    """The mark as servers write it that know no other characters."""
    return mark.replace("｜", "|").replace("▁", "_")


TOKENS = pattern(
    ("end", [end.replace("|", r"\|") for end in ENDS]),
    ("next", [BEGIN, ascii_form(BEGIN).replace("|", r"\|")]),
    *JSON_TOKENS,
)


def _read(block: str, at: int, name: str) -> list[RawCall]:
    body = block[at:]
    for end in ENDS:
        body = body.removesuffix(end)
    return [with_arguments(name, body)]


def _form(begin: str, separator: str, *, older: bool) -> Form:
    head = (
        [*literal("function"), *literal(separator), NAME, r"[ \t]{0,2}", r"\n"]
        if older
        else [NAME, SPACE, *literal(separator)]
    )
    return Form(
        "deepseek",
        opening(literal(begin), SPACE, head),
        lambda at, _: Balanced(TOKENS, tagged=True, at=at),
        _read,
        anchored=True,
    )


FORMS = [
    _form(begin, separator, older=older)
    for begin, separator in (
        (BEGIN, SEPARATOR),
        (ascii_form(BEGIN), ascii_form(SEPARATOR)),
    )
    for older in (True, False)
]
