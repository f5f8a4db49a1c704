"""What was settled for one attempt when its request was written, for the reading of its reply."""

from __future__ import annotations

from attrs import asdict, define, field

from gateway.context import Context
from gateway.losses import Losses
from gateway.model import ToolChoice
from gateway_toolcompat.asking import ASKINGS, Asking, form_for, is_small
from gateway_toolcompat.settings import Options
from gateway_toolcompat.toolbox import Toolbox


@define
class Counts:
    """What became of the calls of one exchange.

    native: came as calls. parsed, repaired: read from text, as it was or mended.
    asked_again: replies that were asked for once more. failed: calls that stayed text.
    """

    native: int = 0
    parsed: int = 0
    repaired: int = 0
    asked_again: int = 0
    failed: int = 0

    def fields(self) -> dict[str, int]:
        """The counts that are not 0."""
        return {name: count for name, count in asdict(self).items() if count}


@define
class Plan:
    """tries: how often the model may still be asked again."""

    box: Toolbox
    asking: Asking
    losses: Losses
    choice: ToolChoice | None = None
    tries: int = 1
    counts: Counts = field(factory=Counts)

    @property
    def must_call(self) -> bool:
        return self.choice is not None and self.choice.mode in ("required", "tool")

    @property
    def one(self) -> bool:
        return self.choice is not None and self.choice.parallel is False


def asking_for(context: Context, settings: Options) -> Asking:
    """The form to ask for: the group's choice, or the model family's."""
    return form_for(context.target.model) if settings.form == "auto" else ASKINGS[settings.form]


def wants_examples(context: Context, settings: Options) -> bool:
    if settings.examples != "auto":
        return settings.examples == "always"
    return is_small(context.target.model, context.target.backend)
