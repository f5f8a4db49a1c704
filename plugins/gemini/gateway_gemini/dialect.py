"""What the gateway knows of this dialect's clients."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.hooks import Dialect as Descriptor
from gateway_gemini.embed_reply import relayed_usage
from gateway_gemini.endpoints import ENDPOINTS, facts
from gateway_gemini.names import DIALECT, HINTS
from gateway_gemini.relay import relay
from gateway_gemini.tap import tap


def _setup(base_url: str, key: str) -> Mapping[str, str]:
    return {"GOOGLE_GEMINI_BASE_URL": base_url, "GEMINI_API_KEY": key}


DESCRIPTOR = Descriptor(
    name=DIALECT,
    endpoints=ENDPOINTS,
    facts=facts,
    relay=relay,
    tap=tap,
    hints=HINTS,
    setup=_setup,
    programs=("gemini",),
    embed_usage=relayed_usage,
    caller_headers=("x-goog-api-key",),
)
"""No pings: Gemini's clients break on comment lines, and the wire has no other."""
