"""JSON as models write it: nearly right."""

from __future__ import annotations

import ast
import html
import json
import re
import warnings

import orjson
from attrs import frozen

from gateway.model import Json

FENCE = re.compile(r"\A\s*```\w{0,12}\s*\n?|\n?\s*```\s*\Z")
STRAY = " \t\r\n,;}])"
"""What may follow a whole value without meaning anything."""
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[{}\[\],]|\s+|[^"{}\[\],\s]+', re.DOTALL)
PAIRS = {"{": "}", "[": "]"}
CLOSERS = frozenset(PAIRS.values())
CONSTANTS: dict[str, Json] = {"true": True, "false": False, "null": None, "none": None}
PLAIN = json.JSONDecoder(strict=False)
"""Takes raw newlines and tabs inside strings, which models write all the time."""


@frozen
class Mended:
    """A value, whether its text had to be mended, and whether nothing was cut out of its middle."""

    value: Json
    repaired: bool = False
    whole: bool = True


def load(text: str) -> Mended | None:
    """The JSON value that `text` stands for; None when it stands for none."""
    text = text.strip()
    if not text:
        return None
    try:
        return Mended(orjson.loads(text))
    except orjson.JSONDecodeError:
        pass
    text = FENCE.sub("", text).strip()
    for way in (_strictly, _unescaped, _completed, _python, _mended):
        mended = way(text)
        if mended is not None:
            return mended
    return None


def ends_inside_string(text: str) -> bool:
    """Whether `text` breaks off between the quotes of a JSON string."""
    return bool(len(re.findall(r'"', re.sub(r"\\.", "", text, flags=re.DOTALL))) % 2)


def _strictly(text: str) -> Mended | None:
    """A value, followed by nothing that matters or by more keys of the same object."""
    try:
        value, end = PLAIN.raw_decode(text)
    except (ValueError, RecursionError):
        return None
    rest = text[end:].strip(STRAY)
    if isinstance(value, dict) and rest.startswith('"'):
        more = _mended("{" + rest + "}")
        if more is None or not isinstance(more.value, dict):
            return Mended(value, repaired=True)
        value = {**more.value, **value}
    return Mended(value, repaired=True)


def _unescaped(text: str) -> Mended | None:
    return _strictly(html.unescape(text))


def _completed(text: str) -> Mended | None:
    """JSON whose brackets don't pair, or that has commas before them."""
    if not text.startswith(("{", "[")):
        return None
    out: list[str] = []
    opened: list[str] = []
    for token in TOKEN.findall(text):
        if token in PAIRS:
            opened.append(PAIRS[token])
        elif token in CLOSERS:
            _drop_comma(out)
            while opened and opened[-1] != token and token in opened:
                out.append(opened.pop())
            if not opened or opened[-1] != token:
                continue
            opened.pop()
        out.append(token)
    _drop_comma(out)
    return _strictly("".join([*out, *reversed(opened)]))


def _drop_comma(tokens: list[str]) -> None:
    while tokens and (tokens[-1] == "," or tokens[-1].isspace()):
        tokens.pop()


def _python(text: str) -> Mended | None:
    """A value in Python's syntax, or in JSON's with single quotes."""
    node = expression(text.strip(";"))
    try:
        return None if node is None else Mended(literal(node), repaired=True)
    except (ValueError, TypeError, RecursionError):
        return None


def expression(text: str) -> ast.expr | None:
    """The expression in Python's syntax that `text` is; None when it is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of escapes that Python doesn't know
        try:
            return ast.parse(text, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def literal(node: ast.expr) -> Json:
    """The JSON value of a literal; nothing is evaluated. Raises ValueError and TypeError."""
    if isinstance(node, ast.Name) and node.id.lower() in CONSTANTS:
        return CONSTANTS[node.id.lower()]
    if isinstance(node, ast.List | ast.Tuple):
        return [literal(each) for each in node.elts]
    if isinstance(node, ast.Dict):
        keys = [ast.literal_eval(key) if key else "" for key in node.keys]
        return {str(k): literal(v) for k, v in zip(keys, node.values, strict=True)}
    value = ast.literal_eval(node)
    if not isinstance(value, str | int | float | bool | None):
        raise TypeError("this is no JSON value")
    return value


def _mended(text: str) -> Mended | None:
    import json_repair  # most calls are right as they are

    if not text.startswith(("{", "[")):
        return None
    try:
        value = json_repair.loads(text)
    except (ValueError, RecursionError):
        return None
    if value in ("", {}, []) and len(text) > len("{ }"):
        return None
    return Mended(value, repaired=True, whole=not ends_inside_string(text))
