"""The wrapper around an upstream's reply: reads it, ends it early, or asks again."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from attrs import evolve

from gateway.context import Call
from gateway.estimate import estimate_text, estimate_tokens
from gateway.events import Event, Start, Usage, UsageSeen
from gateway_toolcompat.again import corrected
from gateway_toolcompat.plan import Plan
from gateway_toolcompat.reply import Reading
from gateway_toolcompat.settings import NAME

Batches = AsyncGenerator[list[Event], None]


async def understood(call: Call, plan: Plan, stream: Batches) -> Batches:
    """The reply with the calls in its text as tool calls. Raises what the upstream raises.

    A reply that runs on past its calls is closed there, and its length estimated. Where nobody
    watches the reply come in, all of it is held until it is known to be good.
    """
    live = call.attempt.stream
    reading = Reading(plan, live)
    held: list[Event] = []
    usage: Usage | None = None
    async with aclosing(stream):
        async for batch in stream:
            usage = _usage(usage, batch)
            events = reading.feed(batch)
            if reading.again:
                break
            if live and events:
                yield events
            else:
                held += events
            if reading.over:
                break
    if reading.again and call.ask is not None:
        before = usage or _estimate(call, reading)
        async for batch in _asked_again(call, plan, reading, before):
            yield batch
        return
    if held:
        yield held
    if reading.cut:
        yield [*_estimated(call, reading), *reading.end()]
    _note(call, plan)


async def _asked_again(call: Call, plan: Plan, reading: Reading, before: Usage) -> Batches:
    """The reply to the corrected request; the tokens of both are counted."""
    assert reading.again is not None
    plan.counts.asked_again += 1
    assert call.ask is not None
    async with aclosing(call.ask(corrected(call, plan, reading.said, reading.again))) as stream:
        async for batch in stream:
            events = [_counted(event, before) for event in batch]
            yield [event for event in events if not (reading.started and isinstance(event, Start))]


def _usage(so_far: Usage | None, batch: list[Event]) -> Usage | None:
    for event in batch:
        if isinstance(event, UsageSeen):
            so_far = so_far.merged(event.usage) if so_far else event.usage
    return so_far


def _counted(event: Event, before: Usage) -> Event:
    if not isinstance(event, UsageSeen):
        return event
    now = event.usage
    return UsageSeen(
        evolve(
            now,
            input=_sum(now.input, before.input),
            cached_input=_sum(now.cached_input, before.cached_input),
            cache_write=_sum(now.cache_write, before.cache_write),
            output=_sum(now.output, before.output),
            reasoning=_sum(now.reasoning, before.reasoning),
            source=now.source if now.source == before.source else "mixed",
        )
    )


def _sum(one: int | None, other: int | None) -> int | None:
    return one if other is None else other if one is None else one + other


def _estimated(call: Call, reading: Reading) -> list[Event]:
    return [] if reading.usage_seen else [UsageSeen(_estimate(call, reading))]


def _estimate(call: Call, reading: Reading) -> Usage:
    """The tokens of a reply whose end, with its usage, was not waited for."""
    output = estimate_text(reading.said)
    return Usage(estimate_tokens(call.request), output=output, source="estimated")


def _note(call: Call, plan: Plan) -> None:
    """Say what became of the calls: in the exchange's record, and in the log."""
    from gateway.log import log

    fields = plan.counts.fields()
    if not fields:
        return
    for name, count in fields.items():
        counted = f"{NAME}_{name}"
        call.attempt.counts[counted] = call.attempt.counts.get(counted, 0) + count
    log().info("tool_compat", form=plan.asking.name, **fields)
