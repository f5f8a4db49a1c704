"""Secrets: what a configuration names, fetched from where it says they are.

`env:NAME` is an environment variable, `file:/path` a file (a relative path starts at the
configuration's folder). Anything else is the secret itself. No error here shows a secret.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from attrs import define, field

LOOKS_MISTAKEN = re.compile(r"\$|\{|env\b|ENV:|file\b|FILE:", re.ASCII)
"""Starts of a literal that was surely meant to name a variable or a file."""
BETWEEN_KEYS = re.compile(r"[,\n]")


@define
class Secrets:
    """Fetches secrets, and remembers which files it read (`files`), for hot reload."""

    environ: Mapping[str, str] = field(repr=False)
    folder: Path
    files: list[Path] = field(factory=list)

    def one(self, reference: str) -> str:
        """The secret that `reference` stands for. Raises ValueError, for a person."""
        scheme, _, place = reference.partition(":")
        match scheme:
            case "env":
                secret = self.variable(place)
            case "file":
                secret = self.text(place)
            case _:
                secret = _literal(reference)
        if not secret.strip():
            raise ValueError(f"{reference if is_reference(reference) else 'the key'} is empty")
        return secret.strip()

    def several(self, reference: str) -> list[str]:
        """The keys that `reference` stands for: a variable or a file may hold several.

        They are separated by commas (in a file, by lines too). Raises ValueError.
        """
        if not is_reference(reference):
            return [self.one(reference)]
        return split_keys(self.one(reference))

    def variable(self, name: str) -> str:
        """An environment variable. Raises ValueError when it is not set."""
        value = self.environ.get(name)
        if value is None:
            raise ValueError(f"the environment variable {name} (env:{name}) is not set")
        return value

    def text(self, place: str) -> str:
        """What stands in a file. Raises ValueError when it can't be read."""
        path = self.folder / Path(place).expanduser()
        self.files.append(path)
        try:
            return path.read_text("utf-8")
        except OSError as error:
            raise ValueError(f"{path} can't be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise ValueError(f"{path} is not text in UTF-8") from None


def is_reference(text: str) -> bool:
    """Whether `text` says where a secret is, and is none itself."""
    return text.startswith(("env:", "file:"))


def split_keys(text: str) -> list[str]:
    """The keys in a text that separates them by commas or lines, each once."""
    return list(dict.fromkeys(key.strip() for key in BETWEEN_KEYS.split(text) if key.strip()))


def _literal(text: str) -> str:
    if LOOKS_MISTAKEN.match(text):
        raise ValueError('is no key; to name a variable or a file write "env:NAME" or "file:/path"')
    return text
