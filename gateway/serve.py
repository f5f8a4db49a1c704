"""`babelgate serve`: from a configuration to a gateway that answers, until it is told to stop."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Mapping
from pathlib import Path

from aiohttp import web
from attrs import field, frozen

from gateway import config, plugins, runtime
from gateway.app import make_app
from gateway.auth import check_bind
from gateway.banner import print_banner
from gateway.log import start_logging
from gateway.plugins import Plugins
from gateway.ports import listen
from gateway.settings import Settings

BACKLOG = 4096


@frozen
class Options:
    """What the command line said; None: nothing."""

    config: str | None = None
    host: str | None = None
    port: int | None = None
    model: str | None = None
    environ: Mapping[str, str] = field(factory=lambda: os.environ)


def run(options: Options) -> int:
    """Serve until a signal. Gives the exit status. Raises ConfigError before it serves."""
    path = config.find(options.config, options.environ)
    loaded, settings = load(options, path)
    check_bind(settings)
    sock, moved = listen(settings.server.host, settings.server.port)
    try:
        import uvloop  # noqa: PLC0415 - not on Windows, and not for `babelgate --version`
    except ImportError:
        asyncio.run(_serve(options, path, loaded, settings, sock, moved))
    else:
        uvloop.run(_serve(options, path, loaded, settings, sock, moved))
    return 0


def load(options: Options, path: Path | None) -> tuple[Plugins, Settings]:
    """Read the configuration and the plugins that it wants. Raises ConfigError."""
    raw = config.read(path) if path else None
    loaded = plugins.load(raw.plugins if raw else config.NO_PLUGIN_RULES)
    return loaded, settings_of(options, raw, loaded)


def settings_of(options: Options, raw: config.Raw | None, loaded: Plugins) -> Settings:
    """The settings in force: the file, the environment and the command line over both."""
    settings = config.build(
        raw,
        options.environ,
        backends=loaded.backends,
        setting_classes=loaded.setting_classes,
        every_model=options.model,
    )
    server = settings.server
    server = evolve(server, host=options.host or server.host, port=options.port or server.port)
    return evolve(settings, server=server)


async def _serve(
    options: Options,
    path: Path | None,
    loaded: Plugins,
    settings: Settings,
    sock: socket.socket,
    moved: str | None,
) -> None:
    start_logging(settings)
    app = make_app(runtime.build(settings, loaded))
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True)
    await runner.setup()
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopped.set)
    await web.SockSite(runner, sock, backlog=BACKLOG).start()
    print_banner(settings, loaded, sock.getsockname(), path, moved)
    async with _reloading(app, options, path, loaded):
        await stopped.wait()
    sock.close()
    await runner.cleanup()
