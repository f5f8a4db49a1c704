"""Watches the reply to a request for vectors go by on its way to a client of the same dialect."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from gateway.errors import GatewayError
from gateway.events import Usage

ReadUsage: TypeAlias = Callable[[bytes], Usage | None]
"""The token counts of a whole reply, None where it has none. Raises UpstreamError for a body
that is no such reply."""


class EmbeddingTap:
    """A `Tap` for one whole body."""

    def __init__(self, read_usage: ReadUsage) -> None:
        self._read_usage = read_usage
        self.content = self.finished = self.whole = False
        self.error: GatewayError | None = None
        self.usage: Usage | None = None

    def feed(self, data: bytes) -> bytes:
        """Look at the whole body, and pass it on as it is."""
        try:
            self.usage = self._read_usage(data)
        except GatewayError as error:
            self.error = error
        self.content = self.finished = self.whole = True
        return data
