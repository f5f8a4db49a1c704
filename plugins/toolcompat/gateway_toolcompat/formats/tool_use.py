"""The name in a tag of its own: `<cs:tool_use><name>…</name><args><arg name="…">…</arg></args>`.

The reference system's forms (`cs:` and the older `ccp:`) and their plain cousins. `&`, `<` and `>`
are written as entities there, and arguments may be JSON or tags of their own names.
"""

from __future__ import annotations

import re

from gateway_toolcompat.formats.ending import Tagged, pattern
from gateway_toolcompat.formats.form import Form
from gateway_toolcompat.formats.markup import VALUE_DONE, VALUE_OPEN, decoded, named
from gateway_toolcompat.formats.opening import SPACE, literal, opening
from gateway_toolcompat.raw import RawCall

TAGS = ("cs:tool_use", "ccp:tool_use", "tool_use", "tool_call", "use_tool", "invoke", "tool_code")
END = rf"</(?:{'|'.join(TAGS)}|tool_calls)\s*>"
TOKENS = pattern(
    ("value", [VALUE_OPEN]),
    ("done", [VALUE_DONE]),
    ("end", [END]),
    ("next", [rf"<(?:{'|'.join(TAGS)})>"]),
)
CLOSING = re.compile(rf"\s*(?:{END}\s*)*\Z")


def _read(block: str, at: int, _: str) -> list[RawCall]:
    body = block[at:] if block[:at].endswith(">") else block[block.index(">") + 1 :]
    call = named(CLOSING.sub("", body), decoded)
    return [call] if call else []


FORMS = [
    Form(
        "tool_use",
        opening(literal(f"<{tag}>"), SPACE, literal(f"<{name}>")),
        lambda at, _: Tagged(TOKENS, at),
        lambda block, _, name: _read(block, block.index(">") + 1, name),
    )
    for tag in TAGS
    for name in ("name", "tool_name")
]
