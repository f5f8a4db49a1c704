"""What models can do, asked of the providers that say so: once, before a model's first exchange.

A local server knows whether its model's template takes tools; nobody should have to configure it.
What is configured goes before what a provider says.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

import orjson
from aiohttp import ClientError
from attrs import define, evolve, field

from gateway.errors import GatewayError
from gateway.log import log
from gateway.model import Json

if TYPE_CHECKING:
    from gateway.attempt import Target
    from gateway.groups import Resolution
    from gateway.hooks import Inquiry
    from gateway.upstream import Upstream

WAIT = 2.0
"""Seconds that a first exchange waits for the answer."""
KEPT = 600.0
"""Seconds until an answer is asked for anew: the server may serve another model by then."""
KEPT_FAILURE = 60.0
MODELS_KEPT = 1024
"""Models of one upstream of which something is remembered; clients may make up names."""
Facts = Mapping[str, Json]


@define
class Ability:
    """What a provider said of a model, good until `until` (of `time.monotonic`)."""

    facts: Facts = field(factory=dict)
    until: float = 0.0
    lock: asyncio.Lock = field(factory=asyncio.Lock)


class Abilities:
    """What one upstream has said of its models."""

    def __init__(self) -> None:
        self._of: dict[str, Ability] = {}

    async def of(self, target: Target, upstream: Upstream) -> Facts:
        """The facts of `target`; none when the upstream does not tell. Never raises."""
        inquiry = upstream.backend.inquiry
        if inquiry is None:
            return {}
        known = self.known(target.model)
        async with known.lock:
            if time.monotonic() >= known.until:
                await _ask(known, inquiry, target, upstream)
        return known.facts

    def known(self, model: str) -> Ability:
        """What is remembered of a model; nothing yet for a new one."""
        if model not in self._of and len(self._of) >= MODELS_KEPT:
            self._of.clear()
        return self._of.setdefault(model, Ability())


async def with_abilities(resolution: Resolution, upstreams: Mapping[str, Upstream]) -> Resolution:
    """`resolution` with what the providers of its targets say of them."""
    targets = [await _told(target, upstreams[target.upstream]) for target in resolution.targets]
    return evolve(resolution, targets=tuple(targets))


async def _told(target: Target, upstream: Upstream) -> Target:
    """The main face of a provider is asked, and what it says holds for all of them."""
    main = target.main or target
    facts = await upstream.abilities.of(main, upstream)
    if not facts:
        return target
    main = evolve(main, facts={**facts, **main.facts})
    return evolve(target, facts=main.facts, main=main) if target.main else main


async def _ask(known: Ability, inquiry: Inquiry, target: Target, upstream: Upstream) -> None:
    try:
        async with asyncio.timeout(WAIT):
            known.facts = dict(inquiry.read(await _answer(inquiry, target, upstream)))
        known.until = time.monotonic() + KEPT
        log().info("model_asked", target=str(target), **known.facts)
    except (GatewayError, ClientError, TimeoutError, ValueError, OSError) as error:
        known.until = time.monotonic() + KEPT_FAILURE
        log().info("model_not_told", target=str(target), why=str(error) or type(error).__name__)


async def _answer(inquiry: Inquiry, target: Target, upstream: Upstream) -> Json:
    wire = inquiry.write(target)
    if wire is None:
        return None
    keys = upstream.settings.keys
    async with await upstream.send(wire, keys[0] if keys else None) as reply:
        return orjson.loads(await reply.read())
