"""Each law of rules catches its bug: a small rule, broken in one place at a time."""

from __future__ import annotations

import inspect
import itertools

import pytest
from attrs import evolve

from gateway.hooks import hookimpl
from gateway.model import Text
from gateway.testing.laws import RuleLaws

COUNTER = itertools.count()


class Polite:
    """Asks for good manners, and cools a hot head."""

    @hookimpl
    def rewrite_prompt(self, request, context):
        return evolve(request, system=[*request.system, Text("Be polite.")])

    @hookimpl
    def adjust_temperature(self, temperature, request, context):
        return temperature / 2


class TestPolite(RuleLaws):
    plugin = Polite()


class WrapsAnotherHook(Polite):
    @hookimpl(wrapper=True)
    def exchange_finished(self, record):
        return (yield)


class GivesText(Polite):
    @hookimpl
    def rewrite_prompt(self, request, context):
        return "Be polite."


class ForgetsTheCalls(Polite):
    @hookimpl
    def rewrite_prompt(self, request, context):
        return evolve(request, messages=request.messages[-1:])


class ForgetsTheTools(Polite):
    @hookimpl
    def rewrite_prompt(self, request, context):
        return evolve(request, tools=None)


class ChangesTheRequest(Polite):
    @hookimpl
    def rewrite_prompt(self, request, context):
        request.system.append(Text("Be polite."))
        return request


class NeverSaysTheSame(Polite):
    @hookimpl
    def rewrite_prompt(self, request, context):
        return evolve(request, system=[Text(f"Request {next(COUNTER)}.")])


class CountsTheTurns(Polite):
    @hookimpl
    def rewrite_prompt(self, request, context):
        return evolve(request, system=[Text(f"{len(request.messages)} turns so far.")])


class Freezes(Polite):
    @hookimpl
    def adjust_temperature(self, temperature, request, context):
        return temperature - 1


MUTANTS = {
    "test_the_gateway_loads_it": [(WrapsAnotherHook,)],
    "test_any_request_can_be_changed": [
        (GivesText, "text"),
        (ForgetsTheCalls, "tool_turn"),
        (ForgetsTheTools, "choice_tool"),
    ],
    "test_any_generated_request_can_be_changed": [(ForgetsTheTools,)],
    "test_the_request_stays_as_it_was": [(ChangesTheRequest, "text")],
    "test_the_same_request_gets_the_same_change": [(NeverSaysTheSame, "text")],
    "test_a_longer_conversation_begins_as_the_shorter_one_did": [(CountsTheTurns, "text")],
    "test_temperatures_stay_temperatures": [(Freezes,)],
}
BUGS = [(law, *bug) for law, bugs in MUTANTS.items() for bug in bugs]


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: f"{bug[0]}-{bug[1].__name__}")
def test_a_law_catches_its_bug(bug):
    law, mutant, *arguments = bug
    broken = type("Broken", (TestPolite,), {"plugin": mutant()})()

    with pytest.raises((AssertionError, ExceptionGroup)):
        getattr(broken, law)(*arguments)


def test_every_law_has_a_bug_to_catch():
    laws = {name for name, _ in inspect.getmembers(RuleLaws) if name.startswith("test_")}

    assert laws == set(MUTANTS)
