"""Calls into plugins: guarded, so that a failure names plugin and hook, and as direct as can be.

A plugin that owns a dialect or a backend answers for it from a table, without pluggy in between.
pluggy's own caller takes over for a hook that somebody wraps, that a plugin without such a name
implements, or that an owner marks `tryfirst` because it wants to answer for others too.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import aclosing
from functools import wraps
from inspect import isawaitable
from operator import itemgetter
from typing import Any, TypeAlias

import pluggy
from attrs import frozen

from gateway.errors import GatewayError, PluginError
from gateway.events import Event
from gateway.loading import SPECS, Candidate, Hook, in_a_line

Answer: TypeAlias = Any
"""What a hook gave; the typed calls of `Plugins` say what it is."""
Function: TypeAlias = Callable[..., Answer]
Stream: TypeAlias = AsyncGenerator[list[Event], None]


@frozen
class Provide:
    """One *provide* hook: who answers for which key, and pluggy for the rest."""

    table: Mapping[str, Function]
    caller: pluggy.HookCaller
    arguments: Sequence[str]

    def __call__(self, key: str, *arguments: object) -> Answer:
        direct = self.table.get(key)
        if direct is not None:
            return direct(*arguments)
        return self.caller(**dict(zip(self.arguments, arguments, strict=True)))


def provide(
    hook: str,
    manager: pluggy.PluginManager,
    candidates: Sequence[Candidate],
    owners: Mapping[str, Candidate],
    otherwise: Function | None = None,
) -> Provide:
    """The dispatch of `hook`, where `owners` says whose key is whose.

    otherwise: answers for the keys whose owner does not implement the hook.
    """
    owning = {id(candidate) for candidate in owners.values()}
    table: dict[str, Function] = {}
    if all(_keeps_to_its_own(each, hook, owning) for each in candidates):
        for key, owner in owners.items():
            if hook in owner.hooks:
                table[key] = direct(owner, owner.hooks[hook])
            elif otherwise is not None:
                table[key] = otherwise
    return Provide(table, getattr(manager.hook, hook), SPECS[hook])


def direct(candidate: Candidate, hook: Hook) -> Function:
    """A guarded call that takes all arguments of the hook and passes on those that are wanted."""
    function = guarded(candidate, hook.name, hook.function)
    wanted = [SPECS[hook.name].index(name) for name in hook.takes]
    if wanted == list(range(len(SPECS[hook.name]))):
        return function
    if not wanted:
        return lambda *_: function()
    pick = itemgetter(*wanted)
    if len(wanted) == 1:
        return lambda *arguments: function(pick(arguments))
    return lambda *arguments: function(*pick(arguments))


def guard_within(manager: pluggy.PluginManager, candidates: Sequence[Candidate]) -> None:
    """Guard the functions that pluggy itself will call."""
    whose = {id(candidate.plugin): candidate for candidate in candidates}
    for hook in SPECS:
        for implementation in getattr(manager.hook, hook).get_hookimpls():
            candidate = whose.get(id(implementation.plugin))
            if candidate is not None:
                wrapping = implementation.wrapper
                guard = guarded_wrapper if wrapping else guarded
                implementation.function = guard(candidate, hook, implementation.function)


def guarded(candidate: Candidate, hook: str, function: Function) -> Function:
    """`function`, whose failures name plugin and hook. GatewayErrors pass as they are."""
    finish = LATER.get(hook)
    if candidate.traced:
        function = traced(candidate, hook, function)

    @wraps(function)
    def call(*arguments: object) -> Answer:
        try:
            result = function(*arguments)
        except (GatewayError, PluginError):
            raise
        except Exception as error:  # the border: a plugin's code
            raise failure(candidate, hook, error) from error
        return result if finish is None or result is None else finish(candidate, hook, result)

    return call


def guarded_wrapper(candidate: Candidate, hook: str, function: Function) -> Function:
    """The same for a wrapper, which is a generator around the other implementations."""
    finish = LATER.get(hook)
    if candidate.traced:
        function = traced(candidate, hook, function)

    @wraps(function)
    def call(*arguments: object) -> Generator[None, Answer, Answer]:
        try:
            result = yield from function(*arguments)
        except (GatewayError, PluginError):
            raise
        except Exception as error:  # the border: a plugin's code
            raise failure(candidate, hook, error) from error
        return result if finish is None or result is None else finish(candidate, hook, result)

    return call


def failure(candidate: Candidate, hook: str, error: BaseException) -> PluginError:
    """What went wrong in a hook, in one line."""
    return PluginError(f"{candidate}, hook {hook}: {in_a_line(error)}")


def traced(candidate: Candidate, hook: str, function: Function) -> Function:
    """`function`, which logs each call: plugin, hook, time, and the kind of its answer."""
    from gateway.log import log  # only when somebody traces

    def call(*arguments: object) -> Answer:
        started = time.perf_counter()
        answer = function(*arguments)
        took = round((time.perf_counter() - started) * 1000, 3)
        kind = type(answer).__name__
        log().info("hook_called", hook=hook, plugin=candidate.name, ms=took, gave=kind)
        return answer

    return call


def _keeps_to_its_own(candidate: Candidate, hook: str, owning: set[int]) -> bool:
    own = candidate.hooks.get(hook)
    return own is None or (id(candidate) in owning and not own.wrapper and not own.first)


def guarded_stream(candidate: Candidate, hook: str, result: Answer) -> Stream:
    if not isinstance(result, AsyncGenerator):
        raise PluginError(
            f"{candidate}, hook {hook}: it must give an async generator,"
            f" not {type(result).__name__}"
        )
    return _watched(candidate, hook, result)


async def _watched(candidate: Candidate, hook: str, stream: Stream) -> Stream:
    async with aclosing(stream):
        try:
            async for batch in stream:
                yield batch
        except (GatewayError, PluginError):
            raise
        except Exception as error:  # the border: a plugin's code
            raise failure(candidate, hook, error) from error


def _awaitable(candidate: Candidate, hook: str, result: Answer) -> Awaitable[Answer]:
    if not isawaitable(result):
        raise PluginError(f"{candidate}, hook {hook}: it must give something to await")
    return _guarded_awaitable(candidate, hook, result)


async def _guarded_awaitable(candidate: Candidate, hook: str, waiting: Awaitable[Answer]) -> Answer:
    try:
        return await waiting
    except (GatewayError, PluginError):
        raise
    except Exception as error:  # the border: a plugin's code
        raise failure(candidate, hook, error) from error


LATER: Mapping[str, Callable[[Candidate, str, Answer], Answer]] = {
    "call_backend": guarded_stream,
    "count_tokens": _awaitable,
    "embed": _awaitable,
}
"""Hooks whose answer does its work later, and how that is guarded."""
