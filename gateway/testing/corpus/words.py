"""Requests and events as JSON and back: strict, so that a slip in a corpus file is an error."""

from __future__ import annotations

import re

from cattrs.preconf.orjson import OrjsonConverter, make_converter
from cattrs.strategies import configure_tagged_union

from gateway.errors import GatewayError, UpstreamError
from gateway.events import Event
from gateway.model import ChatRequest, Fields, Json, Part, Path


def read_request(raw: Json) -> ChatRequest:
    """Raises cattrs.ClassValidationError, which names the wrong key."""
    return _CONVERTER.structure(raw, ChatRequest)


def write_request(request: ChatRequest) -> Json:
    return _CONVERTER.unstructure(request)


def read_events(raw: Json) -> list[Event]:
    """Raises cattrs.ClassValidationError, which names the wrong key."""
    return _CONVERTER.structure(raw, list[Event])


def write_events(events: list[Event]) -> Json:
    return _CONVERTER.unstructure(events, list[Event])


def _tag(cls: type) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", cls.__name__).lower()


def _read_error(raw: Json, _: type) -> GatewayError:
    return UpstreamError(**raw)


def _write_error(error: GatewayError) -> Json:
    return {"message": error.message, "status": error.status, "kind": error.kind}


def _make() -> OrjsonConverter:
    converter = make_converter(omit_if_default=True, forbid_extra_keys=True)
    converter.register_structure_hook(GatewayError, _read_error)
    converter.register_unstructure_hook(GatewayError, _write_error)
    converter.register_structure_hook(Fields, lambda raw, _: Fields(raw, ()))
    converter.register_unstructure_hook(Fields, dict)
    converter.register_structure_hook_func(lambda kind: kind == Path, lambda raw, _: tuple(raw))
    for union in (Part, Event):
        configure_tagged_union(union, converter, tag_generator=_tag, tag_name="type")
    return converter


_CONVERTER = _make()
