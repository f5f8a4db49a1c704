"""Signatures and redacted thinking, tagged with who issued them.

A client of this dialect gives back what it was given, and nothing else, so the origin travels in
the signature itself: `bg1.` + base64url of the JSON list [dialect, upstream, model] + `.` + value.
An unmarked signature is Claude's own. An empty value stands for "there was no signature": clients
want one on every thinking block.
"""

from __future__ import annotations

import base64
import binascii

import orjson

from gateway.attempt import Target
from gateway.model import Seal
from gateway_claude.names import NAME

PREFIX = "bg1."


def tag(seal: Seal) -> str:
    """The seal as a client of this dialect gets it."""
    if seal.dialect == NAME and seal.upstream is None and seal.model is None:
        return seal.value
    origin = orjson.dumps([seal.dialect, seal.upstream, seal.model])
    return f"{PREFIX}{base64.urlsafe_b64encode(origin).decode().rstrip('=')}.{seal.value}"


def untag(signature: str) -> Seal:
    """The seal that a client gave back."""
    if not signature.startswith(PREFIX):
        return Seal(signature, NAME)
    origin, dot, value = signature[len(PREFIX) :].partition(".")
    try:
        raw = base64.urlsafe_b64decode(origin + "=" * (-len(origin) % 4))
        dialect, upstream, model = orjson.loads(raw)
    except (binascii.Error, ValueError, TypeError):
        return Seal(signature, NAME)
    if not dot or not isinstance(dialect, str):
        return Seal(signature, NAME)
    return Seal(value, dialect, upstream, model)


def unsigned(target: Target) -> Seal:
    """The seal of thinking that `target` gave without any signature."""
    return Seal("", target.speaks or target.backend, target.upstream, target.model)


def fits(seal: Seal, target: Target) -> bool:
    """Whether `target` issued the seal, or may have."""
    return (
        seal.dialect == NAME
        and seal.upstream in (None, target.upstream)
        and seal.model in (None, target.model)
    )
