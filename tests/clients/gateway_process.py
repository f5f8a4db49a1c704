"""A real gateway process: `babelgate serve`, with a configuration of the test's own or none."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from attrs import define

BABELGATE = Path(sys.executable).with_name("babelgate")
STARTS_WITHIN = 20.0
STOPS_WITHIN = 10.0
POLL = 0.05


@define
class Gateway:
    """A gateway that answers. url: without a slash at its end. log: what it printed so far."""

    url: str
    port: int
    log_file: Path

    @property
    def log(self) -> str:
        return self.log_file.read_text(errors="replace")


@contextmanager
def serve(
    config: str | None,
    folder: Path,
    environ: Mapping[str, str],
    options: Sequence[str] = (),
    port: int | None = None,
) -> Iterator[Gateway]:
    """Start a gateway, wait for /health, and end it after the block.

    config: None for none. folder: where its configuration, log and state go. port: a free one
    if None. Raises RuntimeError with the log when it doesn't come up.
    """
    port = port or free_port()
    argv = [str(BABELGATE), "serve", "--port", str(port), *options]
    if config is not None:
        file = folder / "babelgate.toml"
        file.write_text(config)
        argv += ["--config", str(file)]
    gateway = Gateway(f"http://127.0.0.1:{port}", port, folder / "gateway.log")
    with gateway.log_file.open("w") as log:
        process = subprocess.Popen(
            argv, cwd=folder, env=_environment(folder, environ), stdout=log, stderr=log
        )
    try:
        _wait_until_healthy(gateway, process)
        yield gateway
    finally:
        process.terminate()
        try:
            process.wait(STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _environment(folder: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """No provider key or setting of the caller's; every folder of a user's is a scratch one."""
    home = {name: str(folder) for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME")}
    return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **home, **environ}


def _wait_until_healthy(gateway: Gateway, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{gateway.url}/health", timeout=1) as reply:
                if reply.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(POLL)
    raise RuntimeError(f"the gateway did not come up; it said:\n{gateway.log}")
