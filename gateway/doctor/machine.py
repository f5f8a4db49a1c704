"""This machine: its environment, the port, and the clients that are installed."""

from __future__ import annotations

import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping

import orjson

from gateway.addresses import is_own, shown
from gateway.clients import base_url, client_variables, key_to_show
from gateway.doctor.finding import Finding, good, note
from gateway.errors import ConfigError
from gateway.hooks import Dialect
from gateway.plugins import Plugins
from gateway.ports import SECOND, USUAL, listen
from gateway.settings import Server, Settings

OWN = "BABELGATE_"
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
NO_PROXY = "NO_PROXY"
LOCAL = ("127.0.0.1", "localhost", "*")
ASK = 1.0
"""Seconds that whoever listens on our port may take to say who it is."""


def variables(plugins: Plugins, environ: Mapping[str, str]) -> Iterator[Finding]:
    """The variables that the gateway reads: their names, never what they hold."""
    known = {
        name
        for preset in plugins.presets.values()
        for name in (*preset.variables, preset.base_url_variable)
        if name
    }
    seen = sorted(name for name in environ if name in known or name.startswith(OWN))
    for name in seen:
        if not environ[name].strip():
            why = "an empty variable counts as none"
            yield note("environment", f"{name} is empty", why, f"give it a value, or: unset {name}")
    full = [name for name in seen if environ[name].strip()]
    yield good("environment", f"seen: {', '.join(full) or 'none that the gateway reads'}")


def proxies(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Proxies that clients heed and the gateway doesn't."""
    upper = {name.upper(): value for name, value in environ.items()}
    present = [name for name in PROXIES if upper.get(name)]
    if not present:
        return
    listed = ", ".join(present)
    yield note(
        "proxy",
        f"{listed} is set, and the gateway does not read it",
        "a provider behind it can't be reached",
        'say proxy = "…" under [upstreams.NAME] where one is needed',
    )
    if not any(name in upper.get(NO_PROXY, "") for name in LOCAL):
        yield note(
            "proxy",
            f"{listed} is set and {NO_PROXY} does not name 127.0.0.1",
            "clients may send what is meant for the gateway to that proxy",
            f"export {NO_PROXY}=127.0.0.1,localhost",
        )


def listening(server: Server) -> Iterator[Finding]:
    """Whether the gateway's port is free, or who has it."""
    port = server.port if server.port is not None else USUAL
    if port == 0:
        yield good("port", "any free one")
        return
    try:
        listen(server.host, port)[0].close()
    except ConfigError as error:
        yield _taken(server, port, str(error))
    else:
        yield good("port", f"{port} is free: no gateway runs there now")


def _taken(server: Server, port: int, why: str) -> Finding:
    if _is_gateway(f"{base_url(server.host, port)}/health"):
        return good("port", f"a gateway answers at {base_url(server.host, port)}")
    moves = server.port is None
    does = f"the gateway takes {SECOND} instead" if moves else "the gateway does not start"
    return note("port", why, does, "stop the other program, or: babelgate serve --port PORT")


def _is_gateway(url: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=ASK) as reply:  # our own address
            said = orjson.loads(reply.read(1000))
    except (OSError, ValueError, urllib.error.URLError):
        return False
    return isinstance(said, dict) and said.keys() == {"status", "version"}


def clients(plugins: Plugins, settings: Settings, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Clients on this machine, and where their variables lead them now."""
    port = settings.server.port or USUAL
    own = [(settings.server.host, port), (settings.server.host, SECOND)]
    url = base_url(settings.server.host, port)
    lines = client_variables(plugins.dialects.values(), url, key_to_show(settings))
    for dialect in plugins.dialects.values():
        for program in dialect.programs:
            if shutil.which(program, path=environ.get("PATH")):
                wanted = lines.get(dialect.name, {})
                place = next((n for n, v in wanted.items() if v.startswith(url)), None)
                yield _client(program, dialect, place, environ.get(place or "", ""), own)


def _client(
    program: str, dialect: Dialect, place: str | None, now: str, own: list[tuple[str, int]]
) -> Finding:
    if place is None:
        why = "it is pointed here in a file of its own, not by variables"
        do = f"see the page of the plugin that brings '{dialect.name}'"
        return note("clients", f"{program} is installed", why, do)
    do = f'eval "$(babelgate env {dialect.name})"'
    if not now:
        return note("clients", f"{program}: {place} is not set", "it asks its own vendor", do)
    if is_own(now, own):
        return good("clients", f"{program}: {place} leads to this gateway")
    return note("clients", f"{program}: {place} leads to {shown(now)}", "it does not ask us", do)
