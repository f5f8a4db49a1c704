"""When the plugin works, and the settings of a group. Light: every start and exchange loads it."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from gateway.context import Context

NAME = "toolcompat"


@frozen
class Options:
    """`[groups.NAME.toolcompat]`.

    form: what calls are asked for in; all forms are understood, whatever was asked for.
    examples: whether tools are shown in use as earlier turns; "auto" does so for small models.
    ask_again: whether a call that can't be healed is asked for once more.
    """

    form: Literal["auto", "json", "tags", "invoke"] = "auto"
    examples: Literal["auto", "always", "never"] = "auto"
    ask_again: bool = True


def is_on(context: Context) -> bool:
    """Whether this exchange with this target needs words for tools.

    The group's own `tool_mode` decides; "auto" goes by the URL, then by what is known of the model.
    """
    mode = context.group.tool_mode
    if mode != "auto":
        return mode == "compat"
    return context.compat or context.target.facts.get("tools") is False


def options(context: Context) -> Options:
    """The group's settings."""
    found = context.group.extra.get(NAME)
    return found if isinstance(found, Options) else Options()
