"""What a group says: `prompts`, `replacements`, `deny_tools` and `temperature_ratio`.

All patterns and expressions are compiled when the configuration is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal, NoReturn

from attrs import field, frozen

from gateway.groups import compiled
from gateway.model import Json
from gateway.settings import FileText

Mode = Literal["append", "prepend", "replace"]
Position = Literal["system", "last_user"]
Scope = Literal["system", "user", "tools"]


@frozen
class Ratio:
    """What a client's temperature is multiplied by; 0 or more."""

    value: float

    @classmethod
    def from_toml(cls, value: Json) -> Ratio:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError("must be a number, such as 0.6")  # noqa: TRY004 - the words are what counts
        if not 0 <= value < float("inf"):
            raise ValueError("must be 0 or more")
        return cls(float(value))


@frozen
class Pattern:
    """A name; `*` in it is any text, `?` any character."""

    text: str
    expression: re.Pattern[str] = field(eq=False, repr=False)

    @classmethod
    def from_toml(cls, value: Json) -> Pattern:
        if not isinstance(value, str) or not value:
            raise ValueError("must be a name, or a pattern with * and ?")
        return cls(value, compiled(value))

    def matches(self, *names: str) -> bool:
        """Whether one of the names is meant."""
        return any(self.expression.fullmatch(name) for name in names)


@frozen
class When:
    """All that is said must hold; of a list, one entry.

    models: what the client asked for, the target's own name, or UPSTREAM/MODEL.
    dialects: of the client. clients: names of programs, as their User-Agent begins.
    tools: whether there are tools on offer, those of `deny_tools` aside.
    """

    models: Sequence[Pattern] = ()
    dialects: Sequence[Pattern] = ()
    clients: Sequence[Pattern] = ()
    tools: bool | None = None


@frozen
class PromptRule:
    """`[[groups.NAME.prompts]]`. position: the leading system text, or the user's last message."""

    mode: Mode = "append"
    position: Position = "system"
    text: str | None = None
    file: FileText | None = None
    when: When = field(factory=When)

    def __attrs_post_init__(self) -> None:
        if self.text is None and self.file is None:
            raise ValueError('needs text = "…" or file = "…"')
        if self.text is not None and self.file is not None:
            _wrong("file", "say text or file, not both")
        if not self.words and not (self.mode == "replace" and self.position == "system"):
            _wrong("text" if self.file is None else "file", "is empty; there is nothing to say")

    @property
    def words(self) -> str:
        """The text itself; of a file without the blank lines around it."""
        return self.text if self.text is not None else (self.file or "").strip()


@frozen
class Replacement:
    """`[[groups.NAME.replacements]]`. With `regex`, `with` may hold `\\1` and `\\g<name>`."""

    find: str
    with_: str
    regex: bool = False
    scope: Scope = "system"
    expression: re.Pattern[str] | None = field(init=False, default=None, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        if not self.find:
            _wrong("find", "is empty; say what to look for")
        if self.regex:
            object.__setattr__(self, "expression", self._checked())

    def in_text(self, text: str) -> str:
        """`text` with everything replaced."""
        if self.expression is None:
            return text.replace(self.find, self.with_)
        return self.expression.sub(self.with_, text)

    def _checked(self) -> re.Pattern[str]:
        try:
            expression = re.compile(self.find)
        except re.error as error:
            _wrong("find", f"is no regular expression: {error}")
        if expression.fullmatch(""):
            _wrong("find", "also matches nothing at all, which stands everywhere")
        try:
            expression.sub(self.with_, "")
        except (re.error, IndexError) as error:
            _wrong("with", f"can't be filled in: {error}")
        return expression


PLACES: Mapping[str, type] = {
    "group.prompts": list[PromptRule],
    "group.replacements": list[Replacement],
    "group.deny_tools": list[Pattern],
    "group.temperature_ratio": Ratio,
}


def _wrong(name: str, reason: str) -> NoReturn:
    from gateway.structure import Mistake  # slow to load, and needed only when something is wrong

    raise Mistake((name,), reason)
