"""Proxy keys: make one, and keep only its hash."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable

import orjson

PREFIX = "cs-"
HASH_PREFIX = "sha256:"
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def new_key(random: Callable[[int], str] = secrets.token_urlsafe) -> str:
    """A new proxy key: `cs-` and 43 characters, which hold 256 random bits."""
    return PREFIX + random(32)


def digest_of(key: str) -> str:
    """SHA-256 of a key, in hex. A key is random and long, so no slow hash is needed."""
    return hashlib.sha256(key.encode()).hexdigest()


def hash_of(key: str) -> str:
    """How a key stands in the configuration: `sha256:` and its digest."""
    return HASH_PREFIX + digest_of(key)


def toml_lines(name: str, key: str) -> str:
    """The table to paste into the configuration for a new key."""
    return f'[{table_of(name)}]\nhash = "{hash_of(key)}"\n'


def table_of(name: str) -> str:
    """The name of a key's table; quoted where TOML wants it."""
    quoted = name if BARE_KEY.fullmatch(name) else orjson.dumps(name).decode()
    return f"proxy_keys.{quoted}"
