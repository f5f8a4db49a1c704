"""What all laws share, and the guard that no law is switched off in silence."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping, Sequence
from importlib import import_module
from types import MappingProxyType, ModuleType
from typing import ClassVar

from hypothesis import HealthCheck, Phase, settings

from gateway.loading import Candidate, inspect_hooks, inspect_plugin
from gateway.model import Json
from gateway.testing.subject import Subject

KIT = "gateway.testing.laws"
NO_EXCEPTIONS: Mapping[str, str] = MappingProxyType({})

ON_DEMAND = os.environ.get("BABELGATE_EXAMPLES")
"""How many examples each generated law tries; None: `USUAL`, and the same ones in every run."""
USUAL = 60


def examples(usual: int) -> int:
    """How many examples to try: what was demanded, else as many as usual."""
    return int(ON_DEMAND or usual)


generated = settings(
    max_examples=examples(USUAL),
    deadline=None,
    derandomize=ON_DEMAND is None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.differing_executors, HealthCheck.too_slow],
)
"""How the kit's generated tests run: the same examples every time, or as many as were demanded."""


class Laws:
    """A set of laws.

    plugin: the module (or object, or module's name) under test; others: plugins that it needs.
    quirks: what the kit's upstreams can do, in the plugin's own words for it.
    exceptions: laws that the subclass overrides, by name, each with the reason.
    """

    plugin: ClassVar[object]
    others: ClassVar[Sequence[object]] = ()
    quirks: ClassVar[Mapping[str, Json]] = NO_EXCEPTIONS
    exceptions: ClassVar[Mapping[str, str]] = NO_EXCEPTIONS

    def __init_subclass__(cls) -> None:
        """Refuse a law that was overridden or deleted without a reason."""
        super().__init_subclass__()
        silent = silent_overrides(cls)
        if silent:
            listed = ", ".join(silent)
            raise TypeError(
                f"{cls.__name__} overrides {listed}; say why in"
                f' `exceptions = {{"{silent[0]}": "…"}}`, or inherit the law'
            )

    @functools.cached_property
    def subject(self) -> Subject:
        return Subject(self.plugin, *self.others, quirks=self.quirks)

    def test_the_gateway_loads_it(self) -> None:
        plugin = import_module(self.plugin) if isinstance(self.plugin, str) else self.plugin
        candidate = Candidate(plugin_name(plugin), "this project", "-")
        inspect = inspect_plugin if isinstance(plugin, ModuleType) else inspect_hooks

        inspect(candidate, plugin)

        assert not candidate.error, candidate.error


def plugin_name(plugin: object) -> str:
    """What a plugin is called: its module's name, or its class's."""
    return str(plugin if isinstance(plugin, str) else _name(plugin))


def laws_of(cls: type[Laws]) -> frozenset[str]:
    """The names of the laws that `cls` inherits from the kit, excepted ones among them."""
    return frozenset(name for base in _kits(cls) for name in _laws_in(base))


def sets_of(cls: type[Laws]) -> dict[str, int]:
    """The sets of laws that `cls` inherits from the kit, and how many laws each holds."""
    counts = {base.__name__: len(_laws_in(base)) for base in _kits(cls)}
    return {name: count for name, count in counts.items() if count}


def _kits(cls: type[Laws]) -> list[type]:
    return [base for base in cls.__mro__ if base.__module__.startswith(KIT)]


def _laws_in(base: type) -> list[str]:
    return [name for name in vars(base) if name.startswith("test_")]


def _name(plugin: object) -> str:
    return getattr(plugin, "__name__", None) or type(plugin).__name__


def silent_overrides(cls: type[Laws]) -> list[str]:
    """The laws of the kit that `cls` replaces without an exception that gives a reason."""
    laws = {name: vars(base)[name] for base in _kits(cls) for name in _laws_in(base)}
    changed = [name for name, law in laws.items() if getattr(cls, name, None) is not law]
    return sorted(name for name in changed if not cls.exceptions.get(name, "").strip())
