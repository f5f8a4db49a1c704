"""How a key is carried to a provider that wants it another way than its dialect does.

`auth` in an upstream says "bearer", "none", the name of the header that is the key ("api-key"),
or a header with the key in its text ("Authorization: Token {key}"). A key is never put in a URL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

KEY = "{key}"
NOBODY = "none"
BEARER = f"authorization: Bearer {KEY}"
NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
TEXT = re.compile(r"[\x20-\x7e]*")
Carry = Callable[[str], Mapping[str, str]]


def read_auth(text: str) -> str:
    """The header that `text` means, as "name: text with {key}", or "none". Raises ValueError."""
    if text == NOBODY:
        return NOBODY
    if text == "bearer":
        return BEARER
    name, colon, form = text.partition(":")
    form = form.strip() if colon else KEY
    if not NAME.fullmatch(name) or not TEXT.fullmatch(form) or form.count(KEY) != 1:
        raise ValueError(
            'must be "bearer", "none", a header\'s name such as "api-key", or a whole header such'
            ' as "Authorization: Token {key}"'
        )
    return f"{name.lower()}: {form}"


def carrier(auth: str) -> Carry:
    """What makes the headers that carry a key, by what `read_auth` gave."""
    if auth == NOBODY:
        return lambda _: {}
    name, _, form = auth.partition(": ")
    before, _, after = form.partition(KEY)
    return lambda key: {name: f"{before}{key}{after}"}
