"""What all laws share, and the guard that no law is switched off in silence."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar

from hypothesis import HealthCheck, Phase, settings

from gateway.model import Json
from gateway.testing.subject import Subject

KIT = "gateway.testing.laws"
NO_EXCEPTIONS: Mapping[str, str] = MappingProxyType({})

generated = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.differing_executors, HealthCheck.too_slow],
)
"""How the kit's generated tests run: the same examples every time."""


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


def silent_overrides(cls: type[Laws]) -> list[str]:
    """The laws of the kit that `cls` replaces without an exception that gives a reason."""
    laws = {
        name: law
        for base in cls.__mro__
        if base.__module__.startswith(KIT)
        for name, law in vars(base).items()
        if name.startswith("test_")
    }
    changed = [name for name, law in laws.items() if getattr(cls, name, None) is not law]
    return sorted(name for name in changed if not cls.exceptions.get(name, "").strip())
