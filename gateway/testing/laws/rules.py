"""Laws of a rule: a plugin that changes requests on their way (`rewrite_prompt` and its like)."""

from __future__ import annotations

from typing import ClassVar

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from gateway.context import Context
from gateway.hooks import Backend, Dialect, Endpoint, RouteFacts, hookimpl
from gateway.model import ChatRequest, ToolCall, ToolResult
from gateway.settings import Group
from gateway.testing import corpus, strategies
from gateway.testing.laws.guard import Laws, generated
from gateway.testing.subject import Subject
from gateway.wire import InboundWire

requests = pytest.mark.parametrize("name", [entry.name for entry in corpus.requests()])
ANYWHERE = Endpoint("POST", "/chat", "anywhere", "chat")


class RuleLaws(Laws):
    """What every change of a request keeps: it is legal, the same every time, and nobody's else.

    group: the group of the exchange, with what the rule's settings are in `extra`.
    """

    group: ClassVar[Group] = Group("default")

    @requests
    def test_any_request_can_be_changed(self, name: str) -> None:
        self.check_change(corpus.request(name))

    @generated
    @given(data=st.data())
    def test_any_generated_request_can_be_changed(self, data: st.DataObject) -> None:
        self.check_change(data.draw(strategies.requests()))

    @requests
    def test_the_request_stays_as_it_was(self, name: str) -> None:
        request = corpus.request(name)

        self.changed(request)

        assert request == corpus.request(name), "evolve makes the next one; this one was changed"

    @requests
    def test_the_same_request_gets_the_same_change(self, name: str) -> None:
        request = corpus.request(name)

        assert self.changed(request) == self.changed(request), "a prompt cache would never hit"

    @requests
    def test_a_longer_conversation_begins_as_the_shorter_one_did(self, name: str) -> None:
        """Prompt caches of providers keep what begins alike."""
        request = corpus.request(name)
        longer = evolve(
            request, messages=[*request.messages, *corpus.request("text_turns").messages]
        )

        first, second = self.changed(request), self.changed(longer)

        assert second.system == first.system
        assert second.tools == first.tools

    def test_temperatures_stay_temperatures(self) -> None:
        for temperature in (0.0, 0.3, 1.0, 2.0):
            for changed in self.temperatures(temperature):
                assert isinstance(changed, int | float)
                assert 0 <= changed <= 2, f"{temperature} became {changed}"

    def check_change(self, request: ChatRequest) -> None:
        """It is a request, every result has its call, and a chosen tool exists."""
        changed = self.changed(request)
        parts = [part for message in changed.messages for part in message.parts]
        calls = {part.id for part in parts if isinstance(part, ToolCall)}
        results = {part.call_id for part in parts if isinstance(part, ToolResult)}
        assert changed.messages, "nothing is left to answer"
        assert results <= calls, f"results without a call: {sorted(results - calls)}"
        choice, tools = changed.tool_choice, changed.tools or ()
        if choice is not None and choice.mode == "tool":
            assert choice.name in {tool.name for tool in tools}, f"there is no tool {choice.name}"

    def changed(self, request: ChatRequest) -> ChatRequest:
        """What the rule makes of `request`; the hook must give a request or None."""
        for answer in self.tried.manager.hook.rewrite_prompt(
            request=request, context=self.context(request)
        ):
            assert isinstance(answer, ChatRequest), f"rewrite_prompt gave {answer!r}"
            return answer
        return request

    def temperatures(self, temperature: float) -> list[float]:
        request = corpus.request("text")
        request = evolve(request, sampling=evolve(request.sampling, temperature=temperature))
        hook = self.tried.manager.hook.adjust_temperature
        found: list[float] = hook(
            temperature=temperature, request=request, context=self.context(request)
        )
        return found

    def context(self, request: ChatRequest) -> Context:
        """The exchange that the hooks are shown."""
        attempt = self.tried.attempt("anywhere", "anywhere", stream=bool(request.stream))
        return evolve(self.tried.context(ANYWHERE, attempt), group=self.group)

    @property
    def tried(self) -> Subject:
        """The rule, and a provider for it to stand before."""
        return Subject(*self.others, Anywhere(), self.plugin)


class Anywhere:
    """A dialect and a backend that nobody speaks."""

    @hookimpl
    def register_dialects(self) -> list[Dialect]:
        return [Dialect("anywhere", [ANYWHERE], facts)]

    @hookimpl
    def register_backends(self) -> list[Backend]:
        return [Backend("anywhere", speaks="anywhere", needs_url=False)]


def facts(wire: InboundWire, endpoint: Endpoint) -> RouteFacts:  # noqa: ARG001 - a dialect's own
    return RouteFacts("any", stream=False)
