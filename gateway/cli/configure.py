"""`babelgate check` and `babelgate init`: the configuration, checked and begun."""

from __future__ import annotations

import os
from pathlib import Path

import click

from gateway.errors import ConfigError
from gateway.settings import Settings


@click.command()
@click.argument("file", required=False)
def check(file: str | None) -> None:
    """Say whether FILE (or the configuration that is found) is right."""
    from gateway.auth import Gate, check_bind  # `--help` needs none of it
    from gateway.cli.given import given

    found = given(file)
    found.plugins.need_dialect()
    settings = found.settings()
    check_bind(settings)
    Gate(settings)
    for warning in [*found.plugins.warnings, *settings.warnings]:
        click.echo(f"warning: {warning}", err=True)
    click.echo(f"{found.path or 'no file; the environment'}: fine ({summary(settings)})")


def summary(settings: Settings) -> str:
    """How much a configuration holds, in words."""
    counts = [
        (len(settings.upstreams), "upstream"),
        (len(settings.groups), "group"),
        (len(settings.proxy_keys), "proxy key"),
    ]
    return ", ".join(f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in counts)


@click.command()
@click.argument("file", default="babelgate.toml")
def init(file: str) -> None:
    """Write a short commented configuration from what the environment holds.

    FILE is babelgate.toml when it is left out; `-` writes to standard output.
    """
    from gateway import config  # `--help` needs none of it
    from gateway.plugins import load
    from gateway.settings import Plugins

    text = config.init_text(os.environ, load(Plugins()).backends)
    if file == "-":
        click.echo(text, nl=False)
        return
    try:
        with Path(file).open("x", encoding="utf-8") as out:
            out.write(text)
    except FileExistsError:
        raise ConfigError("it is there already; name another file, or `-`", file) from None
    except OSError as error:
        raise ConfigError(f"it can't be written: {error.strerror}", file) from None
    click.echo(f"wrote {file}; next: babelgate serve --config {file}")
