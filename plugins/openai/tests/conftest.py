"""What the tests of this plugin share: wires, attempts, and the four arrows as plain functions."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import orjson
import pytest

from gateway.attempt import Attempt, Target
from gateway.losses import Losses
from gateway.model import ChatRequest
from gateway.wire import InboundWire
from gateway_openai.chat.decode import BodyDecoder, StreamDecoder
from gateway_openai.chat.encode import ChatEncoder
from gateway_openai.chat.encode_body import BodyEncoder
from gateway_openai.chat.inbound import read_request
from gateway_openai.chat.names import HINTS
from gateway_openai.chat.outbound import write_request

CAPTURES = sorted(Path(__file__).parent.glob("captures/*.json"))


def wire(body, **headers):
    return InboundWire("POST", "/v1/chat/completions", headers=headers, body=orjson.dumps(body))


def target(model="real", upstream="up", **facts):
    return Target(upstream, model, "openai", "openai", **facts)


def attempt(*, stream=False, client="openai", **facts):
    return Attempt(target(**facts), stream, client, Losses(HINTS))


def read(body, **headers):
    return read_request(wire(body, **headers), Losses())


def write(request, *, stream=False, **facts):
    """The upstream's body, and the losses."""
    one = attempt(stream=stream, **facts)
    return write_request(request, one).body, one.losses


def home(body, **facts):
    return write(read(body), stream=bool(body.get("stream")), model=body["model"], **facts)


def decode(data, *, stream=True, cuts=(), **facts):
    """The events of `data`, fed in pieces that end at `cuts`."""
    ids = iter(f"call_made{n}" for n in range(100))
    decoder = (StreamDecoder if stream else BodyDecoder)(
        attempt(stream=stream, **facts), lambda: next(ids)
    )
    events = []
    start = 0
    for end in [*cuts, len(data)]:
        events += decoder.feed(data[start:end])
        start = end
    return events + decoder.close()


def chunks(*deltas, finish="stop", usage=None, done=True):
    """A stream of `deltas`, as an upstream sends it."""
    base = {"id": "c1", "object": "chat.completion.chunk", "created": 7, "model": "m"}
    out = [{**base, "choices": [{"index": 0, "delta": d, "finish_reason": None}]} for d in deltas]
    if finish:
        out.append({**base, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    if usage:
        out.append({**base, "choices": [], "usage": usage})
    return sse(*out, done=done)


def sse(*objects, done=True):
    text = b"".join(b"data: " + orjson.dumps(one) + b"\n\n" for one in objects)
    return text + (b"data: [DONE]\n\n" if done else b"")


def body(message, *, finish="stop", **more):
    """A whole reply."""
    return orjson.dumps(
        {
            "id": "c1",
            "object": "chat.completion",
            "created": 7,
            "model": "m",
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", **message},
                    "finish_reason": finish,
                }
            ],
            **more,
        }
    )


def asked(**body):
    """A request as the encoders know it."""
    return read({"model": "alias", "messages": [{"role": "user", "content": "hi"}], **body})


def encode(events, request=None, *, stream=True, losses=None, each=False):
    """The client's bytes, from one batch or from one for each event."""
    made = (ChatEncoder if stream else BodyEncoder)(
        request or ChatRequest("alias", []),
        Losses() if losses is None else losses,
        lambda: 1_700_000_000,
    )
    batches = [[event] for event in events] if each else [events]
    return b"".join(made.feed(batch) for batch in batches) + made.close()


def parsed(data):
    """The chunks of an encoded stream, without `[DONE]`."""
    lines = [line[6:] for line in data.split(b"\n\n") if line.startswith(b"data: ")]
    return [json.loads(line) for line in lines if line != b"[DONE]"]


@pytest.fixture(scope="session")
def chat():
    """The functions of this file."""
    names = (wire, target, attempt, read, write, home, decode, chunks, sse, body, asked, encode)
    return SimpleNamespace(**{one.__name__: one for one in (*names, parsed)}, captures=CAPTURES)
