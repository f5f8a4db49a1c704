"""Hot reload: read the configuration again when it, or a secret that it names, has changed.

The folders are watched and not the files, since editors and secret managers replace files; and
what counts is the content, since they touch them without need. A look every few seconds finds
what a file system does not tell.
"""

from __future__ import annotations

import hashlib
from asyncio import Event
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from attrs import define, field, fields_dict
from watchfiles import awatch

from gateway.errors import ConfigError
from gateway.settings import Server, Settings

LOOK_EVERY = 5000
"""Milliseconds between looks when nothing is told; a change is seen within 10 s at any rate."""
GATHER = 200
"""Milliseconds in which several changes count as one."""
EMPTY = hashlib.sha256().digest()
AT_START = ("host", "port")
"""Settings of `[server]` that only a new start can change."""


@define
class Reloader:
    """Keeps the settings that hold, and hands on newer ones.

    load: reads and builds the settings anew; raises ConfigError.
    changed: takes new settings; what holds becomes these when it returns. May raise ConfigError.
    failed: hears why a changed configuration is not taken; the old one goes on holding.
    """

    settings: Settings
    load: Callable[[], Settings]
    changed: Callable[[Settings], Awaitable[None]]
    failed: Callable[[ConfigError], None]
    _seen: Sequence[bytes] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._seen = _content(self.settings.watched)

    async def run(self, stop: Event) -> None:
        """Watch until `stop` is set. Nothing to watch (no file) waits for it."""
        while not stop.is_set():
            folders = _folders(self.settings.watched)
            if not folders:
                await stop.wait()
                return
            await self._watch(folders, stop)

    async def look(self) -> None:
        """Reload if a watched file has another content than when it was last read.

        An empty file is one that is just being written; it changes nothing.
        """
        seen = _content(self.settings.watched)
        if seen != self._seen and EMPTY not in seen:
            self._seen = seen
            await self.reload()

    async def reload(self) -> None:
        """Read everything again now (on SIGHUP, say): take it, or say why not and keep the old."""
        try:
            settings = self.load()
            await self.changed(settings)
        except ConfigError as error:
            self.failed(error)
            return
        if list(settings.watched) != list(self.settings.watched):
            self._seen = _content(settings.watched)
        self.settings = settings

    async def _watch(self, folders: set[Path], stop: Event) -> None:
        """Watch until `stop` is set or other folders are to be watched."""
        changes = awatch(
            *folders,
            stop_event=stop,
            recursive=False,
            step=GATHER // 4,
            debounce=GATHER,
            rust_timeout=LOOK_EVERY,
            yield_on_timeout=True,
            watch_filter=None,
        )
        async for _ in changes:
            await self.look()
            if _folders(self.settings.watched) != folders:
                return


def needs_restart(old: Settings, new: Settings) -> list[str]:
    """The names of changed settings that only a new start can act on: "server.port", "plugins"."""
    assert set(AT_START) <= fields_dict(Server).keys()
    names = [
        f"server.{name}"
        for name in AT_START
        if getattr(old.server, name) != getattr(new.server, name)
    ]
    return names if old.plugins == new.plugins else [*names, "plugins"]


def _content(paths: Sequence[str]) -> list[bytes]:
    """What stands in each file, as a digest; b"" for one that can't be read."""
    return [_digest(Path(path)) for path in paths]


def _digest(path: Path) -> bytes:
    try:
        return hashlib.sha256(path.read_bytes()).digest()
    except OSError:
        return b""


def _folders(paths: Sequence[str]) -> set[Path]:
    """The folders of the files, and of what they link to, as far as they exist."""
    files = [Path(path).absolute() for path in paths]
    folders = {file.parent for file in files} | {file.resolve().parent for file in files}
    return {folder for folder in folders if folder.is_dir()}
