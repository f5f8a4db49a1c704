"""Mistral: `[TOOL_CALLS] [{"name": …, "arguments": …}]`, and `[TOOL_CALLS]NAME[ARGS]{…}`.

The second is the form of the tokenizers v11 and v13, where `[CALL_ID]` may stand before `[ARGS]`
(Mistral's tokenizer library, 2026-11).
"""

from __future__ import annotations

from gateway_toolcompat.formats.ending import JSON_TOKENS, Balanced, pattern
from gateway_toolcompat.formats.form import Form
from gateway_toolcompat.formats.objects import calls_in, with_arguments
from gateway_toolcompat.formats.opening import NAME, SPACE, literal, mark, opening

MARK = literal("[TOOL_CALLS]")
TOKENS = pattern(("next", ["".join(MARK)]), ("wait", [mark(MARK).beginning.pattern]), *JSON_TOKENS)
HEADS = (
    [*literal("[ARGS]"), SPACE],
    [*literal("[CALL_ID]"), r"[\w-]{1,40}", *literal("[ARGS]"), SPACE],
    [SPACE],
)


def _ending(at: int, _: str) -> Balanced:
    return Balanced(TOKENS, tagged=False, at=at)


FORMS = [
    Form(
        "mistral",
        opening(MARK, SPACE, r"(?=[\[{])"),
        _ending,
        lambda block, at, _: calls_in(block[at:]),
    ),
    *(
        Form(
            "mistral",
            opening(MARK, SPACE, NAME, head, r"(?=\{)"),
            lambda at, _: Balanced(TOKENS, tagged=False, at=at, may_go_on=True),
            lambda block, at, name: [with_arguments(name, block[at:])],
        )
        for head in HEADS
    ),
]
