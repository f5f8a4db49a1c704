"""Profile the gateway under one scenario, once it is warm, and print where the CPU time goes.

usage: profile_gateway.py SCENARIO ROUTE [--by lines|calls] [--seconds S]
e.g.   .venv/bin/python bench/profile_gateway.py burst a2o
"""

from __future__ import annotations

import argparse
import re
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import tools
from attrs import evolve
from measure import measure
from scenarios import ROUTES, SCENARIOS, WARM_UP, Scenario
from subjects import Running, Subject, free_port

NAMED = {scenario.name: scenario for scenario in SCENARIOS}
COMMAND = "{{python}} {{bench}}/profiled.py {by} {out} serve --config {{config}} --port {{port}}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenario", choices=NAMED)
    parser.add_argument("route", choices=ROUTES)
    parser.add_argument("--by", choices=["lines", "calls"], default="lines")
    parser.add_argument("--seconds", type=float, default=4)
    options = parser.parse_args()
    scenario = NAMED[options.scenario]
    load = re.sub(r"-t \S+", f"-t {options.seconds}", scenario.load)
    print(profile(evolve(scenario, load=load), options.route, options.by))


def profile(scenario: Scenario, route: str, by: str) -> str:
    upstream_port = free_port()
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen([tools.compiled("mock_upstream"), str(upstream_port)]) as upstream,
    ):
        out = Path(folder) / "profile.txt"
        subject = Subject("profiled", COMMAND.format(by=by, out=out))
        try:
            with Running(subject, upstream_port) as running:
                return profiled(running, route, scenario, out)
        finally:
            upstream.terminate()


def profiled(running: Running, route: str, scenario: Scenario, out: Path) -> str:
    for warm in WARM_UP:
        measure(running, route, warm)
    running.child.send_signal(signal.SIGUSR1)
    got = measure(running, route, scenario)
    running.child.send_signal(signal.SIGUSR2)
    while not out.exists():
        time.sleep(0.05)
    cost = f"{got['cpu_us']:.1f} us per {scenario.unit} while profiled" if got["ok"] else "none"
    return f"{got['ok']} replies, {got['failed']} failed; {cost}\n{out.read_text()}"


if __name__ == "__main__":
    main()
