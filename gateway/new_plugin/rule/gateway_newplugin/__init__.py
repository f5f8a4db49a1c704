"""Newplugin as a rule: it adds a text to the system prompt, in the groups that say so."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve, frozen

from gateway.context import Context
from gateway.hooks import Touch, hookimpl
from gateway.model import ChatRequest, Text

API_VERSION = 1
NAME = "newplugin"


@frozen
class Settings:
    """`[groups.GROUP.newplugin]`."""

    text: str


@hookimpl
def register_settings() -> Mapping[str, type]:
    return {f"group.{NAME}": Settings}


@hookimpl
def touches(context: Context) -> set[Touch]:
    """Exchanges that nobody touches go through as they came, which is faster."""
    return {"request"} if NAME in context.group.extra else set()


@hookimpl
def rewrite_prompt(request: ChatRequest, context: Context) -> ChatRequest | None:
    """The request that goes out; never change the one that came."""
    settings = context.group.extra.get(NAME)
    if settings is None:
        return None
    return evolve(request, system=[*request.system, Text(settings.text)])
