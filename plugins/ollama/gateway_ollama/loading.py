"""Requests without a question: clients send them to load a model, or to unload it.

`ollama run` begins with one and goes no further when it fails. Behind the gateway there is nothing
to load, so they are answered as a server does whose model is there; an Ollama server gets them.
"""

from __future__ import annotations

from time import time

import orjson

from gateway.events import Start
from gateway.hooks import Endpoint
from gateway.model import ChatRequest, Json
from gateway.wire import WireReply
from gateway_ollama.encode import STREAM
from gateway_ollama.ending import head_of
from gateway_ollama.inbound import streams
from gateway_ollama.names import GENERATE
from gateway_ollama.shapes import CHAT as CHAT_SHAPE
from gateway_ollama.shapes import GENERATE as GENERATE_SHAPE

QUESTION = ("messages", "prompt", "images", "suffix")
NEVER = (0, "0", "0s", "0m", "0h")
"""Values of `keep_alive` that end a model at once."""


def loaded(body: dict[str, Json], endpoint: Endpoint) -> WireReply | None:
    """The whole reply to a request that asks nothing; None for one that does."""
    if any(body.get(name) for name in QUESTION):
        return None
    keep = body.get("keep_alive")
    unloads = keep in NEVER and not isinstance(keep, bool)
    shape = GENERATE_SHAPE if endpoint.path == GENERATE else CHAT_SHAPE
    line = {
        **head_of(Start(), ChatRequest(str(body["model"]), []), time()),
        **shape.fields("", {}),
        "done": True,
        "done_reason": "unload" if unloads else "load",
    }
    return WireReply(
        orjson.dumps(line) + b"\n", content_type=STREAM if streams(body) else "application/json"
    )
