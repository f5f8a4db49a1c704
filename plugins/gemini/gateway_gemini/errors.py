"""Errors in Gemini's shape, both ways.

Source: Google API error model (`google.rpc.Status`, `google.rpc.Code`), read 2026-11.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import orjson

from gateway.errors import ErrorKind, GatewayError, UpstreamError, kind_of_status
from gateway.model import Json
from gateway.wire import WireReply
from gateway_gemini.names import DIALECT

STATUS_TO: Mapping[ErrorKind, tuple[int, str]] = {
    "invalid_request": (400, "INVALID_ARGUMENT"),
    "context_exceeded": (400, "INVALID_ARGUMENT"),
    "too_large": (413, "INVALID_ARGUMENT"),
    "authentication": (401, "UNAUTHENTICATED"),
    "permission": (403, "PERMISSION_DENIED"),
    "billing": (402, "FAILED_PRECONDITION"),
    "not_found": (404, "NOT_FOUND"),
    "method_not_allowed": (405, "UNIMPLEMENTED"),
    "conflict": (409, "ABORTED"),
    "rate_limit": (429, "RESOURCE_EXHAUSTED"),
    "timeout": (504, "DEADLINE_EXCEEDED"),
    "unsupported": (501, "UNIMPLEMENTED"),
    "connection": (502, "UNAVAILABLE"),
    "overloaded": (503, "UNAVAILABLE"),
    "loop": (508, "ABORTED"),
    "server": (500, "INTERNAL"),
}
KIND_OF: Mapping[str, ErrorKind] = {
    "INVALID_ARGUMENT": "invalid_request",
    "FAILED_PRECONDITION": "invalid_request",
    "OUT_OF_RANGE": "invalid_request",
    "UNAUTHENTICATED": "authentication",
    "PERMISSION_DENIED": "permission",
    "NOT_FOUND": "not_found",
    "ABORTED": "conflict",
    "ALREADY_EXISTS": "conflict",
    "RESOURCE_EXHAUSTED": "rate_limit",
    "DEADLINE_EXCEEDED": "timeout",
    "CANCELLED": "timeout",
    "UNIMPLEMENTED": "unsupported",
    "UNAVAILABLE": "overloaded",
    "INTERNAL": "server",
    "UNKNOWN": "server",
    "DATA_LOSS": "server",
}
TOO_LONG = ("exceeds the maximum number of tokens", "input token count")
BAD_KEY = "api key not valid"


def error_body(error: GatewayError) -> dict[str, Json]:
    """`{"error": {code, message, status}}`."""
    status, name = STATUS_TO[error.kind]
    return {"error": {"code": status, "message": error.message, "status": name}}


def encode_error(error: GatewayError) -> WireReply:
    """A whole reply for `error`, with Retry-After; our own refusals say not to retry."""
    status, _ = STATUS_TO[error.kind]
    headers = dict(error.headers)
    if error.retry_after is not None:
        headers["retry-after"] = str(math.ceil(error.retry_after))
    if error.ours and status in (401, 403, 429):
        headers["x-should-retry"] = "false"
    if isinstance(error, UpstreamError) and error.dialect == DIALECT and error.body:
        return WireReply(error.body, error.status, headers)
    return WireReply(orjson.dumps(error_body(error)), status, headers)


def read_error(status: int, headers: Mapping[str, str], body: bytes) -> UpstreamError:
    """An error reply as an UpstreamError; also for bodies that are no JSON."""
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError:
        parsed = None
    if isinstance(parsed, list) and parsed:
        parsed = parsed[0]
    error = error_of(parsed, status, body)
    error.retry_after = _retry_after(headers, parsed)
    return error


def error_of(parsed: Json, status: int = 502, body: bytes = b"") -> UpstreamError:
    """The error that an `{"error": …}` object stands for, in a reply or in a stream."""
    raw = parsed.get("error") if isinstance(parsed, dict) else None
    if isinstance(raw, str):
        raw = {"message": raw}
    if not isinstance(raw, dict):
        text = body[:500].decode("utf-8", "replace") or f"status {status} without a body"
        return UpstreamError(text, status=status, kind=kind_of_status(status))
    message = str(raw.get("message") or raw.get("status") or f"status {status}")
    code = raw.get("code") if isinstance(raw.get("code"), int) else status
    kind = KIND_OF.get(str(raw.get("status")), kind_of_status(code))
    lower = message.lower()
    if any(words in lower for words in TOO_LONG):
        kind = "context_exceeded"
    elif BAD_KEY in lower:
        kind, code = "authentication", 401
    own = body if kind not in ("authentication",) else b""
    return UpstreamError(message, status=code, kind=kind, body=own, dialect=DIALECT)


def _retry_after(headers: Mapping[str, str], parsed: Json) -> float | None:
    """Seconds from the header, or from a `RetryInfo` among the details ("34.07s")."""
    said = headers.get("retry-after", "")
    if said.replace(".", "", 1).isdigit():
        return float(said)
    error = parsed.get("error") if isinstance(parsed, dict) else None
    details = error.get("details") if isinstance(error, dict) else None
    for detail in details if isinstance(details, list) else ():
        delay = detail.get("retryDelay") if isinstance(detail, dict) else None
        if isinstance(delay, str) and delay.removesuffix("s").replace(".", "", 1).isdigit():
            return float(delay.removesuffix("s"))
    return None
