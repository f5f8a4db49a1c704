"""The four arrows of a dialect, as types. Nothing here opens a socket."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from gateway.attempt import Attempt
from gateway.errors import GatewayError
from gateway.events import Event, Usage
from gateway.losses import Losses
from gateway.model import ChatRequest
from gateway.wire import InboundWire, UpstreamWire


class Decoder(Protocol):
    """Turns an upstream's bytes into events, however the bytes are cut.

    A decoder never raises on bad input: it ends with a `Failure`, once, and ignores the rest.
    """

    def feed(self, data: bytes) -> list[Event]:
        """The events that `data` completes; [] when it completes none."""
        ...

    def close(self) -> list[Event]:
        """The last events; a `Failure` when the terminal event never came."""
        ...


class Encoder(Protocol):
    """Turns events into a client's bytes.

    A streaming encoder writes as it goes. A body encoder gives b"" until `close`, which gives
    the whole JSON body and raises the error of a `Failure`.
    """

    content_type: str

    def feed(self, events: list[Event]) -> bytes: ...

    def close(self) -> bytes:
        """The last bytes. After a `Failure` or a `Finish` the dialect's end is complete.

        Without either, a streaming encoder writes the dialect's error for a cut reply.
        """
        ...


class Tap(Protocol):
    """Watches the bytes of a relayed reply go by.

    content: something of the answer itself has passed. finished: the terminal event has passed.
    error: an error event has passed. whole: what has passed ends where an event ends, so that
    a ping may follow. usage: the token counts so far.
    """

    content: bool
    finished: bool
    error: GatewayError | None
    whole: bool
    usage: Usage | None

    def feed(self, data: bytes) -> bytes:
        """What to pass on of `data`: nearly always `data` itself."""
        ...


ReadRequest = Callable[[InboundWire, Losses], ChatRequest]
WriteRequest = Callable[[ChatRequest, Attempt], UpstreamWire]
MakeDecoder = Callable[[Attempt, bool], Decoder]
"""Called with True for a streamed reply, False for a whole JSON body."""
