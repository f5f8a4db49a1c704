"""Errors, both ways: Claude's types and statuses, and the hub's kinds.

Anthropic's error reference, read 2026-11. Claude Code (2.1, seen 2026-11) compacts on the words
"prompt is too long" and obeys `x-should-retry: false` even for 401 and 429.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import NamedTuple

import orjson

from gateway.errors import ErrorKind, GatewayError, UpstreamError, kind_of_status
from gateway.model import Json
from gateway.wire import WireReply
from gateway_claude.names import NAME

TOO_LONG = "prompt is too long"
REPLY_HEADERS = ("request-id", "anthropic-ratelimit-*", "retry-after", "x-should-retry")
UNHELPED_BY_RETRY = frozenset(["authentication", "billing", "permission", "rate_limit", "loop"])


class ClaudeError(NamedTuple):
    status: int
    type: str


OF_KIND: Mapping[ErrorKind, ClaudeError] = MappingProxyType(
    {
        "invalid_request": ClaudeError(400, "invalid_request_error"),
        "authentication": ClaudeError(401, "authentication_error"),
        "billing": ClaudeError(402, "billing_error"),
        "permission": ClaudeError(403, "permission_error"),
        "not_found": ClaudeError(404, "not_found_error"),
        "method_not_allowed": ClaudeError(405, "invalid_request_error"),
        "timeout": ClaudeError(504, "timeout_error"),
        "conflict": ClaudeError(409, "invalid_request_error"),
        "too_large": ClaudeError(413, "request_too_large"),
        "context_exceeded": ClaudeError(400, "invalid_request_error"),
        "rate_limit": ClaudeError(429, "rate_limit_error"),
        "server": ClaudeError(500, "api_error"),
        "unsupported": ClaudeError(501, "api_error"),
        "connection": ClaudeError(502, "api_error"),
        "overloaded": ClaudeError(529, "overloaded_error"),
        "loop": ClaudeError(508, "api_error"),
    }
)
OF_TYPE: Mapping[str, ErrorKind] = MappingProxyType(
    {
        "invalid_request_error": "invalid_request",
        "authentication_error": "authentication",
        "billing_error": "billing",
        "permission_error": "permission",
        "not_found_error": "not_found",
        "request_too_large": "too_large",
        "rate_limit_error": "rate_limit",
        "api_error": "server",
        "timeout_error": "timeout",
        "overloaded_error": "overloaded",
        "exceed_context_size_error": "context_exceeded",
        "server_error": "server",
    }
)
"""The last two are llama.cpp's, whose envelope is its own on every protocol (seen 2026-11)."""
OF_WORDS: Mapping[str, ErrorKind] = MappingProxyType(
    {
        TOO_LONG: "context_exceeded",
        "exceed context limit": "context_exceeded",
        "credit balance is too low": "billing",
    }
)
"""What Anthropic says under `invalid_request_error` and means as something else."""


def write_error(error: GatewayError) -> WireReply:
    """An error as a client of this dialect reads it. Never raises."""
    own = isinstance(error, UpstreamError) and error.dialect == NAME
    status = error.status if own and error.status >= 400 else OF_KIND[error.kind].status
    return WireReply(_body(error), status, _headers(error))


def error_event(error: GatewayError) -> bytes:
    """The event that ends a stream in an error."""
    return b"event: error\ndata: %s\n\n" % orjson.dumps(_envelope(error))


def read_error(status: int, headers: Mapping[str, str], body: bytes) -> UpstreamError:
    """An upstream's error reply. `headers` have names in lower case."""
    try:
        raw = orjson.loads(body)
    except orjson.JSONDecodeError:
        raw = None
    inner = _inner(raw)
    message = inner.get("message")
    if not isinstance(message, str) or not message:
        message = f"the upstream answered with status {status} and no readable message"
    return UpstreamError(
        message,
        body=body,
        dialect=NAME,
        status=status,
        kind=_kind(inner, message, kind_of_status(status)),
        retry_after=_seconds(headers.get("retry-after")),
        headers={name: value for name, value in headers.items() if _may_pass(name)},
        code=inner.get("type") if isinstance(inner.get("type"), str) else None,
    )


def read_error_event(raw: dict[str, Json]) -> UpstreamError:
    """An error that came inside a reply with status 200."""
    inner = _inner(raw)
    message = inner.get("message")
    if not isinstance(message, str) or not message:
        message = "the upstream broke off with an error it did not explain"
    kind = _kind(inner, message, _kind_of_code(inner.get("code")))
    return UpstreamError(
        message,
        body=orjson.dumps(raw),
        dialect=NAME,
        status=OF_KIND[kind].status,
        kind=kind,
    )


def _inner(raw: Json) -> dict[str, Json]:
    """The part that tells: {"error": {...}}, {"error": "text"} or the object itself."""
    if not isinstance(raw, dict):
        return {}
    error = raw.get("error", raw)
    if isinstance(error, str):
        return {"message": error}
    return error if isinstance(error, dict) else {}


def _kind(inner: dict[str, Json], message: str, otherwise: ErrorKind) -> ErrorKind:
    lower = message.lower()
    for words, kind in OF_WORDS.items():
        if words in lower:
            return kind
    named = inner.get("type")
    return OF_TYPE.get(named, otherwise) if isinstance(named, str) else otherwise


def _kind_of_code(code: Json) -> ErrorKind:
    return kind_of_status(code) if isinstance(code, int) and code >= 400 else "server"


def _seconds(value: str | None) -> float | None:
    """What `retry-after` asks for: seconds from now; a date is read against the clock's now."""
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (at - type(at).now(at.tzinfo)).total_seconds())


def _may_pass(name: str) -> bool:
    return any(
        name.startswith(allowed[:-1]) if allowed.endswith("*") else name == allowed
        for allowed in REPLY_HEADERS
    )


def _headers(error: GatewayError) -> dict[str, str]:
    """What the gateway says of its own errors (`allow`), and what may pass of an upstream's."""
    theirs = isinstance(error, UpstreamError)
    headers = {k: v for k, v in error.headers.items() if not theirs or _may_pass(k)}
    if error.retry_after is not None:
        headers["retry-after"] = str(math.ceil(error.retry_after))
    if error.ours and error.kind in UNHELPED_BY_RETRY:
        headers.setdefault("x-should-retry", "false")
    return headers


def _body(error: GatewayError) -> bytes:
    """Claude's own error body goes on as it came; every other becomes one."""
    if isinstance(error, UpstreamError) and error.dialect == NAME and _is_claudes(error.body):
        return error.body
    return orjson.dumps(_envelope(error))


def _is_claudes(body: bytes) -> bool:
    try:
        raw = orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    inner = raw.get("error") if isinstance(raw, dict) and raw.get("type") == "error" else None
    return isinstance(inner, dict) and isinstance(inner.get("type"), str)


def _envelope(error: GatewayError) -> dict[str, Json]:
    message = error.message
    if error.kind == "context_exceeded" and TOO_LONG not in message.lower():
        message = f"{TOO_LONG}: {message}"
    return {
        "type": "error",
        "error": {"type": OF_KIND[error.kind].type, "message": message},
        "request_id": error.headers.get("request-id") or f"req_{secrets.token_hex(12)}",
    }
