"""`babelgate new-plugin`: the first files of a plugin of your own."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.errors import ConfigError
from gateway.new_plugin import KINDS, write


@click.command("new-plugin")
@click.argument("name")
@click.option(
    "--kind",
    type=click.Choice(KINDS),
    default="backend",
    show_default=True,
    help="A backend answers; a dialect is a wire format; a rule changes requests.",
)
@click.option(
    "--into",
    metavar="FOLDER",
    default=".",
    type=click.Path(path_type=Path),
    help="Where the package's folder goes. Default: here.",
)
def new_plugin(name: str, kind: str, into: Path) -> None:
    """Write a package for a plugin called NAME, which works and passes its tests at once."""
    try:
        written = write(kind, name, into)
    except OSError as error:
        raise ConfigError(f"it can't be written: {error.strerror}", str(into)) from None
    folder = written[0].parent
    for path in written:
        click.echo(f"wrote {path}")
    click.echo(f"next: cd {folder} && pip install -e '.[test]' && pytest")
