"""What the writer of an upstream's request carries along."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from gateway.attempt import Attempt
from gateway.losses import Losses
from gateway.model import Tool
from gateway_openai.quirks import Quirks


@frozen
class Writing:
    """One request being written.

    home: the client sent it in this dialect. replays: every assistant message needs its thoughts,
    empty if need be. tools: what the client offers.
    """

    attempt: Attempt
    quirks: Quirks
    home: bool
    replays: bool = False
    tools: Sequence[Tool] = ()

    @property
    def takes_custom(self) -> bool:
        """Whether free-form tools go out as such, and not as functions of one string.

        At home they always do: the reply may be relayed, and nobody would turn the call back.
        """
        return self.home or self.quirks.custom_tools

    def within_limit(self, asked: int) -> int:
        """The length that the client asked for, or what is known to be the model's most."""
        most = self.attempt.target.facts.get("max_output")
        if not isinstance(most, int) or asked <= most:
            return asked
        self.losses.add("sampling.max_tokens", f"the model writes at most {most}", "meaning")
        return most

    @property
    def losses(self) -> Losses:
        return self.attempt.losses
