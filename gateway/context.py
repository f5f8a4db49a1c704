"""What is known of one exchange: the hooks' view of it, one call, and its record."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from attrs import define, field

from gateway.attempt import Attempt, Target
from gateway.events import Event, Usage
from gateway.losses import Loss, Losses
from gateway.model import ChatRequest

if TYPE_CHECKING:
    from gateway.hooks import Backend, Endpoint
    from gateway.settings import Group
    from gateway.upstream import Upstream

NOTHING_COUNTED: Mapping[str, int] = MappingProxyType({})


@define
class Context:
    """One exchange with one target, as hooks see it.

    group: the resolved group. alias: the configured name or pattern that matched.
    client: the name of the client program, from its headers ("claude-cli"), "" when unknown.
    compat: the URL asks for tool compatibility mode.
    input_tokens: an estimate of the request's length, computed when asked.
    state: room for a plugin to keep something between its hooks, by plugin name.
    """

    exchange_id: str
    endpoint: Endpoint
    group: Group
    alias: str
    model: str
    client: str
    compat: bool
    key_id: str | None
    target: Target
    attempt: Attempt
    state: dict[str, Any] = field(factory=dict)

    @property
    def losses(self) -> Losses:
        return self.attempt.losses


@define
class Call:
    """One request to one upstream with one key.

    key: the real key, or None for a keyless upstream; it must reach no log, error or URL.
    state: that of the context that the request was rewritten in.
    ask: makes another call, through every wrapper; None where nobody can.
    """

    request: ChatRequest
    attempt: Attempt
    backend: Backend
    upstream: Upstream
    key: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(factory=dict)
    state: dict[str, Any] = field(factory=dict)
    ask: Callable[[Call], AsyncGenerator[list[Event], None]] | None = field(
        default=None, repr=False
    )

    @property
    def target(self) -> Target:
        return self.attempt.target


@define
class Record:
    """What happened in one exchange. Times are seconds since the epoch; None: it never came.

    counts: what plugins counted in the last attempt (see `Attempt.counts`).
    """

    exchange_id: str
    started: float
    endpoint: str
    dialect: str
    group: str | None = None
    alias: str | None = None
    model: str | None = None
    target: str | None = None
    key_id: str | None = None
    client: str = ""
    stream: bool = False
    relayed: bool = False
    first_byte: float | None = None
    ended: float | None = None
    status: int | None = None
    finish: str | None = None
    error: str | None = None
    usage: Usage | None = None
    retries: int = 0
    losses: list[Loss] = field(factory=list)
    counts: Mapping[str, int] = NOTHING_COUNTED
