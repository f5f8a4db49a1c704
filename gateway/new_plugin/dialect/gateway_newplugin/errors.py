"""Errors, both ways."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from gateway.errors import GatewayError, UpstreamError, kind_of_status
from gateway.wire import WireReply


def write_error(error: GatewayError) -> WireReply:
    """What a client gets."""
    body = {"error": error.message, "kind": error.kind}
    return WireReply(orjson.dumps(body), error.status, error.headers)


def read_error(status: int, headers: Mapping[str, str], body: bytes) -> UpstreamError:  # noqa: ARG001 - the contract
    """What a provider said, in whatever form."""
    try:
        message = str(orjson.loads(body)["error"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        message = f"the provider answered with status {status}"
    kind = kind_of_status(status)
    return UpstreamError(message, status=status, kind=kind, body=body, dialect="newplugin")
