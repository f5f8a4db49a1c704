"""Neutral requests and replies as data: every bug's bytes come here first.

One JSON file an entry, in `requests/` and `streams/`: a note (what it is, and why it is here), an
origin and a date, and the request or the events in the words of `gateway.model` and
`gateway.events`. Defaults are left out; `type` names the kind of part or event. Seals belong to the
dialect `home`, which stands for the dialect under test.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import orjson
from attrs import frozen

from gateway.events import Event, Finish
from gateway.model import ChatRequest, Json
from gateway.testing.corpus.words import read_events, read_request

HERE = Path(__file__).parent


@frozen
class RequestEntry:
    name: str
    note: str
    origin: str
    date: str
    request: ChatRequest


@frozen
class StreamEntry:
    name: str
    note: str
    origin: str
    date: str
    events: list[Event]

    @property
    def complete(self) -> bool:
        """Whether the reply ends well."""
        return isinstance(self.events[-1], Finish)


def requests(home: str = "home") -> list[RequestEntry]:
    """Every request, by name; its seals belong to the dialect `home`."""
    return [
        RequestEntry(**facts, request=read_request(rest["request"]))
        for facts, rest in _entries("requests", home)
    ]


def streams(home: str = "home") -> list[StreamEntry]:
    """Every reply, by name; those that fail are among them."""
    return [
        StreamEntry(**facts, events=read_events(rest["events"]))
        for facts, rest in _entries("streams", home)
    ]


def request(name: str, home: str = "home") -> ChatRequest:
    """The request of one entry. Raises KeyError."""
    return {entry.name: entry for entry in requests(home)}[name].request


def stream(name: str, home: str = "home") -> list[Event]:
    """The events of one entry. Raises KeyError."""
    return {entry.name: entry for entry in streams(home)}[name].events


def _entries(folder: str, home: str) -> Iterator[tuple[dict[str, str], dict[str, Json]]]:
    for name, data in _files(folder):
        raw = orjson.loads(data.replace(b'"dialect": "home"', b'"dialect": "%s"' % home.encode()))
        facts = {key: raw.pop(key) for key in ("note", "origin", "date")}
        yield {"name": name, **facts}, raw


@cache
def _files(folder: str) -> list[tuple[str, bytes]]:
    return [(path.stem, path.read_bytes()) for path in sorted((HERE / folder).glob("*.json"))]
