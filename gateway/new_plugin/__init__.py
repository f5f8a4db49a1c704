"""Write a new plugin: a package that installs and passes its tests at once.

The templates beside this file are whole packages that work, called `newplugin`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from gateway.errors import ConfigError

TEMPLATES = Path(__file__).parent
KINDS = ("backend", "dialect", "rule")
NAME = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")
LEFT_OUT = ("__pycache__", ".pytest_cache", ".hypothesis", ".mypy_cache", ".ruff_cache")


@frozen
class Names:
    """A plugin's name in its spellings: `my-parrot`, `my_parrot` and `MyParrot`."""

    dashed: str
    module: str
    camel: str

    @classmethod
    def of(cls, said: str) -> Names:
        """Raises ConfigError for what is no name."""
        bare = said.removeprefix("babelgate-").removeprefix("gateway_")
        if not NAME.fullmatch(bare):
            raise ConfigError(
                f"'{said}' is no name for a plugin: begin with a letter, then lower-case letters,"
                " digits, and single dashes between them, such as my-parrot"
            )
        words = re.split("[-_]", bare)
        return cls("-".join(words), "_".join(words), "".join(word.title() for word in words))

    def fill(self, text: str) -> str:
        """A template's text, or path, for this plugin."""
        dashed = text.replace("babelgate-newplugin", f"babelgate-{self.dashed}")
        return dashed.replace("newplugin", self.module).replace("Newplugin", self.camel)


def write(kind: str, said: str, parent: Path) -> list[Path]:
    """Write a package of one of `KINDS` into a new folder below `parent`; the files, in order.

    Raises ConfigError for a bad name, and when the folder is there already.
    """
    names = Names.of(said)
    folder = parent / f"babelgate-{names.dashed}"
    if folder.exists():
        raise ConfigError(f"{folder} is there already; choose another name, or move it away")
    written = []
    for template in _files(TEMPLATES / kind):
        path = folder / names.fill(str(template.relative_to(TEMPLATES / kind)))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(names.fill(template.read_text(encoding="utf-8")), encoding="utf-8")
        written.append(path)
    return written


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not set(path.parts) & set(LEFT_OUT):
            yield path
