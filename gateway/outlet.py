"""The client's side of a streamed reply: the head at the right moment, bytes, pings in silence."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Self

from aiohttp import web

STREAM_HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


class Outlet:
    """Sends the head with the first bytes, and a ping after each `ping_after` seconds of silence.

    Use it as a context manager: pings stop at the end of the block, whatever ends it.
    opened: the head is out, so that errors must go into the stream. headers, content_type: what
    the head will say.
    """

    def __init__(
        self, request: web.Request, content_type: str, ping: bytes, ping_after: float
    ) -> None:
        self.opened = False
        self.headers: Mapping[str, str] = {}
        self._request = request
        self.content_type = content_type
        self._ping = ping
        self._ping_after = ping_after
        self._reply: web.StreamResponse | None = None
        self._loop = asyncio.get_running_loop()
        self._last = self._loop.time()
        self._timer: asyncio.TimerHandle | None = None
        self._pinging: asyncio.Task[None] | None = None
        self._opening = asyncio.Lock()

    def __enter__(self) -> Self:
        if self._ping and self._ping_after > 0:
            self._timer = self._loop.call_later(self._ping_after, self._look)
        return self

    def __exit__(self, *_: object) -> None:
        if self._timer:
            self._timer.cancel()
        if self._pinging:
            self._pinging.cancel()

    async def write(self, data: bytes) -> None:
        """Send `data`, and the head before it if need be; returns when the client has room."""
        reply = self._reply or await self._open()
        self._last = self._loop.time()
        await reply.write(data)

    async def finish(self) -> web.StreamResponse:
        """End the reply."""
        reply = self._reply or await self._open()
        await reply.write_eof()
        return reply

    async def _open(self) -> web.StreamResponse:
        async with self._opening:
            if self._reply is None:
                self.opened = True
                reply = web.StreamResponse(headers={**STREAM_HEADERS, **self.headers})
                reply.content_type = self.content_type
                await reply.prepare(self._request)
                self._reply = reply
        return self._reply

    def _look(self) -> None:
        """Ping when the silence has lasted long enough; look again when it next could have."""
        wait = self._last + self._ping_after - self._loop.time()
        if wait <= 0 and (self._pinging is None or self._pinging.done()):
            self._pinging = self._loop.create_task(self._send_ping())
        self._timer = self._loop.call_later(wait if wait > 0 else self._ping_after, self._look)

    async def _send_ping(self) -> None:
        with contextlib.suppress(ConnectionError, RuntimeError):
            await self.write(self._ping)  # a client that left: its handler ends the exchange
