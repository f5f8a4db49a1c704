"""A client's request -> the neutral request.

So far a body is the neutral request itself as JSON, which says everything. Put the fields of your
format in its place; the kit tells what went missing.
"""

from __future__ import annotations

import cattrs

from gateway.errors import BadRequest
from gateway.hooks import Endpoint, RouteFacts
from gateway.model import ChatRequest
from gateway.testing.corpus import words
from gateway.wire import InboundWire

WRONG = (cattrs.BaseValidationError, AttributeError, KeyError, TypeError, ValueError)


def read_request(wire: InboundWire) -> ChatRequest:
    """Raises BadRequest, which names the wrong field."""
    try:
        return words.read_request(wire.json())
    except WRONG as error:
        why = ", ".join(cattrs.transform_error(error)) or "no request"
        raise BadRequest(f"the body is not a Newplugin request: {why}", param="body") from None


def facts(wire: InboundWire, endpoint: Endpoint) -> RouteFacts:  # noqa: ARG001 - the contract
    """What routing needs. A real format reads no more than that here: see `wire.top`."""
    request = read_request(wire)
    return RouteFacts(request.model, bool(request.stream))
