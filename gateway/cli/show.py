"""`babelgate env`, `plugins` and `routes`: what there is, in lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import quote

import click

from gateway.cli.given import config_option, given
from gateway.clients import base_url, client_variables, key_to_show, shell_lines
from gateway.errors import ConfigError
from gateway.faces import offered
from gateway.loading import PluginReport
from gateway.plugins import Plugins
from gateway.ports import USUAL
from gateway.routes import SWITCH
from gateway.settings import Settings


@click.command()
@click.argument("client")
@click.option("--group", metavar="GROUP", help="A group of models; default: none in the URL.")
@click.option("--url", metavar="URL", help="The gateway's address, where it is another machine's.")
@config_option
def env(client: str, group: str | None, url: str | None, config: str | None) -> None:
    """Print the lines that point CLIENT (claude, openai, …) at the gateway."""
    found = given(config)
    found.plugins.need_dialect()
    settings = found.settings()
    if group is not None and group not in {*settings.groups, SWITCH}:
        known_groups = ", ".join(settings.groups) or "none"
        raise ConfigError(f"there is no group '{group}' (there are: {known_groups})")
    server = settings.server
    where = base_url(server.host, server.port or USUAL, group)
    if url is not None:
        where = url.rstrip("/") + (f"/{quote(group, safe='')}" if group else "")
    key = key_to_show(settings)
    known = client_variables(found.plugins.dialects.values(), where, key)
    if client not in known:
        raise ConfigError(f"no lines for '{client}' (there are: {', '.join(known) or 'none'})")
    for line in shell_lines(known[client]):
        click.echo(line)


@click.command()
@config_option
def plugins(config: str | None) -> None:
    """List the installed plugins, what they bring, and what is wrong with them."""
    loaded = given(config).plugins
    report = loaded.report
    if not report:
        click.echo("no plugin is installed")
        return
    rows = [("plugin", "distribution", "dialects", "backends", "hooks"), *map(_row, report)]
    for line in aligned(rows):
        click.echo(line)
    for warning in loaded.warnings:
        click.echo(warning)


@click.command()
@config_option
def routes(config: str | None) -> None:
    """List the URLs, each of which may stand behind a prefix, and who speaks several dialects."""
    everything = given(config)
    found = everything.plugins
    found.need_dialect()
    faces = _faces(everything.settings(), found)
    click.echo("before each: nothing, /GROUP or /switch; then nothing, /compat or /compat_mode")
    rows = [(each.method, each.path, each.dialect, each.action) for each in found.endpoints]
    for line in aligned([("method", "path", "dialect", "action"), *rows]):
        click.echo(line)
    if faces:
        click.echo("\nupstreams with several faces: each client is served by that of its dialect")
        for line in aligned([("upstream", "clients", "asked in", "at"), *faces]):
            click.echo(line)


def aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows as lines whose columns stand under each other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def _faces(settings: Settings, plugins: Plugins) -> list[tuple[str, str, str, str]]:
    """Of each upstream that has several: its name, whose face it is, its dialect, its address."""
    rows = []
    for upstream in settings.upstreams.values():
        also = offered(upstream, plugins.backends)
        rows += [(upstream.name, name, name, face.base_url) for name, face in also.items()]
        if also:
            main = plugins.backends[upstream.backend].speaks or upstream.backend
            rows.append((upstream.name, "all others", main, upstream.base_url))
    return rows


def _row(report: PluginReport) -> tuple[str, ...]:
    state = "BROKEN" if report.error else "disabled" if report.disabled else ""
    return (
        report.name,
        f"{report.distribution} {report.version}",
        ", ".join(report.dialects) or "-",
        ", ".join(report.backends) or "-",
        state or ", ".join(report.hooks) or "-",
    )
