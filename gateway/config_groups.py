"""`[groups.NAME]` -> Group: aliases, their targets, and what a group takes over from another."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import define, evolve, field, frozen

from gateway.config_tables import Tables
from gateway.model import Json, Path
from gateway.settings import (
    NONE,
    RESERVED_GROUPS,
    Alias,
    Group,
    LossPolicy,
    Strategy,
    TargetName,
    ToolMode,
)
from gateway.structure import did_you_mean, name_of

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
PLACE: Path = ("groups",)
RULES = ("tool_mode", "on_loss", "strategy")
"""What a group takes over from the one it extends, where it does not say it itself."""


@frozen
class GroupTable:
    """`[groups.NAME]` as it is written. None: not said."""

    models: Mapping[str, Any] = NONE
    description: str | None = None
    disabled: bool = False
    extends: str | None = None
    tool_mode: ToolMode | None = None
    on_loss: LossPolicy | None = None
    strategy: Strategy | None = None


@frozen
class AliasTable:
    """The long form of an alias: `{ targets = […], strategy = "…", weights = […] }`."""

    targets: Sequence[str]
    strategy: Strategy | None = None
    weights: Sequence[int] = ()


@frozen
class Written:
    """One group as it stands in the file, before it takes over anything."""

    table: GroupTable
    models: Mapping[str, Alias]
    extra: Mapping[str, Any]


@define
class Groups:
    """Reads the groups of a configuration.

    why_missing: why a target can't name an upstream; None when it can.
    """

    tables: Tables
    why_missing: Callable[[str], str | None]
    _written: dict[str, Written] = field(factory=dict)

    def read(self) -> dict[str, Group]:
        """The groups by name, in the file's order. Raises ConfigError."""
        named = dict(self.tables.tables(self.tables.raw.tree.get("groups", {}), PLACE))
        for name, value in named.items():
            self._check_name(name)
            self._written[name] = self._group(name, value, named)
        whole = {name: self._whole(name) for name in named}
        for name, group in whole.items():
            self._check_strategies(group, self._written[name].models)
        return whole

    def _check_strategies(self, group: Group, own: Mapping[str, Alias]) -> None:
        """Refuse weights that nothing acts on."""
        for alias in own.values():
            if alias.weights and (alias.strategy or group.strategy) == "ordered":
                reason = (
                    'counts only with strategy = "rotate" or "sticky"; say one, or leave it out'
                )
                path = (*PLACE, group.name, "models", alias.name, "weights")
                raise self.tables.wrong(path, reason)

    def _check_name(self, name: str) -> None:
        path = (*PLACE, name)
        if name.lower() in RESERVED_GROUPS:
            reason = "is a reserved name, since the gateway's own URLs start with it; take another"
            raise self.tables.wrong(path, reason)
        if not NAME.fullmatch(name):
            raise self.tables.wrong(path, "a group's name has only letters, digits, . _ and -")

    def _group(self, name: str, value: Json, groups: Mapping[str, Json]) -> Written:
        path = (*PLACE, name)
        table, extra = self.tables.read(value, GroupTable, "group", path)
        models = {}
        for alias, targets in table.models.items():
            here = (*path, "models", alias)
            self._check_alias(alias, groups, here)
            models[alias] = self._alias(alias, targets, here)
        if not models and not table.extends and not table.disabled:
            self.tables.warn(path, f"has no models; add some under [groups.{name}.models]")
        return Written(table, models, extra)

    def _check_alias(self, alias: str, groups: Mapping[str, Json], path: Path) -> None:
        if not alias:
            raise self.tables.wrong(path, "an alias can't be empty")
        group, at, _ = alias.partition("@")
        if at and group in groups:
            reason = f'no client can ask for it: {group}@… means the group "{group}"'
            raise self.tables.wrong(path, reason)

    def _alias(self, alias: str, value: Json, path: Path) -> Alias:
        """An alias in any of its three forms: a target, a list of them, or a table."""
        match value:
            case str():
                return Alias(alias, [self._target(alias, value, path)])
            case list():
                return Alias(alias, self._targets(alias, value, path))
            case dict():
                return self._long_alias(alias, value, path)
        forms = '"upstream/model", a list of those, or { targets = [ … ] }'
        raise self.tables.wrong(path, f"must be {forms}, not {name_of(value)}")

    def _long_alias(self, alias: str, value: dict[str, Json], path: Path) -> Alias:
        table = self.tables.raw.structure(value, AliasTable, path)
        targets = self._targets(alias, table.targets, (*path, "targets"))
        self._check_weights(table, path)
        return Alias(alias, targets, table.strategy, table.weights)

    def _check_weights(self, table: AliasTable, path: Path) -> None:
        if table.weights and len(table.weights) != len(table.targets):
            reason = f"has {len(table.weights)} numbers for {len(table.targets)} targets"
            raise self.tables.wrong((*path, "weights"), reason)
        for index, weight in enumerate(table.weights):
            if weight < 1:
                raise self.tables.wrong((*path, "weights", index), "must be 1 or more")

    def _targets(self, alias: str, texts: Sequence[Json], path: Path) -> list[TargetName]:
        if not texts:
            raise self.tables.wrong(path, "has no targets")
        targets: list[TargetName] = []
        for index, text in enumerate(texts):
            target = self._target(alias, text, (*path, index))
            if target in targets:
                raise self.tables.wrong((*path, index), f'"{target}" is a duplicate')
            targets.append(target)
        return targets

    def _target(self, alias: str, text: Json, path: Path) -> TargetName:
        if not isinstance(text, str):
            raise self.tables.wrong(path, f'must be "upstream/model", not {name_of(text)}')
        try:
            target = target_name(text)
        except ValueError as error:
            raise self.tables.wrong(path, str(error)) from None
        stars = alias.count("*")
        if "*" in target.model and stars != 1:
            reason = f'the * in "{text}" needs exactly one * in the alias, which has {stars}'
            raise self.tables.wrong(path, reason)
        why = self.why_missing(target.upstream)
        if why:
            raise self.tables.wrong(path, why)
        return target

    def _whole(self, name: str, via: tuple[str, ...] = ()) -> Group:
        """A group with all that it takes over. `via`: who extends it, outermost first."""
        own = self._written[name]
        said = {rule: getattr(own.table, rule) for rule in RULES}
        base = self._base(name, own.table.extends, via)
        return evolve(
            base,
            name=name,
            description=own.table.description,
            disabled=own.table.disabled,
            models={**own.models, **_others(base.models, own.models)},
            extra={**base.extra, **_joined(own.extra, base.extra)},
            **{rule: value for rule, value in said.items() if value is not None},
        )

    def _base(self, name: str, extends: str | None, via: tuple[str, ...]) -> Group:
        if extends is None:
            return Group(name)
        path = (*PLACE, name, "extends")
        if extends not in self._written:
            near = did_you_mean(extends, self._written)
            raise self.tables.wrong(path, f'there is no group "{extends}"{near}')
        if extends in (*via, name):
            circle = " -> ".join((*via, name, extends))
            raise self.tables.wrong(path, f"goes in a circle: {circle}")
        return self._whole(extends, (*via, name))


def target_name(text: str) -> TargetName:
    """ "upstream/model", split at the first slash. Raises ValueError, for a person."""
    upstream, _, model = text.partition("/")
    if not upstream or not model:
        raise ValueError(f'a target is written "upstream/model"; "{text}" is not')
    if model.count("*") > 1 or "*" in upstream:
        raise ValueError(f'"{text}" may have one *, in the model')
    return TargetName(upstream, model)


def _others(base: Mapping[str, Alias], own: Mapping[str, Alias]) -> dict[str, Alias]:
    return {name: alias for name, alias in base.items() if name not in own}


def _joined(own: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """Plugins' settings: lists of rules are joined, own ones first; other values are own."""
    return {
        name: [*value, *base.get(name, ())] if isinstance(value, list) else value
        for name, value in own.items()
    }
