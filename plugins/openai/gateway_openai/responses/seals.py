"""Encrypted reasoning, tagged with who issued it.

A client gives `encrypted_content` back as it got it, so the origin travels in it: `bg1.` +
base64url of the JSON list [dialect, upstream, model] + `.` + value. An unmarked one is a provider's
own that reached the client without this gateway.
"""

from __future__ import annotations

import base64
import binascii

import orjson

from gateway.attempt import Target
from gateway.model import Seal
from gateway_openai.responses.fields import DIALECT

PREFIX = "bg1."


def tag(seal: Seal) -> str:
    """The seal as a client of this dialect gets it."""
    if seal.dialect == DIALECT and seal.upstream is None and seal.model is None:
        return seal.value
    origin = orjson.dumps([seal.dialect, seal.upstream, seal.model])
    return f"{PREFIX}{base64.urlsafe_b64encode(origin).decode().rstrip('=')}.{seal.value}"


def untag(content: str, target: Target | None = None) -> Seal:
    """The seal in an `encrypted_content`; issued by `target` when it names no origin."""
    if content.startswith(PREFIX):
        origin, dot, value = content[len(PREFIX) :].partition(".")
        try:
            raw = base64.urlsafe_b64decode(origin + "=" * (-len(origin) % 4))
            dialect, upstream, model = orjson.loads(raw)
        except (binascii.Error, ValueError, TypeError):
            dot = ""
        if dot and isinstance(dialect, str):
            return Seal(value, dialect, upstream, model)
    if target is not None:
        return Seal(content, DIALECT, target.upstream, target.model)
    return Seal(content, DIALECT)


def goes_home(seal: Seal, target: Target) -> bool:
    """Whether `target` issued the seal, or may have."""
    return (
        seal.dialect == DIALECT
        and seal.upstream in (None, target.upstream)
        and seal.model in (None, target.model)
    )
