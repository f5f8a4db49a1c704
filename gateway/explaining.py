"""What the gateway would do with a request: worked out by its own steps, and nobody is asked.

Routing, trials, hooks and translators are those of an exchange; only the sending is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

import attrs
from attrs import evolve, field, frozen
from yarl import URL

from gateway import exchange as exchanges
from gateway import faces
from gateway.context import Record
from gateway.errors import BadRequest, GatewayError
from gateway.groups import Resolution, is_pattern
from gateway.hooks import RouteFacts
from gateway.losses import Loss
from gateway.model import ChatRequest, Json
from gateway.routes import SWITCH, Route
from gateway.runtime import Runtime
from gateway.settings import LossPolicy, Settings
from gateway.telling import difference, told
from gateway.trial import Exchange, Trial
from gateway.upstream import HOP_HEADER, OWN_HEADERS, base_url
from gateway.wire import InboundWire, UpstreamWire

T = TypeVar("T")
HIDDEN = "(hidden)"
CONFIGURED = "(configured)"
KEY = "(key)"
SHORTEST_SECRET = 4
KEY_HEADERS = ("authorization", "x-api-key", "x-goog-api-key", "proxy-authorization", "cookie")
POLICIES: Mapping[LossPolicy, str] = {
    "note": "the losses are written down, and the request is sent",
    "warn": "losses of meaning are named to the client in a header, and the request is sent",
    "refuse": "a loss of meaning keeps the request from being sent",
}


@frozen
class Change:
    """What one plugin's hook does to the request. diff: lines that begin with `+`, `-`, space."""

    plugin: str
    hook: str
    diff: list[str]


@frozen
class Sent:
    """The request that the upstream would get. body: JSON, or text that is none."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: Json


@frozen
class Tried:
    """One target. keys: how many its upstream has. touched: who wants to see what of it.

    face: which of its provider's faces is asked, and why; "" where there is only one.
    refused: why this request would never be sent there; None when it would be.
    """

    target: str
    why: str
    backend: str
    speaks: str | None
    keys: int
    face: str
    way: str
    touched: Mapping[str, list[str]]
    changes: list[Change] = field(factory=list)
    sent: Sent | None = None
    losses: list[Loss] = field(factory=list)
    refused: str | None = None


@frozen
class Explanation:
    """Everything, in the order in which it is decided; texts are whole, and secrets hidden."""

    method: str
    path: str
    dialect: str
    endpoint: str
    compat: bool
    model: str
    stream: bool
    group: str
    group_why: str
    alias: str
    alias_why: str
    skipped: list[str]
    policy: LossPolicy
    policy_means: str
    neutral: Json
    targets: list[Tried]
    note: str | None = None


def explain(runtime: Runtime, wire: InboundWire) -> Explanation:
    """What would become of `wire` (its path as sent). Raises GatewayError as an exchange would."""
    route = runtime.routes.resolve(wire.method, wire.path, wire.headers)
    if route.endpoint.action != "chat":
        raise BadRequest(
            f"{wire.path} is no chat request (it is '{route.endpoint.action}'), and only those"
            " are explained"
        )
    exchange = _exchange(runtime, route, evolve(wire, args=route.args))
    facts = exchange.dialect.facts(exchange.wire, exchange.endpoint)
    if route.endpoint.stream is not None:
        facts = evolve(facts, stream=route.endpoint.stream)
    resolution = exchanges.resolve(exchange, facts.model, facts.plain)
    found = _explained(exchange, route, facts, resolution)
    return hidden(found, secrets_of(runtime.settings, wire))


def secrets_of(settings: Settings, wire: InboundWire) -> list[str]:
    """Every text that must not be shown, the longest first."""
    found = {settings.admin_key or ""}
    for upstream in settings.upstreams.values():
        values = [*upstream.headers.values(), *upstream.query.values(), *upstream.proxies]
        found.update(upstream.keys)
        found.update(value for value in values if len(value) >= 2 * SHORTEST_SECRET)
    found.update(wire.headers.get(name, "") for name in KEY_HEADERS)
    found.update(wire.headers.get(name, "").rpartition(" ")[2] for name in KEY_HEADERS)
    found.add(wire.query.get("key", ""))
    return sorted((one for one in found if len(one) >= SHORTEST_SECRET), key=len, reverse=True)


def hidden(value: T, secrets: Iterable[str]) -> T:
    """`value` with every secret in any of its texts covered."""
    return _covered(value, list(secrets))  # type: ignore[no-any-return]  # of the same type


def _covered(value: Json, secrets: list[str]) -> Json:
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, HIDDEN)
        return value
    if attrs.has(type(value)):
        names = [one.name for one in attrs.fields(type(value))]
        return evolve(value, **{one: _covered(getattr(value, one), secrets) for one in names})
    if isinstance(value, Mapping):
        return {_covered(key, secrets): _covered(one, secrets) for key, one in value.items()}
    if isinstance(value, list):
        return [_covered(one, secrets) for one in value]
    return value


def _exchange(runtime: Runtime, route: Route, wire: InboundWire) -> Exchange:
    client = wire.headers.get("user-agent", "").partition(" ")[0]
    record = Record(
        exchange_id="explained",
        started=0.0,
        endpoint=route.endpoint.path,
        dialect=route.endpoint.dialect,
        group=route.group,
        client=client,
    )
    return Exchange(
        id="explained",
        runtime=runtime,
        request=None,  # type: ignore[arg-type]  # for answers, and there is none
        wire=wire,
        endpoint=route.endpoint,
        dialect=runtime.plugins.dialects[route.endpoint.dialect],
        record=record,
        compat=route.compat,
    )


def _explained(
    exchange: Exchange, route: Route, facts: RouteFacts, resolution: Resolution
) -> Explanation:
    group = resolution.group
    return Explanation(
        method=exchange.wire.method,
        path=exchange.wire.path,
        dialect=route.endpoint.dialect,
        endpoint=route.endpoint.path,
        compat=route.compat,
        model=facts.model,
        stream=facts.stream,
        group=group.name,
        group_why=_group_why(route, facts, group.name),
        alias=resolution.alias,
        alias_why=_alias_why(resolution, facts),
        skipped=_skipped(exchange.runtime.settings, resolution),
        policy=group.on_loss,
        policy_means=POLICIES[group.on_loss],
        neutral=_neutral(exchange),
        targets=_targets(exchange, resolution, facts),
        note=_note(facts, resolution, route),
    )


def _neutral(exchange: Exchange) -> Json:
    """The neutral request. One that only the client's own dialect can read may still be relayed."""
    try:
        return told(exchange.parsed())
    except BadRequest as error:
        return f"it can't be read: {error.message}"


def _group_why(route: Route, facts: RouteFacts, name: str) -> str:
    if facts.model.startswith(f"{name}@"):
        return "the model's name says so"
    if route.group is None:
        return "the URL names none, and this is the default or the only one"
    return "it is the active one now" if route.group == SWITCH else "the URL says so"


def _alias_why(resolution: Resolution, facts: RouteFacts) -> str:
    asked = resolution.model
    plain = "" if facts.plain != asked else f" (what '{facts.model}' is also called)"
    if is_pattern(resolution.alias):
        return f"the longest pattern that matches '{asked}'{plain}"
    if resolution.alias not in resolution.group.models:
        return "the full name of a model, as no groups are configured"
    return f"exactly '{asked}'{plain}"


def _skipped(settings: Settings, resolution: Resolution) -> list[str]:
    alias = resolution.group.models.get(resolution.alias)
    names = alias.targets if alias else ()
    return [str(one) for one in names if settings.upstreams[one.upstream].disabled]


def _note(facts: RouteFacts, resolution: Resolution, route: Route) -> str | None:
    if facts.ready is None or resolution.targets[0].speaks == route.endpoint.dialect:
        return None
    return "it only asks whether the model is there: the gateway answers by itself"


def _targets(exchange: Exchange, resolution: Resolution, facts: RouteFacts) -> list[Tried]:
    """Each target once, with the first of its keys."""
    found: dict[str, Tried] = {}
    for trial in exchanges.trials(exchange, resolution, facts):
        name = str(trial.target)
        if name not in found:
            found[name] = _tried(trial, "first" if not found else "when those before it fail")
    return list(found.values())


def _tried(trial: Trial, why: str) -> Tried:
    touching = trial.exchange.runtime.plugins.touching(trial.context)
    tried = Tried(
        target=str(trial.target),
        why=why,
        backend=trial.target.backend,
        speaks=trial.target.speaks,
        keys=len(trial.upstream.settings.keys),
        face=faces.why(trial.target, trial.upstream.settings, trial.exchange.endpoint.dialect),
        way=_way(trial),
        touched={name: sorted(wanted) for name, wanted in touching.items()},
    )
    changes: list[Change] = []
    try:
        sent = _relayed(trial) if _is_relayed(trial) else _translated(trial, changes)
    except GatewayError as error:
        refused = f"{error.status}: {error.message}"
        losses = list(trial.context.losses)
        return evolve(tried, changes=changes, losses=losses, refused=refused)
    losses = list(trial.context.losses)
    return evolve(tried, changes=changes, sent=sent, losses=losses, refused=_refused(trial))


def _is_relayed(trial: Trial) -> bool:
    return trial.reply_is_relayed and trial.request_is_relayed


def _way(trial: Trial) -> str:
    client, upstream = trial.exchange.endpoint.dialect, trial.target.speaks
    if _is_relayed(trial):
        return f"relayed: both sides speak {client}, and no plugin touches it"
    if trial.reply_is_relayed:
        return f"the request is written anew in {client}, and the reply relayed"
    if upstream is None:
        return f"handed to the backend '{trial.target.backend}', which has no dialect"
    return f"translated: {client} -> {upstream}"


def _relayed(trial: Trial) -> Sent:
    relay = trial.exchange.dialect.relay
    assert relay is not None
    return _sent(trial, relay(trial.exchange.wire, trial.exchange.endpoint, trial.target))


def _translated(trial: Trial, changes: list[Change]) -> Sent | None:
    """The request by the backend's arrow, and into `changes` what the hooks did before it."""
    request = trial.exchange.parsed()
    trial.context.attempt.losses = trial.exchange.losses(trial.target.speaks)
    if "request" in trial.touched:
        request = _changed(trial, request, changes)
    write = trial.upstream.backend.write_request
    return _sent(trial, write(request, trial.context.attempt)) if write else None


def _changed(trial: Trial, request: ChatRequest, changes: list[Change]) -> ChatRequest:
    plugins = trial.exchange.runtime.plugins
    for plugin, hook, after in plugins.changes(request, trial.context):
        diff = difference(request, after)
        if diff:
            changes.append(Change(plugin, hook, diff))
        request = after
    return request


def _sent(trial: Trial, wire: UpstreamWire) -> Sent:
    upstream = trial.upstream
    headers = {name: value for name, value in OWN_HEADERS.items() if name != HOP_HEADER}
    headers.update({**upstream.backend.headers, **wire.headers})
    if trial.credential.key and upstream.auth:
        headers.update(upstream.auth(KEY))
    headers.update(dict.fromkeys(upstream.settings.headers, CONFIGURED))
    return Sent(wire.method, _url(trial, wire), headers, _body(wire))


def _url(trial: Trial, wire: UpstreamWire) -> str:
    settings = trial.upstream.settings
    base = base_url(settings.base_url, trial.upstream.backend.version)
    if not settings.base_url:
        return f"(where '{settings.name}' listens then){wire.path}"
    query = {**dict.fromkeys(settings.query, CONFIGURED), **wire.query}
    url = URL(base + wire.path, encoded=True)
    return str(url.update_query(query) if query else url)


def _body(wire: UpstreamWire) -> Json:
    if not isinstance(wire.body, bytes):
        return wire.body
    return InboundWire(wire.method, wire.path, body=wire.body).json()


def _refused(trial: Trial) -> str | None:
    lost = trial.context.losses.of_meaning
    if not lost or not trial.context.attempt.refuse_losses:
        return None
    return f"the group refuses losses of meaning, and there are {len(lost)}"
