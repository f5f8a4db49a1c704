"""Carry a seal through a client's dialect, tagged with who issued it, and read it back.

A seal that a dialect's own provider issued may travel bare. Any other is tagged, so that it is
given back to its origin only: providers refuse, or silently mistrust, what they did not sign.

A tagged seal is valid base64 as a whole, which Gemini's clients insist on, and survives theirs
writing it anew in the URL-safe alphabet (google-genai 3.4, seen 2026-11):

    bgt1 + four digits + origin + value

The digits are the length of the origin, which is base64 of the JSON list [dialect, upstream,
model, form]. A value that is base64 itself stays readable.
"""

from __future__ import annotations

import base64
import binascii
import re

import orjson

from gateway.attempt import Target
from gateway.model import Seal

TAG = "bgt1"
"""Begins every tagged seal."""
HEAD = re.compile(TAG + r"(\d{4})")
PLAIN, WRAPPED, REDACTED = 1, 2, 4
"""Bits of the form: the value is base64 as it is; it was made base64; the thinking is redacted."""
TO_STANDARD = str.maketrans("-_", "+/")


def tagged(seal: Seal, home: str) -> str:
    """The text that stands for `seal` in the history of a client of the dialect `home`.

    The same seal gives the same text. A seal of `home` without a known issuer stays bare.
    """
    if (seal.dialect, seal.upstream, seal.model) == (home, None, None):
        return seal.value
    return _packed(seal, 0)


def tagged_redacted(seal: Seal) -> str:
    """The same for a seal that stands for redacted thinking (see `is_redacted`)."""
    return _packed(seal, REDACTED)


def untagged(text: str, home: str) -> Seal:
    """The seal that `text` stands for; text without a whole tag is a seal of `home` itself."""
    return (_unpacked(text) or (Seal(text, home), 0))[0]


def is_redacted(text: str) -> bool:
    """Whether `text` was tagged as redacted thinking."""
    found = _unpacked(text)
    return found is not None and bool(found[1] & REDACTED)


def belongs_to(seal: Seal, target: Target) -> bool:
    """Whether `target` issued `seal`, as far as the seal says."""
    return (
        seal.dialect == target.speaks
        and seal.upstream in (None, target.upstream)
        and seal.model in (None, target.model)
    )


def _packed(seal: Seal, form: int) -> str:
    plain = _is_base64(seal.value)
    value = seal.value if plain else base64.b64encode(seal.value.encode()).decode()
    origin = [seal.dialect, seal.upstream, seal.model, form | (PLAIN if plain else WRAPPED)]
    packed = orjson.dumps(origin)
    packed += b" " * (-len(packed) % 3)
    head = base64.urlsafe_b64encode(packed).decode()
    return f"{TAG}{len(head):04}{head}{value}"


def _unpacked(text: str) -> tuple[Seal, int] | None:
    """The seal and its form; None when there is no whole tag."""
    found = HEAD.match(text)
    if found is None:
        return None
    start = found.end()
    end = start + int(found[1])
    try:
        head = base64.b64decode(text[start:end].translate(TO_STANDARD), validate=True)
        dialect, upstream, model, form = orjson.loads(head)
        value = text[end:].translate(TO_STANDARD)
        if form & WRAPPED:
            value = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, ValueError, TypeError):
        return None
    return (Seal(value, dialect, upstream, model), form) if isinstance(dialect, str) else None


def _is_base64(value: str) -> bool:
    """Whether `value` is base64 in the standard alphabet, and comes out so when written anew."""
    try:
        return base64.b64encode(base64.b64decode(value, validate=True)).decode() == value
    except (binascii.Error, ValueError):
        return False
