"""The `babelgate` command. Each subcommand is loaded when it is called."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module

import click

from gateway import __version__
from gateway.errors import ConfigError, PluginError

OWN: Mapping[str, str] = {
    "serve": "gateway.cli.serve:serve",
    "check": "gateway.cli.configure:check",
    "init": "gateway.cli.configure:init",
    "env": "gateway.cli.show:env",
    "explain": "gateway.cli.explain:explain",
    "doctor": "gateway.cli.doctor:doctor",
    "plugins": "gateway.cli.show:plugins",
    "routes": "gateway.cli.show:routes",
    "keys": "gateway.cli.keys:keys",
    "switch": "gateway.cli.switch:switch",
    "new-plugin": "gateway.cli.new_plugin:new_plugin",
    "usage": "gateway.cli.usage:usage",
}
"""Where each command is: it is imported by name."""
BAD = 2
INTERRUPTED = 130


class Commands(click.Group):
    """Our own commands by name, and those of plugins."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        return [*OWN, *sorted(_of_plugins())]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        place = OWN.get(cmd_name)
        if place is None:
            return _of_plugins().get(cmd_name)
        module, _, name = place.partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="babelgate")
def babelgate() -> None:
    """Any client, any model: one gateway, made of plugins."""


def main() -> None:
    """The console script."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command. Gives the exit status: 0, or 2 with one line on standard error."""
    try:
        status = babelgate.main(list(arguments), prog_name="babelgate", standalone_mode=False)
    except click.ClickException as error:
        return _refuse(error.format_message())
    except (ConfigError, PluginError) as error:
        return _refuse(str(error))
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    return status if isinstance(status, int) else 0


def _refuse(message: str) -> int:
    click.echo(f"babelgate: {message}", err=True)
    return BAD


def _of_plugins() -> dict[str, click.Command]:
    """Commands of plugins by name; ours win."""
    from gateway.plugins import load  # own commands need no plugin
    from gateway.settings import Plugins

    commands = load(Plugins()).commands()
    return {each.name: each for each in commands if each.name and each.name not in OWN}
