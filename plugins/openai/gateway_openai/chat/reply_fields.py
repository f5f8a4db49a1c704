"""What a reply has beside its parts: where it goes for a client, and what of it is lost."""

from __future__ import annotations

from gateway.events import Finish
from gateway.losses import Losses
from gateway.model import Extra, Json, own
from gateway_openai.chat.fields import DIALECT

REFUSED = "The model refused to answer."
"""Said to a client as `refusal` when a model of another dialect refused in no words of its own."""


def split_finish(finish: Finish) -> tuple[dict[str, Json], dict[str, Json], dict[str, Json]]:
    """The fields of the reply itself, of its message and of its choice."""
    places: dict[str, dict[str, Json]] = {"": {}, "message": {}, "choice": {}}
    for name, value in own(finish.extra, DIALECT).items():
        place, dot, field = name.partition(".")
        if dot and place in places:
            places[place][field] = value
        else:
            places[""][name] = value
    if finish.stop_sequence is not None:
        places["choice"]["stop_reason"] = finish.stop_sequence
    return places[""], places["message"], places["choice"]


def note_reply_extra(extra: Extra, losses: Losses) -> None:
    """Record what other dialects said of a reply that this one has no place for."""
    for dialect, fields in extra.items():
        if dialect == DIALECT:
            continue
        for name in fields:
            if not name.startswith("$"):
                losses.add(("reply", *fields.path, name), f"{DIALECT} has no such field")
