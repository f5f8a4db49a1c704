"""Which group and which targets answer a model's name. Everything is worked out once per name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

import attrs
from attrs import evolve, frozen

from gateway.attempt import Target
from gateway.errors import NotFound, Unavailable
from gateway.faces import facing
from gateway.hooks import Backend, Preset
from gateway.model import Json
from gateway.routes import SWITCH
from gateway.settings import (
    Alias,
    Group,
    ModelSettings,
    Settings,
    Strategy,
    TargetName,
    UpstreamSettings,
)

SHOWN = 20
REMEMBERED = 4096
LONGEST_REMEMBERED = 256
FACTS = ("tools", "images", "thinking", "context", "max_output", "price")


@frozen
class Resolution:
    """What a model's name stands for.

    alias: the configured name or pattern that matched. model: the name as the client wrote it,
    without a `group@`. targets: in the order of the file; at least one. weights: one for each
    target, or none. asks: whether a provider can be asked what one of the targets can do.
    """

    group: Group
    alias: str
    model: str
    targets: tuple[Target, ...]
    strategy: Strategy = "ordered"
    weights: tuple[int, ...] = ()
    asks: bool = False


@frozen
class Pattern:
    """An alias with `*` or `?`. `expression`: its one star is the first group."""

    alias: Alias
    expression: re.Pattern[str]


@frozen
class Table:
    """A group's aliases, ready to be asked: exact names, then patterns, the longest first."""

    group: Group
    exact: Mapping[str, Alias]
    patterns: Sequence[Pattern]

    @classmethod
    def of(cls, group: Group, compile: Callable[[str], re.Pattern[str]]) -> Table:
        exact = {name: alias for name, alias in group.models.items() if not is_pattern(name)}
        patterns = [Pattern(group.models[name], compile(name)) for name in _longest(group.models)]
        return cls(group, exact, patterns)

    def find(self, model: str) -> tuple[Alias, str] | None:
        """The alias of a name, and what its first star stands for ("" without one)."""
        alias = self.exact.get(model)
        if alias:
            return alias, ""
        for pattern in self.patterns:
            found = pattern.expression.fullmatch(model)
            if found:
                return pattern.alias, found.group(1) if pattern.expression.groups else ""
        return None


class Catalog:
    """The groups of a configuration and their models. Immutable; one for each configuration.

    active: says which group "switch" is at this moment; without it, what the file says.
    """

    def __init__(
        self,
        settings: Settings,
        backends: Mapping[str, Backend],
        active: Callable[[], str | None] | None = None,
    ) -> None:
        self._settings = settings
        self._active = active or (lambda: settings.server.active)
        self._backends = backends
        self._tables = {
            name: Table.of(group, compiled)
            for name, group in settings.groups.items()
            if not group.disabled
        } or _implied(settings, backends)
        self._remembered = lru_cache(REMEMBERED)(self._resolve)
        self._targets = lru_cache(REMEMBERED)(self._target)

    def group(self, name: str | None = None) -> Group:
        """A group by name; "switch" is the active one. Raises NotFound, naming the groups.

        None, for a URL without a group: `default`, or the only group.
        """
        return self._table(name).group

    def resolve(self, group: str | None, model: str, client: str | None = None) -> Resolution:
        """What answers `model` in a group. `model` may be "group@alias".

        client: the dialect of the client; its targets are at the face that speaks it, if any.
        Raises NotFound, and Unavailable when every upstream of the alias is disabled.
        """
        if group == SWITCH:
            group = self._active()
        if len(model) > LONGEST_REMEMBERED:
            return self._resolve(group, model, client)
        return self._remembered(group, model, client)

    def knows(self, group: str | None, model: str) -> bool:
        """Whether `model` is an alias as it stands, and not just what a pattern matches."""
        return model in self._table(group).exact

    def names(self, group: str | None = None) -> list[str]:
        """The names that a client may ask for, for a list of models.

        A pattern is never shown. It is shown by the name of its first target where that name
        leads back to it: `"*" = "moonshot/kimi-k2"` shows kimi-k2.
        """
        table = self._table(group)
        if not self._settings.groups:
            answer = self._settings.every_model
            return [str(answer)] if answer and "*" not in answer.model else []
        shown = (_shown(table, name, alias) for name, alias in table.group.models.items())
        return list(dict.fromkeys(name for name in shown if name))

    def price(self, target: str) -> Mapping[str, float]:
        """What a million tokens of "upstream/model" cost; empty where it is not known."""
        name, _, model = target.partition("/")
        upstream = self._settings.upstreams.get(name)
        return _known(upstream, model).price if upstream else {}

    def _table(self, name: str | None) -> Table:
        if name == SWITCH:
            name = self._active()
        if name is None:
            only = next(iter(self._tables.values())) if len(self._tables) == 1 else None
            table = self._tables.get("default", only)
        else:
            table = self._tables.get(name)
        if table is None:
            raise self._no_group(name)
        return table

    def _resolve(self, group: str | None, model: str, client: str | None) -> Resolution:
        table = self._table(group)
        before, at, after = model.partition("@")
        if at and before in self._tables:
            table, model = self._tables[before], after
        found = table.find(model) or self._by_full_name(model)
        if found is None:
            raise self._no_alias(table, model)
        alias, star = found
        used = [
            position
            for position, target in enumerate(alias.targets)
            if not self._settings.upstreams[target.upstream].disabled
        ]
        names = [alias.targets[position] for position in used]
        targets = [
            self._targets(evolve(name, model=name.model.replace("*", star)), client)
            for name in names
        ]
        if not targets:
            off = ", ".join(target.upstream for target in alias.targets)
            raise Unavailable(f"every upstream of {alias.name!r} is disabled ({off})")
        weights = tuple(alias.weights[position] for position in used) if alias.weights else ()
        strategy = alias.strategy or table.group.strategy
        asks = any(map(self._asks, targets))
        return Resolution(table.group, alias.name, model, tuple(targets), strategy, weights, asks)

    def _asks(self, target: Target) -> bool:
        main = target.main or target
        inquiry = self._backends[main.backend].inquiry
        return inquiry is not None and inquiry.write(main) is not None

    def _by_full_name(self, model: str) -> tuple[Alias, str] | None:
        """ "UPSTREAM/MODEL", which is a name of its own as long as no groups are configured."""
        upstream, _, name = model.partition("/")
        if self._settings.groups or not name or upstream not in self._settings.upstreams:
            return None
        return Alias(model, [TargetName(upstream, name)]), ""

    def _target(self, name: TargetName, client: str | None) -> Target:
        upstream = self._settings.upstreams[name.upstream]
        backend = self._backends[upstream.backend]
        preset = _preset(upstream, backend)
        known = _known(upstream, name.model)
        main = Target(
            upstream=upstream.name,
            model=name.model,
            backend=backend.name,
            speaks=backend.speaks,
            base_url=upstream.base_url,
            facts=_facts(known),
            quirks={**(preset.quirks if preset else {}), **upstream.quirks, **known.quirks},
            params={**upstream.params, **known.params},
            defaults={**upstream.defaults, **known.defaults},
        )
        return facing(main, upstream, self._backends, client)

    def _no_group(self, name: str | None) -> NotFound:
        names = _listed(self._tables) or "none is enabled"
        if name is None:
            return NotFound(f"say which group in the URL, as in /GROUP/v1/…; the groups: {names}")
        return NotFound(f"there is no group {name!r}; the groups: {names}")

    def _no_alias(self, table: Table, model: str) -> NotFound:
        asked = repr(
            model if len(model) <= LONGEST_REMEMBERED else model[:LONGEST_REMEMBERED] + "…"
        )
        if self._settings.groups:
            has = _listed(table.group.models) or "none"
            return NotFound(f"group {table.group.name!r} has no alias {asked}; it has {has}")
        names = list(self._settings.upstreams)
        if not names:
            return NotFound(f"nothing answers {asked}: no upstream; {_first_step(self._backends)}")
        return NotFound(
            f"nothing answers {asked}; ask for UPSTREAM/MODEL (upstreams: {_listed(names)}), or "
            f"write in babelgate.toml, below [groups.default.models]: "
            f'"{asked[1:-1]}" = "{names[0]}/MODEL"'
        )


def is_pattern(name: str) -> bool:
    return "*" in name or "?" in name


def compiled(pattern: str) -> re.Pattern[str]:
    """`*` is any text, `?` one character, all else itself; every star is a group.

    >>> bool(compiled("gpt-?[*]").fullmatch("gpt-5[1m]"))
    True
    """
    steps = {"*": "(.*)", "?": "."}
    return re.compile("".join(steps.get(char) or re.escape(char) for char in pattern), re.DOTALL)


def whole(pattern: str) -> re.Pattern[str]:
    """Like `compiled`, but what a target's star stands for is the whole name."""
    return re.compile(f"({compiled(pattern).pattern})", re.DOTALL)


def _longest(names: Iterable[str]) -> list[str]:
    """The patterns among `names`, the longest first; of one length, in their order."""
    return sorted(filter(is_pattern, names), key=len, reverse=True)


def _implied(settings: Settings, backends: Mapping[str, Backend]) -> dict[str, Table]:
    """What holds as long as no groups are configured: one, called `default`, of what is known."""
    if settings.groups:
        return {}
    answer = settings.every_model
    models = {"*": Alias("*", [answer])} if answer else _vendors_own(settings, backends)
    return {"default": Table.of(Group("default", models), whole)}


def _vendors_own(settings: Settings, backends: Mapping[str, Backend]) -> dict[str, Alias]:
    """Vendors' own model names, each to the upstreams of that vendor."""
    targets: dict[str, list[TargetName]] = {}
    for upstream in settings.upstreams.values():
        preset = _preset(upstream, backends[upstream.backend])
        for pattern in preset.patterns if preset else ():
            target = TargetName(upstream.name, "*" if is_pattern(pattern) else pattern)
            targets.setdefault(pattern, []).append(target)
    return {pattern: Alias(pattern, names) for pattern, names in targets.items()}


def _preset(upstream: UpstreamSettings, backend: Backend) -> Preset | None:
    return next((one for one in backend.presets if one.name == upstream.preset), None)


def _known(upstream: UpstreamSettings, model: str) -> ModelSettings:
    """What is configured of a model: its own entry, else that of the longest pattern."""
    exact = upstream.models.get(model)
    if exact:
        return exact
    longest = _longest(upstream.models)
    match = next((one for one in longest if compiled(one).fullmatch(model)), None)
    return upstream.models[match] if match else ModelSettings()


def _facts(known: ModelSettings) -> dict[str, Json]:
    said = attrs.asdict(known, filter=lambda one, value: one.name in FACTS and value is not None)
    return {name: value for name, value in said.items() if value != {}}


def _shown(table: Table, name: str, alias: Alias) -> str | None:
    if not is_pattern(name):
        return name
    first = alias.targets[0].model
    found = table.find(first)
    return first if "*" not in first and found and found[0] is alias else None


def _listed(names: Sequence[str] | Mapping[str, object]) -> str:
    shown = list(names)[:SHOWN]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(shown) + more


def _first_step(backends: Mapping[str, Backend]) -> str:
    presets = [one for backend in backends.values() for one in backend.presets]
    names = [one.variables[0] for one in presets if one.variables]
    return f"set one of {_listed(names)}" if names else "add [upstreams.NAME] to babelgate.toml"
