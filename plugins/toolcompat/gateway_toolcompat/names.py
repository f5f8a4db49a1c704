"""Which declared tool a model means by a name: fuzzy, where one tool alone can be meant."""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import SequenceMatcher

PLACEHOLDER = "NAME_OF_A_TOOL"
"""Stands for a tool's name in our guide; a call of it is the guide quoted back."""
CLOSE = 0.9
"""How alike two names must be, from 0 to 1, to be one name with a slip in it."""
DECORATION = re.compile(r"^(?:functions?|tools?|default_api)[.:]+|[:#]\d+$|\.call$|\(\)$")
"""What model families write around a name and is no part of it."""


def meant(name: str, declared: Collection[str]) -> str | None:
    """The name of the declared tool that `name` stands for; None when none or several could."""
    if name in declared:
        return name
    bare = undecorated(name)
    if bare in declared:
        return bare
    for alike in (_same_letters, _shortened, _slip):
        found = [each for each in declared if alike(bare, each)]
        if len(found) == 1:
            return found[0]
        if found:
            return None
    return None


def undecorated(name: str) -> str:
    """A name without quotes and what its model family writes around it."""
    return DECORATION.sub("", DECORATION.sub("", name.strip().strip("\"'`")))


def squeezed(name: str) -> str:
    """A name without its case and its separators."""
    return re.sub(r"[\W_]+", "", name).casefold()


def words(name: str) -> list[str]:
    """The words of a name: `getUserName`, `get_user-name`, `users.get`."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return [word.casefold() for word in re.split(r"[\W_]+", spaced) if word]


def _same_letters(name: str, declared: str) -> bool:
    return squeezed(name) == squeezed(declared)


def _shortened(name: str, declared: str) -> bool:
    """Whether it is the declared name without words before or after it."""
    short, full = words(name), words(declared)
    size = len(short)
    if not short or size >= len(full) or len(squeezed(name)) < 4:
        return False
    return full[:size] == short or full[-size:] == short


def _slip(name: str, declared: str) -> bool:
    if words(name)[:1] != words(declared)[:1]:
        return False
    return SequenceMatcher(None, squeezed(name), squeezed(declared)).ratio() >= CLOSE
