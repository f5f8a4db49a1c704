"""Carry a seal through a client's dialect, tagged with who issued it, and read it back.

A seal that a dialect's own provider issued travels bare. Any other is tagged, so that it is given
back to its origin only: providers refuse, or silently mistrust, what they did not sign.
"""

from __future__ import annotations

import base64
import binascii

import orjson

from gateway.attempt import Target
from gateway.model import Seal

TAG = "bgt1"
"""Begins every tagged seal. What follows is base64 of a JSON list; the whole is valid base64 too,
which Gemini's clients insist on."""


def tagged(seal: Seal) -> str:
    """The text that stands for `seal` in a client's history; the same seal gives the same text."""
    packed = orjson.dumps([seal.dialect, seal.upstream, seal.model, seal.value])
    return TAG + base64.b64encode(packed).decode()


def untagged(text: str, dialect: str) -> Seal:
    """The seal that `text` stands for; text without a tag is a seal of `dialect` itself."""
    if not text.startswith(TAG):
        return Seal(text, dialect)
    try:
        packed = base64.b64decode(text.removeprefix(TAG), validate=True)
        origin, upstream, model, value = orjson.loads(packed)
    except (binascii.Error, ValueError, TypeError):
        return Seal(text, "unknown")
    return Seal(value, origin, upstream, model)


def belongs_to(seal: Seal, target: Target) -> bool:
    """Whether `target` issued `seal`, as far as the seal says."""
    return (
        seal.dialect == target.speaks
        and seal.upstream in (None, target.upstream)
        and seal.model in (None, target.model)
    )
