"""`also` of an upstream: its further faces, laid over those of its preset."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import define, evolve, frozen

from gateway.config_tables import Tables
from gateway.hooks import Backend
from gateway.key_header import read_auth
from gateway.model import Json, Path
from gateway.not_yet import DISTRIBUTION_OF_BACKEND
from gateway.settings import NONE, FaceSettings
from gateway.structure import did_you_mean, name_of


@frozen
class FaceTable:
    """The long form of a face. None: not said."""

    base_url: str | None = None
    auth: str | None = None
    quirks: Mapping[str, Any] = NONE
    params: Mapping[str, Any] | None = None
    defaults: Mapping[str, Any] | None = None


@define
class FaceReader:
    """Reads the faces of one upstream.

    path: of `also`. home: the backend of the main face. address: checks a written address.
    """

    tables: Tables
    path: Path
    backends: Mapping[str, Backend]
    home: Backend
    address: Callable[[str, Path], str]

    def faces(
        self, written: Mapping[str, Json], known: Mapping[str, FaceSettings], main: FaceSettings
    ) -> dict[str, FaceSettings]:
        """The faces by dialect. `main`: what a face has that neither says otherwise.

        known: the preset's. Raises ConfigError.
        """
        found = dict(known)
        for dialect, value in written.items():
            path = (*self.path, dialect)
            self._check(dialect, path)
            if value is False:
                found.pop(dialect, None)
            else:
                found[dialect] = self._face(value, known.get(dialect, main), path)
        return found

    def _face(self, value: Json, known: FaceSettings, path: Path) -> FaceSettings:
        if value is True:
            return known
        if isinstance(value, str):
            return evolve(known, base_url=self.address(value, path))
        if not isinstance(value, dict):
            reason = f"must be true, false, an address or a table, not {name_of(value)}"
            raise self.tables.wrong(path, reason)
        table, _ = self.tables.read(value, FaceTable, "face", path)
        said = table.base_url
        return FaceSettings(
            base_url=self.address(said, (*path, "base_url")) if said else known.base_url,
            auth=auth_of(table.auth, self.tables, (*path, "auth")) or known.auth,
            quirks={**known.quirks, **table.quirks},
            params=table.params,
            defaults=table.defaults,
        )

    def _check(self, dialect: str, path: Path) -> None:
        dialects = [name for name, one in self.backends.items() if one.speaks == name]
        if dialect == self.home.speaks:
            reason = f"the upstream speaks {dialect} anyway; `also` names its further dialects"
            raise self.tables.wrong(path, reason)
        if dialect in dialects:
            return
        distribution = DISTRIBUTION_OF_BACKEND.get(dialect)
        if distribution and dialect not in self.backends:
            reason = f"{dialect!r} needs the plugin {distribution}: pip install {distribution}"
        else:
            near = did_you_mean(dialect, dialects)
            reason = f"unknown dialect{near}; there are {', '.join(dialects)}"
        raise self.tables.wrong(path, reason)


def auth_of(text: str | None, tables: Tables, path: Path) -> str | None:
    """How a key is carried, by what `auth` says; None: as the dialect does. Raises ConfigError."""
    if text is None:
        return None
    try:
        return read_auth(text)
    except ValueError as error:
        raise tables.wrong(path, str(error)) from None
