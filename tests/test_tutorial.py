"""docs/tutorial.md, done from top to bottom: its files, its commands, and what they say."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from attrs import define, field

from tests.clients.gateway_process import BABELGATE, free_port
from tests.sites import describe_project

PAGE = Path(__file__).parents[1] / "docs" / "tutorial.md"
PORT = "11500"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PUT = re.compile(r"(put|and) this into `([\w./-]+)`", re.IGNORECASE)
ADD = re.compile(r"add to `([\w./-]+)`", re.IGNORECASE)
STARTS_WITHIN = 20.0
INSTALL = ["pip", "install", "-e", "."]


@define
class Reader:
    """Somebody who follows the page. said: what the commands of the last block printed."""

    folder: Path
    site: Path
    port: str
    said: str = ""
    path: list[str] = field(factory=list)
    served: ExitStack = field(factory=ExitStack)

    @property
    def environ(self) -> dict[str, str]:
        home = {name: str(self.site) for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME")}
        return {
            **home,
            "PATH": f"{BABELGATE.parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join(self.path),
            "PYTHONDONTWRITEBYTECODE": "1",
            "LANG": "C.UTF-8",
            "BABELGATE_EXAMPLES": "5",
        }

    def follow(self, language: str, before: str, block: str) -> None:
        if language == "sh":
            self.said = "".join(map(self.do, commands(block)))
        elif language == "text":
            for line in block.splitlines():
                assert squeezed(line) in squeezed(self.said), f"{line!r} is not in:\n{self.said}"
        else:
            self.write(before, block)

    def write(self, before: str, block: str) -> None:
        """Write or lengthen the file that the text before the block names last."""
        put, added = [m[2] for m in PUT.finditer(squeezed(before))], ADD.findall(before)
        file = self.folder / (put or added)[-1]
        old = file.read_text() + "\n" if added and not put else ""
        file.write_text(old + block)

    def do(self, words: list[str]) -> str:
        """Do one command. Gives what it printed."""
        if words[0] == "cd":
            self.folder /= words[1]
            return ""
        if words == INSTALL:
            describe_project(self.folder, self.site)
            self.path = [str(self.folder), str(self.site)]
            return ""
        if words[:2] == ["babelgate", "serve"]:
            self.serve(words)
            return ""
        done = subprocess.run(
            words, cwd=self.folder, env=self.environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def serve(self, words: list[str]) -> None:
        """Start a gateway in place of the one before, and wait until it answers."""
        self.served.close()
        process = subprocess.Popen(
            words, cwd=self.folder, env=self.environ, stderr=subprocess.DEVNULL
        )
        self.served.callback(process.wait)
        self.served.callback(process.terminate)
        deadline = time.monotonic() + STARTS_WITHIN
        while process.poll() is None and time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        pytest.fail(f"{words} did not come up")


def commands(block: str) -> Iterator[list[str]]:
    for line in block.replace("\\\n", " ").splitlines():
        if words := shlex.split(line, comments=True):
            yield words


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


@pytest.mark.timeout(300)
def test_the_tutorial_works_from_top_to_bottom(tmp_path):
    port = str(free_port())
    page = PAGE.read_text().replace(PORT, port)
    (tmp_path / "site").mkdir()
    reader = Reader(tmp_path, tmp_path / "site", port)
    with reader.served:
        end = 0
        for match in BLOCK.finditer(page):
            reader.follow(match[1], page[end : match.start()], match[2])
            end = match.end()

    assert (tmp_path / "babelgate-magpie" / "tests" / "test_plain.py").exists()
