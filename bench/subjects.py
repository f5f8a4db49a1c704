"""The programs under test: how each is started in front of the mock upstream, and stopped."""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Self

import process
from attrs import define, field, frozen
from scenarios import ROUTES

HERE = Path(__file__).parent
KEY = "sk-bench"
BARE = (
    "{python} {bench}/bare_proxy.py --port {port} --upstream http://127.0.0.1:{upstream_port}"
    " --mode "
)
CONFIG = f"""\
[server]
host = "127.0.0.1"

[upstreams.mock]
dialect = "openai"
base_url = "http://127.0.0.1:{{upstream_port}}/v1"
keys = ["sk-upstream"]

[upstreams.anth]
dialect = "claude"
base_url = "http://127.0.0.1:{{upstream_port}}"
keys = ["sk-upstream"]

[groups.default.models]
"anth-*" = "anth/anth-*"
"mock-*" = "mock/mock-*"

[proxy_keys.bench]
key = "{KEY}"
"""


@frozen
class Subject:
    """A command; `{port}`, `{upstream_port}`, `{config}`, `{python}`, `{bin}` are filled in."""

    name: str
    command: str
    routes: tuple[str, ...] = ROUTES


GATEWAY = Subject("gateway", "{bin}/babelgate serve --config {config} --port {port}")
BASELINE = Subject("bare-pass", BARE + "pass", ("o2o", "a2a"))
SUBJECTS = {
    subject.name: subject
    for subject in (
        GATEWAY,
        BASELINE,
        Subject("bare-reparse", BARE + "reparse", ("o2o",)),
        Subject("bare-translate", BARE + "translate", ("a2o",)),
    )
}


def added(text: str) -> Subject:
    """Read a subject from "NAME[@ROUTE,ROUTE]=COMMAND"."""
    head, _, command = text.partition("=")
    name, _, routes = head.partition("@")
    return Subject(name, command, tuple(routes.split(",")) if routes else ROUTES)


@define
class Running:
    """A started subject; use it as a context manager.

    `cpu_s` is what it had used when it first answered, `idle_mib` its memory half a second later.
    Its home is a folder that goes when it stops, and its log is a file in there.
    """

    subject: Subject
    upstream_port: int
    cpu_s: float = 0.0
    idle_mib: float = 0.0
    home: tempfile.TemporaryDirectory[str] = field(factory=tempfile.TemporaryDirectory)
    port: int = field(init=False)
    child: subprocess.Popen[bytes] = field(init=False)

    def __enter__(self) -> Self:
        self.port = free_port()
        self.child = self.spawn()
        try:
            self.await_answer()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.child.terminate()
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        self.home.cleanup()

    @property
    def log(self) -> Path:
        return Path(self.home.name) / "log.txt"

    def spawn(self) -> subprocess.Popen[bytes]:
        home = Path(self.home.name)
        config = home / "babelgate.toml"
        config.write_text(CONFIG.format(upstream_port=self.upstream_port))
        values = {"port": self.port, "upstream_port": self.upstream_port, "config": config}
        paths = {"python": sys.executable, "bin": Path(sys.executable).parent, "bench": HERE}
        command = shlex.split(self.subject.command.format(**values, **paths))
        environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"}
        with self.log.open("wb") as log:
            return subprocess.Popen(
                command, env=environment, cwd=home, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )

    def await_answer(self) -> None:
        deadline = time.monotonic() + 60
        while not self.answers():
            if self.child.poll() is not None or time.monotonic() > deadline:
                tail = self.log.read_text(errors="replace")[-2000:]
                sys.exit(f"bench: {self.subject.name} did not start:\n{tail}")
            time.sleep(0.01)
        self.cpu_s = process.cpu_seconds(self.child.pid)
        time.sleep(0.5)
        self.idle_mib = process.proportional_kib(self.child.pid) / 1024

    def answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5).close()
        except urllib.error.HTTPError as error:
            return error.code < 500
        except OSError:
            return False
        return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
