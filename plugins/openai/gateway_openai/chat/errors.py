"""Errors, both ways: an upstream's reply as an UpstreamError, and any error for a client.

Shape, types and codes as in OpenAI's error reference (read 2026-11): `{"error": {"message",
"type", "param", "code"}}`. Providers vary: llama.cpp puts the status into `code`, vLLM leaves out
`error`, FastAPI says `detail`, Google sends a list of one, and gateways in front send HTML.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from types import MappingProxyType

import orjson
from attrs import frozen

from gateway.errors import ErrorKind, GatewayError, UpstreamError, kind_of_status
from gateway.model import Json
from gateway.wire import WireReply
from gateway_openai.chat.fields import DIALECT
from gateway_openai.chat.retry_after import read_retry_after

REPLY_HEADERS = ("x-request-id", "x-ratelimit-*", "openai-processing-ms", "openai-version")
"""Reply headers that clients may see. `openai-organization` and `openai-project` name the account
behind the gateway's own key, so they stay here."""

KINDS: Mapping[str, ErrorKind] = MappingProxyType(
    {
        "context_length_exceeded": "context_exceeded",
        "exceed_context_size_error": "context_exceeded",
        "invalid_request_error": "invalid_request",
        "invalid_api_key": "authentication",
        "authentication_error": "authentication",
        "invalid_authentication_error": "authentication",
        "insufficient_quota": "billing",
        "billing_not_active": "billing",
        "exceeded_current_quota_error": "billing",
        "permission_error": "permission",
        "permission_denied": "permission",
        "permission_denied_error": "permission",
        "model_not_found": "not_found",
        "not_found_error": "not_found",
        "resource_not_found_error": "not_found",
        "rate_limit_exceeded": "rate_limit",
        "rate_limit_error": "rate_limit",
        "rate_limit_reached_error": "rate_limit",
        "server_error": "server",
        "internal_server_error": "server",
        "engine_overloaded_error": "overloaded",
        "overloaded_error": "overloaded",
        "unavailable_error": "overloaded",
        "service_unavailable_error": "overloaded",
        "timeout_error": "timeout",
        "not_supported_error": "unsupported",
    }
)
"""By `code` first, then by `type`: OpenAI, then llama.cpp, Moonshot and DeepSeek words."""

VAGUE = frozenset({"invalid_request_error", "server_error"})
"""Types that say less than a precise status beside them."""

TOO_LONG = re.compile(
    r"maximum context length|context[ _](?:length|window|size)|prompt is too long"
    r"|too many tokens|exceeds? the (?:model's )?(?:available )?context",
    re.IGNORECASE,
)


@frozen
class Named:
    """How a kind of error is said to a client."""

    status: int
    type: str
    code: str | None = None


NAMED: Mapping[ErrorKind, Named] = MappingProxyType(
    {
        "invalid_request": Named(400, "invalid_request_error"),
        "authentication": Named(401, "authentication_error", "invalid_api_key"),
        "billing": Named(402, "insufficient_quota", "insufficient_quota"),
        "permission": Named(403, "permission_error"),
        "not_found": Named(404, "invalid_request_error", "model_not_found"),
        "method_not_allowed": Named(405, "invalid_request_error"),
        "timeout": Named(504, "server_error", "timeout"),
        "conflict": Named(409, "invalid_request_error", "conflict"),
        "too_large": Named(413, "invalid_request_error", "request_too_large"),
        "context_exceeded": Named(400, "invalid_request_error", "context_length_exceeded"),
        "rate_limit": Named(429, "rate_limit_error", "rate_limit_exceeded"),
        "server": Named(500, "server_error"),
        "unsupported": Named(501, "server_error", "unsupported"),
        "connection": Named(502, "server_error"),
        "overloaded": Named(503, "server_error", "overloaded"),
        "loop": Named(508, "invalid_request_error", "loop"),
    }
)
FINAL = frozenset({401, 403, 429})
"""Statuses of our own that no retry can help; some clients retry them for a minute."""


def read_error(status: int, headers: Mapping[str, str], body: bytes) -> UpstreamError:
    """An upstream's error reply. Its message is passed on; an HTML page is cut to its text."""
    named = {name.lower(): value for name, value in headers.items()}
    facts = _facts(_parsed(body), _plain(body) or f"the upstream answered HTTP {status}")
    return UpstreamError(
        facts.message,
        status=status,
        kind=_kind(facts, status),
        retry_after=read_retry_after(named),
        headers={name: value for name, value in named.items() if _is_shown(name)},
        code=facts.code,
        param=facts.param,
        body=body,
        dialect=DIALECT,
    )


def failure_of(error: Json, body: bytes = b"") -> UpstreamError:
    """An error that came inside a reply whose status was 200."""
    facts = _facts({"error": error}, "the upstream failed without saying why")
    kind = _kind(facts, facts.status or 500)
    status = facts.status or NAMED[kind].status
    return UpstreamError(
        facts.message,
        status=status,
        kind=kind,
        code=facts.code,
        param=facts.param,
        body=body,
        dialect=DIALECT,
    )


def error_object(error: GatewayError) -> dict[str, Json]:
    """The `error` object for a client."""
    named = NAMED[error.kind]
    return {
        "message": error.message,
        "type": named.type,
        "param": error.param,
        "code": error.code if error.code is not None else named.code,
    }


def write_error(error: GatewayError) -> WireReply:
    """An error reply. The body of a provider of this dialect is passed on as it was."""
    status = error.status if 400 <= error.status < 600 else NAMED[error.kind].status
    headers = dict(error.headers)
    if error.retry_after is not None:
        headers["retry-after"] = str(max(0, -int(-error.retry_after // 1)))
    if error.ours and status in FINAL:
        headers["x-should-retry"] = "false"
    own = isinstance(error, UpstreamError) and error.dialect == DIALECT
    return WireReply(_body(error), 503 if status == 529 and not own else status, headers)


@frozen
class _Facts:
    message: str
    type: str | None = None
    code: str | None = None
    param: str | None = None
    status: int | None = None


def _facts(value: Json, otherwise: str) -> _Facts:
    """What a parsed error body says; `otherwise` is the message of one that says nothing."""
    if isinstance(value, list) and value:
        value = value[0]
    outer = value if isinstance(value, dict) else {}
    error = outer.get("error")
    inner = error if isinstance(error, dict) else outer
    message = inner.get("message") or outer.get("detail") or outer.get("message") or error
    code = inner.get("code")
    number = code if isinstance(code, int) and 400 <= code < 600 else None
    return _Facts(
        _words(message) or otherwise,
        _text(inner.get("type")),
        _text(code) if number is None else None,
        _text(inner.get("param")),
        number,
    )


def _words(message: Json) -> str | None:
    if message is None or message == {}:
        return None
    return message if isinstance(message, str) else orjson.dumps(message).decode()


def _text(value: Json) -> str | None:
    if value is None or isinstance(value, bool | dict | list):
        return None
    return str(value)


def _kind(facts: _Facts, status: int) -> ErrorKind:
    if status in (400, 413, 422, 500) and TOO_LONG.search(facts.message):
        return "context_exceeded"
    by_code = KINDS.get(facts.code or "")
    if by_code is not None and facts.code not in VAGUE:
        return by_code
    by_type = KINDS.get(facts.type or "")
    if by_type is not None and facts.type not in VAGUE:
        return by_type
    return kind_of_status(status)


def _parsed(body: bytes) -> Json:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _plain(body: bytes) -> str:
    """The words of a body that is no JSON, without markup, at most 300 characters."""
    text = body[:20_000].decode("utf-8", "replace")
    text = re.sub(r"<(script|style|head)\b.*?</\1>", " ", text, flags=re.DOTALL | re.IGNORECASE)
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())[:300]


def _is_shown(name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in REPLY_HEADERS)


def _body(error: GatewayError) -> bytes:
    if isinstance(error, UpstreamError) and error.dialect == DIALECT and error.body:
        parsed = _parsed(error.body)
        if isinstance(parsed, dict) and isinstance(parsed.get("error"), dict):
            return error.body
    return orjson.dumps({"error": error_object(error)})
