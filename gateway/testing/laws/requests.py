"""Laws of the way out: a request that goes through a dialect stays what it was."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import orjson
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from gateway.model import ChatRequest, Json
from gateway.testing import corpus, strategies
from gateway.testing.canary import NOTHING, lost_requests
from gateway.testing.captures import Capture, captures
from gateway.testing.comparing import blanked, plain_request
from gateway.testing.journeys import home, there_and_back
from gateway.testing.laws.guard import Laws, generated
from gateway.testing.subject import MODEL
from gateway.wire import InboundWire, UpstreamWire

requests = pytest.mark.parametrize("name", [entry.name for entry in corpus.requests()])


class RequestLaws(Laws):
    """Laws 1, 7 and 8 for requests.

    dialect: its name. captures: a folder of recorded requests (see `gateway.testing.captures`).
    lacks: what the dialect has no place for, in the words of `blanked` ("Sampling.top_k",
    "Thinking"); each must be in the loss ledger when it is lost. honoured: leaves of requests, by
    their path without indices, that the gateway obeys itself, each with the reason.
    """

    dialect: ClassVar[str]
    captures: ClassVar[Path | None] = None
    lacks: ClassVar[frozenset[str]] = frozenset()
    honoured: ClassVar[Mapping[str, str]] = NOTHING

    def canonical(self, request: ChatRequest) -> ChatRequest:
        """What `request` is after one trip: the only differences that law 1 allows.

        Override to add what the dialect must restructure; start from `super().canonical`.
        """
        return blanked(request, self.lacks)

    def canonical_body(self, body: dict[str, Json]) -> dict[str, Json]:
        """What a captured body is after one trip home, as JSON; the model's name aside."""
        return body

    @requests
    def test_a_request_survives_the_trip(self, name: str) -> None:
        self.check_trip(corpus.request(name, self.dialect))

    @generated
    @given(data=st.data())
    def test_any_request_survives_the_trip(self, data: st.DataObject) -> None:
        self.check_trip(data.draw(strategies.requests(self.dialect)))

    @requests
    def test_what_the_dialect_lacks_is_in_the_ledger(self, name: str) -> None:
        request = corpus.request(name, self.dialect)
        for lacking in sorted(self.lacks):
            alone = blanked(request, self.lacks - {lacking})
            if alone != blanked(request, self.lacks):
                attempt = self.subject.attempt(self.dialect, "elsewhere")
                self.subject.write(self.dialect, alone, attempt)
                assert len(attempt.losses), f"{lacking} was lost without an entry in the ledger"

    def test_a_captured_request_comes_home_unchanged(self) -> None:
        for capture in self.captured():
            sent = home(self.subject, self.dialect, self.wire(capture))
            assert isinstance(sent.body, dict), capture.name
            body = self.canonical_body(capture.body)
            if "model" in body:
                assert sent.body["model"] == MODEL, capture.name
                body = {**body, "model": MODEL}
            assert sent.body == body, capture.name

    def test_every_leaf_of_a_captured_request_comes_home(self) -> None:
        own = self.dialect
        lost = list(lost_requests(self.subject, own, own, self.captured(), self.honoured))

        assert not lost, "\n".join(lost)

    @requests
    def test_the_same_request_gives_the_same_bytes(self, name: str) -> None:
        request = corpus.request(name, self.dialect)

        assert self.written(request) == self.written(request)

    @generated
    @given(data=st.data())
    def test_tools_keep_their_order(self, data: st.DataObject) -> None:
        request = data.draw(strategies.requests(self.dialect))
        tools = corpus.request("tool_parallel", self.dialect).tools or []
        names = [tool.name for tool in tools]
        shuffled = evolve(request, tools=tools, tool_choice=None)
        reverse = evolve(request, tools=tools[::-1], tool_choice=None)

        for asked, expected in ((shuffled, names), (reverse, names[::-1])):
            read = there_and_back(self.subject, self.dialect, asked)
            assert [tool.name for tool in read.tools or ()] == expected

    def test_facts_agree_with_the_whole_request(self) -> None:
        dialect = self.subject.dialects[self.dialect]
        for capture in self.captured():
            wire, endpoint = self.wire(capture), self.subject.endpoint(self.dialect)
            facts, request = dialect.facts(wire, endpoint), self.subject.read(self.dialect, wire)
            assert facts.model == request.model, capture.name
            assert facts.stream == bool(request.stream), capture.name

    def check_trip(self, request: ChatRequest) -> None:
        """Law 1, and that a second trip changes nothing more."""
        expected = plain_request(self.canonical(request))
        first = there_and_back(self.subject, self.dialect, request)
        second = there_and_back(self.subject, self.dialect, first)
        named = evolve(expected, model=first.model)
        assert plain_request(evolve(first, stream=request.stream)) == named
        assert plain_request(second) == plain_request(first)

    def captured(self) -> list[Capture]:
        return captures(self.captures, self.subject.dialects[self.dialect])

    def wire(self, capture: Capture) -> InboundWire:
        return self.subject.wire(self.dialect, capture.body, headers=capture.headers)

    def written(self, request: ChatRequest) -> bytes:
        attempt = self.subject.attempt(self.dialect, self.dialect, stream=bool(request.stream))
        return _bytes(self.subject.write(self.dialect, request, attempt))


def _bytes(sent: UpstreamWire) -> bytes:
    return orjson.dumps([sent.path, dict(sent.query), dict(sent.headers), sent.body])
