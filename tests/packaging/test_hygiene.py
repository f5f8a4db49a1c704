"""What no tracked file may hold."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

import dev

LINES = 500
WRITTEN = {".py", ".md", ".toml", ".txt", ".c", ".h", ".yml", ".sh", ".jinja"}
"""What people write and read; captured data may be as long as it is."""
REGISTRIES = re.compile(r"pypi\.\w+|pythonhosted\.\w+|registry\.(npmjs|yarnpkg)\.\w+|proxy\.golang")
MACHINE_PATHS = re.compile(r"(?<![\w.}/-])/(work|root|Users|home/(?!user\b|dev\b)\w+)/")
KEYS = re.compile(
    r"sk-(ant-|proj-)?[A-Za-z0-9_]{32,}|AIza[A-Za-z0-9_-]{35}|gh[pous]_[A-Za-z0-9]{36}"
)


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=dev.ROOT, capture_output=True, text=True, check=True
    )
    paths = (dev.ROOT / name for name in listed.stdout.split("\0") if name)
    return [path for path in paths if path.is_file()]


def hits(pattern: re.Pattern[str]) -> list[str]:
    """FILE:LINE of every match in the tracked files, this one aside."""
    found = []
    for path in tracked():
        if path == Path(__file__):
            continue
        lines = path.read_text("utf-8", errors="replace").splitlines()
        name = path.relative_to(dev.ROOT)
        found += [
            f"{name}:{i}: {m[0]}" for i, line in enumerate(lines, 1) if (m := pattern.search(line))
        ]
    return found


@pytest.mark.parametrize(
    "pattern", [REGISTRIES, MACHINE_PATHS, KEYS], ids=["registries", "machine paths", "keys"]
)
def test_no_tracked_file_holds_addresses_of_registries_machine_paths_or_keys(pattern):
    assert hits(pattern) == []


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (REGISTRIES, "https://pypi" + ".org/simple"),
        (MACHINE_PATHS, "see /root/x"),
        (KEYS, "sk-ant-" + "a1" * 20),
    ],
)
def test_the_patterns_find_what_they_are_for(pattern, text):
    assert pattern.search(text)


def test_no_written_file_is_longer_than_500_lines():
    written = [path for path in tracked() if path.suffix in WRITTEN]
    lengths = {str(p.relative_to(dev.ROOT)): len(p.read_text().splitlines()) for p in written}

    assert {name: length for name, length in lengths.items() if length > LINES} == {}


def test_constraints_are_exact_versions_and_nothing_else():
    lines = (dev.ROOT / dev.CONSTRAINTS).read_text().splitlines()[1:]

    assert lines
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9][a-z0-9.-]*==[\w.]+", line)] == []


def test_every_requirement_of_ours_is_pinned():
    pinned = {line.split("==")[0] for line in (dev.ROOT / dev.CONSTRAINTS).read_text().splitlines()}
    named = {re.split(r"[>=; ]", entry)[0] for entry in dev.test_tools()}

    assert named | {dev.DEMO_MODEL, "uv", "xllamacpp", "aiohttp"} <= pinned
