"""`proxy` of an upstream: the HTTP proxy of all its requests, or one for each of its keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from attrs import frozen

from gateway.config_tables import Tables
from gateway.model import Json, Path
from gateway.placeholders import with_environment
from gateway.secrets import is_reference
from gateway.structure import Mistake, name_of


@frozen
class ProxyTable:
    """`proxy` as it is written: addresses, or references to secrets that are addresses.

    listed: whether it is a list, and so has one for each key.
    """

    written: Sequence[str]
    listed: bool

    @classmethod
    def from_toml(cls, value: Json) -> Self:
        if isinstance(value, str):
            return cls((value,), listed=False)
        if not isinstance(value, list):
            raise Mistake((), f"must be a string or a list, not {name_of(value)}")
        for index, one in enumerate(value):
            if not isinstance(one, str):
                raise Mistake((index,), f"must be a string, not {name_of(one)}")
        return cls(tuple(value), listed=True)


def proxies(table: ProxyTable, keys: int, tables: Tables, path: Path) -> tuple[str, ...]:
    """The addresses: one for all keys, or as many as there are keys. Raises ConfigError."""
    if not table.listed:
        return (_address(table.written[0], tables, path),)
    found = [_address(one, tables, (*path, at)) for at, one in enumerate(table.written)]
    if len(found) != keys:
        reason = f"there are {len(found)} for {keys} keys; give one to each key, in their order"
        raise tables.wrong(path, reason)
    return tuple(found)


def _address(reference: str, tables: Tables, path: Path) -> str:
    if is_reference(reference):
        url = tables.secret(reference, path)
    else:
        try:
            url = with_environment(reference, tables.secrets)
        except ValueError as error:
            raise tables.wrong(path, str(error)) from None
    if not url.startswith(("http://", "https://")):
        raise tables.wrong(path, 'must be an address such as "http://proxy.example.com:3128"')
    return url
