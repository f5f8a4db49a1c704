"""Requests as they travel: what a client sent, and what goes to an upstream."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import orjson
from attrs import define, field

from gateway import named
from gateway.errors import BadRequest
from gateway.model import Json

LARGE = 8192
"""Bytes from which reading a few fields first pays; a smaller body is parsed at once."""
EMPTY: Mapping[str, str] = MappingProxyType({})


@define
class InboundWire:
    """One client request.

    args: the variable parts of the path ({"model": "gemini-2.5-pro"}).
    headers: names in lower case. body: bytes as they came, decompressed.
    """

    method: str
    path: str
    args: Mapping[str, str] = EMPTY
    query: Mapping[str, str] = EMPTY
    headers: Mapping[str, str] = EMPTY
    body: bytes = b""
    _json: Json = field(default=None, init=False, repr=False, eq=False)
    _name: Json = field(default=None, init=False, repr=False, eq=False)
    _name_at: tuple[int, int] | None = field(default=None, init=False, repr=False, eq=False)

    def json(self) -> dict[str, Json]:
        """The body as a JSON object, parsed once. Raises BadRequest, with line and column."""
        if self._json is None:
            self._json, self._name_at = _parse(self.body)
            self._name = self._json.get("model")
        return self._json  # type: ignore[no-any-return]

    def glance(self, *names: str) -> dict[str, Json]:
        """`model` and the fields called `names`, from the body's beginning where all stand there.

        Enough to route by; what goes on to an upstream is checked by `top`, `renamed` or `json`.
        """
        if self._json is None and len(self.body) > LARGE:
            said = named.lead(self.body)
            if "model" in said and all(name in said for name in names):
                return said
        return self.top(*names)

    def top(self, *names: str) -> dict[str, Json]:
        """The body's `model` and the fields called `names`, as far as they are not null.

        Cheaper than `json`, for a request that needs nothing else read. Raises as `json` does.
        """
        if self._json is None and len(self.body) > LARGE:
            peeked = named.peek(self.body, names)
            if peeked is not None:
                said, self._name_at = peeked
                self._name = said["model"]
                return said
        body = self.json()
        return {name: body[name] for name in ("model", *names) if body.get(name) is not None}

    def renamed(self, model: str) -> bytes | None:
        """The body with `model` as its `"model"`; every other byte stays.

        None when the name can't be found plainly at the body's top. Raises as `json` does.
        """
        if self._name_at is None:
            self.top()
        old = self._name if self._name_at is not None else self.json().get("model")
        if self._name_at is not None:
            same = old == model
            return self.body if same else named.renamed(self.body, self._name_at, model)
        return named.search(self.body, old, model)


@define
class UpstreamWire:
    """One request to an upstream; never with a key.

    path: below the base URL and its version segment ("/chat/completions"), already encoded.
    body: a JSON object, or bytes that are sent as they are; None for no body.
    at_root: the path starts at the host, not below the base URL.
    """

    path: str
    body: dict[str, Json] | bytes | None = None
    method: str = "POST"
    query: Mapping[str, str] = EMPTY
    headers: Mapping[str, str] = EMPTY
    at_root: bool = False


@define
class WireReply:
    """One whole reply to a client."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = EMPTY
    content_type: str = "application/json"


def _parse(body: bytes) -> tuple[dict[str, Json], tuple[int, int] | None]:
    if not body:
        raise BadRequest("the request has no body; send a JSON object")
    try:
        value, name_at = named.parse(body)
    except orjson.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise BadRequest(f"the body is not valid JSON ({place}): {error.msg}") from None
    if not isinstance(value, dict):
        raise BadRequest("the body must be a JSON object")
    return value, name_at
