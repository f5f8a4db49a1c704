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

TOP = 40
INTERVAL = 0.001
"""Seconds of CPU between samples; the kernel rounds it up to its tick."""
ROOT = str(Path(__file__).parents[1])


class Profiler(Protocol):
    def begin(self) -> None: ...

    def end(self) -> str: ...


class Lines:
    """Samples: a line's own, and a function's with all that it called."""

    def __init__(self) -> None:
        self.lines: Counter[tuple[CodeType, int]] = Counter()
        self.functions: Counter[CodeType] = Counter()

    def begin(self) -> None:
        signal.signal(signal.SIGPROF, self.take)
        signal.setitimer(signal.ITIMER_PROF, INTERVAL, INTERVAL)

    def take(self, _: int, frame: FrameType | None) -> None:
        if frame is None:
            return
        self.lines[frame.f_code, frame.f_lineno] += 1
        seen: set[CodeType] = set()
        while frame is not None:
            seen.add(frame.f_code)
            frame = frame.f_back
        self.functions.update(seen)

    def end(self) -> str:
        signal.setitimer(signal.ITIMER_PROF, 0)
        total = self.lines.total() or 1
        out = [f"{total} samples\n", "own time by line"]
        for (code, line), count in self.lines.most_common(TOP):
            out.append(f"{count / total:7.1%}  {place(code, line)}")
        out.append("\ntime by function, callees included")
        for code, count in self.functions.most_common(TOP):
            out.append(f"{count / total:7.1%}  {place(code, code.co_firstlineno)}")
        return "\n".join(out)


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
