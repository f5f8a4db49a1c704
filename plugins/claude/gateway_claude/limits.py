"""Lengths, temperatures and other numbers, within what Claude takes."""

from __future__ import annotations

from attrs import evolve

from gateway.attempt import Attempt, Target
from gateway.errors import BadRequest
from gateway.losses import Losses
from gateway.model import ChatRequest, Json, Reasoning, Sampling
from gateway_claude.names import NAME
from gateway_claude.thinking import LEAST_BUDGET

MAX_TOKENS = 8192
"""For a client that did not say, when nothing is known of the model."""
ROOM = 4096
"""Tokens for the answer itself, beside a thinking budget."""
UNSAYABLE = ("seed", "frequency_penalty", "presence_penalty", "logprobs", "top_logprobs")


def write_sampling(sampling: Sampling) -> dict[str, Json]:
    """The fields that Claude has, as they are."""
    fields = {
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": sampling.top_k,
        "stop_sequences": sampling.stop,
    }
    return {key: value for key, value in fields.items() if value is not None}


def fitted(sampling: Sampling, reasoning: Reasoning, attempt: Attempt) -> Sampling:
    """Another dialect's sampling, as Claude takes it; every change is a recorded loss.

    Raises BadRequest for more than one answer.
    """
    losses = attempt.losses
    if sampling.n is not None and sampling.n > 1:
        raise BadRequest(f"n is {sampling.n}, but {attempt.target} gives one answer", param="n")
    for name in UNSAYABLE:
        if getattr(sampling, name) not in (None, False):
            losses.add(f"sampling.{name}", "Claude has no such setting")
    stop = _stop(sampling.stop, losses)
    if stop is not sampling.stop:
        sampling = evolve(sampling, stop=stop)
    if attempt.target.quirks.get("sampling") is False:
        return _unsampled(sampling, "the model takes no sampling settings", losses)
    if reasoning.mode in ("on", "adaptive"):
        return _unsampled(sampling, "Claude takes none while it thinks", losses)
    return _one_of_two(_clamped(sampling, losses), attempt)


def max_tokens(asked: int | None, reasoning: Reasoning | None, attempt: Attempt) -> int:
    """The length of the whole reply, thinking included; within the model's most, if known."""
    most = _most(attempt.target)
    if asked is None:
        budget = reasoning.budget if reasoning and reasoning.mode == "on" else None
        wanted = MAX_TOKENS if budget is None else budget + ROOM
        return most if most is not None else max(MAX_TOKENS, wanted)
    if most is not None and asked > most:
        why = f"{attempt.target} writes at most {most} tokens"
        attempt.losses.add("sampling.max_tokens", why, "meaning")
        return most
    return asked


def within(reasoning: Reasoning, limit: int, losses: Losses) -> Reasoning:
    """`reasoning` with a budget below `limit`; none when too little is left to think with."""
    if reasoning.budget is None or reasoning.budget < limit:
        return reasoning
    if limit <= LEAST_BUDGET:
        losses.add("reasoning", f"max_tokens of {limit} leaves no room for thinking", "hint")
        return Reasoning()
    losses.add("reasoning.budget", f"lowered below max_tokens ({limit})", "hint")
    return evolve(reasoning, budget=max(LEAST_BUDGET, min(limit - 1, limit * 3 // 4)))


def refuses_thinking(request: ChatRequest, *, broken_loop: bool) -> str | None:
    """Why this request can't be thought about, in words; None when it can."""
    choice = request.tool_choice
    if choice is not None and choice.mode in ("required", "tool"):
        return "a forced tool excludes thinking"
    if request.messages and request.messages[-1].role == "assistant":
        return "a reply that was begun excludes thinking"
    return "the tool loop's own thinking is gone" if broken_loop else None


def _most(target: Target) -> int | None:
    most = target.facts.get("max_output")
    return most if isinstance(most, int) else None


def _stop(stop: list[str] | None, losses: Losses) -> list[str] | None:
    if stop is None or all(sequence.strip() for sequence in stop):
        return stop
    losses.add("sampling.stop", "Claude takes no stop sequence of white space", "meaning")
    return [sequence for sequence in stop if sequence.strip()]


def _unsampled(sampling: Sampling, why: str, losses: Losses) -> Sampling:
    for name in ("temperature", "top_p", "top_k"):
        value = getattr(sampling, name)
        if value is not None and not (name != "top_k" and value == 1):
            losses.add(f"sampling.{name}", why)
    return evolve(sampling, temperature=None, top_p=None, top_k=None)


def _clamped(sampling: Sampling, losses: Losses) -> Sampling:
    if sampling.temperature is None or 0 <= sampling.temperature <= 1:
        return sampling
    losses.add("sampling.temperature", "Claude takes 0 to 1; moved into it")
    return evolve(sampling, temperature=min(1.0, max(0.0, sampling.temperature)))


def _one_of_two(sampling: Sampling, attempt: Attempt) -> Sampling:
    """Claude's own models since 4.1 refuse temperature and top_p together (read 2026-11)."""
    both = sampling.temperature is not None and sampling.top_p is not None
    if not both or not attempt.target.model.startswith(NAME):
        return sampling
    if sampling.top_p != 1:
        attempt.losses.add("sampling.top_p", "Claude takes either temperature or top_p")
    return evolve(sampling, top_p=None)
