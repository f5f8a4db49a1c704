"""Write a scripted answer to a caller, streamed or not, with the faults of the script."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from aiohttp import web
from attrs import frozen

from tests.scripted.answer import Answer, Ask, compact
from tests.scripted.faults import Break
from tests.scripted.wire import Frame, Quirks, Wire, edited

HANGS = {"hang_head": "head", "hang": "text"}


@frozen
class Reply:
    """One answer on its way. release: set when a hanging reply may go on."""

    wire: Wire
    ask: Ask
    answer: Answer
    quirks: Quirks
    fault: Break | None
    stall: float
    release: asyncio.Event

    def frames(self) -> Iterator[Frame]:
        frames = self.wire.frames(self.answer, self.ask, self.quirks)
        for frame in edited(frames, self.wire.edits, self.quirks):
            if frame.data != "[DONE]" or "no_msg_stop" not in self.quirks:
                yield frame


async def send(reply: Reply, request: web.Request) -> web.StreamResponse:
    if reply.fault and reply.fault.how == "hang_silent":
        await reply.release.wait()
    if reply.ask.stream:
        return await _stream(reply, request)
    if reply.fault:
        return await _broken_body(reply, request)
    body = reply.wire.whole(reply.answer, reply.ask, reply.quirks)
    for name, edit in reply.wire.edits.items():
        body = edit(body) or body if name == "no_usage" and name in reply.quirks else body
    return web.json_response(body, headers=reply.answer.headers)


async def _broken_body(reply: Reply, request: web.Request) -> web.StreamResponse:
    """Half of a JSON body, and then what the fault says."""
    body = compact(reply.wire.whole(reply.answer, reply.ask, reply.quirks)).encode()
    if reply.fault and reply.fault.how in ("hang_silent", "error", "error_first"):
        return web.Response(body=body, content_type="application/json")
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.content_length = len(body)
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    if reply.fault and reply.fault.how in HANGS:
        await reply.release.wait()
        await response.write(body[len(body) // 2 :])
    else:
        _reset(request)
    return response


async def _stream(reply: Reply, request: web.Request) -> web.StreamResponse:
    head = {"Content-Type": reply.wire.content_type, "Cache-Control": "no-cache"}
    response = web.StreamResponse(headers=head | dict(reply.answer.headers))
    await response.prepare(request)
    how = reply.fault.how if reply.fault else ""
    place, quiet = "head", False
    if how == "error_first":
        await response.write(_bytes(reply, reply.wire.failure("scripted failure")))
        return response
    for frame in reply.frames():
        if quiet is False and frame.place != "head":
            quiet = True
            await asyncio.sleep(reply.stall)
        if HANGS.get(how) == place and frame.place != place:
            await reply.release.wait()
        if how in ("error", "early") and frame.place == "end":
            break
        await response.write(_bytes(reply, frame))
        place = frame.place
        if how == "hang" and place == "text":
            await reply.release.wait()
        if how == "reset" and place == "text":
            _reset(request)
            return response
    if how == "error":
        await response.write(_bytes(reply, reply.wire.failure("scripted failure")))
    return response


def _reset(request: web.Request) -> None:
    if request.transport:
        request.transport.abort()


def _bytes(reply: Reply, frame: Frame) -> bytes:
    data = frame.data if isinstance(frame.data, str) else compact(frame.data)
    if reply.wire.content_type == "application/x-ndjson":
        return f"{data}\n".encode()
    end = "\r\n" if "crlf" in reply.quirks else "\n"
    text = f": keep-alive{end}{end}" if "comment" in reply.quirks else ""
    if frame.event and "no_event_lines" not in reply.quirks:
        text += f"event: {frame.event}{end}"
    space = "" if "data_nospace" in reply.quirks else " "
    return f"{text}data:{space}{data}{end}{end}".encode()
