"""The URLs of the Gemini API: under /v1beta, /v1 and no version, with `:verb` and `/verb`.

google-genai 3.4 calls /v1, Gemini CLI /v1beta, aider no version at all (seen 2026-11). A model's
name may have a slash ("deepseek/deepseek-chat"), which the SDKs do not encode.
"""

from __future__ import annotations

from gateway.hooks import Endpoint, RouteFacts
from gateway.wire import InboundWire
from gateway_gemini.names import DIALECT

SINGLE = "embedContent"
BATCH = "batchEmbedContents"
VERBS = {
    "generateContent": ("chat", False),
    "streamGenerateContent": ("chat", True),
    "countTokens": ("count_tokens", None),
    SINGLE: ("embed", None),
    BATCH: ("embed", None),
}
VERSIONS = ("/v1beta", "/v1", "")
NAMES = ("{model}", "{vendor}/{model}", "{upstream}/{vendor}/{model}")
"""A name with slashes; its pieces joined are the name."""
SEPARATORS = (":", "/")

ENDPOINTS = tuple(
    Endpoint("POST", f"{version}/models/{name}{separator}{verb}", DIALECT, action, stream)
    for version in VERSIONS
    for name in NAMES
    for separator in SEPARATORS
    for verb, (action, stream) in VERBS.items()
) + tuple(
    Endpoint("GET", f"{version}/models{rest}", DIALECT, action)
    for version in VERSIONS
    for rest, action in (("", "models"), *((f"/{name}", "model") for name in NAMES))
)


def model_of(wire: InboundWire) -> str:
    """The model that the path names; "" when it names none."""
    return "/".join(wire.args.values())


def facts(wire: InboundWire, endpoint: Endpoint) -> RouteFacts:
    """The model stands in the path, and the verb says whether the reply is a stream.

    Raises BadRequest for a body that is no request at all, so that none goes further.
    """
    from gateway_gemini.inbound import contents_of

    if endpoint.action == "embed":
        wire.json()
    elif endpoint.method == "POST":
        contents_of(wire.json())
    return RouteFacts(model_of(wire), stream=bool(endpoint.stream))
