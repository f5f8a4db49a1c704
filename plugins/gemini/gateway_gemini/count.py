"""Ask a Gemini model how long a request is."""

from __future__ import annotations

from urllib.parse import quote

from attrs import evolve

from gateway.context import Call
from gateway.errors import UpstreamError
from gateway.upstream import ask
from gateway.wire import UpstreamWire
from gateway_gemini.outbound import write_request


async def count(call: Call) -> int:
    """Tokens of `call.request`. Raises UpstreamError."""
    wire = write_request(evolve(call.request, stream=False), call.attempt)
    model = call.target.model
    assert isinstance(wire.body, dict)
    inner = {"model": f"models/{model}", **wire.body}
    path = f"/models/{quote(model, safe='')}:countTokens"
    counted = await ask(call, UpstreamWire(path, {"generateContentRequest": inner}))
    total = counted.get("totalTokens") if isinstance(counted, dict) else None
    if not isinstance(total, int):
        raise UpstreamError.garbage("a token count without totalTokens")
    return total
