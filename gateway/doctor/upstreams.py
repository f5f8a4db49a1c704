"""The upstreams: ask each whether it is there, takes its keys, and is what it is said to be."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence

import aiohttp

from gateway.doctor import verdict
from gateway.doctor.finding import Finding, good, note
from gateway.doctor.verdict import AREA, Question
from gateway.errors import GatewayError
from gateway.hooks import Backend, Probe
from gateway.plugins import Plugins
from gateway.settings import Settings, UpstreamSettings
from gateway.upstream import Upstream, release

BODY = 4 << 20
"""Bytes that are read of a list of models."""


async def tried(settings: Settings, plugins: Plugins, patience: float) -> list[Finding]:
    """Ask every upstream at once, each key of it; each answer within `patience` seconds."""
    asked = [_tried(one, plugins, patience) for one in settings.upstreams.values()]
    return [finding for found in await asyncio.gather(*asked) for finding in found]


async def _tried(settings: UpstreamSettings, plugins: Plugins, patience: float) -> list[Finding]:
    backend = plugins.backends.get(settings.backend)
    if settings.disabled:
        return [good(AREA, f"{settings.name} is disabled")]
    probe = _probe(backend, plugins)
    if backend is None or probe is None or not settings.base_url:
        return [good(AREA, f"{settings.name} ({settings.backend}): nothing to ask it beforehand")]
    upstream = Upstream(settings, backend)
    try:
        keys: Sequence[str | None] = settings.keys or [None]
        return [
            finding
            for number, key in enumerate(keys, 1)
            for finding in await _ask(
                Question(upstream, probe, key, _named(settings, number, len(keys))), patience
            )
        ]
    finally:
        await upstream.close()


async def _ask(question: Question, patience: float) -> list[Finding]:
    started = time.monotonic()
    try:
        async with asyncio.timeout(patience):
            reply = await question.upstream.send(question.probe.wire, question.key)
            try:
                body = await reply.content.read(BODY)
                while not reply.content.at_eof() and len(body) < BODY:
                    body += await reply.content.read(BODY)
            finally:
                release(reply)
    except TimeoutError:
        return [verdict.silent(question, patience)]
    except GatewayError as error:
        return [verdict.failed(question, error)]
    except (aiohttp.ClientError, OSError) as error:
        return [verdict.unreachable(question, error)]
    ms = (time.monotonic() - started) * 1000
    answered = verdict.answered(question, reply.content_type, body, ms)
    return [answered, *verdict.clock(reply.headers.get("date"))]


def _probe(backend: Backend | None, plugins: Plugins) -> Probe | None:
    """The backend's own, else that of the dialect it speaks; None where there is none."""
    if backend is None:
        return None
    speaks = plugins.backends.get(backend.speaks or "", backend)
    return backend.probe or speaks.probe


def _named(settings: UpstreamSettings, number: int, count: int) -> str:
    return f"{settings.name}, key {number} of {count}" if count > 1 else settings.name


def nothing(plugins: Plugins, environ: Mapping[str, str]) -> Finding:
    """No upstream is configured: what would answer then."""
    offers = sorted(plugins.fallbacks(environ), key=lambda offer: offer.rank)
    answers = f"{offers[0].upstream.name}/{offers[0].model}" if offers else "nothing"
    do = "set a provider's variable (OPENAI_API_KEY, …), or write a file: babelgate init"
    return note(AREA, "none is configured", f"{answers} would answer", do)
