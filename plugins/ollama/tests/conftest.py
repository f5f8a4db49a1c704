"""What the tests of this plugin share: wires, attempts, and the four arrows as plain functions."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import orjson
import pytest

from gateway.attempt import Attempt, Target
from gateway.losses import Losses
from gateway.model import ChatRequest
from gateway.wire import InboundWire
from gateway_ollama.decode import BodyDecoder, StreamDecoder
from gateway_ollama.encode import LineEncoder
from gateway_ollama.encode_body import BodyEncoder
from gateway_ollama.endpoints import ENDPOINTS
from gateway_ollama.inbound import read_request
from gateway_ollama.names import CHAT, HINTS
from gateway_ollama.outbound import write_request

HERE = Path(__file__).parent
NOW = 1_700_000_000.0


def endpoint(path=CHAT):
    return next(one for one in ENDPOINTS if one.path == path)


def wire(body, path=CHAT):
    return InboundWire("POST", path, body=orjson.dumps(body))


def attempt(client="ollama", *, stream=False, model="real", **facts):
    return Attempt(Target("up", model, "ollama", "ollama", **facts), stream, client, Losses(HINTS))


def read(body, path=CHAT):
    return read_request(wire({"model": "m", **body}, path), endpoint(path))


def messages(*said, **more):
    """The neutral messages of a client's conversation."""
    return read({"messages": list(said), **more}).messages


def write(request, client="openai", **facts):
    """The upstream's body for another dialect's request, and the losses."""
    one = attempt(client, stream=bool(request.stream), **facts)
    return write_request(request, one).body, one.losses


def home(body, path=CHAT):
    sent = write_request(read(body, path), attempt(model=body.get("model", "m")))
    return sent.path, sent.body


def decode(data, *, stream=True, **facts):
    """The events of `data`."""
    make = StreamDecoder if stream else BodyDecoder
    decoder = make(attempt(stream=stream, **facts), lambda: "seed")
    return decoder.feed(data) + decoder.close()


def encode(events, request=None, *, stream=True, losses=None):
    """The client's bytes, one batch for each event; a second passes with each look at the clock."""
    ticks = iter(range(1000))
    request = request or ChatRequest("alias", [])
    made = (LineEncoder if stream else BodyEncoder)(
        request, losses if losses is not None else Losses(HINTS), lambda: NOW + next(ticks)
    )
    return b"".join([made.feed([event]) for event in events]) + made.close()


def lines(data):
    return [orjson.loads(line) for line in data.splitlines()]


@pytest.fixture(scope="session")
def ollama():
    """The functions of this file."""
    names = (endpoint, wire, attempt, read, messages, write, home, decode, encode, lines)
    return SimpleNamespace(**{one.__name__: one for one in names}, here=HERE)
