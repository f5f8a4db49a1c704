"""Names of the configuration that this version knows but does not act on, and who would.

Nothing in a configuration is ignored: each of these is an error that says so. A later version
deletes the row of what it has learned; a plugin that claims a place (`register_settings`) takes
it out of these tables.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from gateway.model import Json


def _any(_: Json) -> bool:
    return True


NOT_YET: Mapping[str, Callable[[Json], bool]] = {
    "group.mcp_servers": _any,
    "group.hub_tools": _any,
    "proxy_key.mcp_servers": _any,
}
"""Which values of a place ("group.NAME", as in `register_settings`) have no effect yet."""

DISTRIBUTION_OF_SETTING: Mapping[str, str] = {
    "top.mcp": "babelgate-mcp",
    "top.metrics": "babelgate-metrics",
    "group.prompts": "babelgate-prompt-rewrite",
    "group.replacements": "babelgate-prompt-rewrite",
    "group.temperature_ratio": "babelgate-prompt-rewrite",
    "group.deny_tools": "babelgate-prompt-rewrite",
    "group.toolcompat": "babelgate-toolcompat",
}

CLAIM_FOR_VALUE: Mapping[tuple[str, Json], str] = {
    ("group.tool_mode", "compat"): "group.toolcompat",
}
"""Values of the core's own settings that only a plugin can act on, and the place it claims."""

DISTRIBUTION_OF_BACKEND: Mapping[str, str] = {
    "openai": "babelgate-openai",
    "responses": "babelgate-openai",
    "claude": "babelgate-claude",
    "gemini": "babelgate-gemini",
    "ollama": "babelgate-ollama",
    "echo": "babelgate-echo",
    "local": "babelgate-local",
}


def why_not(place: str, value: Json, claims: Collection[str] = ()) -> str | None:
    """Why this version can't act on `value` at `place`; None: it can, or knows no such place.

    claims: the places that plugins have claimed.
    """
    needed = CLAIM_FOR_VALUE.get((place, value)) if isinstance(value, str) else None
    distribution = DISTRIBUTION_OF_SETTING.get(needed or place)
    if distribution and needed not in claims:
        what = f'{place.partition(".")[2]} "{value}" ' if needed else ""
        return (
            f"{what}needs the plugin {distribution}, which is not installed; "
            f"install it (pip install {distribution}) or take this out"
        )
    unacted = NOT_YET.get(place)
    if unacted is None or not unacted(value):
        return None
    shown = f' "{value}"' if isinstance(value, str) else ""
    return f"{place.partition('.')[2]}{shown} is not acted on yet by this version; take it out"


def names_in(place: str) -> list[str]:
    """The names that these tables know of a place ("group")."""
    rows = (*NOT_YET, *DISTRIBUTION_OF_SETTING)
    return [row.removeprefix(f"{place}.") for row in rows if row.startswith(f"{place}.")]
