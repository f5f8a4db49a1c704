"""`[upstreams.NAME]`: one table, and the values in it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from attrs import define, frozen

from gateway.addresses import Address, is_address, is_own, shown
from gateway.config_faces import FaceReader, auth_of
from gateway.config_proxies import ProxyTable, proxies
from gateway.config_tables import Tables
from gateway.environment import base_url_of, faces_of, keys_of
from gateway.errors import ConfigError
from gateway.hooks import Backend, Preset
from gateway.model import Json, Path
from gateway.placeholders import with_environment
from gateway.secrets import is_reference
from gateway.settings import NONE, FaceSettings, ModelSettings, Seconds, UpstreamSettings
from gateway.structure import did_you_mean, name_of

EXAMPLE = '"https://api.example.com/v1"'
PRICES = ("input", "cached", "cache_write", "output")
NOT_IN_A_HEADER = re.compile(r"[\r\n\0]")
NOT_IN_A_KEY = re.compile(r"[^\x21-\x7e]")


@frozen
class UpstreamTable:
    """`[upstreams.NAME]` as it is written. None: not said."""

    dialect: str | None = None
    backend: str | None = None
    preset: str | None = None
    base_url: str | None = None
    keys: Sequence[str] | None = None
    headers: Mapping[str, str] = NONE
    query: Mapping[str, str] = NONE
    timeout: Seconds = 300.0
    connect_timeout: Seconds = 10.0
    first_token_timeout: Seconds | None = None
    max_concurrent: int | None = None
    max_queued: int = 100
    queue_timeout: Seconds = 30.0
    also: Mapping[str, Any] = NONE
    auth: str | None = None
    proxy: ProxyTable | None = None
    quirks: Mapping[str, Any] = NONE
    params: Mapping[str, Any] = NONE
    defaults: Mapping[str, Any] = NONE
    models: Mapping[str, ModelSettings] = NONE
    disabled: bool = False


@define
class UpstreamReader:
    """Turns one table into settings. `path` is where the table stands.

    preset: what the table starts from; of one of another backend only the keys are of use.
    """

    tables: Tables
    path: Path
    backends: Mapping[str, Backend]
    own_addresses: Collection[Address]
    table: UpstreamTable
    backend: Backend
    preset: Preset | None

    def settings(self, extra: Mapping[str, Any]) -> UpstreamSettings:
        table = self.table
        for model, known in table.models.items():
            self._check_prices(known, (*self.path, "models", model, "price"))
        base_url, keys = self._base_url(), () if table.disabled else self._keys()
        auth = auth_of(table.auth, self.tables, (*self.path, "auth"))
        return UpstreamSettings(
            name=str(self.path[-1]),
            backend=self.backend.name,
            base_url=base_url,
            keys=keys,
            preset=self.preset.name if self.preset and not self._moved else None,
            headers=self._filled("headers", table.headers),
            query=self._filled("query", table.query),
            timeout=table.timeout,
            connect_timeout=table.connect_timeout,
            first_token_timeout=table.first_token_timeout,
            max_concurrent=self._at_least(1, "max_concurrent", table.max_concurrent),
            max_queued=self._at_least(0, "max_queued", table.max_queued) or 0,
            queue_timeout=table.queue_timeout,
            also=self._also(base_url, auth),
            auth=auth,
            proxies=self._proxies(len(keys)),
            quirks=table.quirks,
            params=table.params,
            defaults=table.defaults,
            models=table.models,
            disabled=table.disabled,
            extra=extra,
            place=self.tables.raw.place(self.path),
        )

    @property
    def _moved(self) -> bool:
        return self.preset not in self.backend.presets

    @property
    def _environ(self) -> Mapping[str, str]:
        return self.tables.secrets.environ

    def _base_url(self) -> str:
        if self.table.base_url is not None:
            return self._written_url(self.table.base_url, (*self.path, "base_url"))
        if self.preset and not self._moved:
            return self._preset_url(self.preset)
        if self.backend.needs_url and not self.table.disabled:
            raise self._wrong(f"base_url is missing; add base_url = {EXAMPLE}")
        return ""

    def _written_url(self, text: str, path: Path) -> str:
        try:
            url = with_environment(text, self.tables.secrets).rstrip("/")
        except ValueError as error:
            raise self.tables.wrong(path, str(error)) from None
        if not is_address(url):
            raise self.tables.wrong(path, f"must be an address such as {EXAMPLE}")
        self._refuse_own(url, path)
        return url

    def _preset_url(self, preset: Preset) -> str:
        """The preset's address; a variable that moves it to the gateway itself is not followed."""
        url, usual = base_url_of(preset, self._environ), base_url_of(preset, {})
        if is_own(url, self.own_addresses) and url != usual:
            self._warn(f"{preset.base_url_variable} is the gateway's own address; {usual} is used")
            url = usual
        if self.backend.needs_url and not is_address(url):
            raise self._wrong(f"{preset.base_url_variable} must look like {EXAMPLE}")
        self._refuse_own(url, (*self.path, "base_url"))
        return url

    def _refuse_own(self, url: str, path: Path) -> None:
        if is_own(url, self.own_addresses) and not self.table.disabled:
            reason = f"{shown(url)} is the gateway's own address: it would call itself"
            raise self.tables.wrong(path, reason)

    def _also(self, base_url: str, auth: str | None) -> Mapping[str, FaceSettings]:
        preset = None if self._moved else self.preset
        known = faces_of(preset, base_url, auth) if preset else {}
        path = (*self.path, "also")
        reader = FaceReader(self.tables, path, self.backends, self.backend, self._written_url)
        return reader.faces(self.table.also, known, FaceSettings(base_url, auth))

    def _keys(self) -> Sequence[str]:
        if self.table.keys is None:
            return self._preset_keys()
        together: list[str] = []
        for index, reference in enumerate(self.table.keys):
            keys = self._referred(reference, index)
            if set(keys) & set(together):
                raise self._wrong("is a duplicate of a key before it", "keys", index)
            together += keys
        return tuple(together)

    def _preset_keys(self) -> Sequence[str]:
        if self.preset is None:
            return ()
        keys = keys_of(self.preset, self._environ)
        if not keys and self.preset.variables and not self.preset.keyless:
            variables = " or ".join(self.preset.variables)
            raise self._wrong(f"there is no key: set {variables}, or add keys = […]")
        return keys

    def _referred(self, reference: str, index: int) -> Sequence[str]:
        here = ("keys", index)
        if not is_reference(reference):
            self._warn('is a key in clear; better "env:NAME" or "file:/path"', *here)
        try:
            keys = self.tables.secrets.several(reference)
        except ValueError as error:
            raise self._wrong(str(error), *here) from None
        if any(NOT_IN_A_KEY.search(key) for key in keys):
            raise self._wrong("a key has no blanks and nothing but ASCII characters", *here)
        return keys

    def _proxies(self, keys: int) -> tuple[str, ...]:
        table = self.table.proxy
        if table is None or self.table.disabled:
            return ()
        return proxies(table, keys, self.tables, (*self.path, "proxy"))

    def _at_least(self, least: int, name: str, value: int | None) -> int | None:
        if value is not None and value < least:
            raise self._wrong(f"must be {least} or more", name)
        return value

    def _filled(self, place: str, values: Mapping[str, str]) -> dict[str, str]:
        if self.table.disabled:
            return {}
        for name, value in values.items():
            if NOT_IN_A_HEADER.search(name + self._with_environment(value, place, name)):
                raise self._wrong("can't hold a line break", place, name)
        return {name: self._with_environment(value, place, name) for name, value in values.items()}

    def _with_environment(self, text: str, *here: str) -> str:
        try:
            return with_environment(text, self.tables.secrets)
        except ValueError as error:
            raise self._wrong(str(error), *here) from None

    def _check_prices(self, known: ModelSettings, path: Path) -> None:
        for name, price in known.price.items():
            if name not in PRICES:
                near = did_you_mean(name, PRICES)
                there = ", ".join(PRICES)
                raise self.tables.wrong((*path, name), f"unknown price{near}; there are {there}")
            if price < 0:
                raise self.tables.wrong((*path, name), "must not be less than 0")

    def _wrong(self, reason: str, *here: str | int) -> ConfigError:
        return self.tables.wrong((*self.path, *here), reason)

    def _warn(self, words: str, *here: str | int) -> None:
        self.tables.warn((*self.path, *here), words)


def refuse_dates(tables: Tables, value: Json, path: Path) -> None:
    """Raise ConfigError for a date in `value`: it may go into JSON, which has none."""
    match value:
        case dict():
            for name, inner in value.items():
                refuse_dates(tables, inner, (*path, name))
        case list():
            for index, inner in enumerate(value):
                refuse_dates(tables, inner, (*path, index))
        case str() | int() | float():
            return
        case _:
            raise tables.wrong(path, f"can't be {name_of(value)}; write it as a string")
