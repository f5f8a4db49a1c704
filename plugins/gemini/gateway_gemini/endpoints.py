"""The URLs of the Gemini API: under /v1beta, /v1 and no version, with `:verb` and `/verb`.

google-genai 3.4 calls /v1, Gemini CLI /v1beta, aider no version at all (seen 2026-11).
"""

from __future__ import annotations

from gateway.hooks import Endpoint
from gateway_gemini.names import DIALECT

VERBS = {
    "generateContent": ("chat", False),
    "streamGenerateContent": ("chat", True),
    "countTokens": ("count_tokens", None),
}
VERSIONS = ("/v1beta", "/v1", "")

ENDPOINTS = tuple(
    Endpoint("POST", f"{version}/models/{{model}}{sign}{verb}", DIALECT, action, stream)
    for version in VERSIONS
    for sign in (":", "/")
    for verb, (action, stream) in VERBS.items()
) + tuple(
    Endpoint("GET", f"{version}/models{rest}", DIALECT, action)
    for version in VERSIONS
    for rest, action in (("", "models"), ("/{model}", "model"))
)
