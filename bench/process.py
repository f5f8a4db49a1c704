"""CPU time and memory of a process and all its children, from Linux's clocks and /proc."""

from __future__ import annotations

import os
import time
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(root: int) -> float:
    """User and system time of the tree so far; children that ended count once they were waited for.

    The live part is exact to a microsecond: `clock_gettime` of the process's own CPU clock, whose
    id is made of the pid as `clock_getcpuclockid` does it.
    """
    return sum(own_seconds(pid) + reaped_seconds(pid) for pid in tree(root))


def proportional_kib(root: int) -> int:
    """PSS of the tree: own pages, and a share of those that other processes map too."""
    return sum(pss(pid) for pid in tree(root))


def tree(root: int) -> list[int]:
    found = [root]
    for task in Path(f"/proc/{root}/task").glob("*/children"):
        for child in text(task).split():
            found += tree(int(child))
    return found


def own_seconds(pid: int) -> float:
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return 0.0


def reaped_seconds(pid: int) -> float:
    fields = text(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    return sum(map(int, fields[13:15])) / TICK


def pss(pid: int) -> int:
    lines = text(Path(f"/proc/{pid}/smaps_rollup")).splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def text(file: Path) -> str:
    """Return the file's text, or "" when the process has gone."""
    try:
        return file.read_text()
    except OSError:
        return ""
