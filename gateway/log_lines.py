"""Log lines on their way out: gathered, and written a few times a second.

A write for each exchange costs as much CPU as a quarter of the exchange. Lines of level error go
out at once, and so does everything when the process ends; a killed process loses a tenth of a
second of its log.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
from typing import TextIO

FLUSH_AFTER = 0.1
"""Seconds that a line waits at the most, while an event loop runs."""
URGENT = ('"level":"error"', "[error")


class Lines:
    """A text stream for the log."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._pieces: list[str] = []
        self._timer: asyncio.TimerHandle | None = None
        atexit.register(self.now)

    def write(self, text: str) -> int:
        self._pieces.append(text)
        return len(text)

    def flush(self) -> None:
        """See to it that what was written goes out soon; at once without an event loop."""
        if self._pieces and any(mark in self._pieces[-1] for mark in URGENT):
            self.now()
        else:
            self.soon()

    def add(self, line: str) -> None:
        """Write a line that is in no hurry."""
        self._pieces.append(line)
        self.soon()

    def now(self) -> None:
        """Write everything. A reader that went away is not worth an error."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        pieces, self._pieces = self._pieces, []
        with contextlib.suppress(OSError, ValueError):
            self._stream.write("".join(pieces))
            self._stream.flush()

    def isatty(self) -> bool:
        return self._stream.isatty()

    def soon(self) -> None:
        """Write within FLUSH_AFTER seconds; at once without an event loop."""
        if self._timer is not None:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.now()
        else:
            self._timer = loop.call_later(FLUSH_AFTER, self.now)
