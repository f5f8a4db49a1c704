"""The URLs of Responses that this gateway answers with what it can't do.

Codex asks for a websocket first where its provider is said to have one; 426 makes it go on with
plain HTTP at once (0.169, seen 2026-11). Stored responses are asked for by id: none are kept.
"""

from __future__ import annotations

from aiohttp import web

from gateway.errors import GatewayError, NotFound, WrongMethod
from gateway.wire import WireReply
from gateway_openai.responses.errors import write_error

PREFIXES = ("", "/{group}", "/{group}/{compat:compat|compat_mode}", "/{compat:compat|compat_mode}")
ONE = "/v1/responses"
STORED = "/v1/responses/{id}{rest:(?:/input_items|/cancel)?}"


def add_routes(app: web.Application) -> None:
    """Add them behind every prefix."""
    for prefix in PREFIXES:
        app.router.add_route("GET", prefix + ONE, _no_websocket)
        for method in ("GET", "POST", "DELETE"):
            app.router.add_route(method, prefix + STORED, _no_such_response)


async def _no_websocket(request: web.Request) -> web.Response:
    if request.headers.get("upgrade", "").lower() == "websocket":
        return _response(
            GatewayError(
                "this gateway serves responses over plain HTTP only; send POST /v1/responses",
                status=426,
                kind="unsupported",
                headers={"upgrade": "HTTP/1.1"},
            )
        )
    return _response(WrongMethod(f"{request.path} takes POST, not GET", headers={"allow": "POST"}))


async def _no_such_response(request: web.Request) -> web.Response:
    return _response(
        NotFound(
            f"there is no response '{request.match_info['id']}': this gateway keeps none;"
            " send the whole conversation in input",
            code="response_not_found",
        )
    )


def _response(error: GatewayError) -> web.Response:
    reply: WireReply = write_error(error)
    return web.Response(
        body=reply.body,
        status=reply.status,
        headers=dict(reply.headers),
        content_type=reply.content_type,
    )
