"""Run `babelgate` in this process under a profiler that signals start and stop.

usage: profiled.py lines|calls OUTFILE BABELGATE_ARGUMENT...

SIGUSR1 begins, SIGUSR2 ends and writes OUTFILE as text. `lines` takes a sample of the stack at
each tick of the process's CPU clock (1 to 4 ms): it costs little, and the time in C counts for the
line that called it.
`calls` is cProfile: exact numbers of calls, but small functions look dearer than they are.
"""

from __future__ import annotations

import cProfile
import io
import pstats
import signal
import sys
from collections import Counter
from pathlib import Path
from types import CodeType, FrameType
from typing import Protocol

TOP = 60
INTERVAL = 0.001
"""Seconds of CPU between samples; the kernel rounds it up to its tick."""
ROOT = str(Path(__file__).parents[1])


class Profiler(Protocol):
    def begin(self) -> None: ...

    def end(self) -> str: ...


class Lines:
    """Samples: a line's own, a function's own, and a function's with all that it called."""

    def __init__(self) -> None:
        self.lines: Counter[tuple[CodeType, int]] = Counter()
        self.own: Counter[CodeType] = Counter()
        self.whole: Counter[CodeType] = Counter()

    def begin(self) -> None:
        signal.signal(signal.SIGPROF, self.take)
        signal.setitimer(signal.ITIMER_PROF, INTERVAL, INTERVAL)

    def take(self, _: int, frame: FrameType | None) -> None:
        if frame is None:
            return
        self.lines[frame.f_code, frame.f_lineno] += 1
        self.own[frame.f_code] += 1
        seen: set[CodeType] = set()
        while frame is not None:
            seen.add(frame.f_code)
            frame = frame.f_back
        self.whole.update(seen)

    def end(self) -> str:
        signal.setitimer(signal.ITIMER_PROF, 0)
        total = self.own.total() or 1
        parts = {
            "own time by line": [(place(*at), n) for at, n in self.lines.most_common(TOP)],
            "own time by function": firsts(self.own, total),
            "time by function, callees included": firsts(self.whole, total),
        }
        out = [f"{total} samples"]
        for title, found in parts.items():
            out += ["", title, *(f"{n / total:7.1%}  {where}" for where, n in found)]
        return "\n".join(out)


def firsts(counts: Counter[CodeType], total: int) -> list[tuple[str, int]]:
    """The most frequent functions, without those that everything runs in."""
    shown = [(code, n) for code, n in counts.most_common() if n < total * 0.99]
    return [(place(code, code.co_firstlineno), n) for code, n in shown[:TOP]]


class Calls:
    def __init__(self) -> None:
        self.profile = cProfile.Profile()

    def begin(self) -> None:
        self.profile.enable()

    def end(self) -> str:
        self.profile.disable()
        out = io.StringIO()
        pstats.Stats(self.profile, stream=out).sort_stats("tottime").print_stats(TOP)
        return out.getvalue().replace(ROOT + "/", "")


PROFILERS: dict[str, type[Profiler]] = {"lines": Lines, "calls": Calls}


def place(code: CodeType, line: int) -> str:
    file = code.co_filename.removeprefix(ROOT + "/")
    _, _, package = file.rpartition("site-packages/")
    return f"{package}:{line} {code.co_qualname}"


def main() -> None:
    kind, out, *arguments = sys.argv[1:]
    profiler = PROFILERS[kind]()
    partial = Path(out + ".partial")

    def finish(*_: object) -> None:
        partial.write_text(profiler.end())
        partial.replace(out)

    signal.signal(signal.SIGUSR1, lambda *_: profiler.begin())
    signal.signal(signal.SIGUSR2, finish)
    from gateway.cli import main as babelgate

    sys.argv = ["babelgate", *arguments]
    babelgate()


if __name__ == "__main__":
    main()
