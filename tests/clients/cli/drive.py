"""Run one real client once, in a clean home and environment, with marker files to find.

A marker is a random word that stands only in a file of the scratch folder: a client whose output
has it has sent its request, got the tool call, run it, sent the result and got the final text.
"""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from attrs import define, field, frozen

PROMPT = "Use your shell tool to run: cat marker.txt -- then report what it prints."
FINAL = "STUB-FINAL"
"""What the scripted model's answer to results begins with."""
TIMEOUT = 60.0


@frozen
class Job:
    """What to run. base_url: as the client takes it, without a version.

    key: the proxy key. mcp_url: an MCP server to offer, or None. model: a name to ask for.
    """

    base_url: str
    key: str
    model: str
    home: Path
    work: Path
    prompt: str = PROMPT
    mcp_url: str | None = None


@frozen
class Command:
    argv: Sequence[str]
    env: Mapping[str, str]


@define
class Outcome:
    """markers: the words in marker.txt and marker2.txt. work: the folder that it ran in."""

    code: int
    output: str
    errors: str
    markers: tuple[str, str] = field(repr=False)
    work: Path

    def told(self, *words: str) -> bool:
        """Whether the model's last answer, with all of these words, was printed."""
        lines = [line for line in self.output.splitlines() if FINAL in line]
        return any(all(word in line for word in words) for line in lines)


def drive(make: Callable[[Job], Command], root: Path, **job: str | None) -> Outcome:
    """Run a client and wait for it. Raises TimeoutExpired after killing it and its children."""
    home, work = root / "home", root / "work"
    home.mkdir()
    work.mkdir()
    markers = (f"MARK-{secrets.token_hex(6)}", f"MARK-{secrets.token_hex(6)}")
    for name, word in zip(("marker.txt", "marker2.txt"), markers, strict=True):
        (work / name).write_text(f"{word}\n")
    command = make(Job(home=home, work=work, **job))  # type: ignore[arg-type]
    process = subprocess.Popen(
        command.argv,
        cwd=work,
        env={**_environment(home), **command.env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        output, errors = process.communicate(timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise
    return Outcome(process.returncode, output, errors, markers, work)


def _environment(home: Path) -> dict[str, str]:
    """Nothing of the caller's but the path; outside hosts are behind a proxy that isn't there."""
    nowhere = "http://127.0.0.1:9"
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "TERM": "dumb",
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
        "HTTPS_PROXY": nowhere,
        "HTTP_PROXY": nowhere,
    }
