"""`babelgate serve`: from a configuration to a gateway that answers, until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
from collections.abc import Mapping
from pathlib import Path

from aiohttp import web
from attrs import evolve, field, frozen

from gateway import config, runtime
from gateway.app import CURRENT, make_app
from gateway.auth import check_bind
from gateway.banner import print_banner
from gateway.errors import ConfigError
from gateway.hooks import Fallback
from gateway.log import log, start_logging
from gateway.plugins import Plugins
from gateway.plugins import load as load_plugins
from gateway.ports import BACKLOG, USUAL, listen
from gateway.reload import Reloader, needs_restart
from gateway.settings import Plugins as Choice
from gateway.settings import Settings


@frozen
class Options:
    """What the command line said; None: nothing."""

    config: str | None = None
    host: str | None = None
    port: int | None = None
    model: str | None = None
    environ: Mapping[str, str] = field(factory=lambda: os.environ)


@frozen
class Gateway:
    """What is known before the first exchange.

    found: what answers because nothing is configured. moved: why it is not on the usual port.
    """

    options: Options
    path: Path | None
    plugins: Plugins
    settings: Settings
    found: Fallback | None
    sock: socket.socket
    moved: str | None


def run(options: Options) -> int:
    """Serve until a signal. Gives the exit status. Raises ConfigError before it serves."""
    gateway = prepared(options)
    try:
        import uvloop
    except ImportError:  # Windows
        asyncio.run(_serve(gateway))
    else:
        uvloop.run(_serve(gateway))
    return 0


def prepared(options: Options) -> Gateway:
    """Read, check and listen. Raises ConfigError."""
    path = config.find(options.config, options.environ)
    raw = config.read(path) if path else None
    plugins = load_plugins(raw.plugins if raw else Choice())
    plugins.need_dialect()
    with plugins.blamed():
        settings, found = _settings(options, raw, plugins, options.port or USUAL)
    check_bind(settings)
    sock, moved = listen(settings.server.host, settings.server.port)
    port = sock.getsockname()[1]
    settings, found = _settings(options, raw, plugins, port)
    return Gateway(options, path, plugins, settings, found, sock, moved)


def _settings(
    options: Options, raw: config.Raw | None, plugins: Plugins, port: int
) -> tuple[Settings, Fallback | None]:
    """The settings in force, the command line over the file; and what answers if all is empty."""
    settings = _built(options, raw, plugins, port, None)
    if settings.upstreams or settings.every_model:
        return settings, None
    offers = sorted(plugins.fallbacks(options.environ), key=lambda offer: offer.rank)
    found = offers[0] if offers else None
    return _built(options, raw, plugins, port, found), found


def _built(
    options: Options,
    raw: config.Raw | None,
    plugins: Plugins,
    port: int,
    fallback: Fallback | None,
) -> Settings:
    host = options.host or "127.0.0.1"
    settings = config.build(
        raw,
        options.environ,
        backends=plugins.backends,
        setting_classes=plugins.setting_classes,
        every_model=options.model,
        own_addresses=[(host, port)],
        fallback=fallback,
    )
    server = settings.server
    asked = server.port if options.port is None else options.port
    return evolve(settings, server=evolve(server, host=options.host or server.host, port=asked))


async def _serve(gateway: Gateway) -> None:
    start_logging(gateway.settings)
    app = make_app(runtime.build(gateway.settings, gateway.plugins))
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True)
    await runner.setup()
    reloader = _reloader(app, gateway)
    stop = _on_signals(reloader)
    await web.SockSite(runner, gateway.sock, backlog=BACKLOG).start()
    address = gateway.sock.getsockname()
    print_banner(
        gateway.settings, gateway.plugins, address, gateway.path, gateway.moved, gateway.found
    )
    _settle_memory()
    watching = asyncio.create_task(reloader.run(stop))
    try:
        await stop.wait()
    finally:
        await watching
        await runner.cleanup()


def _settle_memory() -> None:
    """Keep what start-up made out of the garbage collector's rounds, and make those rarer.

    Exchanges leave no cycles behind; without this a sixth of their CPU goes into looking for some.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 100)


def _reloader(app: web.Application, gateway: Gateway) -> Reloader:
    """Swaps in what a changed configuration says; one that is wrong changes nothing."""

    def load() -> Settings:
        raw = config.read(gateway.path) if gateway.path else None
        port = gateway.sock.getsockname()[1]
        return _settings(gateway.options, raw, gateway.plugins, port)[0]

    async def changed(settings: Settings) -> None:
        current = app[CURRENT]
        waiting = needs_restart(current.runtime.settings, settings)
        current.swap(runtime.build(settings, gateway.plugins, current.runtime))
        start_logging(settings)
        log().info("reloaded", path=settings.source, at_next_start=waiting or None)

    def failed(error: ConfigError) -> None:
        log().error("reload_failed", why=str(error), kept="the configuration from before")

    return Reloader(gateway.settings, load, changed, failed)


def _on_signals(reloader: Reloader) -> asyncio.Event:
    """Set by SIGINT and SIGTERM; SIGHUP reads the configuration again."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    reloads: set[asyncio.Task[None]] = set()

    def reload() -> None:
        task = loop.create_task(reloader.reload())
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    loop.add_signal_handler(signal.SIGHUP, reload)
    return stop
