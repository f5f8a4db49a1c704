"""The response object around the items of a reply.

Of the client's request it repeats what is short. The tools are left out: no client reads them
back, and Codex's would be 40 kB in each of three events.
"""

from __future__ import annotations

import secrets

from gateway.events import Finish, Start
from gateway.losses import Losses
from gateway.model import ChatRequest, Extra, Json
from gateway_openai.responses.fields import DIALECT, form, put_back
from gateway_openai.responses.names import INCOMPLETE_OUT


def new_response(request: ChatRequest, start: Start, now: float) -> dict[str, Json]:
    """The response as it begins: in progress, with nothing in it."""
    created = form(start.extra, "created")
    sampling, choice = request.sampling, request.tool_choice
    response: dict[str, Json] = {
        "id": start.id or f"resp_{secrets.token_hex(24)}",
        "object": "response",
        "created_at": int(now) if created is None else created,
        "status": "in_progress",
        "background": False,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "max_output_tokens": sampling.max_tokens,
        "model": start.model or request.model,
        "output": [],
        "parallel_tool_calls": choice is None or choice.parallel is not False,
        "previous_response_id": None,
        "reasoning": {"effort": request.reasoning.effort if request.reasoning else None},
        "store": False,
        "temperature": sampling.temperature,
        "text": {"format": {"type": "text"}},
        "tool_choice": choice.mode if choice and choice.mode in ("none", "required") else "auto",
        "tools": [],
        "top_p": sampling.top_p,
        "truncation": "disabled",
        "usage": None,
        "metadata": request.metadata or {},
    }
    return put_back(response, start.extra)


def finished(
    response: dict[str, Json], finish: Finish, output: list[Json], usage: Json
) -> dict[str, Json]:
    """The response at its end: completed or incomplete."""
    reason = INCOMPLETE_OUT.get(finish.reason)
    end = {
        "status": "incomplete" if reason else "completed",
        "incomplete_details": {"reason": reason} if reason else None,
        "output": output,
        "usage": usage,
    }
    if finish.stop_sequence is not None:
        end["stop_sequence"] = finish.stop_sequence
    return put_back({**response, **end}, finish.extra)


def note_reply_extra(extra: Extra, losses: Losses) -> None:
    """Record what only another dialect than this one can say of a reply."""
    for dialect, fields in extra.items():
        if dialect != DIALECT:
            for key in fields:
                if not key.startswith("$"):
                    losses.add((*fields.path, key), f"{DIALECT} has no such field")
