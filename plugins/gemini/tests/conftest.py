"""What the tests of this plugin share: wires, attempts, and the four arrows as plain functions."""

from __future__ import annotations

from types import SimpleNamespace

import orjson
import pytest

from gateway.attempt import Attempt, Target
from gateway.losses import Losses
from gateway.model import ChatRequest, Message, Text
from gateway.wire import InboundWire
from gateway_gemini.decode import decoder
from gateway_gemini.encode import encoder
from gateway_gemini.inbound import read_request
from gateway_gemini.names import HINTS
from gateway_gemini.outbound import write_request


def wire(body, **query):
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    return InboundWire("POST", "/v1beta/models/m:generateContent", {"model": "m"}, query, {}, raw)


def attempt(client="openai", *, model="gemini-2.5-flash", stream=False, **facts):
    target = Target("google", model, "gemini", "gemini", **facts)
    return Attempt(target, stream, client, Losses(HINTS))


def said(*parts, **body):
    """A body with one turn of the user's, of `parts`."""
    return {"contents": [{"role": "user", "parts": list(parts)}], **body}


def read(body, *, stream=False, **query):
    return read_request(wire(body, **query), stream=stream)


def part(**fields):
    """The neutral form of one part of the user's."""
    return read(said(fields)).messages[0].parts[0]


def write(*messages, one=None, **fields):
    """The upstream's body for another dialect's request, and the ledger as "path weight"."""
    one = one or attempt()
    request = ChatRequest("alias", list(messages) or [Message("user", [Text("hi")])], **fields)
    body = write_request(request, one).body
    return body, [f"{loss.path} {loss.weight}" for loss in one.losses]


def home(body, **facts):
    """A body, read and written again for a Gemini target."""
    return write_request(read(body), attempt("gemini", model="m", **facts)).body


def response(*parts, finish=None, **fields):
    """One response of a stream."""
    candidate = {"content": {"role": "model", "parts": list(parts)}, "index": 0}
    if finish:
        candidate["finishReason"] = finish
    return {"candidates": [{**candidate, **fields.pop("candidate", {})}], **fields}


def sse(*responses):
    return b"".join(b"data: " + orjson.dumps(one) + b"\r\n\r\n" for one in responses)


def decode(data, *, one=None, stream=True, size=None):
    """The events of bytes, fed in pieces of `size`."""
    reader, step = decoder(one or attempt(), stream), size or len(data) or 1
    events = [e for at in range(0, len(data), step) for e in reader.feed(data[at : at + step])]
    return [*events, *reader.close()]


def encode(*batches, stream=True, one=None, alt="sse"):
    """The client's bytes, from batches of events."""
    request = read(said({"text": "hi"}), stream=stream, **({"alt": alt} if alt else {}))
    made = encoder(request, one or attempt("gemini"))
    return b"".join(made.feed(list(batch)) for batch in batches) + made.close()


def parsed(data):
    """The responses of an encoded stream."""
    return [orjson.loads(one.removeprefix(b"data: ")) for one in data.split(b"\n\n") if one]


@pytest.fixture(scope="session")
def gemini():
    """The functions of this file."""
    shared = (wire, attempt, said, read, part, write, home, response, sse, decode, encode, parsed)
    return SimpleNamespace(**{one.__name__: one for one in shared})
