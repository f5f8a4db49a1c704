"""A call as a JSON object that nothing marks but its shape, alone or in a fence.

Llama 3 writes `{"name": …, "parameters": …}`, after `<|python_tag|>` or bare (its prompt guide,
2026-11); many models write the shapes of the APIs that they have seen.
"""

from __future__ import annotations

from gateway_toolcompat.formats.ending import JSON_TOKENS, Balanced, pattern
from gateway_toolcompat.formats.form import Form
from gateway_toolcompat.formats.objects import calls_in
from gateway_toolcompat.formats.opening import NAME, SPACE, literal, opening

TOKENS = pattern(*JSON_TOKENS)

MARK = "[\"']"


def _key(name: str) -> list[str]:
    return [MARK, *literal(name), MARK, SPACE, ":", SPACE]


VALUE = [MARK, NAME, MARK]
NAMED = [
    [r"\{", SPACE, *_key(key), *VALUE]
    for key in ("name", "tool", "tool_name", "function_name", "function")
]
NESTED = [r"\{", SPACE, *_key("function"), r"\{", SPACE, *_key("name"), *VALUE]
LATER = [[r"\{", SPACE, *_key(key), r"(?=\{)"] for key in ("arguments", "parameters")]
TYPED = [r"\{", SPACE, *_key("type"), MARK, *literal("function"), MARK]
WHOLE = [r"\{", SPACE, *_key("tool_calls"), r"(?=\[)"]
"""The name comes later in these: the object is held until it is whole."""


def _form(atoms: list[str], depth: int, *, anchored: bool) -> Form:
    return Form(
        "json",
        opening(atoms),
        lambda at, _: Balanced(TOKENS, tagged=False, at=at, depth=depth),
        lambda block, _, __: calls_in(block),
        alone=True,
        anchored=anchored,
        explicit=False,
    )


SHAPES = [
    *((atoms, 1, True) for atoms in NAMED),
    (NESTED, 2, True),
    *((atoms, 1, False) for atoms in (*LATER, TYPED, WHOLE)),
]
LIST = [r"\[", SPACE]
FORMS = [
    *(_form(atoms, depth, anchored=anchored) for atoms, depth, anchored in SHAPES),
    *(_form([*LIST, *atoms], depth + 1, anchored=anchored) for atoms, depth, anchored in SHAPES),
    Form(
        "llama",
        opening(literal("<|python_tag|>"), SPACE, r"(?=[{\[])"),
        lambda at, _: Balanced(TOKENS, tagged=False, at=at),
        lambda block, at, _: calls_in(block[at:]),
    ),
]
