"""`[proxy_keys.ID]` -> ProxyKey: the keys that clients show, kept as digests only."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time

from attrs import field, fields_dict, frozen

from gateway.config_tables import Tables
from gateway.model import Json, Path
from gateway.secrets import is_reference
from gateway.settings import NO_LIMITS, Limits, ProxyKey
from gateway.structure import did_you_mean

DIGEST = re.compile(r"sha256:([0-9a-fA-F]{64})")
PLACE: Path = ("proxy_keys",)
DEFAULTS: Path = ("proxy_key_defaults",)


@frozen
class ProxyKeyTable:
    """`[proxy_keys.ID]` as it is written."""

    hash: str | None = field(default=None, repr=False)
    key: str | None = field(default=None, repr=False)
    groups: Sequence[str] = ("*",)
    models: Sequence[str] = ("*",)
    mcp_servers: Sequence[str] = ("*",)
    expires: datetime | None = None
    requests_per_minute: int | None = None
    requests_per_day: int | None = None
    tokens_per_minute: int | None = None
    tokens_per_day: int | None = None
    concurrent: int | None = None


def proxy_keys(tables: Tables, groups: Collection[str]) -> dict[str, ProxyKey]:
    """The proxy keys by id. `groups`: the names of the configured groups. Raises ConfigError."""
    keys: dict[str, ProxyKey] = {}
    defaults = _defaults(tables)
    for id, value in tables.tables(tables.raw.tree.get("proxy_keys", {}), PLACE):
        path = (*PLACE, id)
        key = _proxy_key(tables, id, value, path, defaults)
        same = next((one.id for one in keys.values() if one.digest == key.digest), None)
        if same:
            raise tables.wrong(path, f"is a duplicate: proxy_keys.{same} is the same key")
        _check_groups(tables, key.groups, groups, path)
        keys[id] = key
    return keys


def digest_of(key: str) -> str:
    """The SHA-256 of a proxy key, in hex."""
    return hashlib.sha256(key.encode()).hexdigest()


def _defaults(tables: Tables) -> Limits:
    """`[proxy_key_defaults]`: the limits of every key that does not say its own."""
    value = tables.raw.tree.get("proxy_key_defaults", {})
    limits, _ = tables.read(value, Limits, "proxy_key_defaults", DEFAULTS)
    return _limits(tables, limits, NO_LIMITS, DEFAULTS)


def _limits(tables: Tables, said: Limits | ProxyKeyTable, defaults: Limits, path: Path) -> Limits:
    found: dict[str, int | None] = {}
    for name in fields_dict(Limits):
        value = getattr(said, name)
        if value is not None and value < 1:
            reason = "must be 1 or more; to shut a key out, take its table away or let it expire"
            raise tables.wrong((*path, name), reason)
        found[name] = getattr(defaults, name) if value is None else value
    return Limits(**found)


def _proxy_key(tables: Tables, id: str, value: Json, path: Path, defaults: Limits) -> ProxyKey:
    table, _ = tables.read(value, ProxyKeyTable, "proxy_key", path)
    if bool(table.hash) == bool(table.key):
        raise tables.wrong(path, 'needs hash = "sha256:…" (`babelgate keys new`) or key = "env:…"')
    return ProxyKey(
        id=id,
        digest=_digest(tables, table, path),
        groups=table.groups,
        models=table.models,
        mcp_servers=table.mcp_servers,
        expires=_moment(table.expires),
        limits=_limits(tables, table, defaults, path),
    )


def _digest(tables: Tables, table: ProxyKeyTable, path: Path) -> str:
    if table.hash:
        found = DIGEST.fullmatch(table.hash)
        if not found:
            raise tables.wrong((*path, "hash"), 'must be "sha256:" and 64 hex digits')
        return found.group(1).lower()
    assert table.key
    if not is_reference(table.key):
        tables.warn((*path, "key"), 'is a key in clear; better hash = "sha256:…" or "env:NAME"')
    return digest_of(tables.secret(table.key, (*path, "key")))


def _check_groups(
    tables: Tables, scope: Sequence[str], groups: Collection[str], path: Path
) -> None:
    known = groups or ("default",)
    for index, name in enumerate(scope):
        if not {"*", "?"} & set(name) and name not in known:
            reason = f'there is no group "{name}"{did_you_mean(name, known)}'
            raise tables.wrong((*path, "groups", index), reason)


def _moment(written: date | None) -> datetime | None:
    """A date is its first moment, and a time without a zone is in UTC."""
    if written is None:
        return None
    if not isinstance(written, datetime):
        return datetime.combine(written, time(), UTC)
    return written if written.tzinfo else written.replace(tzinfo=UTC)
