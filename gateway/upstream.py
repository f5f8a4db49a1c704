"""Upstreams at run time: one pooled client session each, and the two ways to ask one."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from attrs import define

from gateway.context import Call
from gateway.events import Event
from gateway.model import Json
from gateway.settings import UpstreamSettings
from gateway.wire import UpstreamWire


@define
class Upstream:
    """A provider, with its session and keys."""

    settings: UpstreamSettings


async def call_wire(call: Call) -> AsyncGenerator[list[Event], None]:
    """Carry `call` by its backend's arrows; one batch of events for each network read.

    The first step sends the request. Raises UpstreamError before the first event.
    """
    raise NotImplementedError
    yield []


async def ask(call: Call, wire: UpstreamWire) -> Json:
    """Send `wire` to the call's upstream and give back its JSON. Raises UpstreamError."""
    raise NotImplementedError
