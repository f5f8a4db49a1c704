"""Calls in Python's syntax: Llama's `[f(a="x")]` and `<|python_tag|>f.call(a="x")`, Gemma's fence.

Source: the models' prompt guides, read 2026-11. Nothing is evaluated but literals.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from gateway_toolcompat.formats.ending import PYTHON_TOKENS, Balanced, pattern
from gateway_toolcompat.formats.form import Form
from gateway_toolcompat.formats.opening import FENCE, NAME, SPACE, literal, opening
from gateway_toolcompat.raw import RawCall
from gateway_toolcompat.repair import expression
from gateway_toolcompat.repair import literal as value_of

TOKENS = pattern(*PYTHON_TOKENS)
POSITION = "\0"
"""Begins the name of an argument that was given by its place."""


def calls_in(code: str) -> list[RawCall]:
    """The calls in an expression: one, a list of them, or one inside `print(…)`."""
    tree = expression(code.strip().strip("`;").strip())
    nodes = tree.elts if isinstance(tree, ast.List | ast.Tuple) else [tree]
    return [call for node in nodes for call in _calls(node)]


def _calls(node: ast.expr | None) -> Iterator[RawCall]:
    if not isinstance(node, ast.Call):
        return
    name = ast.unparse(node.func)
    if name == "print" and node.args:
        yield from _calls(node.args[0])
        return
    try:
        values = {f"{POSITION}{at}": value_of(each) for at, each in enumerate(node.args)}
        for keyword in node.keywords:
            value = value_of(keyword.value)
            values |= {keyword.arg: value} if keyword.arg else value
    except (ValueError, TypeError):
        return
    yield RawCall(name.removesuffix(".call"), values)


FORMS = [
    Form(
        "python",
        opening(r"\[", SPACE, NAME, r"(?=\()"),
        lambda at, _: Balanced(TOKENS, tagged=False, at=at, depth=1),
        lambda block, _, __: calls_in(block),
        alone=True,
        anchored=True,
        explicit=False,
    ),
    Form(
        "python",
        opening(FENCE, NAME, r"(?=\()"),
        lambda at, _: Balanced(TOKENS, tagged=False, at=at),
        lambda block, at, name: calls_in(name + block[at:]),
        anchored=True,
        explicit=False,
    ),
    Form(
        "python",
        opening(literal("<|python_tag|>"), SPACE, NAME, r"(?=\()"),
        lambda at, _: Balanced(TOKENS, tagged=False, at=at),
        lambda block, at, name: calls_in(name + block[at:]),
        anchored=True,
    ),
]
