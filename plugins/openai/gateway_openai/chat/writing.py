"""What the writer of an upstream's request carries along."""

from __future__ import annotations

from attrs import frozen

from gateway.attempt import Attempt
from gateway.losses import Losses
from gateway_openai.quirks import Quirks


@frozen
class Writing:
    """One request being written. home: the client sent it in this dialect."""

    attempt: Attempt
    quirks: Quirks
    home: bool

    @property
    def losses(self) -> Losses:
        return self.attempt.losses
