"""The configuration file: where it is, what stands in it, and on which line."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from attrs import field, frozen

from gateway import model
from gateway.errors import ConfigError
from gateway.model import Json
from gateway.settings import Plugins
from gateway.structure import Mistake, Mistakes, structure
from gateway.toml_lines import lines_of

T = TypeVar("T")
NAME = "babelgate.toml"
VARIABLE = "BABELGATE_CONFIG"
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


@frozen
class Raw:
    """A file's tables, with the line of everything in them. `path` is None without a file."""

    path: Path | None = None
    tree: Mapping[str, Json] = field(factory=dict, repr=False)
    lines: Mapping[model.Path, int] = field(factory=dict, repr=False)

    @property
    def folder(self) -> Path:
        """Where the relative paths in it start."""
        return self.path.parent if self.path else Path()

    @property
    def plugins(self) -> Plugins:
        """`[plugins]`, which is needed before the rest can be read. Raises ConfigError."""
        return self.structure(self.tree.get("plugins", {}), Plugins, ("plugins",))

    def structure(self, value: Json, kind: type[T], path: model.Path) -> T:
        """`value`, which stands at `path`, as a `kind`. Raises ConfigError: the first mistake."""
        try:
            return structure(value, kind, path)
        except Mistakes as error:
            raise self.wrong(min(error.mistakes, key=self._order)) from None

    def wrong(self, mistake: Mistake) -> ConfigError:
        """The error for a mistake in this file; raise it."""
        where = f"{dotted(mistake.path)}: " if mistake.path else ""
        return ConfigError(f"{where}{mistake.reason}", self.place(mistake.path))

    def place(self, path: model.Path) -> str:
        """ "FILE:LINE" of a path, or of the nearest table above it that stands in the file."""
        return f"{self.path}:{self._line(path)}"

    def _line(self, path: model.Path) -> int:
        above = (path[:length] for length in range(len(path), 0, -1))
        return next((self.lines[one] for one in above if one in self.lines), 1)

    def _order(self, mistake: Mistake) -> tuple[bool, int]:
        return mistake.reason == "is missing", self._line(mistake.path)


def dotted(path: model.Path) -> str:
    """A path as TOML writes it: `groups.kimi.models."claude-*"[0]`."""
    out = ""
    for step in path:
        if isinstance(step, int):
            out += f"[{step}]"
            continue
        name = step if BARE_KEY.fullmatch(step) else f'"{step}"'
        out += f".{name}" if out else name
    return out


def find(explicit: str | None, environ: Mapping[str, str]) -> Path | None:
    """The file to read; None when there is none. A named one is taken unseen: `read` complains."""
    named = explicit or environ.get(VARIABLE)
    if named:
        return Path(named).expanduser()
    usual = (Path(NAME), user_folder(environ) / "config.toml")
    return next((path for path in usual if path.is_file()), None)


def user_folder(environ: Mapping[str, str]) -> Path:
    """Babelgate's folder for a user's configuration, by the custom of the operating system."""
    home = Path(environ.get("HOME") or Path.home())
    match sys.platform:
        case "win32":
            base = Path(environ.get("APPDATA") or home / "AppData/Roaming")
        case "darwin":
            base = home / "Library/Application Support"
        case _:
            base = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    return base / "babelgate"


def read(path: Path) -> Raw:
    """What stands in the file. Raises ConfigError when it can't be read or is not TOML."""
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"the configuration can't be read: {error.strerror}", str(path)) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError("the configuration is not text in UTF-8", f"{path}:{line}") from None
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _syntax_error(path, text, str(error)) from None
    return Raw(path, tree, lines_of(text))


def _syntax_error(path: Path, text: str, message: str) -> ConfigError:
    """tomllib's error ("Invalid value (at line 3, column 5)", Python 3.11), its line in front."""
    found = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", message)
    reason = message[: found.start()] if found else message
    line = found.group(1) if found and found.group(1) else text.count("\n") + 1
    column = f" (column {found.group(2)})" if found and found.group(2) else " (end of file)"
    return ConfigError(f"this is not TOML: {reason}{column}", f"{path}:{line}")
