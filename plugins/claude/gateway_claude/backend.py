"""The upstream's side: how to reach a provider that speaks Messages."""

from __future__ import annotations

from gateway.context import Call
from gateway.errors import UpstreamError
from gateway.hooks import Backend, Preset, Probe
from gateway.wire import UpstreamWire
from gateway_claude.decode import decoder
from gateway_claude.errors import REPLY_HEADERS, read_error
from gateway_claude.names import NAME
from gateway_claude.outbound import write_count, write_request

VERSION = "2023-06-01"
ANTHROPIC = Preset(
    "anthropic",
    "https://api.anthropic.com",
    variables=("ANTHROPIC_API_KEY",),
    base_url_variable="ANTHROPIC_BASE_URL",
    patterns=("claude-*",),
)


def auth(key: str) -> dict[str, str]:
    return {"x-api-key": key}


async def count_tokens(call: Call) -> int:
    """Ask the upstream. Raises UpstreamError."""
    from gateway.upstream import ask

    reply = await ask(call, write_count(call.request, call.attempt))
    tokens = reply.get("input_tokens") if isinstance(reply, dict) else None
    if not isinstance(tokens, int):
        raise UpstreamError.garbage("it counts no input_tokens")
    return tokens


BACKEND = Backend(
    NAME,
    speaks=NAME,
    version="v1",
    write_request=write_request,
    decoder=decoder,
    read_error=read_error,
    auth=auth,
    headers={"anthropic-version": VERSION},
    reply_headers=REPLY_HEADERS,
    presets=(ANTHROPIC,),
    probe=Probe(UpstreamWire("/models", method="GET", query={"limit": "1"}), "data"),
)
