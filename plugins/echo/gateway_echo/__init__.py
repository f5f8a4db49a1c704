"""The echo backend: a reply that is known before it is asked for."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from gateway.context import Call
from gateway.events import Event
from gateway.hooks import Backend, hookimpl

API_VERSION = 1
NAME = "echo"


@hookimpl
def register_backends() -> Sequence[Backend]:
    return [Backend(NAME, needs_url=False)]


@hookimpl
def call_backend(call: Call) -> AsyncGenerator[list[Event], None] | None:
    from gateway_echo.script import perform

    return perform(call) if call.backend.name == NAME else None
