"""Thoughts that a model writes into its text: `<think>…</think>` at the very beginning.

Only there: a tag that stands later is part of the answer, as in one that explains such tags.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from attrs import define

from gateway_openai.chat.thinking import TAGS

Piece: TypeAlias = tuple[Literal["thinking", "text"], str]
OPEN, CLOSE = TAGS


@define
class ThinkTags:
    """Splits a text that comes in pieces; how it is cut makes no difference.

    Line breaks behind either tag are left out. over: all that follows is text.
    """

    over: bool = False
    _state: Literal["start", "inside", "after"] = "start"
    _fresh: bool = True
    _held: str = ""

    def feed(self, text: str) -> list[Piece]:
        """What is certain by now; the beginning of what may be a tag is held back."""
        self._held += text
        if self.over:
            return self.close()
        out: list[Piece] = []
        if self._state == "start":
            self._begin()
        if self._state == "inside":
            self._think(out)
        if self._state == "after":
            self._held = self._held.lstrip("\n")
            self.over = bool(self._held)
        if self.over:
            out += self.close()
        return out

    def close(self) -> list[Piece]:
        """What was held back: no more comes, or something else than text."""
        held, self._held = self._held, ""
        return [("thinking" if self._state == "inside" else "text", held)] if held else []

    def _begin(self) -> None:
        said = self._held.lstrip()
        if said.startswith(OPEN):
            self._state, self._held = "inside", said[len(OPEN) :]
        elif not OPEN.startswith(said):
            self.over = True

    def _think(self, out: list[Piece]) -> None:
        if self._fresh:
            self._held = self._held.lstrip("\n")
            self._fresh = not self._held
        thought, closed, rest = self._held.partition(CLOSE)
        if closed:
            self._state, self._held = "after", rest
        else:
            end = len(thought) - _begun(thought)
            thought, self._held = thought[:end], thought[end:]
        if thought:
            out.append(("thinking", thought))


def _begun(text: str) -> int:
    """How many characters at the end of `text` may be the beginning of the closing tag."""
    return next((n for n in range(len(CLOSE) - 1, 0, -1) if text.endswith(CLOSE[:n])), 0)
