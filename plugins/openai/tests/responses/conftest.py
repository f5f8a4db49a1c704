"""What the tests of this dialect share: the four arrows as plain functions."""

from __future__ import annotations

from types import SimpleNamespace

import orjson
import pytest

from gateway.attempt import Attempt, Target
from gateway.losses import Losses
from gateway.wire import InboundWire
from gateway_openai.responses.decode import make_decoder
from gateway_openai.responses.encode import StreamEncoder
from gateway_openai.responses.encode_body import BodyEncoder
from gateway_openai.responses.inbound import read_request
from gateway_openai.responses.names import HINTS
from gateway_openai.responses.outbound import write_request


def wire(body, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return InboundWire("POST", "/v1/responses", headers=named, body=orjson.dumps(body))


def attempt(*, stream=False, client="responses", **facts):
    target = Target("up", "real", "responses", "responses", **facts)
    return Attempt(target, stream, client, Losses(HINTS))


def read(items="hi", **body):
    """The neutral form of a request with that input."""
    return read_request(wire({"model": "alias", "input": items, **body}), Losses())


def write(request, *, stream=False, client="responses", **facts):
    """The upstream's body, and the losses."""
    one = attempt(stream=stream, client=client, **facts)
    return write_request(request, one).body, one.losses


def home(items, **body):
    """The items as they reach an upstream of this dialect."""
    return write(read(items, **body))[0]["input"]


def decode(data, *, stream=True, cuts=(), **facts):
    """The events of `data`, fed in pieces that end at `cuts`."""
    decoder = make_decoder(attempt(stream=stream, **facts), stream)
    events, start = [], 0
    for end in [*cuts, len(data)]:
        events += decoder.feed(data[start:end])
        start = end
    return events + decoder.close()


def encode(events, request=None, *, stream=True, losses=None):
    """The client's bytes."""
    made = (StreamEncoder if stream else BodyEncoder)(
        request or read(), losses if losses is not None else Losses(), lambda: 1_700_000_000
    )
    return b"".join(made.feed([event]) for event in events) + made.close()


def told(events, request=None):
    """The events of a client's stream, as JSON; each is named as its type says."""
    out = []
    for block in encode(events, request).split(b"\n\n"):
        if block.startswith(b"event: "):
            name, data = block.split(b"\n")
            out.append(orjson.loads(data.removeprefix(b"data: ")))
            assert name.removeprefix(b"event: ").decode() == out[-1]["type"]
    return out


def sse(*events):
    """A stream as an upstream sends it."""
    return b"".join(
        b"event: %s\ndata: %s\n\n" % (event["type"].encode(), orjson.dumps(event))
        for event in events
    )


@pytest.fixture(scope="session")
def arrows():
    """The functions of this file."""
    names = (wire, attempt, read, write, home, decode, encode, told, sse)
    return SimpleNamespace(**{one.__name__: one for one in names})
