"""What `serve` says when it has started: where it is, what answers, and what to paste."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit

from gateway import __version__
from gateway.auth import is_loopback
from gateway.clients import base_url, client_variables, key_to_show, shell_lines
from gateway.hooks import Fallback
from gateway.plugins import Plugins
from gateway.settings import Group, Settings, UpstreamSettings

ALIASES_SHOWN = 4
Line = tuple[str, str]
"""A label ("" for more of the one before, a space for a line to paste) and its words."""


def print_banner(
    settings: Settings,
    plugins: Plugins,
    address: Sequence[str | int],
    path: Path | None,
    moved: str | None = None,
    found: Fallback | None = None,
    stream: TextIO | None = None,
) -> None:
    """Write the banner to standard error.

    address: what the socket says of itself. moved: why it is not on the usual port. found: what
    answers because nothing is configured.
    """
    out = stream or sys.stderr
    lines = list(banner_lines(settings, plugins, address, path, moved, found))
    show = _print_coloured if out.isatty() else _print_plain
    show(lines, out)


def banner_lines(
    settings: Settings,
    plugins: Plugins,
    address: Sequence[str | int],
    path: Path | None,
    moved: str | None = None,
    found: Fallback | None = None,
) -> Iterator[Line]:
    """The banner, line by line. No key stands in it."""
    url = base_url(str(address[0]), int(address[1]))
    yield "Babelgate", f"{__version__} at {url}"
    if moved:
        yield "note", moved
    yield "config", str(path) if path else "no file; provider keys of the environment"
    yield "upstreams", ", ".join(map(_upstream, _in_use(settings))) or "none"
    if found is not None:
        yield "", f"{found.upstream.name}/{found.model}: {found.note}"
    elif settings.every_model is not None:
        yield "", f"{settings.every_model} answers every model name"
    for group in settings.groups.values():
        if not group.disabled:
            yield "group", _group(group)
    yield "access", _access(settings)
    for warning in [*plugins.warnings, *settings.warnings]:
        yield "warning", warning
    yield from _clients(settings, plugins, url, found)


def _clients(
    settings: Settings, plugins: Plugins, url: str, found: Fallback | None
) -> Iterator[Line]:
    variables = client_variables(plugins.dialects.values(), url, key_to_show(settings))
    for dialect, values in variables.items():
        yield f"for {dialect}", _demo_note(dialect, plugins, found)
        for line in shell_lines(values):
            yield " ", line


def _demo_note(dialect: str, plugins: Plugins, found: Fallback | None) -> str:
    """Why an agent gets no use out of a demo model, and which key it needs."""
    if found is None or not found.demo:
        return ""
    own = [each for each in plugins.backends.values() if each.speaks == dialect]
    presets = [preset for backend in own for preset in backend.presets if not preset.keyless]
    names = [preset.variables[0] for preset in presets if preset.variables][:3]
    first = f" (set {' or '.join(names)} and start again)" if names else ""
    return f"the demo model is for curl and SDKs; an agent needs a real model first{first}"


def _in_use(settings: Settings) -> list[UpstreamSettings]:
    return [upstream for upstream in settings.upstreams.values() if not upstream.disabled]


def _upstream(upstream: UpstreamSettings) -> str:
    host = urlsplit(upstream.base_url).hostname
    keys = len(upstream.keys)
    facts = [
        upstream.backend if upstream.backend != upstream.name else "",
        host or "",
        f"also {', '.join(upstream.also)}" if upstream.also else "",
        f"{keys} keys" if keys > 1 else "",
        "key from the environment" if keys == 1 and upstream.from_environment else "",
    ]
    said = ", ".join(filter(None, facts))
    return f"{upstream.name} ({said})" if said else upstream.name


def _group(group: Group) -> str:
    names = list(group.models)
    more = f" and {len(names) - ALIASES_SHOWN} more" if len(names) > ALIASES_SHOWN else ""
    shown = [
        f"{name} -> {', '.join(map(str, group.models[name].targets))}"
        for name in names[:ALIASES_SHOWN]
    ]
    return f"{group.name}: {'; '.join(shown) or 'no models'}{more}"


def _access(settings: Settings) -> str:
    count = len(settings.proxy_keys)
    if count:
        return "1 proxy key" if count == 1 else f"{count} proxy keys"
    if is_loopback(settings.server.host):
        return "open: every program on this machine may use it (`babelgate keys new` closes it)"
    return "OPEN to the network: anyone who reaches this address uses your keys"


def _print_plain(lines: Sequence[Line], out: TextIO) -> None:
    for label, words in lines:
        text = f"    {words}" if label == " " else f"{label:<12}{words}".rstrip()
        out.write(text + "\n")
    out.flush()


STYLES = {"Babelgate": "bold cyan", "warning": "bold yellow", "note": "yellow", " ": "green"}


def _print_coloured(lines: Sequence[Line], out: TextIO) -> None:
    from rich.console import Console  # only people wait for it
    from rich.text import Text

    console = Console(file=out, soft_wrap=True, highlight=False)
    for label, words in lines:
        if label == " ":
            console.print(Text(f"    {words}", STYLES[label]))
            continue
        head = Text(f"{label:<12}", STYLES.get(label, "bold"))
        console.print(head.append(words, STYLES.get(label) if label == "warning" else "not bold"))
