"""Seals in OpenAI's chat dialect, which has no field for them.

Google's OpenAI endpoint puts a thought signature in `extra_content` of a call or a message, and
clients that speak to it send that back (Gemini API, OpenAI compatibility, read 2026-11). A seal
of any other dialect travels there too, with its origin under a name of our own:
`{"extra_content": {"babelgate": {"dialect": "claude", "value": "…", "upstream": …}}}`.
A seal of this dialect keeps its provider's JSON as its value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from gateway.model import Json, Seal
from gateway_openai.chat.fields import DIALECT

if TYPE_CHECKING:
    from gateway.attempt import Target

TAG = "babelgate"
FIELD = "extra_content"


def origin(seal: Seal) -> dict[str, Json]:
    """Who issued a seal, as clients carry it."""
    named = {"dialect": seal.dialect, "upstream": seal.upstream, "model": seal.model}
    return {key: value for key, value in named.items() if value is not None}


def seal_from(value: Json, tag: Json, target: Target | None = None) -> Seal:
    """A seal of `value`, from the origin that `tag` names, else issued by `target`."""
    if isinstance(tag, dict):
        return Seal(value, tag.get("dialect", DIALECT), tag.get("upstream"), tag.get("model"))
    if target is not None:
        return Seal(value, DIALECT, target.upstream, target.model)
    return Seal(value, DIALECT)


def to_client(seal: Seal) -> dict[str, Json]:
    """`extra_content` for a client."""
    if seal.dialect != DIALECT:
        return {TAG: {"value": seal.value, **origin(seal)}}
    return {**_unwrapped(seal.value), **({TAG: origin(seal)} if seal.upstream else {})}


def to_upstream(seal: Seal) -> dict[str, Json]:
    """`extra_content` for the provider that issued the seal."""
    return _unwrapped(seal.value)


def from_extra_content(content: Json, target: Target | None = None) -> Seal | None:
    """The seal in an `extra_content`; issued by `target` when it names no origin."""
    if not isinstance(content, dict) or not content:
        return None
    tag = content.get(TAG)
    if isinstance(tag, dict) and "value" in tag:
        return seal_from(tag["value"], tag)
    rest = {key: value for key, value in content.items() if key != TAG}
    return seal_from(orjson.dumps(rest).decode(), tag, target)


def goes_home(seal: Seal, target: Target) -> bool:
    """Whether `target` issued the seal. One without a mark came from its own client's turn."""
    return (
        seal.dialect == DIALECT
        and seal.upstream in (None, target.upstream)
        and seal.model in (None, target.model)
    )


def _unwrapped(value: str) -> dict[str, Json]:
    try:
        content = orjson.loads(value)
    except orjson.JSONDecodeError:
        content = None
    return content if isinstance(content, dict) else {"signature": value}
