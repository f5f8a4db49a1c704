"""Read runs of chunks that differ in one text only, without parsing each of them.

Nearly every chunk of a stream is the one before with other words. What stands before and behind
the words is learned from one parsed chunk; while it comes again byte for byte, only the words are
parsed, all those of one network read at once.
"""

from __future__ import annotations

import orjson
from attrs import define

LABEL = b"data: "
BLANK = b"\n\n"
PROBE = b'"\\u0000probe"'
PATIENCE = 4
"""So many forms may be learned in vain: some providers pad each chunk with random letters."""


@define
class Alike:
    """The form of the chunks of one part. index: that part. after: with the event's end."""

    index: int = 0
    _before: bytes = b""
    _after: bytes = b""
    _in_vain: int = 0

    def learn(self, data: bytes, text: str, index: int) -> None:
        """Take the form of a chunk from its JSON `data`, which said `text` and nothing else."""
        if self._in_vain >= PATIENCE:
            return
        self._in_vain += 1
        self.forget()
        around = _around(data, orjson.dumps(text))
        if around is not None:
            before, after = around
            self.index, self._before, self._after = index, LABEL + before, after + BLANK

    def forget(self) -> None:
        """Something else has begun: the same bytes may mean another part now."""
        self._before = b""

    def read(self, stream: bytes, start: int) -> tuple[list[str], int]:
        """The texts of the chunks alike from `start` on, and where the first other one begins."""
        before, after = self._before, self._after
        if not before or not stream.startswith(before, start):
            return [], start
        pieces, at = [], start
        while stream.startswith(before, at):
            end = stream.find(after, at)
            if end < 0:
                break
            pieces.append(stream[at + len(before) : end])
            at = end + len(after)
        texts = _texts(pieces)
        if not texts:
            return [], start
        self._in_vain = 0
        return texts, at


def _around(data: bytes, said: bytes) -> tuple[bytes, bytes] | None:
    """What stands around `said` in `data`; None when another place may hold the words."""
    before, found, after = data.partition(said)
    chunk = orjson.dumps(orjson.loads(data))
    if not found or said in after or chunk.count(said) != 1 or b"\n" in data:
        return None
    try:
        probed = orjson.dumps(orjson.loads(before + PROBE + after))
    except orjson.JSONDecodeError:
        return None
    is_said_there = PROBE in probed and probed.replace(PROBE, said) == chunk
    return (before, after) if is_said_there else None


def _texts(pieces: list[bytes]) -> list[str]:
    """The strings that `pieces` are, one each; [] when one is anything else.

    No JSON string holds a raw line break, so one between two pieces can't hide within a string.
    """
    joined = b"[" + b",\n".join(pieces) + b"]"
    if joined.count(b"\n") != len(pieces) - 1:
        return []
    try:
        texts: list[str] = orjson.loads(joined)
    except orjson.JSONDecodeError:
        return []
    return texts if len(texts) == len(pieces) and {*map(type, texts)} == {str} else []
