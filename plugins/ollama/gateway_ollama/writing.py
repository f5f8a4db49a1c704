"""What writing a request carries along."""

from __future__ import annotations

from attrs import define

from gateway.attempt import Attempt
from gateway.losses import Losses
from gateway.model import ToolCall
from gateway.naming import NAME
from gateway_ollama.names import DIALECT


@define
class Writing:
    """One request being written for `attempt`. calls: those of all its turns, by id."""

    attempt: Attempt
    calls: dict[str, ToolCall]

    @property
    def home(self) -> bool:
        """Whether the client speaks this dialect too, so that its forms are kept."""
        return self.attempt.client == DIALECT

    @property
    def losses(self) -> Losses:
        return self.attempt.losses

    def lower(self, name: str, namespace: str | None = None) -> str:
        """The name that the target sees for a tool. Ollama itself takes any; templates do not."""
        if namespace:
            self.losses.add("tools", f"namespace {namespace} became part of the name", "hint")
            name = f"{namespace}__{name}"
        return name if self.home else self.attempt.registry.lower(name, NAME)
