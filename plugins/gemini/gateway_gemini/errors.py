"""Errors in Gemini's shape, both ways.

Source: Google API error model (`google.rpc.Status`, `google.rpc.Code`), read 2026-11.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

import orjson

from gateway.errors import ErrorKind, GatewayError, UpstreamError, kind_of_status
from gateway.model import Json
from gateway.wire import WireReply
from gateway_gemini.names import DIALECT

STATUS_TO: Mapping[ErrorKind, tuple[int, str]] = MappingProxyType(
    {
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
)
KIND_OF: Mapping[str, ErrorKind] = MappingProxyType(
    {
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
)
TOO_LONG = ("exceeds the maximum number of tokens", "input token count")
BAD_KEY = ("api key not valid", "api key expired", "api_key_invalid")
"""Google answers a wrong key with 400; as 401 the gateway rests the key and tries the next."""
LONGEST = 500


def error_body(error: GatewayError) -> dict[str, Json]:
    """`{"error": {code, message, status}}`."""
    status, name = STATUS_TO[error.kind]
    return {"error": {"code": status, "message": error.message, "status": name}}


def write_error(error: GatewayError) -> WireReply:
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


def error_of(parsed: Json, status: int | None = None, body: bytes = b"") -> UpstreamError:
    """The error that an `{"error": …}` object stands for.

    status: of the reply; None inside a stream, where the object's own code counts.
    """
    raw = parsed.get("error") if isinstance(parsed, dict) else None
    if isinstance(raw, str):
        raw = {"message": raw}
    if not isinstance(raw, dict):
        known = status or 502
        text = body[:LONGEST].decode("utf-8", "replace").strip()
        words = text or f"the upstream answered {known} without a word"
        return UpstreamError(words, status=known, kind=kind_of_status(known))
    known = status or _code(raw.get("code")) or 502
    message = str(raw.get("message") or raw.get("status") or f"the upstream answered {known}")
    kind = _kind(raw, message.lower(), known)
    if kind == "authentication" and known == 400:
        return UpstreamError(message, status=401, kind=kind)
    return UpstreamError(message, status=known, kind=kind, body=body, dialect=DIALECT)


def _kind(raw: dict[str, Json], message: str, status: int) -> ErrorKind:
    if any(words in message for words in TOO_LONG):
        return "context_exceeded"
    if any(words in message for words in BAD_KEY):
        return "authentication"
    if status == 429:
        return "rate_limit"
    return KIND_OF.get(str(raw.get("status")), kind_of_status(status))


def _code(value: Json) -> int | None:
    is_status = isinstance(value, int) and 400 <= value <= 599
    return value if is_status else None


def _retry_after(headers: Mapping[str, str], parsed: Json) -> float | None:
    """Seconds from the header, or from a `RetryInfo` among the details ("34.07s")."""
    error = parsed.get("error") if isinstance(parsed, dict) else None
    details = error.get("details") if isinstance(error, dict) else None
    delays = [
        detail.get("retryDelay")
        for detail in (details if isinstance(details, list) else ())
        if isinstance(detail, dict)
    ]
    said = [headers.get("retry-after"), *delays]
    return next((seconds for one in said if (seconds := _seconds(one)) is not None), None)


def _seconds(said: Json) -> float | None:
    if not isinstance(said, str):
        return None
    number = said.removesuffix("s")
    return float(number) if number.replace(".", "", 1).isdecimal() else None
