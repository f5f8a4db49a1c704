"""One model server as a child process: start it, know whether it lives, stop it."""

from __future__ import annotations

import asyncio
import secrets
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from pathlib import Path

import orjson
from attrs import frozen

from gateway.errors import Unavailable
from gateway.hooks import Address
from gateway.model import Json
from gateway_local.facts import MODEL, LocalSettings

COMMAND = (sys.executable, "-P", "-m", "gateway_local.server")
START_LIMIT = 60.0
"""Seconds to load a model; the packaged one takes half a second on an idle machine."""
STOP_LIMIT = 5.0


@frozen
class Child:
    """A running server. Its stdin is the leash: when it closes, the server ends."""

    process: Process
    address: Address
    settings: LocalSettings

    @classmethod
    async def start(cls, model: Path, settings: LocalSettings) -> Child:
        """Start a server and wait until it has loaded `model`. Raises Unavailable."""
        key = secrets.token_urlsafe(24)
        process = await asyncio.create_subprocess_exec(
            *COMMAND, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, start_new_session=True
        )
        try:
            orders = {"model": str(model), "name": MODEL, "key": key}
            _send(process, {**orders, "threads": settings.threads, "context": settings.context})
            async with asyncio.timeout(START_LIMIT):
                report = await _first_report(process)
            return cls(process, Address(_url(report, model), key), settings)
        except TimeoutError:
            await _end(process)
            raise Unavailable(f"the demo model did not start in {START_LIMIT:.0f} s") from None
        except BaseException:
            await _end(process)
            raise

    @property
    def alive(self) -> bool:
        """False as soon as the process is known to have ended."""
        stdout = self.process.stdout
        return self.process.returncode is None and not (stdout and stdout.at_eof())

    async def stop(self) -> None:
        """Let the server go, and wait until it is gone."""
        await _end(self.process)


def _send(process: Process, orders: dict[str, Json]) -> None:
    """Tell the server what to do through its stdin, where no other user can read the key."""
    if process.stdin:
        process.stdin.write(orjson.dumps(orders, option=orjson.OPT_APPEND_NEWLINE))


async def _first_report(process: Process) -> dict[str, Json]:
    """The first JSON line that the server prints; {} when it ends without one."""
    if process.stdout:
        async for line in process.stdout:
            if line.startswith(b"{"):
                return dict(orjson.loads(line))
    return {}


def _url(report: dict[str, Json], model: Path) -> str:
    if "url" in report:
        return str(report["url"])
    reason = report.get("error") or "its process ended"
    raise Unavailable(f"the demo model could not be started from {model.name}: {reason}")


async def _end(process: Process) -> None:
    if process.stdin:
        process.stdin.close()
    try:
        async with asyncio.timeout(STOP_LIMIT):
            await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
