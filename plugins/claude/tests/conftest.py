"""What the tests of this dialect share: targets, wires, and the recorded requests."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import orjson
import pytest
from pydantic import TypeAdapter

from gateway.attempt import Attempt, Target
from gateway.losses import Losses
from gateway.model import ChatRequest, Json, Message, Text
from gateway.wire import InboundWire
from gateway_claude.decode import ReplyDecoder
from gateway_claude.inbound import read_request
from gateway_claude.names import HINTS
from gateway_claude.outbound import write_request

CAPTURES = sorted((Path(__file__).parent / "captures").glob("*.json"))

ADAPTERS: dict[Json, TypeAdapter[Json]] = {}
"""They must outlive the lazy iterators that they hand out."""


@pytest.fixture(params=CAPTURES, ids=[path.stem for path in CAPTURES])
def capture(request) -> dict[str, Json]:
    """A request of a real client (Claude Code 2.1, anthropic SDK 1.17), recorded 2026-11-22."""
    return orjson.loads(request.param.read_bytes())


@pytest.fixture
def wire() -> Callable[..., InboundWire]:
    """A client's wire around a body."""

    def make(body: Json, path: str = "/v1/messages", **more: Json) -> InboundWire:
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        return InboundWire("POST", path, body=raw, **more)

    return make


@pytest.fixture
def attempt() -> Callable[..., Attempt]:
    """An attempt at a Claude target, for a client of `client`'s dialect."""

    def make(client: str = "openai", model: str = "claude-sonnet-4-5", **more: Json) -> Attempt:
        target = Target("anthropic", model, "claude", "claude", **more)
        return Attempt(target, client=client, losses=Losses(HINTS))

    return make


@pytest.fixture
def read(wire) -> Callable[..., ChatRequest]:
    """The neutral form of a body."""

    def make(body: Json, **more: Json) -> ChatRequest:
        full = {"model": "m", "max_tokens": 64, "messages": [], **body}
        return read_request(wire(full, **more), Losses(HINTS))

    return make


@pytest.fixture
def home(read, attempt) -> Callable[..., dict[str, Json]]:
    """A body, read and written again for a Claude target."""

    def make(body: Json, **target: Json) -> dict[str, Json]:
        return write_request(read(body), attempt("claude", model="m", **target)).body

    return make


@pytest.fixture
def write(attempt) -> Callable[..., tuple[dict[str, Json], Losses]]:
    """Another dialect's request as Claude's body, and the ledger."""

    def make(*messages: Message, **fields: Json) -> tuple[dict[str, Json], Losses]:
        one = fields.pop("attempt", None) or attempt()
        turns = list(messages) or [Message("user", [Text("hi")])]
        return write_request(ChatRequest("alias", turns, **fields), one).body, one.losses

    return make


@pytest.fixture
def decode(attempt) -> Callable[..., list]:
    """The events of a reply's bytes, fed in pieces of `size`."""

    def make(data: bytes, size: int = 0, one: Attempt | None = None) -> list:
        reader = ReplyDecoder(one or attempt())
        step = size or len(data) or 1
        events = [
            event for at in range(0, len(data), step) for event in reader.feed(data[at : at + step])
        ]
        return [*events, *reader.close()]

    return make


@pytest.fixture
def judged() -> Callable[[Json, Json], None]:
    """Holds a value against a type of the SDK. Lists inside are checked to their last item."""

    def judge(kind: Json, value: Json) -> None:
        if kind not in ADAPTERS:
            ADAPTERS[kind] = TypeAdapter(kind)
        _exhaust(ADAPTERS[kind].validate_python(value))

    return judge


def _exhaust(value: Json) -> None:
    """Walk the lazy iterators that pydantic puts where a type says Iterable."""
    if isinstance(value, dict):
        for inner in value.values():
            _exhaust(inner)
    elif not isinstance(value, str | bytes) and isinstance(value, Iterable):
        for inner in value:
            _exhaust(inner)
