"""A real gateway in this process, from a configuration in a string, on a free loopback port."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from attrs import frozen

from gateway import config, plugins, runtime
from gateway.app import make_app


@frozen
class RunningGateway:
    """A gateway that answers at `url` until its fixture ends."""

    url: str
    app: web.Application


@asynccontextmanager
async def start(
    configuration: str, folder: Path, extra: Iterable[object] = ()
) -> AsyncIterator[RunningGateway]:
    """Serve `configuration` (TOML, kept in a file in `folder`) while the block lasts.

    extra: plugins that are not installed. The environment gives no keys, and state stays in
    `folder`. Raises ConfigError.
    """
    path = folder / "babelgate.toml"
    path.write_text(configuration, encoding="utf-8")
    raw = config.read(path)
    loaded = plugins.load(raw.plugins, extra)
    settings = config.build(
        raw,
        {"XDG_STATE_HOME": str(folder), "LOCALAPPDATA": str(folder), "HOME": str(folder)},
        backends=loaded.backends,
        setting_classes=loaded.setting_classes,
    )
    app = make_app(runtime.build(settings, loaded))
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield RunningGateway(f"http://127.0.0.1:{runner.addresses[0][1]}", app)
    finally:
        await runner.cleanup()
