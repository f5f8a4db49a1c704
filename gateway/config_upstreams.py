"""`[upstreams]`: the configured providers, joined with those that the environment holds."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from attrs import define, field

from gateway.addresses import Address
from gateway.config_tables import Tables
from gateway.config_upstream import UpstreamReader, UpstreamTable, refuse_dates
from gateway.environment import Presets, discover, upstream_of, why_unusable
from gateway.hooks import Backend, Preset
from gateway.model import Json, Path
from gateway.not_yet import DISTRIBUTION_OF_BACKEND
from gateway.settings import UpstreamSettings
from gateway.structure import did_you_mean

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
PLACE: Path = ("upstreams",)


@define
class Upstreams:
    """Reads the upstreams of a configuration, and finds those that a target names.

    ignored: why some of the environment's were left out, by name.
    """

    tables: Tables
    backends: Mapping[str, Backend]
    presets: Presets
    own_addresses: Collection[Address]
    by_name: dict[str, UpstreamSettings] = field(factory=dict)
    ignored: dict[str, str] = field(factory=dict)

    def read(self) -> None:
        """Fill `by_name`: the file's upstreams first, then the environment's."""
        for name, table in self.tables.tables(self.tables.raw.tree.get("upstreams", {}), PLACE):
            self.by_name[name] = self._upstream(name, table)
        found = discover(self.presets, self.tables.secrets.environ, self.own_addresses)
        self.by_name = {**self.by_name, **found.upstreams, **self.by_name}
        self.ignored = dict(found.ignored)
        self.tables.warnings += [
            why for name, why in found.ignored.items() if name not in self.by_name
        ]

    def why_missing(self, name: str) -> str | None:
        """Why a target can't name this upstream, for a person; None when it can.

        What needs neither key nor address (a keyless preset, the echo backend) is there once it
        is named.
        """
        if name not in self.by_name:
            self._add_unasked(name)
        if name in self.by_name:
            return None
        if name in self.ignored:
            return self.ignored[name]
        known = self.presets.find(name)
        if known:
            variables = " or ".join(known.preset.variables)
            return f"the upstream {name!r} has no key: set {variables}, or add [upstreams.{name}]"
        near = did_you_mean(name, [*self.by_name, *self.presets.names()])
        there = f"; there are {', '.join(self.by_name)}" if self.by_name else ""
        return f"there is no upstream {name!r}{near}{there}"

    def _add_unasked(self, name: str) -> None:
        known = self.presets.find(name)
        backend = self.backends.get(name)
        if known and known.preset.keyless:
            made = upstream_of(known, self.tables.secrets.environ)
            why = why_unusable(made, self.own_addresses)
            if why:
                self.ignored[name] = why
                return
        elif backend and not backend.needs_url:
            made = UpstreamSettings(name, backend=name, place="built in", from_environment=True)
        else:
            return
        self.by_name[name] = made

    def _upstream(self, name: str, value: Json) -> UpstreamSettings:
        path = (*PLACE, name)
        if not NAME.fullmatch(name):
            raise self.tables.wrong(path, "an upstream's name has only letters, digits, . _ and -")
        refuse_dates(self.tables, value, path)
        table, extra = self.tables.read(value, UpstreamTable, "upstream", path)
        backend, preset = self._identity(table, path)
        return UpstreamReader(
            self.tables, path, self.backends, self.own_addresses, table, backend, preset
        ).settings(extra)

    def _identity(self, table: UpstreamTable, path: Path) -> tuple[Backend, Preset | None]:
        """The backend that a table means, and the preset that it starts from.

        A table of a preset's name starts from it, whatever else it says.
        """
        said = [word for word in ("dialect", "backend", "preset") if getattr(table, word)]
        if len(said) > 1:
            raise self.tables.wrong((*path, said[1]), f"say {said[0]} or {said[1]}, not both")
        backend = self._backend(table, path)
        home = backend.name if backend else None
        known = self.presets.find(table.preset or str(path[-1]), home)
        if backend:
            return backend, known.preset if known else None
        if known:
            return known.backend, known.preset
        if table.preset:
            names = self.presets.names()
            reason = f"unknown preset{did_you_mean(table.preset, names)}{_there_are(names)}"
            raise self.tables.wrong((*path, "preset"), reason)
        reason = 'what is it? Add dialect = "…", or backend = "…", or preset = "…"'
        raise self.tables.wrong(path, reason + _there_are(self.presets.names(), "presets are"))

    def _backend(self, table: UpstreamTable, path: Path) -> Backend | None:
        word = "dialect" if table.dialect else "backend"
        name = table.dialect or table.backend
        if not name:
            return None
        names = [one.name for one in self.backends.values() if word == "backend" or one.speaks]
        if name in names:
            return self.backends[name]
        distribution = DISTRIBUTION_OF_BACKEND.get(name)
        if distribution and name not in self.backends:
            reason = f"{name!r} needs the plugin {distribution}: pip install {distribution}"
        else:
            reason = f"unknown {word} {name!r}{did_you_mean(name, names)}{_there_are(names)}"
        raise self.tables.wrong((*path, word), reason)


def _there_are(names: Collection[str], words: str = "there are") -> str:
    return f"; {words} {', '.join(names)}" if names else ""
