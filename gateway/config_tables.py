"""One table of a configuration at a time: what is the core's, a plugin's, not yet, or unknown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from attrs import define, field

from gateway.config_file import Raw
from gateway.errors import ConfigError, PluginError
from gateway.model import Json, Path
from gateway.not_yet import names_in, why_not
from gateway.secrets import Secrets
from gateway.structure import READ_FILE, Mistake, did_you_mean, name_of, names_of

T = TypeVar("T")
CLAIMABLE = ("top", "group", "upstream")


@define
class Tables:
    """Reads tables, and collects what a person should know (`warnings`)."""

    raw: Raw
    secrets: Secrets
    setting_classes: Mapping[str, type]
    warnings: list[str] = field(factory=list)

    def read(self, value: Json, kind: type[T], place: str, path: Path) -> tuple[T, dict[str, Any]]:
        """The table at `path` as a `kind`, and what plugins have claimed of it, by name.

        place: "top", "server", "upstream", "group", "alias", "proxy_key" or "admin".
        Raises ConfigError.
        """
        own: dict[str, Json] = {}
        extra: dict[str, Any] = {}
        known = [*names_of(kind), *self._claimed(place), *names_in(place)]
        for name, inner in self.tables(value, path):
            claimed = self.setting_classes.get(f"{place}.{name}")
            if claimed:
                extra[name] = self._of_plugin(inner, claimed, (*path, name))
                continue
            self._refuse(name, inner, known, place, path)
            own[name] = inner
        return self.raw.structure(own, kind, path), extra

    def tables(self, value: Json, path: Path) -> Iterator[tuple[str, Json]]:
        """The entries of the table at `path`. Raises ConfigError when it is none."""
        if not isinstance(value, dict):
            raise self.wrong(path, f"must be a table, not {name_of(value)}")
        yield from value.items()

    def secret(self, reference: str, path: Path) -> str:
        """One secret; a literal is warned about. Raises ConfigError."""
        try:
            return self.secrets.one(reference)
        except ValueError as error:
            raise self.wrong(path, str(error)) from None

    def wrong(self, path: Path, reason: str) -> ConfigError:
        return self.raw.wrong(Mistake(path, reason))

    def warn(self, path: Path, words: str) -> None:
        self.warnings.append(str(self.wrong(path, words)))

    def _of_plugin(self, value: Json, kind: type[T], path: Path) -> T:
        token = READ_FILE.set(self.secrets.text)
        try:
            return self.raw.structure(value, kind, path)
        finally:
            READ_FILE.reset(token)

    def _claimed(self, place: str) -> list[str]:
        start = f"{place}."
        return [name.removeprefix(start) for name in self.setting_classes if name.startswith(start)]

    def _refuse(self, name: str, value: Json, known: list[str], place: str, path: Path) -> None:
        if name not in known:
            raise self.wrong((*path, name), f"unknown name{did_you_mean(name, known)}")
        reason = why_not(f"{place}.{name}", value, self.setting_classes)
        if reason:
            raise self.wrong((*path, name), reason)


def check_claims(claims: Mapping[str, type], own: Mapping[str, type]) -> None:
    """Refuse places that no plugin can have. `own`: the core's classes by place.

    Raises PluginError.
    """
    for claim in claims:
        place, _, name = claim.partition(".")
        if place not in CLAIMABLE or not name:
            places = ", ".join(f"{one}.NAME" for one in CLAIMABLE)
            raise PluginError(f"a plugin claims the settings {claim!r}; it must be one of {places}")
        taken = set(names_of(own[place])) - set(names_in(place))
        if name in taken:
            raise PluginError(f"a plugin claims the settings {claim!r}, which are the core's own")
