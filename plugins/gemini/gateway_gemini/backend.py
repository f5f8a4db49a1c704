"""What the gateway knows of providers that speak this dialect, and how they count tokens."""

from __future__ import annotations

from urllib.parse import quote

from attrs import evolve

from gateway.context import Call
from gateway.errors import UpstreamError
from gateway.hooks import Backend, EmbedArrows, Preset, Probe
from gateway.upstream import ask
from gateway.wire import UpstreamWire
from gateway_gemini.decode import decoder
from gateway_gemini.embed_outbound import write_embed
from gateway_gemini.embed_reply import read_embeddings
from gateway_gemini.errors import read_error
from gateway_gemini.names import DIALECT
from gateway_gemini.outbound import write_request

GEMINI = Preset(
    "gemini",
    "https://generativelanguage.googleapis.com/v1beta",
    variables=("GEMINI_API_KEY", "GOOGLE_API_KEY"),
    base_url_variable="GOOGLE_GEMINI_BASE_URL",
    patterns=("gemini-*", "gemma-*"),
)
BACKEND = Backend(
    name=DIALECT,
    speaks=DIALECT,
    version="v1beta",
    write_request=write_request,
    decoder=decoder,
    read_error=read_error,
    auth=lambda key: {"x-goog-api-key": key},
    presets=(GEMINI,),
    probe=Probe(UpstreamWire("/models", method="GET", query={"pageSize": "1"}), "models"),
    embeddings=EmbedArrows(write_embed, read_embeddings),
)


async def count_tokens(call: Call) -> int:
    """Tokens of `call.request`, asked of the provider. Raises UpstreamError."""
    written = write_request(evolve(call.request, stream=False), call.attempt)
    model = call.target.model
    assert isinstance(written.body, dict)
    asked = {"generateContentRequest": {"model": f"models/{model}", **written.body}}
    path = f"/models/{quote(model, safe='')}:countTokens"
    counted = await ask(call, UpstreamWire(path, asked))
    total = counted.get("totalTokens") if isinstance(counted, dict) else None
    if not isinstance(total, int):
        raise UpstreamError.garbage("a token count without totalTokens")
    return total
