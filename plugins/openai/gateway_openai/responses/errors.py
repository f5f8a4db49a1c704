"""Errors, both ways. The shape is that of chat completions: `{"error": {"message", "type", …}}`.

Inside a reply it is `response.error` with a code and a message (API reference, read 2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from gateway.errors import ErrorKind, GatewayError, UpstreamError
from gateway.model import Json
from gateway.wire import WireReply
from gateway_openai.chat import errors as chat
from gateway_openai.chat.fields import DIALECT as CHAT
from gateway_openai.responses.fields import DIALECT, object_of

CODES: Mapping[str, str] = {
    "overloaded": "server_is_overloaded",
    "rate_limit": "rate_limit_exceeded",
    "context_exceeded": "context_length_exceeded",
    "billing": "insufficient_quota",
    "invalid_request": "invalid_prompt",
}
"""Codes of `response.error` by kind; Codex acts on the first four (0.169, seen 2026-11)."""


KINDS: Mapping[str, ErrorKind] = {
    "server_is_overloaded": "overloaded",
    "slow_down": "overloaded",
    "rate_limit_exceeded": "rate_limit",
    "context_length_exceeded": "context_exceeded",
    "insufficient_quota": "billing",
    "invalid_prompt": "invalid_request",
}
"""Kinds of errors inside a reply, by code."""


def read_error(status: int, headers: Mapping[str, str], body: bytes) -> UpstreamError:
    """An upstream's error reply."""
    return _as(chat.read_error(status, headers, body), DIALECT)


def failure_of(error: Json, body: bytes = b"") -> UpstreamError:
    """An error that came inside a reply whose status was 200."""
    facts = object_of(error)
    failure = chat.failure_of(error if isinstance(error, str) else facts, body)
    kind = KINDS.get(str(facts.get("code")))
    return _as(failure, DIALECT, kind) if kind else _as(failure, DIALECT)


def write_error(error: GatewayError) -> WireReply:
    """An error reply. The body of a provider of this dialect is passed on as it was."""
    if isinstance(error, UpstreamError) and error.dialect == DIALECT:
        error = _as(error, CHAT)
    return chat.write_error(error)


def error_event(error: GatewayError, number: int) -> dict[str, Json]:
    """The `error` event of a stream.

    It holds `error` beside the documented fields, since by that the openai SDK raises it.
    """
    said = chat.error_object(error)
    flat = {name: said[name] for name in ("code", "message", "param")}
    return {"type": "error", "sequence_number": number, **flat, "error": said}


def response_error(error: GatewayError) -> dict[str, Json]:
    """`response.error` of a response that failed."""
    code = error.code or CODES.get(error.kind) or "server_error"
    return {"code": code, "message": error.message}


def body_of(error: dict[str, Json]) -> bytes:
    """An error object as the body of an error reply."""
    return orjson.dumps({"error": error})


def _as(error: UpstreamError, dialect: str, kind: ErrorKind | None = None) -> UpstreamError:
    """`error` as that dialect's, of another kind (and its status) where one is given."""
    return UpstreamError(
        error.message,
        body=error.body,
        dialect=dialect,
        status=chat.NAMED[kind].status if kind else error.status,
        kind=kind or error.kind,
        retry_after=error.retry_after,
        headers=error.headers,
        code=error.code,
        param=error.param,
    )
