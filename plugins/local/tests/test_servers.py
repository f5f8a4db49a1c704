"""These tests run the real demo model: structure is asserted, never words."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import aiohttp
import pytest

from gateway.errors import Unavailable
from gateway.hooks import Address
from gateway_local.child import Child
from gateway_local.facts import LocalSettings
from gateway_local.model_file import model_file
from gateway_local.servers import Servers

DEFAULT = LocalSettings()
QUESTION = {
    "model": "any name",
    "messages": [{"role": "user", "content": "What is the capital of Japan?"}],
    "max_tokens": 8,
}


@pytest.fixture
async def servers() -> AsyncGenerator[Servers, None]:
    servers = Servers()
    yield servers
    await servers.stop()


async def ask(address: Address, path: str, body: dict, key: str | None = None) -> tuple[int, dict]:
    headers = {"Authorization": f"Bearer {key or address.key}"}
    url = address.base_url + path
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, json=body, headers=headers) as reply,
    ):
        return reply.status, await reply.json()


def child_of(servers: Servers, upstream: str = "local") -> Child:
    return servers._children[upstream].result()


def command_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


async def test_the_address_answers_chat_completions_as_soon_as_it_is_known(servers):
    address = await servers.address("local", DEFAULT)

    status, reply = await ask(address, "/v1/chat/completions", QUESTION)
    assert status == 200
    assert reply["choices"][0]["message"]["content"]
    assert reply["model"] == "demo-model"
    assert address.base_url.startswith("http://127.0.0.1:")


async def test_no_one_else_on_the_machine_may_use_it(servers):
    address = await servers.address("local", DEFAULT)

    status, _ = await ask(address, "/v1/chat/completions", QUESTION, key="guessed")
    assert status == 401
    assert address.key is not None
    assert address.key not in repr(address)
    assert address.key not in command_of(child_of(servers).process.pid)


async def test_all_who_ask_while_it_loads_share_one_server(servers):
    addresses = await asyncio.gather(*(servers.address("local", DEFAULT) for _ in range(5)))

    assert len({address.base_url for address in addresses}) == 1


async def test_one_who_leaves_while_it_loads_does_not_stop_it_for_the_others(servers):
    leaving = asyncio.create_task(servers.address("local", DEFAULT))
    staying = asyncio.create_task(servers.address("local", DEFAULT))
    await asyncio.sleep(0)

    leaving.cancel()

    assert (await staying).base_url
    assert leaving.cancelled()


async def test_a_server_that_died_is_started_again(servers):
    before = await servers.address("local", DEFAULT)
    child = child_of(servers)
    child.process.kill()
    await child.process.wait()

    after = await servers.address("local", DEFAULT)

    assert after != before
    status, _ = await ask(after, "/v1/chat/completions", QUESTION)
    assert status == 200


async def test_other_settings_replace_the_server(servers):
    await servers.address("local", DEFAULT)
    former = child_of(servers)

    await servers.address("local", LocalSettings(context=1024))

    assert former.process.returncode is not None
    assert child_of(servers).alive


async def test_stop_leaves_no_process(servers):
    await servers.address("local", DEFAULT)
    pid = child_of(servers).process.pid

    await servers.stop()

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_server_that_still_loads_is_stopped_too(servers):
    waiting = asyncio.create_task(servers.address("local", DEFAULT))
    await asyncio.sleep(0)

    await servers.stop()

    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert servers._children == {}


async def test_the_server_ends_when_the_gateway_is_killed():
    owner = f"""
import asyncio, sys
from pathlib import Path
from gateway_local.child import Child
from gateway_local.facts import LocalSettings

async def main():
    child = await Child.start(Path({str(model_file(DEFAULT))!r}), LocalSettings())
    print(child.process.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""
    gateway = await asyncio.create_subprocess_exec(
        sys.executable, "-c", owner, stdout=asyncio.subprocess.PIPE
    )
    assert gateway.stdout
    pid = int(await gateway.stdout.readline())

    ended = os.pidfd_open(pid)
    gateway.send_signal(signal.SIGKILL)
    await gateway.wait()

    await readable(ended)
    os.close(ended)


async def readable(descriptor: int) -> None:
    """Wait until `descriptor` can be read: for a process's, until the process has ended."""
    event = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(descriptor, event.set)
    await asyncio.wait_for(event.wait(), 10)
    loop.remove_reader(descriptor)


async def test_a_file_that_is_no_model_is_named_in_the_error(servers, tmp_path):
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + bytes(64))

    with pytest.raises(Unavailable, match=r"broken\.gguf"):
        await servers.address("local", LocalSettings(model_file=str(broken)))


async def test_after_a_failed_start_the_next_request_tries_again(servers, tmp_path):
    with pytest.raises(Unavailable, match="no model file at"):
        await servers.address("local", LocalSettings(model_file=str(tmp_path / "gone.gguf")))

    assert (await servers.address("local", DEFAULT)).base_url
