"""The books: every exchange gets its row, whatever becomes of the gateway or the disk."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import aiohttp
import pytest

from gateway import bookkeeping
from gateway.app import CURRENT
from gateway.bookkeeping import Books, cost, row_of
from gateway.context import Record
from gateway.events import Usage
from gateway.losses import Loss
from gateway.store.sqlite_usage import SqliteUsage
from gateway.store.usage import Span
from gateway.testing import gateways
from tests.clients.gateway_process import BABELGATE, free_port

CONFIG = """
[store]
url = "sqlite:///gate.db"
[upstreams.up]
backend = "echo"
[upstreams.up.models."*"]
price = { input = 1.0, output = 10.0 }
[groups.kimi.models]
"*" = "up/*"
"""
ASK = {"model": "m", "messages": [{"role": "user", "content": "hello there"}]}


def no_price(_: str) -> dict[str, float]:
    return {}


def record(number: int = 0, **said: object) -> Record:
    return Record(f"req_{number}", time.time(), "/v1/messages", "claude", **said)  # type: ignore[arg-type]


def kept(path: Path) -> int:
    with closing(SqliteUsage(path)) as store:
        return sum(one.exchanges for one in store.sums([], Span()))


async def test_each_exchange_has_its_row_with_tokens_and_cost(tmp_path: Path):
    usage = {}
    async with (
        gateways.start(CONFIG, tmp_path) as gateway,
        aiohttp.ClientSession(gateway.url) as http,
    ):
        for path, status in (
            ("/kimi/v1/chat/completions", 200),
            ("/none/v1/chat/completions", 404),
        ):
            async with http.post(path, json=ASK) as reply:
                assert reply.status == status
                used = await reply.json()
                usage = used.get("usage") or usage

    with closing(SqliteUsage(tmp_path / "gate.db")) as store:
        good, bad = store.sums(["group"], Span())
    assert (good.by, good.exchanges, good.failed) == (("kimi",), 1, 0)
    assert (good.input, good.output) == (usage["prompt_tokens"], usage["completion_tokens"])
    assert good.cost == pytest.approx((good.input + 10 * good.output) / 1e6)
    assert (bad.exchanges, bad.failed) == (1, 1)


async def test_nothing_is_kept_where_usage_is_off(tmp_path: Path):
    config = CONFIG.replace("[upstreams.up]\n", "usage = false\n[upstreams.up]\n", 1)
    async with (
        gateways.start(config, tmp_path) as gateway,
        aiohttp.ClientSession(gateway.url) as http,
        http.post("/kimi/v1/chat/completions", json=ASK) as reply,
    ):
        assert reply.status == 200
        assert gateway.app[CURRENT].runtime.books is None

    assert not (tmp_path / "gate.db").exists()


async def test_what_came_last_is_written_at_a_normal_stop(tmp_path: Path):
    books = Books(tmp_path / "a.db", SqliteUsage(tmp_path / "a.db"), 3600, no_price)
    for number in range(250):
        books.add(record(number))
    await books.close()

    assert kept(tmp_path / "a.db") == 250


async def test_rows_wait_for_a_store_that_can_not_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(bookkeeping, "HELD", 3)
    path = tmp_path / "a.db"
    path.mkdir()
    books = Books(path, SqliteUsage(path), 3600, no_price)
    for number in range(5):
        books.add(record(number))
    await books._write()
    path.rmdir()
    await books.close()

    assert kept(path) == 3
    assert '"lost":2' in capsys.readouterr().err.replace(" ", "")


async def test_rows_older_than_they_are_kept_for_are_deleted(tmp_path: Path):
    books = Books(tmp_path / "a.db", SqliteUsage(tmp_path / "a.db"), 3600, no_price)
    old = record()
    old.started -= 7200
    books.add(old)
    books.add(record(1))
    await books.close()

    assert kept(tmp_path / "a.db") == 1


def test_a_row_holds_no_secret_and_no_endless_text():
    row = row_of(record(error="Bearer sk-0123456789abcdefgh " + "x" * 9999), no_price)

    assert row.error is not None
    assert "sk-0123" not in row.error
    assert len(row.error) == bookkeeping.LONGEST_ERROR


def test_losses_are_counted_by_weight():
    losses = [Loss("a", "gone", "hint"), Loss("b", "gone", "meaning"), Loss("c", "gone", "hint")]
    row = row_of(record(losses=losses), no_price)

    assert (row.lost_hints, row.lost_meaning) == (2, 1)


@pytest.mark.parametrize(
    ("usage", "price", "expected"),
    [
        (None, {"input": 1.0}, None),
        (Usage(input=10), {}, None),
        (Usage(input=1_000_000, output=100_000), {"input": 2.0, "output": 10.0}, 3.0),
        (Usage(input=1_000_000, cached_input=500_000), {"input": 2.0, "cached": 0.2}, 1.1),
        (Usage(input=1_000_000, cached_input=500_000), {"input": 2.0}, 2.0),
        (Usage(input=1_000_000, cache_write=500_000), {"input": 2.0, "cache_write": 4.0}, 3.0),
        (Usage(output=1_000_000), {"input": 2.0}, 0.0),
    ],
)
def test_cost_is_what_the_tokens_cost(usage, price, expected):
    assert cost(usage, price) == (None if expected is None else pytest.approx(expected))


async def test_a_kill_loses_at_most_the_last_second(tmp_path: Path):
    """The gateway is killed under load; the store opens clean and holds what is older."""
    done: list[float] = []
    with killed_after(tmp_path) as url:
        async with aiohttp.ClientSession(url) as http:
            await _until_healthy(http)
            while len(done) < 50 or done[-1] - done[0] < 1.5:
                async with http.post("/kimi/v1/chat/completions", json=ASK) as reply:
                    assert reply.status == 200
                    done.append(time.time())
    killed = time.time()

    with closing(sqlite3.connect(tmp_path / "gate.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    safe = sum(moment < killed - 1.0 for moment in done)
    assert 0 < safe <= kept(tmp_path / "gate.db") <= len(done)


@contextmanager
def killed_after(folder: Path) -> Iterator[str]:
    """A gateway process that gets SIGKILL when the block is over."""
    (folder / "babelgate.toml").write_text(CONFIG)
    port = free_port()
    command = [str(BABELGATE), "serve", "--port", str(port)]
    environ = {**os.environ, "HOME": str(folder), "BABELGATE_LOG": "error"}
    with subprocess.Popen(command, cwd=folder, env=environ, stderr=subprocess.DEVNULL) as gateway:
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            gateway.send_signal(signal.SIGKILL)


async def _until_healthy(http: aiohttp.ClientSession) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                async with http.get("/health") as reply:
                    if reply.status == 200:
                        return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.05)
