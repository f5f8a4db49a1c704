"""Find calls in a text that arrives in pieces; what is no call goes on at once.

Outside of a call only a possible beginning of an opening is held back. Sans-I/O, and the same
however the text is cut.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeAlias

from attrs import define, field, frozen

from gateway_toolcompat.formats import ANY, FORMS, LONGEST
from gateway_toolcompat.formats.ending import Balanced, Ending
from gateway_toolcompat.formats.form import Form
from gateway_toolcompat.marks import BETWEEN, NEXT_TURN, STRAY, THOUGHTS
from gateway_toolcompat.toolbox import Call, Problem, Toolbox

CANDIDATE = re.compile(r"[<\[{`]")
AFTER_A_CALL = re.compile(r"[<\[{`;,]|(?<![^\n])[^\n]")
"""Once there was a call, the beginning of a line may be that of an invented turn."""


@frozen
class Words:
    """Text for the reader."""

    text: str


@frozen
class Thought:
    """Text between the marks of a thought at the head of the reply."""

    text: str


@frozen
class Broken:
    """A call that can't be handed on. source: its text, as it was written."""

    source: str
    problem: Problem


@frozen
class Cut:
    """What follows is an invented next turn, or more calls than were allowed: read no further."""


Piece: TypeAlias = Words | Thought | Call | Broken | Cut


@define
class _Block:
    form: Form
    name: str
    core: int
    body: int
    ending: Ending


@define
class Scanner:
    """one: a second call ends the reply. marks: whether thoughts are told by their marks."""

    toolbox: Toolbox
    one: bool = False
    marks: bool = True
    _text: str = ""
    _before: str = ""
    """The end of what has gone on, as far back as its last line break."""
    _blank: str = ""
    """White space that goes on when words follow it, and not when a call does."""
    _fresh: bool = True
    """Nothing has been said since the reply began or the last call ended."""
    _block: _Block | None = None
    _thought_end: str | None = None
    """The mark that ends the thought that is open."""
    _started: bool = False
    _called: bool = False
    _prose_after: bool = False
    _fenced: bool = False
    """The last call stood in a fence that is still open."""
    _over: bool = False
    _skip: int = 0
    """Characters at the head of the text that open nothing."""
    _out: list[Piece] = field(factory=list)

    def feed(self, text: str) -> list[Piece]:
        """What `text` completes."""
        self._text += text
        while not self._over and self._step():
            pass
        return self._taken()

    def close(self, *, cut_short: bool = False) -> list[Piece]:
        """The rest. cut_short: the reply hit a limit, so that an open call is not a whole one."""
        while not self._over and self._text:
            if self._block is not None:
                self._finish(self._settled(self._block, cut_short=cut_short))
            elif not self._step():
                self._rest()
        if self._blank and not self._called:
            self._out.append(Words(self._blank))
        self._blank = ""
        return self._taken()

    def _settled(self, block: _Block, *, cut_short: bool) -> int:
        whole = isinstance(block.ending, Balanced) and block.ending.closed is not None
        if cut_short and not whole:
            return 0
        return block.ending.settle(self._text)

    def _rest(self) -> None:
        """The text that is left opens nothing. After a call, the beginning of a tag is no word."""
        text, self._text = self._text, ""
        if self._thought_end is not None:
            self._out.append(Thought(text))
        elif not (self._called and text.lstrip().startswith(("<", "[", "{", "`"))):
            self._say(text)

    def _taken(self) -> list[Piece]:
        out, self._out = self._out, []
        return out

    # --- one step ---

    def _step(self) -> bool:
        """Go on as far as the text allows; False when it takes more text."""
        if self._thought_end is not None:
            return self._think(self._thought_end)
        if self._block is not None:
            end = self._block.ending.find(self._text)
            if end is None:
                return False
            self._finish(end)
            return True
        if not self._started and self.marks:
            waiting = self._open_thought()
            if waiting is not None:
                return waiting
        return self._look()

    def _open_thought(self) -> bool | None:
        """Whether a thought opens the reply: None for no, False for not enough text to say."""
        text = self._text.lstrip()
        for start, end in THOUGHTS.items():
            if text.startswith(start):
                self._text, self._thought_end = text[len(start) :], end
                self._started = True
                return True
        if any(start.startswith(text) for start in THOUGHTS):
            return False
        self._started = True
        return None

    def _think(self, end: str) -> bool:
        thought, found, rest = self._text.partition(end)
        if found:
            self._thought(thought)
            self._text, self._thought_end = rest, None
            return True
        held = next(size for size in range(len(end) - 1, -1, -1) if thought.endswith(end[:size]))
        self._thought(thought[: len(thought) - held])
        self._text = thought[len(thought) - held :]
        return False

    def _thought(self, text: str) -> None:
        if text:
            self._out.append(Thought(text))

    def _look(self) -> bool:
        """Pass words on up to the first opening, or the first beginning of one."""
        text, at = self._text, self._skip
        candidates = AFTER_A_CALL if self._called else CANDIDATE
        while (candidate := candidates.search(text, at)) is not None:
            at = candidate.start()
            alone = self._begins_line(text, at)
            if self._called:
                consumed = self._after_call(text, at, alone=alone)
                if consumed is not None:
                    return consumed
            found = self._opening(text, at, alone=alone)
            if found is not None:
                self._pass(at)
                self._block = found if isinstance(found, _Block) else None
                return self._block is not None
            at += 1
        self._pass(len(text))
        return False

    def _opening(self, text: str, at: int, *, alone: bool) -> _Block | bool | None:
        """The call that opens at `at`; True for a beginning of one, None for neither."""
        if ANY.match(text, at) is None:
            return None
        best: tuple[int, _Block] | None = None
        maybe = False
        for form in FORMS:
            if form.alone and not alone:
                continue
            match = form.opening.whole.match(text, at)
            if match is None:
                maybe = maybe or form.opening.beginning.match(text, at) is not None
                continue
            name = match.groupdict().get("name") or ""
            if form.anchored and not self.toolbox.knows(name, exact=form.exact):
                continue
            if best is None or match.end() < best[0]:
                core, body = match.start("core") - at, match.end() - at
                block = _Block(form, name, core, body, form.ending(body, name))
                best = match.end(), block
        return best[1] if best else maybe or None

    def _after_call(self, text: str, at: int, *, alone: bool) -> bool | None:
        """After a call: swallow stray ends, and cut where a next turn is invented.

        None: there is nothing of that kind at `at`. False: there may be, with more text.
        """
        if alone and any(mark.whole.match(text, at) for mark in NEXT_TURN):
            self._pass(at)
            self._cut()
            return True
        if not self._prose_after and not text[:at].strip():
            size = self._stray(text, at)
            if size:
                self._pass(at)
                self._text = self._text[size:]
                return True
            if self._fenced and "```".startswith(text[at:]):
                self._pass(at)
                return False
        marks = [*(NEXT_TURN if alone else ()), *STRAY]
        if any(mark.beginning.match(text, at) for mark in marks):
            self._pass(at)
            return False
        return None

    def _stray(self, text: str, at: int) -> int:
        """Characters at `at` that may follow a call and mean nothing."""
        if text[at] in BETWEEN:
            return 1
        if self._fenced and text.startswith("```", at):
            self._fenced = False
            return 3
        matches = (mark.whole.match(text, at) for mark in STRAY)
        return next((len(match[0]) for match in matches if match), 0)

    def _begins_line(self, text: str, at: int) -> bool:
        line = text.rfind("\n", 0, at)
        before = text[line + 1 : at] if line >= 0 else self._before + text[:at]
        return not before.strip()

    # --- what is found ---

    def _finish(self, end: int) -> None:
        """Read the block that ends at `end`; what is no call turns out to be words."""
        block, self._block = self._block, None
        assert block is not None
        source = self._text[:end]
        form = block.form
        raw = form.read(source[block.core :], block.body - block.core, block.name) if end else []
        settled = [self.toolbox.settle(each, exact=form.exact) for each in raw]
        calls = [each for each in settled if isinstance(each, Call)]
        problems = [each for each in settled if isinstance(each, Problem)]
        quoted = any(each.quoted for each in problems)
        if calls or (form.explicit and end and not quoted):
            self._text = self._text[end:]
            self._skip = 0
            unread = Problem("the call could not be read")
            self._take(source, calls, problems or [unread])
        elif self._called and form.explicit:
            self._text = self._text[end or len(self._text) :]
        else:
            self._skip = 1
            if end == 0:
                self._say(self._text)
                self._text = ""

    def _take(self, source: str, calls: list[Call], problems: list[Problem]) -> None:
        if self._prose_after:
            self._cut()
            return
        if not calls:
            self._out.append(Broken(source, problems[0]))
            return
        for call in calls[:1] if self.one else calls:
            if self._called and self.one:
                self._cut()
                return
            self._blank, self._called, self._started = "", True, True
            self._before, self._fresh = "", True
            self._fenced = source.startswith("```")
            self._out.append(call)
        if self.one:
            self._cut()

    def _cut(self) -> None:
        self._over, self._text = True, ""
        self._out.append(Cut())

    def _pass(self, end: int) -> None:
        """Say the text up to `end`, and keep the rest."""
        said, self._text = self._text[:end], self._text[end:]
        self._skip = 0
        self._say(said)

    def _say(self, text: str) -> None:
        if not text:
            return
        line = text.rfind("\n")
        self._before = text[line + 1 :] if line >= 0 else self._before + text
        if len(self._before) > LONGEST and self._before.strip():
            self._before = "x"
        if text.isspace() and self._fresh:
            self._blank += text
            return
        self._out.append(Words(self._blank + text))
        self._blank, self._fresh = "", False
        self._prose_after = self._called


def texts(pieces: Iterable[Piece]) -> str:
    """The words among some pieces."""
    return "".join(piece.text for piece in pieces if isinstance(piece, Words))
