"""Which group `/switch` leads to: what was chosen last, by the file or by command.

A choice by command or over HTTP is kept in the store, together with what `server.active` said at
that time. It holds until that line says something else, also after a restart.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from typing import Any

import orjson
from attrs import define, field, frozen

from gateway.config_file import Raw
from gateway.config_state import store
from gateway.errors import ConfigError, NotFound, Unavailable
from gateway.settings import Server, Settings
from gateway.store.flags import Flags, StoreError
from gateway.store.place import path_of
from gateway.store.sqlite import SqliteFlags
from gateway.structure import did_you_mean

FLAG = "active_group"


@frozen
class Choice:
    """A group that was chosen while `server.active` said `over` (None: nothing)."""

    group: str
    over: str | None


@define(eq=False)
class Switch:
    """The active group of one configuration.

    said: `server.active`. groups: those that may be chosen. name: of the flag in the store; two
    configurations with one store don't share their choices. flags: None for no store.
    """

    said: str | None
    groups: Collection[str]
    name: str = FLAG
    flags: Flags | None = field(default=None, repr=False)

    @classmethod
    def of(cls, settings: Settings) -> Switch:
        """That of a gateway. Forgets a choice that the file has overruled. Raises ConfigError."""
        groups = [group.name for group in settings.groups.values() if not group.disabled]
        flags = SqliteFlags(path_of(settings.store_url)) if settings.store_url else None
        switch = cls(settings.server.active, groups, _flag_of(settings.source), flags)
        try:
            choice = switch._choice()
            if choice is not None and choice.over != switch.said:
                switch._keep(None)
        except StoreError as error:
            switch.close()
            raise ConfigError(str(error), settings.source) from None
        return switch

    @classmethod
    def of_file(cls, raw: Raw, environ: Mapping[str, str]) -> Switch:
        """That of a configuration whose secrets may be out of reach. Raises ConfigError."""
        server = raw.structure(raw.tree.get("server", {}), Server, ("server",))
        tables = raw.structure(raw.tree.get("groups", {}), dict[str, dict[str, Any]], ("groups",))
        groups = [name for name, table in tables.items() if not table.get("disabled")]
        flags = SqliteFlags(path_of(store(raw, environ)))
        return cls(server.active, groups, _flag_of(str(raw.path)), flags)

    def active(self) -> str | None:
        """The group's name now; None: the one for URLs without a group. Raises Unavailable."""
        try:
            choice = self._choice()
        except StoreError as error:
            raise Unavailable(f"which group is active can't be told: {error}") from None
        if choice is None or choice.over != self.said or choice.group not in self.groups:
            return self.said
        return choice.group

    def choose(self, group: str) -> None:
        """Make `group` the active one, for every process of this configuration.

        May wait for a disk, in any thread. Raises NotFound for no such group, StoreError.
        """
        if group not in self.groups:
            names = ", ".join(self.groups) or "none"
            near = did_you_mean(group, self.groups)
            raise NotFound(f"there is no group '{group}'{near}; the groups: {names}")
        self._keep(Choice(group, self.said))

    def close(self) -> None:
        if self.flags is not None:
            self.flags.close()

    def _choice(self) -> Choice | None:
        text = self.flags.get(self.name) if self.flags is not None else None
        return Choice(**orjson.loads(text)) if text else None

    def _keep(self, choice: Choice | None) -> None:
        if self.flags is None:
            raise StoreError("there is no store to keep it in; name a file as url under [store]")
        text = orjson.dumps({"group": choice.group, "over": choice.over}) if choice else None
        self.flags.put(self.name, text.decode() if text else None)


def _flag_of(source: str | None) -> str:
    return f"{FLAG}:{os.path.abspath(source)}" if source else FLAG  # noqa: PTH100 - links stay links
