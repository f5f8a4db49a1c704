"""Ask the model once more for a call that could not be read."""

from __future__ import annotations

from attrs import evolve

from gateway.context import Call
from gateway.model import Message, Text
from gateway_toolcompat.plan import Plan
from gateway_toolcompat.settings import NAME
from gateway_toolcompat.toolbox import Problem

ASKED = """Your last message could not be carried out: {reason}.
Write the call again, whole, in the form that was described, with nothing before or after it."""
LONGEST_QUOTE = 8_000
"""Characters of the failed reply that are shown to the model again."""


def corrected(call: Call, plan: Plan, said: str, problem: Problem) -> Call:
    """The next call: the conversation with the failed reply and what was wrong with it."""
    asked = ASKED.format(reason=problem.reason.rstrip("."))
    quoted = said.strip()[:LONGEST_QUOTE] or "(nothing)"
    turns = [Message("assistant", [Text(quoted)]), Message("user", [Text(asked)])]
    request = evolve(call.request, messages=[*call.request.messages, *turns])
    again = evolve(plan, tries=plan.tries - 1)
    return evolve(call, request=request, state={**call.state, NAME: again})
