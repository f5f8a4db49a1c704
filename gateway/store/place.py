"""Where the store is: `[store] url`, or a file in the user's state folder."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

SCHEME = "sqlite:///"
NAME = "babelgate.db"


def store_url(said: str | None, folder: Path, environ: Mapping[str, str]) -> str:
    """The URL of the store, with a whole path. Raises ValueError, for a person.

    folder: where a relative path starts.
    """
    if said is None:
        return f"{SCHEME}{_state_folder(environ) / NAME}"
    if not said.startswith(SCHEME) or said == SCHEME:
        raise ValueError(f'must be "{SCHEME}PATH"; this version keeps its state in SQLite')
    path = Path(said.removeprefix(SCHEME)).expanduser()
    return f"{SCHEME}{os.path.abspath(folder / path)}"  # noqa: PTH100 - links stay links


def path_of(url: str) -> Path:
    """The file of a URL that `store_url` gave."""
    return Path(url.removeprefix(SCHEME))


def _state_folder(environ: Mapping[str, str]) -> Path:
    """Babelgate's folder for what it keeps, by the custom of the operating system."""
    home = Path(environ.get("HOME") or Path.home())
    match sys.platform:
        case "win32":
            base = Path(environ.get("LOCALAPPDATA") or home / "AppData/Local")
        case "darwin":
            base = home / "Library/Application Support"
        case _:
            base = Path(environ.get("XDG_STATE_HOME") or home / ".local/state")
    return base / "babelgate"
