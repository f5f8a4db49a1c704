"""The URLs of Responses that this gateway answers with what it can't do.

Codex asks for a websocket first where its provider is said to have one; 426 makes it go on with
plain HTTP at once (0.169, seen 2026-11). Stored responses are asked for by id: none are kept.
"""

from __future__ import annotations

from gateway.errors import GatewayError, NotFound, WrongMethod
from gateway.hooks import Endpoint
from gateway.wire import InboundWire
from gateway_openai.responses.fields import DIALECT

ONE = "/v1/responses"
STORED = "/v1/responses/{id}"
PARTS = {"GET": ("", "/input_items"), "POST": ("/cancel",), "DELETE": ("",)}
ENDPOINTS = (
    Endpoint("GET", ONE, DIALECT, "about"),
    *(
        Endpoint(method, STORED + part, DIALECT, "about")
        for method, parts in PARTS.items()
        for part in parts
    ),
)


def refusal(endpoint: Endpoint, wire: InboundWire) -> GatewayError:
    """Why one of these URLs is not served, and what to do instead."""
    if endpoint.path != ONE:
        return NotFound(
            f"there is no response '{wire.args['id']}': this gateway keeps none;"
            " send the whole conversation in input",
            code="response_not_found",
        )
    if wire.headers.get("upgrade", "").lower() == "websocket":
        return GatewayError(
            "this gateway serves responses over plain HTTP only; send POST /v1/responses",
            status=426,
            kind="unsupported",
            headers={"upgrade": "HTTP/1.1"},
        )
    return WrongMethod(f"{wire.path} takes POST, not GET", headers={"allow": "POST"})
