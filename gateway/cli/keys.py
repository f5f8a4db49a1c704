"""`babelgate keys`: make, list and take back the keys that clients show."""

from __future__ import annotations

import click

from gateway.cli.given import config_option, given
from gateway.cli.show import aligned
from gateway.errors import ConfigError
from gateway.keys import new_key, table_of, toml_lines
from gateway.settings import ProxyKey


@click.group()
def keys() -> None:
    """Proxy keys: what clients show instead of the real keys."""


@keys.command()
@click.argument("name")
@config_option
def new(name: str, config: str | None) -> None:
    """Make a key for NAME and print it, once."""
    found = given(config)
    if name in found.settings().proxy_keys:
        raise ConfigError(
            f"there is a key '{name}' already; take another name, or delete [{table_of(name)}]",
            str(found.path),
        )
    key = new_key()
    click.echo(f"The key of {name}; it is shown only now:\n\n{key}\n")
    click.echo(f"Add these lines to {found.path or 'babelgate.toml'}:\n\n{toml_lines(name, key)}")


@keys.command(name="list")
@config_option
def list_(config: str | None) -> None:
    """List the configured keys and what they may use; the keys themselves are not kept."""
    configured = given(config).settings().proxy_keys
    if not configured:
        click.echo("no key is configured: the gateway is open to this machine")
        return
    rows = [("name", "groups", "models", "expires"), *map(_row, configured.values())]
    for line in aligned(rows):
        click.echo(line)


@keys.command()
@click.argument("name")
@config_option
def revoke(name: str, config: str | None) -> None:
    """Say how to take back the key of NAME."""
    found = given(config)
    configured = found.settings().proxy_keys
    if name not in configured:
        known = ", ".join(configured) or "none"
        raise ConfigError(f"there is no key '{name}' (there are: {known})", str(found.path or ""))
    click.echo(
        f"Delete the table [{table_of(name)}] from {found.path};"
        f" a running gateway sees it within 10 seconds."
    )


def _row(key: ProxyKey) -> tuple[str, ...]:
    expires = f"{key.expires:%Y-%m-%d}" if key.expires else "never"
    return key.id, ", ".join(key.groups), ", ".join(key.models), expires
