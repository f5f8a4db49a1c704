"""`babelgate switch`: which group /switch leads to."""

from __future__ import annotations

import os

import click

from gateway.cli.given import config_option
from gateway.errors import ConfigError, GatewayError
from gateway.store.flags import StoreError

NONE_SAID = "the group for URLs without one"


@click.command()
@click.argument("group", required=False)
@config_option
def switch(group: str | None, config: str | None) -> None:
    """Make GROUP the one that /switch leads to; without GROUP, say which it is.

    A running gateway follows with the next request.
    """
    from gateway import config as configuration  # `--help` needs none of it
    from gateway.switching import Switch

    path = configuration.find(config, os.environ)
    if path is None:
        raise ConfigError("there is no configuration, and so no group; see `babelgate init`")
    found = Switch.of_file(configuration.read(path), os.environ)
    try:
        before = found.active() or NONE_SAID
        if group is None:
            click.echo(f"/switch leads to {before} (groups: {', '.join(found.groups) or 'none'})")
            return
        found.choose(group)
        click.echo(f"/switch leads to {group} from now on; before: {before}")
    except (GatewayError, StoreError) as error:
        raise ConfigError(str(error), str(path)) from None
    finally:
        found.close()
