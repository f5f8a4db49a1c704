"""The tool's own name as the tag: `<read_file><path>…</path></read_file>`, or JSON in it."""

from __future__ import annotations

import re

from gateway_toolcompat.formats.ending import Tagged, pattern
from gateway_toolcompat.formats.form import Form
from gateway_toolcompat.formats.markup import arguments, as_it_is
from gateway_toolcompat.formats.opening import NAME, opening
from gateway_toolcompat.raw import RawCall


def _ending(at: int, name: str) -> Tagged:
    return Tagged(pattern(("end", [rf"</{re.escape(name)}\s*>"])), at)


def _read(block: str, at: int, name: str) -> list[RawCall]:
    body = re.sub(rf"</{re.escape(name)}\s*>\s*\Z", "", block[at:])
    values, textual, repaired = arguments(body, as_it_is)
    if not values or isinstance(values, str):
        return []
    return [RawCall(name, values, textual, repaired)]


FORMS = [
    Form(
        "tool_tag",
        opening("<", NAME, ">"),
        _ending,
        _read,
        anchored=True,
        exact=True,
        explicit=False,
    )
]
