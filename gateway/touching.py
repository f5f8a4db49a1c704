"""Who wants a look at an exchange: an untouched one is relayed where both sides speak alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attrs import frozen

from gateway.context import Context
from gateway.dispatch import direct
from gateway.hooks import Touch
from gateway.loading import Candidate

NOTHING: frozenset[Touch] = frozenset()
BOTH: frozenset[Touch] = frozenset({"request", "reply"})


@frozen
class Toucher:
    """A plugin that may touch exchanges.

    backends: only exchanges with these are touched; None: all. ask: its own `touches`.
    """

    wants: frozenset[Touch] = NOTHING
    backends: frozenset[str] | None = None
    ask: Callable[[Context], set[Touch] | None] | None = None

    def touches(self, context: Context) -> frozenset[Touch] | set[Touch]:
        if self.ask is not None:
            return self.ask(context) or NOTHING
        if self.backends is None or context.target.backend in self.backends:
            return self.wants
        return NOTHING


def touchers(candidates: Sequence[Candidate]) -> list[Toucher]:
    """Every plugin that touches some exchange; [] lets all of them be relayed."""
    return [one for each in candidates if (one := _toucher(each)) is not None]


def _toucher(candidate: Candidate) -> Toucher | None:
    hooks = candidate.hooks
    if "touches" in hooks:
        return Toucher(ask=direct(candidate, hooks["touches"]))
    if "rewrite_prompt" in hooks or "adjust_temperature" in hooks:
        return Toucher(BOTH)
    wants = _reading(candidate) | _writing(candidate)
    if "call_backend" in hooks:
        if not candidate.has("call_backend") or not candidate.backends or wants:
            return Toucher(BOTH)
        return Toucher(BOTH, frozenset(backend.name for backend in candidate.backends))
    return Toucher(wants) if wants else None


def _reading(candidate: Candidate) -> frozenset[Touch]:
    """A plugin that reads other plugins' dialects wants their requests to be read."""
    return frozenset({"request"}) if _is_for_others(candidate, "parse_inbound") else NOTHING


def _writing(candidate: Candidate) -> frozenset[Touch]:
    return frozenset({"reply"}) if _is_for_others(candidate, "encode_stream") else NOTHING


def _is_for_others(candidate: Candidate, name: str) -> bool:
    hook = candidate.hooks.get(name)
    return hook is not None and (hook.wrapper or hook.first or not candidate.dialects)
