"""Errors in Ollama's shape, both ways: `{"error": "words"}`, and the status says the rest.

Source: Ollama API reference, errors, and the server's routes, read 2026-11.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from types import MappingProxyType

import orjson

from gateway.errors import ErrorKind, GatewayError, UpstreamError, kind_of_status
from gateway.model import Json
from gateway.wire import WireReply
from gateway_ollama.names import DIALECT
from gateway_ollama.retry_after import read_retry_after

STATUS: Mapping[ErrorKind, int] = MappingProxyType(
    {
        "invalid_request": 400,
        "context_exceeded": 400,
        "authentication": 401,
        "billing": 402,
        "permission": 403,
        "not_found": 404,
        "method_not_allowed": 405,
        "timeout": 504,
        "conflict": 409,
        "too_large": 413,
        "rate_limit": 429,
        "server": 500,
        "unsupported": 501,
        "connection": 502,
        "overloaded": 503,
        "loop": 508,
    }
)
"""For an error whose own status is none, as one that came inside a stream."""
FINAL = frozenset({401, 403, 429})
"""Statuses of our own that no retry can help; some clients retry them for a minute."""
TOO_LONG = re.compile(
    r"exceeds? (the |maximum |available )*context|context (length|window|size) exceeded"
    r"|prompt is too long|input (is too long|length exceeds)",
    re.IGNORECASE,
)
BUSY = "server busy"
SHOWN = 300


def error_line(error: GatewayError) -> bytes:
    """The last line of a stream that failed: nobody takes it for an end."""
    return orjson.dumps({"error": error.message}) + b"\n"


def write_error(error: GatewayError) -> WireReply:
    """An error reply. The body of an Ollama server is passed on as it was."""
    status = error.status if 400 <= error.status < 600 else STATUS[error.kind]
    headers = dict(error.headers)
    if error.retry_after is not None:
        headers["retry-after"] = str(max(0, math.ceil(error.retry_after)))
    if error.ours and status in FINAL:
        headers["x-should-retry"] = "false"
    return WireReply(_body(error), 503 if status == 529 else status, headers)


def read_error(status: int, headers: Mapping[str, str], body: bytes) -> UpstreamError:
    """An upstream's error reply; also of the gateways and pages that stand in front of one."""
    named = {name.lower(): value for name, value in headers.items()}
    message = _words(_parsed(body)) or _plain(body) or f"the upstream answered HTTP {status}"
    return UpstreamError(
        message,
        status=status,
        kind=_kind(message, status),
        retry_after=read_retry_after(named),
        body=body,
        dialect=DIALECT,
    )


def failure_of(reply: dict[str, Json]) -> UpstreamError:
    """An error that came inside a reply whose status was 200."""
    message = _words(reply) or "the upstream failed without saying why"
    kind = _kind(message, 500)
    return UpstreamError(message, status=STATUS[kind], kind=kind)


def _words(reply: Json) -> str | None:
    """The message of an error body, whatever shape the server in front gives it."""
    error = reply.get("error", reply.get("detail")) if isinstance(reply, dict) else None
    if isinstance(error, dict):
        error = error.get("message") or error
    if not error:
        return None
    return error if isinstance(error, str) else orjson.dumps(error).decode()


def _kind(message: str, status: int) -> ErrorKind:
    if status in (400, 413, 422, 500) and TOO_LONG.search(message):
        return "context_exceeded"
    if status == 500 and message.lower().startswith(BUSY):
        return "overloaded"
    return kind_of_status(status)


def _parsed(body: bytes) -> Json:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _plain(body: bytes) -> str:
    """The words of a body that is no JSON, without markup."""
    text = body[:20_000].decode("utf-8", "replace")
    text = re.sub(r"<(script|style|head)\b.*?</\1>", " ", text, flags=re.DOTALL | re.IGNORECASE)
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())[:SHOWN]


def _body(error: GatewayError) -> bytes:
    if isinstance(error, UpstreamError) and error.dialect == DIALECT and error.body:
        parsed = _parsed(error.body)
        if isinstance(parsed, dict) and isinstance(parsed.get("error"), str):
            return error.body
    return orjson.dumps({"error": error.message})
