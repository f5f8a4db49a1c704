"""`[store]` and `[admin]`: where state is kept, and who may change it over HTTP."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from gateway.config_file import Raw
from gateway.config_tables import Tables
from gateway.secrets import is_reference
from gateway.settings import SealKeeping, Seconds
from gateway.store.place import store_url
from gateway.structure import Mistake

STORE = ("store",)


@frozen
class StoreTable:
    """`[store]` as it is written."""

    url: str | None = None
    usage: bool = True
    usage_kept: Seconds = 90 * 86400.0
    seals: SealKeeping = "memory"
    share_limits: bool = False


@frozen
class AdminTable:
    """`[admin]` as it is written."""

    key: str | None = field(default=None, repr=False)


def store(raw: Raw, environ: Mapping[str, str]) -> str:
    """The URL of the store. Raises ConfigError."""
    try:
        return store_url(store_table(raw).url, raw.folder, environ)
    except ValueError as error:
        raise raw.wrong(Mistake((*STORE, "url"), str(error))) from None


def store_table(raw: Raw) -> StoreTable:
    """What `[store]` says. Raises ConfigError."""
    return raw.structure(raw.tree.get("store", {}), StoreTable, STORE)


def admin_key(tables: Tables) -> str | None:
    """The key of the /admin routes; None for no such routes. Raises ConfigError."""
    path = ("admin", "key")
    table, _ = tables.read(tables.raw.tree.get("admin", {}), AdminTable, "admin", path[:1])
    if table.key is None:
        return None
    if not is_reference(table.key):
        tables.warn(path, 'is a key in clear; better "env:NAME" or "file:PATH"')
    return tables.secret(table.key, path)
