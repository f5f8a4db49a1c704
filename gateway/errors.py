"""Everything that can go wrong, by what the reader can do about it.

GatewayError               has a status, a kind and words for a person
├── RequestError           the client must change something (4xx)
│   ├── BadRequest         400  the body is not what the endpoint takes
│   ├── NotAuthenticated   401  no proxy key, or a wrong one
│   ├── NotAllowed         403  the key, the host or the origin may not do this
│   ├── NotFound           404  no such path, group, alias or model
│   ├── WrongMethod        405
│   ├── TooLarge           413
│   ├── PromptTooLong      400  the model's context can't hold it
│   ├── LossRefused        400  the group refuses to lose what the target can't carry
│   ├── NotOffered         400  the target has nothing of the kind; another may have
│   ├── LimitReached       429  the proxy key has used what it may
│   └── Loop               508  the request came back to the gateway that sent it
├── UpstreamError          the provider failed
│   └── Unreachable        502  no connection to it came about
└── Unavailable            503  the gateway can't serve this now
    └── Busy               503  as much is under way at the upstream as may be
ConfigError                a file or a flag is wrong: path, line, what to do
PluginError                a plugin is broken: name, version, hook
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Literal, TypeAlias, TypedDict, Unpack

ErrorKind: TypeAlias = Literal[
    "invalid_request",
    "authentication",
    "billing",
    "permission",
    "not_found",
    "method_not_allowed",
    "timeout",
    "conflict",
    "too_large",
    "context_exceeded",
    "rate_limit",
    "server",
    "unsupported",
    "connection",
    "overloaded",
    "loop",
]

KIND_OF_STATUS: Mapping[int, ErrorKind] = MappingProxyType(
    {
        400: "invalid_request",
        401: "authentication",
        402: "billing",
        403: "permission",
        404: "not_found",
        405: "method_not_allowed",
        408: "timeout",
        409: "conflict",
        413: "too_large",
        422: "invalid_request",
        429: "rate_limit",
        501: "unsupported",
        502: "connection",
        503: "overloaded",
        504: "timeout",
        508: "loop",
        529: "overloaded",
    }
)
NOTHING: Mapping[str, str] = MappingProxyType({})


def kind_of_status(status: int) -> ErrorKind:
    """The kind that a bare HTTP status stands for."""
    return KIND_OF_STATUS.get(status, "invalid_request" if status < 500 else "server")


class ErrorFacts(TypedDict, total=False):
    """What may be said of an error beside its message."""

    status: int | None
    kind: ErrorKind | None
    retry_after: float | None
    headers: Mapping[str, str]
    code: str | None
    param: str | None


class GatewayError(Exception):
    """An error that reaches the client, in the shape of its dialect.

    status: the HTTP status before a dialect's own table maps it.
    retry_after: seconds; None when nobody said.
    ours: made by the gateway itself, so that no retry of a 401, 403 or 429 can help.
    """

    status: int = 500
    kind: ErrorKind = "server"
    ours: ClassVar[bool] = True

    def __init__(self, message: str, **facts: Unpack[ErrorFacts]) -> None:
        super().__init__(message)
        self.message = message
        self.status = facts.get("status") or self.status
        self.kind = facts.get("kind") or self.kind
        self.retry_after = facts.get("retry_after")
        self.headers = facts.get("headers", NOTHING)
        self.code = facts.get("code")
        self.param = facts.get("param")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    __hash__ = Exception.__hash__


class RequestError(GatewayError):
    status = 400
    kind: ErrorKind = "invalid_request"


class BadRequest(RequestError):
    """400: the body is not what the endpoint takes. `param` is the path of the wrong value."""


class NotAuthenticated(RequestError):
    status = 401
    kind = "authentication"


class NotAllowed(RequestError):
    status = 403
    kind = "permission"


class NotFound(RequestError):
    status = 404
    kind = "not_found"


class WrongMethod(RequestError):
    status = 405
    kind = "method_not_allowed"


class TooLarge(RequestError):
    status = 413
    kind = "too_large"


class PromptTooLong(RequestError):
    kind = "context_exceeded"


class LossRefused(RequestError):
    pass


class NotOffered(RequestError):
    """400: the target has nothing of the kind that was asked for; the next one may have."""


class LimitReached(RequestError):
    """429: `retry_after` says when the key may ask again; None when that can't be told."""

    status = 429
    kind = "rate_limit"


class Loop(RequestError):
    status = 508
    kind = "loop"


class Unavailable(GatewayError):
    status = 503
    kind = "overloaded"


class Busy(Unavailable):
    pass


class UpstreamError(GatewayError):
    """The provider failed.

    body: its own error body, as it was sent; b"" when there was none.
    dialect: the wire format of that body, so that the same dialect may pass it on.
    """

    ours: ClassVar[bool] = False
    status = 502
    kind = "connection"

    def __init__(
        self,
        message: str,
        *,
        body: bytes = b"",
        dialect: str | None = None,
        **facts: Unpack[ErrorFacts],
    ) -> None:
        super().__init__(message, **facts)
        self.body = body
        self.dialect = dialect

    @classmethod
    def truncated(cls) -> UpstreamError:
        """The upstream's reply ended before its terminal event."""
        return cls("the upstream's reply ended before it was complete")

    @classmethod
    def garbage(cls, what: str) -> UpstreamError:
        """The upstream sent what its dialect does not allow; `what` says so for a person."""
        return cls(f"the upstream's reply could not be read: {what}")


class Unreachable(UpstreamError):
    """No connection came about, whatever the key: not found, refused, no TLS, or no answer."""


class ConfigError(Exception):
    """A setting is wrong. `place` is "FILE:LINE" or the name of a flag or variable."""

    def __init__(self, message: str, place: str | None = None) -> None:
        super().__init__(f"{place}: {message}" if place else message)
        self.place = place


class PluginError(Exception):
    """A plugin is broken; the message names plugin, distribution, version and hook."""
