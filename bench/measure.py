"""One measurement: a load on one subject over one route, and what it cost."""

from __future__ import annotations

import json
import subprocess
import tempfile
from typing import Any

import payloads
import process
import tools
from scenarios import Scenario
from subjects import KEY, Running

Json = Any
PATHS = {"o": "/v1/chat/completions", "a": "/v1/messages"}
HEADERS = {
    "o": [f"Authorization: Bearer {KEY}"],
    "a": [f"x-api-key: {KEY}", "anthropic-version: 2023-06-01"],
}
ALIAS = {"o": "", "a": "anth-"}
"""What the model's name starts with, by the backend's dialect: as in the configuration."""

PATIENCE = 120


def measure(running: Running, route: str, scenario: Scenario) -> Json:
    """Return loadgen's figures and `cpu_us` (per request or event), `failed`, `kib_per_stream`.

    `failed` counts replies that were refused, cut, late, or shorter than the upstream's. Without a
    good reply `cpu_us` is None. `kib_per_stream` is there when the process was started for this.
    """
    pid = running.child.pid
    before = process.cpu_seconds(pid)
    got, peak_kib = load(running, route, scenario)
    used = process.cpu_seconds(pid) - before
    per_reply = scenario.chunks or 1
    short = got["ok"] if got["ev_min"] < scenario.chunks else 0
    got["cpu_us"] = used / (got["ok"] * per_reply) * 1e6 if got["ok"] else None
    got["failed"] = got["bad"] + got["broken"] + got["unfinished"] + short
    if scenario.alone and got["open_max"]:
        got["kib_per_stream"] = (peak_kib - running.idle_mib * 1024) / got["open_max"]
    return got


def load(running: Running, route: str, scenario: Scenario) -> tuple[Json, int]:
    """Run loadgen; return what it says and the subject's peak memory (looked at only if alone)."""
    client, _, backend = route.partition("2")
    model = ALIAS[backend] + scenario.model
    with tempfile.NamedTemporaryFile() as body:
        body.write(
            payloads.body(client, scenario.shape, model=model, streamed=scenario.streamed),
        )
        body.flush()
        where = ["-p", str(running.port), "-u", PATHS[client], "-b", body.name]
        headers = [word for header in HEADERS[client] for word in ("-H", header)]
        command = [tools.compiled("loadgen"), *where, *scenario.load.split(), *headers]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as loadgen:
            peak = watch_memory(loadgen, running.child.pid) if scenario.alone else 0
            said = loadgen.communicate(timeout=PATIENCE)[0]
    figures: Json = json.loads(said)
    return figures, peak


def watch_memory(loadgen: subprocess.Popen[bytes], pid: int) -> int:
    """Return the peak of the tree's PSS in KiB, looked at five times a second."""
    peak = 0
    while True:
        peak = max(peak, process.proportional_kib(pid))
        try:
            loadgen.wait(0.2)
        except subprocess.TimeoutExpired:
            continue
        return peak
