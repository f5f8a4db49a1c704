"""The load generator and the mock upstream: compiled when missing or older than their source."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
BUILD = HERE / "build"
SOURCES = {
    "loadgen": ["loadgen.c"],
    "mock_upstream": ["mock_upstream.c", "mock_replies.h"],
}
FLAGS = ["-O2", "-Wall", "-Wextra", "-Wno-sign-compare"]


def compiled(name: str) -> str:
    """Return the path of the program. Ends the run when there is no compiler."""
    program = BUILD / name
    sources = [HERE / source for source in SOURCES[name]]
    newest = max(source.stat().st_mtime for source in sources)
    if not program.exists() or program.stat().st_mtime < newest:
        build(program, sources[0])
    return str(program)


def build(program: Path, source: Path) -> None:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if not compiler:
        sys.exit("bench: a C compiler is needed (apt install gcc); nothing but the bench needs one")
    BUILD.mkdir(exist_ok=True)
    fresh = program.with_suffix(".new")
    subprocess.run([compiler, *FLAGS, "-o", str(fresh), str(source)], check=True)
    fresh.replace(program)
