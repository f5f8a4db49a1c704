"""Neutral requests and replies as data: every bug's bytes come here first.

One JSON file an entry, in `requests/` and `streams/`: a note (what it is, and why it is here), an
origin and a date, and the request or the events in the words of `gateway.model` and
`gateway.events`. Defaults are left out; `type` names the kind of part or event. Seals belong to the
dialect `home`, which stands for the dialect under test.
"""

from __future__ import annotations

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
    return [_request_entry(name, home) for name in _files("requests")]


def streams(home: str = "home") -> list[StreamEntry]:
    """Every reply, by name; those that fail are among them."""
    return [_stream_entry(name, home) for name in _files("streams")]


def request(name: str, home: str = "home") -> ChatRequest:
    """The request of one entry. Raises KeyError."""
    return _request_entry(name, home).request


def stream(name: str, home: str = "home") -> list[Event]:
    """The events of one entry. Raises KeyError."""
    return _stream_entry(name, home).events


def _request_entry(name: str, home: str) -> RequestEntry:
    raw = _raw("requests", name, home)
    return RequestEntry(name, **{**raw, "request": read_request(raw["request"])})


def _stream_entry(name: str, home: str) -> StreamEntry:
    raw = _raw("streams", name, home)
    return StreamEntry(name, **{**raw, "events": read_events(raw["events"])})


def _raw(folder: str, name: str, home: str) -> dict[str, Json]:
    data = _files(folder)[name]
    data = data.replace(b'"dialect": "home"', b'"dialect": "%s"' % home.encode())
    return orjson.loads(data)  # type: ignore[no-any-return]


@cache
def _files(folder: str) -> dict[str, bytes]:
    return {path.stem: path.read_bytes() for path in sorted((HERE / folder).glob("*.json"))}
