"""The canary test: a unique value in one leaf must come out at the other side, or be in the ledger.

A string must be found again as it is. Numbers and booleans may be changed on the way (a budget
becomes an effort), so for them it is enough that the outcome differs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import TypeAlias

import orjson
from attrs import frozen

from gateway.attempt import Attempt
from gateway.errors import GatewayError, RequestError
from gateway.losses import Losses, show
from gateway.model import Json
from gateway.testing.captures import Capture
from gateway.testing.journeys import decode, encode
from gateway.testing.leaves import Node, nodes, replaced, shape, without
from gateway.testing.subject import Subject

CANARY = "canary0017310942"
"""A word that is a legal name, id and base64 text."""
ROUTED = frozenset([("model",), ("stream",)])
"""Leaves that the gateway itself acts on: which model, and which kind of reply."""


NOTHING: Mapping[str, str] = MappingProxyType({})


@frozen
class Outcome:
    """What came out at the other side, all of it, and the ledger."""

    text: str
    losses: Losses


Send: TypeAlias = Callable[[Json], Outcome | GatewayError]
"""Takes a body across."""


def canary_for(value: Json) -> Json:
    """A value of the same kind and form that occurs nowhere else."""
    match value:
        case bool():
            return not value
        case int():
            return 7919
        case float():
            return 0.7919
        case str():
            return _word_like(value)
        case None:
            return CANARY
    return {CANARY: CANARY} if isinstance(value, dict) else [CANARY]


def lost_requests(
    subject: Subject,
    client: str,
    backend: str,
    captured: Iterable[Capture],
    honoured: Mapping[str, str] = NOTHING,
    *,
    words: Mapping[str, str] = NOTHING,
    every: bool = False,
) -> Iterator[str]:
    """The leaves of `client`'s requests that reach neither `backend`'s wire nor the ledger.

    honoured: leaves, by their path without indices, that something else than the upstream obeys,
    each with the reason. words: keys of the dialect that the ledger calls by the hub's name.
    every: try all leaves, not one for each shape.
    """
    for capture, node in _leaves(captured, every=every):
        if node.path not in ROUTED and node.plain not in honoured:
            send = partial(_request, subject, client, backend, capture)
            if complaint := _lost(send, capture.body, node, words):
                yield f"{client} -> {backend}, {capture.name}: {complaint}"


def lost_replies(
    subject: Subject,
    backend: str,
    client: str,
    bodies: Iterable[tuple[str, Json]],
    implied: Mapping[str, str] = NOTHING,
) -> Iterator[str]:
    """The leaves of `backend`'s whole replies that reach neither `client` nor the ledger.

    implied: leaves, by their path without indices or their last name, that say nothing which the
    rest of the reply does not say, each with the reason.
    """
    send = partial(_reply, subject, backend, client)
    for name, body in bodies:
        for node in nodes(body):
            if not node.is_leaf or node.plain in implied or node.name in implied:
                continue
            if complaint := _lost(send, body, node, NOTHING):
                yield f"{backend} -> {client}, reply {name}: {complaint}"


def lost_leaves(
    send: Send,
    body: Json,
    honoured: Mapping[str, str] = NOTHING,
    words: Mapping[str, str] = NOTHING,
) -> Iterator[str]:
    """The leaves of `body` that `send` neither takes across nor records, but for `honoured`."""
    for node in nodes(body):
        if not node.is_leaf or node.plain in honoured:
            continue
        if complaint := _lost(send, body, node, words):
            yield complaint


def _leaves(captured: Iterable[Capture], *, every: bool) -> Iterator[tuple[Capture, Node]]:
    """The leaves to try: all, or one for each shape, in the smallest capture that has it."""
    seen: set[Json] = set()
    for capture in sorted(captured, key=lambda one: len(repr(one.body))):
        for node in nodes(capture.body):
            kind = (shape(capture.body, node.path), type(node.value))
            if node.is_leaf and (every or kind not in seen):
                seen.add(kind)
                yield capture, node


def _request(
    subject: Subject, client: str, backend: str, capture: Capture, body: Json
) -> Outcome | GatewayError:
    wire = subject.wire(client, body, headers=capture.headers)
    losses = subject.losses(client)
    try:
        request = subject.read(client, wire, losses)
        attempt = subject.attempt(backend, client, stream=bool(request.stream))
        attempt.losses = losses
        sent = subject.write(backend, request, attempt)
    except RequestError as error:
        return error
    whole = [sent.path, *sent.query.values(), *sent.headers.values(), _text(sent.body)]
    return Outcome("\n".join(whole), losses)


def _reply(subject: Subject, backend: str, client: str, body: Json) -> Outcome | GatewayError:
    attempt: Attempt = subject.attempt(backend, client)
    try:
        events = decode(subject, backend, [orjson.dumps(body)], stream=False, attempt=attempt)
        data = encode(subject, client, events, stream=False, attempt=attempt)
    except GatewayError as error:
        return error
    return Outcome(data.decode(), attempt.losses)


def _lost(send: Send, body: Json, node: Node, words: Mapping[str, str]) -> str:
    """Why the leaf counts as lost; "" when it does not."""
    place, canary = show(node.path), canary_for(node.value)
    before, after = send(body), send(replaced(body, node.path, canary))
    if isinstance(before, GatewayError):
        return f"refused as it is: {before.message}"
    if isinstance(after, GatewayError):
        return "" if after.message else f"{place} is refused without a word"
    keys = node.keys | {words[key] for key in node.keys if key in words}
    if _arrived(node, before, after) or any(_last(loss.path) in keys for loss in after.losses):
        return ""
    if _owes(send, body, node, after):
        return ""
    return f"{place} is lost (it held {canary!r})"


def _arrived(node: Node, before: Outcome, after: Outcome) -> bool:
    if isinstance(node.value, str) or node.value is None:
        return CANARY in after.text
    return before.text != after.text or list(before.losses) != list(after.losses)


def _owes(send: Send, body: Json, node: Node, after: Outcome) -> bool:
    """Whether the ledger has an entry because of the leaf: it is shorter without it."""
    left_out = send(without(body, node.path))
    return not isinstance(left_out, GatewayError) and len(left_out.losses) < len(after.losses)


def _word_like(value: str) -> str:
    """The canary in the form of `value`: an address, a data address, a media type, or a word."""
    if value.startswith("data:"):
        return re.sub(r",.*", f",{CANARY}", value, flags=re.DOTALL)
    if value.startswith(("http://", "https://")):
        return f"https://example.com/{CANARY}"
    if re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", value):
        return f"{value.split('/', maxsplit=1)[0]}/{CANARY}"
    return CANARY


def _last(path: str) -> str:
    """The last name in a ledger's path: "title" in "messages[3].content[0].title"."""
    return re.sub(r"\[\d+\]", "", path).rsplit(".", 1)[-1]


def _text(body: Json) -> str:
    return body.decode(errors="replace") if isinstance(body, bytes) else orjson.dumps(body).decode()
