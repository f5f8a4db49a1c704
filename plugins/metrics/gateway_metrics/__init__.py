"""Numbers for Prometheus at /metrics, where the configuration has a table `[metrics]`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

from aiohttp import web
from attrs import define, frozen

from gateway.context import Record
from gateway.hooks import hookimpl
from gateway_metrics.pending import Pending

API_VERSION = 1
NAME = "metrics"
PATH = "/metrics"


@frozen
class Options:
    """`[metrics]`: that it stands there switches them on."""


@define
class Collecting:
    """What is collected in this process; None: nothing."""

    pending: Pending | None = None


NOW = Collecting()
"""Records reach a plugin by process and not by application."""


@hookimpl
def register_settings() -> Mapping[str, type]:
    return {f"top.{NAME}": Options}


@hookimpl
def register_routes(app: web.Application) -> None:
    app.router.add_get(PATH, _metrics)


@hookimpl
@asynccontextmanager
async def lifespan(app: web.Application) -> AsyncGenerator[None, None]:
    if _wanted(app):
        NOW.pending = Pending()
    try:
        yield
    finally:
        NOW.pending = None


@hookimpl
def exchange_finished(record: Record) -> None:
    if NOW.pending is not None:
        NOW.pending.add(record)


async def _metrics(request: web.Request) -> web.Response:
    """What was counted since the start, or since the table came into the configuration."""
    if not _wanted(request.app):
        text = "metrics are off; add a table [metrics] to the configuration\n"
        return web.Response(status=404, text=text)
    if NOW.pending is None:
        NOW.pending = Pending()
    from gateway.app import CURRENT

    body, content_type = NOW.pending.exposed(request.app[CURRENT].runtime.exchanges)
    return web.Response(body=body, headers={"content-type": content_type})


def _wanted(app: web.Application) -> bool:
    from gateway.app import CURRENT

    return NAME in app[CURRENT].runtime.settings.extra
