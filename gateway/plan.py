"""Which targets and keys an exchange tries, one after the other: each at most once.

Keys that rest are passed over. Where no key of an upstream is fit, it is still asked once when
nothing else has answered, with the key that is fit again first: the provider knows best.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from gateway.attempt import Target
from gateway.groups import Resolution
from gateway.pool import Credential
from gateway.rotation import affinity, conversation_of, issuer
from gateway.trial import Exchange
from gateway.upstream import Upstream

Choice: TypeAlias = tuple[Target, Upstream, Credential]


def choices(exchange: Exchange, resolution: Resolution) -> Iterator[Choice]:
    """What to try, worked out as it is asked for: a key that rests by then is left out."""
    action, upstreams = exchange.endpoint.action, exchange.runtime.upstreams
    asked: list[str] = []
    chosen: Iterable[Choice]
    if resolution.strategy == "sticky":
        chosen = _by_conversation(exchange, resolution)
    else:
        chosen = _in_turn(exchange, resolution)
    for choice in chosen:
        target, upstream, credential = choice
        if upstream.pool.take(credential, action, target.model):
            asked.append(target.upstream)
            yield choice
    for target in resolution.targets:
        if target.upstream not in asked:
            asked.append(target.upstream)
            upstream = upstreams[target.upstream].facing(target)
            yield target, upstream, upstream.pool.least_tired(action, target.model)


def shares(exchange: Exchange, resolution: Resolution) -> list[int]:
    """How much each target weighs now: a number of the file, or one for each fit key."""
    fit = [_fit(exchange, target) for target in resolution.targets]
    if not resolution.weights:
        return fit
    return [weight if keys else 0 for weight, keys in zip(resolution.weights, fit, strict=True)]


def _in_turn(exchange: Exchange, resolution: Resolution) -> Iterator[Choice]:
    action, upstreams = exchange.endpoint.action, exchange.runtime.upstreams
    targets: Sequence[Target] = resolution.targets
    if resolution.strategy == "rotate" and len(targets) > 1:
        who = (resolution.group.name, resolution.alias, action, len(targets))
        order = exchange.runtime.rotation.next(who, shares(exchange, resolution))
        targets = [targets[position] for position in order]
    for target in targets:
        upstream = upstreams[target.upstream].facing(target)
        for credential in upstream.pool.order(action, target.model):
            yield target, upstream, credential


def _by_conversation(exchange: Exchange, resolution: Resolution) -> list[Choice]:
    """Every fit key of every target, the conversation's own first."""
    request = exchange.parsed()
    conversation = conversation_of(request, exchange.record.key_id)
    issued = issuer(request, resolution.targets)
    action, upstreams = exchange.endpoint.action, exchange.runtime.upstreams
    ranked: list[tuple[bool, float, int, Choice]] = []
    for target, weight in zip(resolution.targets, shares(exchange, resolution), strict=True):
        upstream = upstreams[target.upstream].facing(target)
        fit = upstream.pool.fit((action, target.model))
        for credential in fit:
            close = affinity(conversation, target, credential.key or "", weight / len(fit))
            choice = (target, upstream, credential)
            ranked.append((target is issued, close, -len(ranked), choice))
    return [choice for *_, choice in sorted(ranked, key=lambda one: one[:3], reverse=True)]


def _fit(exchange: Exchange, target: Target) -> int:
    pool = exchange.runtime.upstreams[target.upstream].pool
    return len(pool.fit((exchange.endpoint.action, target.model)))
