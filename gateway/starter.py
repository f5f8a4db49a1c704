"""The short commented file that `babelgate init` writes, from what the environment holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gateway.environment import Known, Presets, discover
from gateway.hooks import Backend

HEAD = """\
# Babelgate reads this file when it starts, and again whenever it changes.
# `babelgate check FILE` says what is wrong with it, and on which line.

[server]
# host = "127.0.0.1"
# port = 11434
"""

EXAMPLE = """\
# A provider: how it speaks, where it is, and its keys. Name variables or files, never keys.
# [upstreams.example]
# dialect = "openai"
# base_url = "https://api.example.com/v1"
# keys = ["env:EXAMPLE_API_KEY"]
"""

NO_MODELS = """\
# Which model answers which name; `default` serves the URLs without a group.
# [groups.default.models]
# "*" = "UPSTREAM/MODEL"
"""

MODELS = """\
# Which model answers which name; `default` serves the URLs without a group.
[groups.default.models]
"""


def init_text(environ: Mapping[str, str], backends: Mapping[str, Backend]) -> str:
    """A file that the gateway takes as it is, and that says where to go on."""
    presets = Presets.of(backends)
    found = [presets.find(name) for name in discover(presets, environ).upstreams]
    known = [one for one in found if one]
    return "\n".join([HEAD, *_upstreams(known, environ), _missing(presets, known), _models(known)])


def _upstreams(known: list[Known], environ: Mapping[str, str]) -> Iterator[str]:
    for one in known:
        variable = next((name for name in one.preset.variables if environ.get(name)), None)
        line = f'keys = ["env:{variable}"]' if variable else f"# at {one.preset.base_url_variable}"
        yield f"[upstreams.{one.preset.name}]\n{line}\n"


def _missing(presets: Presets, known: list[Known]) -> str:
    here = {one.preset.name for one in known}
    others = [one.preset for one in presets.all if one.preset.name not in here]
    lines = [
        f"#   {preset.name}: set {preset.variables[0]}" for preset in others if preset.variables
    ]
    known_too = ["# Also known by name:", *lines, ""] if lines else []
    return "\n".join([*known_too, EXAMPLE])


def _models(known: list[Known]) -> str:
    targets = {
        pattern: f"{one.preset.name}/{pattern}"
        for one in reversed(known)
        for pattern in one.preset.patterns
        if "?" not in pattern and pattern.count("*") <= 1
    }
    if not targets:
        return NO_MODELS
    lines = [f'"{pattern}" = "{target}"' for pattern, target in sorted(targets.items())]
    return MODELS + "\n".join([*lines, '# "*" = "UPSTREAM/MODEL"', ""])
