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

    @property
    def losses(self) -> Losses:
        return self.attempt.losses
