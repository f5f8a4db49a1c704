"""The model's name in a client's body: parse the body once, and put another name in its place.

One parse has to tell that the name stands at the top of the body and only once, because a second
`"model"` would smuggle another name past the alias. So the key that is found is overwritten before
parsing: what the parser then still calls `model` is a second one, however it was spelled.
"""

from __future__ import annotations

import re

import orjson

from gateway.model import Json

KEY = b'"model"'
MARK = "\x7f" * 5
"""What the key is overwritten with: of the same length, so that errors keep their place."""
FOUND = b'"%s"' % MARK.encode()
HEAD = re.compile(
    rb'\s*\{(?:\s*"[^"\\]*"\s*:\s*(?:"[^"\\]*"|[-+.\w]+)\s*,)*?\s*"model"()\s*:\s*("[^"\\]*")'
)
"""A body whose name comes before anything nested: group 1 ends the key, group 2 is the name."""
HEAD_WITHIN = 1024
ANYWHERE = re.compile(rb'"model"\s*:\s*("(?:[^"\\]|\\.)*")')
CANDIDATES = 4
"""Places that are tried where the name stands further back."""


def parse(body: bytes) -> tuple[Json, tuple[int, int] | None]:
    """The JSON of `body`, and where the model's name stands, quotes included.

    The place is None for all but a plain name near the start. Raises orjson.JSONDecodeError.
    """
    head = HEAD.match(body, 0, HEAD_WITHIN)
    if head is None:
        return orjson.loads(body), None
    marked = bytearray(body)
    marked[head.start(1) - len(KEY) : head.start(1)] = FOUND
    value = orjson.loads(marked)
    name = value.pop(MARK)
    if "model" in value or name != head[2][1:-1].decode():
        return orjson.loads(body), None
    return {"model": name, **value}, head.span(2)


def renamed(body: bytes, place: tuple[int, int], model: str) -> bytes:
    """`body` with `model` as its name; every other byte stays."""
    rest = memoryview(body)
    return b"".join([rest[: place[0]], orjson.dumps(model), rest[place[1] :]])


def search(body: bytes, old: Json, model: str) -> bytes | None:
    """`body` with `model` in place of `old` at its top; None when it can't be found plainly.

    Clients have tools with a parameter of that name, so each try is parsed again.
    """
    at = body.find(KEY)
    for _ in range(CANDIDATES):
        found = ANYWHERE.match(body, at) if at != -1 else None
        if found is not None and orjson.loads(found[1]) == old:
            changed = renamed(body, found.span(1), model)
            if orjson.loads(changed).get("model") == model:
                return changed
        at = body.find(KEY, at + 1) if at != -1 else -1
    return None
