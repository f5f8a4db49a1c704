"""The lines that point a client at the gateway."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from gateway.hooks import Dialect
from gateway.settings import Settings

OPEN_KEY = "babelgate"
"""What clients that insist on a key send to an open gateway; it is not looked at."""
YOUR_KEY = "YOUR-PROXY-KEY"
ANYWHERE = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - shown, not bound


def base_url(host: str, port: int, group: str | None = None) -> str:
    """The address that a client on this machine uses."""
    name = ANYWHERE.get(host) or (f"[{host}]" if ":" in host else host)
    prefix = f"/{quote(group, safe='')}" if group else ""
    return f"http://{name}:{port}{prefix}"


def key_to_show(settings: Settings) -> str:
    """What stands in the lines for the key."""
    return YOUR_KEY if settings.proxy_keys else OPEN_KEY


def client_variables(
    dialects: Iterable[Dialect], url: str, key: str
) -> Mapping[str, Mapping[str, str]]:
    """Environment variables by dialect, for the dialects that have a well-known client."""
    return {each.name: each.setup(url, key) for each in dialects if each.setup is not None}


def shell_lines(variables: Mapping[str, str], system: str = os.name) -> list[str]:
    """The lines to paste into a shell (PowerShell on Windows)."""
    if system == "nt":
        return [f"$env:{name} = '{value}'" for name, value in variables.items()]
    return [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
