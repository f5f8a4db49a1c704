"""A provider on loopback that says what a test told it to, byte by byte, and remembers what came.

async with FakeUpstream() as upstream:
    upstream.answers(Reply.stream(b"data: {}\n\n", hold := Hold(), RESET))
    …                             # somebody asks upstream.url
    await hold.reached            # the first bytes are out
    hold.release()                # now the connection breaks
    seen = await upstream.asked() # the request, and `seen.left` when its sender goes away
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from types import TracebackType
from typing import Self, TypeAlias

import orjson
from aiohttp import web
from attrs import define, field, frozen

from gateway.model import Json

EVENT_STREAM = "text/event-stream"


class Cut(Enum):
    """How a reply breaks off: the peer is reset, or the connection just closes mid-body."""

    RESET = "reset"
    CLOSE = "close"


RESET, CLOSE = Cut.RESET, Cut.CLOSE


class Hold:
    """The reply stands still here until the test releases it."""

    def __init__(self) -> None:
        self._reached = asyncio.Event()
        self._released = asyncio.Event()

    @property
    def reached(self) -> asyncio.Future[None]:
        """Await it: done when everything before it has been sent."""
        return asyncio.ensure_future(_wait(self._reached))

    def release(self) -> None:
        self._released.set()

    async def pass_by(self) -> None:
        """The upstream's own side: say that it is reached, and wait."""
        self._reached.set()
        await self._released.wait()


Piece: TypeAlias = bytes | Hold | Cut


@frozen
class Reply:
    """What the upstream answers. before: a stall ahead of the head, while nothing is sent at all.

    Every piece of bytes is one write.
    """

    pieces: Sequence[Piece]
    status: int = 200
    content_type: str = EVENT_STREAM
    headers: Mapping[str, str] = field(factory=dict)
    before: Hold | None = None

    @classmethod
    def stream(cls, *pieces: Piece, content_type: str = EVENT_STREAM) -> Reply:
        return cls(pieces, content_type=content_type)

    @classmethod
    def json(cls, body: Json, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
        """A whole JSON body, or an error by its status."""
        return cls([orjson.dumps(body)], status, "application/json", headers or {})


@define(eq=False)
class Seen:
    """A request that came. Header names are in lower case.

    left: set when its sender went away before the reply was complete.
    done: set when the reply has ended, in whichever way.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    left: asyncio.Event = field(factory=asyncio.Event)
    done: asyncio.Event = field(factory=asyncio.Event)

    def json(self) -> Json:
        return orjson.loads(self.body)


Answer: TypeAlias = Reply | Callable[[Seen], Reply]


class FakeUpstream:
    """The server. `requests` is what came, in order; `url` is its base URL, without a path."""

    def __init__(self) -> None:
        self.requests: list[Seen] = []
        self.url = ""
        self._answers: list[Answer] = []
        self._arrived = asyncio.Condition()
        self._runner: web.AppRunner | None = None

    def answers(self, *answers: Answer) -> None:
        """What to say to the next requests, one each; the last of them to all that follow."""
        self._answers = list(answers)

    async def asked(self, count: int = 1) -> Seen:
        """Wait for that many requests, and give the last of them."""
        async with self._arrived:
            await self._arrived.wait_for(lambda: len(self.requests) >= count)
        return self.requests[count - 1]

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 << 20)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        seen = await _seen(request)
        async with self._arrived:
            self.requests.append(seen)
            self._arrived.notify_all()
        try:
            return await _send(request, self._next_reply(seen))
        except (asyncio.CancelledError, ConnectionError):
            seen.left.set()
            raise
        finally:
            seen.done.set()

    def _next_reply(self, seen: Seen) -> Reply:
        if not self._answers:
            return Reply.json({"error": "the test gave this upstream no answer"}, 500)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return answer if isinstance(answer, Reply) else answer(seen)


async def _seen(request: web.Request) -> Seen:
    headers = {name.lower(): value for name, value in request.headers.items()}
    body = await request.read()
    return Seen(request.method, request.raw_path.partition("?")[0], request.query, headers, body)


async def _send(request: web.Request, reply: Reply) -> web.StreamResponse:
    if reply.before:
        await reply.before.pass_by()
    headers = {"content-type": reply.content_type, **reply.headers}
    response = web.StreamResponse(status=reply.status, headers=headers)
    await response.prepare(request)
    for piece in reply.pieces:
        if isinstance(piece, bytes):
            await response.write(piece)
        elif isinstance(piece, Hold):
            await piece.pass_by()
        else:
            _break(request, piece)
            return response
    await response.write_eof()
    return response


def _break(request: web.Request, how: Cut) -> None:
    """End the connection in the middle of the body."""
    transport = request.transport
    if transport is None:
        return
    if how is Cut.CLOSE:
        transport.close()
        return
    peer = transport.get_extra_info("socket")
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def _wait(event: asyncio.Event) -> None:
    await event.wait()
