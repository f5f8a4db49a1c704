"""The pairs of dialects, and the captured requests of each."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from gateway.testing.captures import Capture, captures
from gateway.testing.subject import Subject

PLUGINS = Path(__file__).parents[2] / "plugins"
SUBJECT = Subject.installed()
DRAFTS: frozenset[str] = frozenset()
"""Dialects that are not finished: each leaves this list when the matrix holds for it."""
FACES = [name for name in SUBJECT.faces if name not in DRAFTS]
PAIRS = list(itertools.product(FACES, FACES))

pairs = pytest.mark.parametrize(("upstream", "client"), PAIRS)
every_face = pytest.mark.parametrize("dialect", FACES)


def captured(dialect: str) -> list[Capture]:
    """The captured chat requests of a dialect's clients, from its plugin's tests.

    A plugin with several dialects may have a folder for each.
    """
    owner = next(
        folder.name
        for folder in sorted(PLUGINS.iterdir())
        if dialect in _dialects_of(f"gateway_{folder.name}")
    )
    folder = PLUGINS / owner / "tests" / "captures"
    own = folder / dialect
    return captures(own if own.is_dir() else folder, SUBJECT.dialects[dialect])


def _dialects_of(module: str) -> set[str]:
    try:
        return set(Subject(module).dialects)
    except ModuleNotFoundError:
        return set()
