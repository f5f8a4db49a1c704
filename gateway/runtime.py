"""Everything that one configuration makes: built whole, never changed, swapped at a reload."""

from __future__ import annotations

import asyncio
from typing import Self

from attrs import define, field

from gateway.auth import Gate
from gateway.bookkeeping import Books
from gateway.errors import ConfigError
from gateway.groups import Catalog
from gateway.plugins import Plugins
from gateway.quotas import Quotas
from gateway.rotation import Rotation
from gateway.routes import Callers, Routes
from gateway.settings import Settings
from gateway.store.place import path_of
from gateway.store.sqlite_turns import SqliteTurns
from gateway.store.sqlite_usage import SqliteUsage
from gateway.store.turns import MemoryTurns
from gateway.switching import Switch
from gateway.upstream import Upstream
from gateway.vault.vault import Vault


@define(eq=False)
class Runtime:
    """One configuration at work. `exchanges` counts those under way with it."""

    settings: Settings
    plugins: Plugins
    catalog: Catalog
    routes: Routes
    gate: Gate
    switch: Switch
    upstreams: dict[str, Upstream]
    books: Books | None = None
    vault: Vault | None = None
    rotation: Rotation = field(factory=Rotation)
    quotas: Quotas = field(factory=lambda: Quotas({}))
    exchanges: int = 0
    _idle: asyncio.Event | None = None

    def __enter__(self) -> Self:
        """Count an exchange while the block lasts."""
        self.exchanges += 1
        return self

    def __exit__(self, *_: object) -> None:
        self.exchanges -= 1
        if self._idle is not None and not self.exchanges:
            self._idle.set()

    async def idle(self) -> None:
        """Wait until no exchange is under way."""
        if self.exchanges:
            self._idle = asyncio.Event()
            await self._idle.wait()

    async def close(self, successor: Runtime | None = None) -> None:
        """Close the upstreams that `successor` did not take over."""
        self.switch.close()
        self.quotas.close(successor.quotas if successor else None)
        if self.books is not None and (successor is None or successor.books is not self.books):
            await self.books.close()
        if self.vault is not None and (successor is None or successor.vault is not self.vault):
            self.vault.close()
        kept = set(map(id, successor.upstreams.values())) if successor else set()
        for upstream in self.upstreams.values():
            if id(upstream) not in kept:
                await upstream.close()


@define(eq=False)
class Current:
    """Holds the runtime that new exchanges use."""

    runtime: Runtime
    _retiring: set[asyncio.Task[None]] = field(factory=set)

    def swap(self, runtime: Runtime) -> None:
        """Use `runtime` from the next exchange on; the old one closes when its last one ends."""
        old, self.runtime = self.runtime, runtime
        task = asyncio.get_running_loop().create_task(_retire(old, runtime))
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)

    async def close(self) -> None:
        for task in list(self._retiring):
            task.cancel()
        await self.runtime.close()


def build(settings: Settings, plugins: Plugins, previous: Runtime | None = None) -> Runtime:
    """A runtime for `settings`. What `previous` learned of keys and counted goes on in it.

    Upstreams whose settings are as in `previous` are taken over whole.

    Raises ConfigError when an upstream names a backend that no plugin brings, and when the store
    can't be used.
    """
    gate = Gate(settings)
    upstreams = {name: _upstream(name, settings, plugins, previous) for name in settings.upstreams}
    switch = Switch.of(settings)
    catalog = Catalog(settings, plugins.backends, switch.active)
    return Runtime(
        settings=settings,
        plugins=plugins,
        catalog=catalog,
        routes=Routes(plugins.endpoints, Callers.of(plugins.dialects.values())),
        gate=gate,
        switch=switch,
        upstreams=upstreams,
        books=_books(settings, catalog, previous),
        vault=_vault(settings, previous),
        rotation=previous.rotation if previous else Rotation(),
        quotas=Quotas.of(settings, previous.quotas if previous else None),
    )


def _books(settings: Settings, catalog: Catalog, previous: Runtime | None) -> Books | None:
    """Those of `previous` where they go to the same store; None where none are kept."""
    if settings.store_url is None or settings.usage_kept is None:
        return None
    path = path_of(settings.store_url)
    before = previous.books if previous else None
    if before is not None and before.path == path:
        before.prices, before.kept_for = catalog.price, settings.usage_kept
        return before
    return Books(path, SqliteUsage(path), settings.usage_kept, catalog.price)


def _vault(settings: Settings, previous: Runtime | None) -> Vault | None:
    """The vault that `settings` want; that of `previous` where nothing of it has changed."""
    if previous is not None:
        before = previous.settings
        if (before.seals, before.store_url) == (settings.seals, settings.store_url):
            return previous.vault
    if settings.seals == "off":
        return None
    if settings.seals == "store" and settings.store_url:
        return Vault(SqliteTurns(path_of(settings.store_url)))
    return Vault(MemoryTurns())


def _upstream(
    name: str, settings: Settings, plugins: Plugins, previous: Runtime | None
) -> Upstream:
    wanted = settings.upstreams[name]
    before = previous.upstreams.get(name) if previous else None
    if before is not None and before.settings == wanted:
        return before
    backend = plugins.backends.get(wanted.backend)
    if backend is None:
        known = ", ".join(sorted(plugins.backends)) or "none"
        raise ConfigError(
            f"upstream '{name}' wants backend '{wanted.backend}', which no installed plugin has"
            f" (there are: {known})",
            wanted.place or None,
        )
    return Upstream(wanted, backend, plugins.backends, before)


async def _retire(old: Runtime, successor: Runtime) -> None:
    await old.idle()
    await old.close(successor)
