from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from attrs import evolve

from gateway.config import build, read
from gateway.errors import ConfigError
from gateway.hooks import Backend
from gateway.reload import Reloader, needs_restart
from gateway.settings import Plugins, Server, Settings

BACKENDS = {"openai": Backend("openai", speaks="openai")}
TEXT = '[upstreams.u]\ndialect = "openai"\nbase_url = "https://u.example"\nkeys = ["{key}"]\n'


class Folder:
    """A configuration in a folder, and what a reloader says of it."""

    def __init__(self, path: Path) -> None:
        self.file = path / "babelgate.toml"
        self.secret = path / "secrets" / "key"
        self.secret.parent.mkdir()
        self.secret.write_text("sk-1")
        self.file.write_text(TEXT.format(key="file:secrets/key"))
        self.said: asyncio.Queue[tuple[str, ...] | str] = asyncio.Queue()
        self.reloader = Reloader(self.load(), self.load, self.changed, self.failed)

    def load(self) -> Settings:
        return build(read(self.file), {}, backends=BACKENDS, setting_classes={})

    async def changed(self, settings: Settings) -> None:
        self.said.put_nowait(tuple(settings.upstreams["u"].keys))

    def failed(self, error: ConfigError) -> None:
        self.said.put_nowait(str(error))

    async def next(self) -> tuple[str, ...] | str:
        return await asyncio.wait_for(self.said.get(), 10)


@pytest.fixture
async def folder(tmp_path):
    """A folder that is watched."""
    made = Folder(tmp_path)
    async with watched(made):
        yield made


@asynccontextmanager
async def watched(folder):
    stop = asyncio.Event()
    running = asyncio.create_task(folder.reloader.run(stop))
    await asyncio.sleep(0)  # lets the task start, which sets up the watch before it first waits
    yield
    stop.set()
    await asyncio.wait_for(running, 10)


async def test_a_written_and_a_replaced_file_are_read_again(folder, tmp_path):
    folder.file.write_text(TEXT.format(key="sk-2"))
    assert await folder.next() == ("sk-2",)

    (tmp_path / "new").write_text(TEXT.format(key="sk-3"))
    os.replace(tmp_path / "new", folder.file)  # noqa: PTH105 - what editors do
    assert await folder.next() == ("sk-3",)


async def test_a_new_secret_is_read(folder):
    folder.secret.write_text("sk-9")

    assert await folder.next() == ("sk-9",)


async def test_a_broken_file_is_reported_once_and_the_old_settings_hold(folder):
    before = folder.reloader.settings

    folder.file.write_text("[upstream.u]\n")
    said = await folder.next()
    assert "babelgate.toml:1: upstream: unknown name" in said
    assert folder.reloader.settings is before

    await folder.reloader.look()
    assert folder.said.empty()
    folder.file.write_text(TEXT.format(key="sk-2"))
    assert await folder.next() == ("sk-2",)


async def test_a_file_that_is_gone_keeps_the_old_settings(folder):
    folder.file.unlink()

    assert "can't be read" in await folder.next()
    assert folder.reloader.settings.upstreams["u"].keys == ("sk-1",)


async def test_a_touched_file_is_not_a_changed_one(folder):
    folder.file.touch()
    await folder.reloader.look()

    assert folder.said.empty()


async def test_an_empty_file_is_one_that_is_being_written(folder):
    folder.file.write_text("")
    await folder.reloader.look()

    folder.file.write_text(TEXT.format(key="sk-2"))
    assert await folder.next() == ("sk-2",)


async def test_a_reload_can_be_asked_for(tmp_path):
    folder = Folder(tmp_path)

    await folder.reloader.reload()

    assert await folder.next() == ("sk-1",)


async def test_settings_that_can_not_be_taken_are_not_taken(tmp_path):
    folder = Folder(tmp_path)

    async def refuse(_: Settings) -> None:
        raise ConfigError("no")

    reloader = Reloader(folder.reloader.settings, folder.load, refuse, folder.failed)
    await reloader.reload()

    assert await folder.next() == "no"
    assert reloader.settings is folder.reloader.settings


async def test_a_swapped_link_is_followed(tmp_path):
    for number in (1, 2):
        version = tmp_path / f"v{number}"
        version.mkdir()
        (version / "babelgate.toml").write_text(TEXT.format(key=f"sk-{number}"))
    (tmp_path / "data").symlink_to("v1")
    folder = Folder(tmp_path)
    folder.file.unlink()
    folder.file.symlink_to("data/babelgate.toml")
    await folder.reloader.look()
    assert await folder.next() == ("sk-1",)

    async with watched(folder):
        (tmp_path / "data-new").symlink_to("v2")
        (tmp_path / "data-new").replace(tmp_path / "data")

        assert await folder.next() == ("sk-2",)


async def test_without_a_file_there_is_nothing_to_do_but_stop(tmp_path):
    folder = Folder(tmp_path)
    reloader = Reloader(Settings(), folder.load, folder.changed, folder.failed)
    stop = asyncio.Event()
    stop.set()

    await asyncio.wait_for(reloader.run(stop), 1)


def test_what_needs_a_new_start_is_named():
    old = Settings(server=Server(port=1))

    assert needs_restart(old, evolve(old, server=Server(port=1, active="g"))) == []
    new = evolve(old, server=Server(host="::1", port=2), plugins=Plugins(disabled=["x"]))
    assert needs_restart(old, new) == ["server.host", "server.port", "plugins"]
