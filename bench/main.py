"""Measure the gateway against a bare aiohttp pass-through: `make bench`.

All subjects take turns in one run, in an order that changes each round, and each figure is divided
by the pass-through's of the same round: so what else the machine does falls on both. CPU is user +
system time of the subject's whole process tree. See docs/performance.md.

Ends with 1 when a budget was missed or a reply failed, with 2 when nothing could be measured.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import report
import tools
from attrs import asdict, evolve, frozen
from measure import measure
from report import Run
from scenarios import ROUTES, SCENARIOS, WARM_UP, Scenario
from subjects import BASELINE, SUBJECTS, Running, Subject, added, free_port

Json = Any
LATEST = Path(__file__).parent / "results" / "latest.json"


@frozen
class Plan:
    subjects: Sequence[Subject]
    scenarios: Sequence[Scenario]
    starts: bool
    rounds: int


def main() -> None:
    options = arguments()
    plan = plan_of(options)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))  # so that the subjects are stopped too
    began = time.time()
    upstream_port = free_port()
    with subprocess.Popen([tools.compiled("mock_upstream"), str(upstream_port)]) as upstream:
        try:
            runs = list(all_runs(plan, upstream_port))
        finally:
            upstream.terminate()
    rows = report.rows(runs)
    print("\n" + (report.as_markdown if options.markdown else report.as_text)(rows))
    save(options.json, {**about(began, plan), "rows": report.as_json(rows), "runs": runs})
    sys.exit(0 if report.is_good(rows) else 1)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--rounds", type=int, default=9, help="interleaved rounds (9; quartiles need five or more)")
    add("--quick", action="store_true", help="3 rounds without the 1,000 slow streams")
    add(
        "--scenarios",
        default="*",
        help="patterns with commas: start,small,agent,burst,paced*,slow*",
    )
    add("--routes", default=",".join(ROUTES), help="with commas: o2o,a2a,a2o,o2a")
    add("--subjects", default="gateway", help=f"with commas, of {', '.join(SUBJECTS)}")
    add("--add", action="append", default=[], metavar="NAME[@ROUTES]=COMMAND",
        help="one more subject: {port}, {upstream_port} and {config} are filled in")  # fmt: skip
    add("--json", type=Path, default=LATEST, metavar="OUT", help=f"default {LATEST.name}")
    add("--markdown", action="store_true", help="print the table as Markdown")
    return parser.parse_args()


def plan_of(options: argparse.Namespace) -> Plan:
    patterns, routes = options.scenarios.split(","), options.routes.split(",")
    if unknown := set(options.subjects.split(",")) - SUBJECTS.keys():
        sys.exit(f"bench: no subject named {', '.join(unknown)} (there are {', '.join(SUBJECTS)})")
    if unknown := set(routes) - set(ROUTES):
        sys.exit(f"bench: no route named {', '.join(unknown)} (there are {', '.join(ROUTES)})")
    names = dict.fromkeys([BASELINE.name, *options.subjects.split(",")])
    scenarios = [
        evolve(s, routes=tuple(r for r in s.routes if r in routes))
        for s in SCENARIOS
        if any(fnmatch(s.name, p) for p in patterns) and not (options.quick and s.alone)
    ]
    return Plan(
        subjects=[SUBJECTS[name] for name in names] + [added(text) for text in options.add],
        scenarios=scenarios,
        starts=any(fnmatch("start", p) for p in patterns),
        rounds=3 if options.quick else options.rounds,
    )


def all_runs(plan: Plan, upstream_port: int) -> Iterator[Run]:
    if plan.starts:
        yield from start_runs(plan, upstream_port)
    if not plan.scenarios:
        return
    with ExitStack() as stack:
        running = {s.name: stack.enter_context(Running(s, upstream_port)) for s in plan.subjects}
        warm_up(plan, running)
        for number in range(plan.rounds):
            began = time.monotonic()
            done = list(one_round(plan, running, number))
            yield from done
            show_progress(f"round {number + 1}/{plan.rounds}", done, time.monotonic() - began)


def start_runs(plan: Plan, upstream_port: int) -> Iterator[Run]:
    """Start each subject by itself, so that it shares no memory with another one's process.

    The first start of each isn't counted: it compiles modules and fills the page cache.
    """
    for number in range(-1, plan.rounds):
        for subject in plan.subjects:
            with Running(subject, upstream_port) as running:
                figures = {"cpu_s": running.cpu_s, "idle_mib": running.idle_mib}
            if number >= 0:
                yield Run(number, "start", subject.name, "", figures)
    print(
        f"started each of {', '.join(s.name for s in plan.subjects)} {plan.rounds} times",
        flush=True,
    )


def warm_up(plan: Plan, running: dict[str, Running]) -> None:
    routes = {route for scenario in plan.scenarios for route in scenario.routes}
    for subject in plan.subjects:
        for route in routes.intersection(subject.routes):
            for scenario in WARM_UP:
                measure(running[subject.name], route, scenario)


def one_round(plan: Plan, running: dict[str, Running], number: int) -> Iterator[Run]:
    order = random.Random(number)
    for scenario in plan.scenarios:
        turns = [(s, r) for s in plan.subjects for r in routes_of(s, scenario)]
        order.shuffle(turns)
        for subject, route in turns:
            if scenario.alone:
                with Running(subject, running[subject.name].upstream_port) as alone:
                    figures = measure(alone, route, scenario)
            else:
                figures = measure(running[subject.name], route, scenario)
            yield Run(number, scenario.name, subject.name, route, figures)


def routes_of(subject: Subject, scenario: Scenario) -> list[str]:
    """Return the routes a subject is measured on; the baseline keeps to each client's dialect."""
    if subject is BASELINE:
        return sorted({f"{route[0]}2{route[0]}" for route in scenario.routes})
    return [route for route in scenario.routes if route in subject.routes]


def show_progress(title: str, runs: Sequence[Run], seconds: float) -> None:
    said: dict[str, list[str]] = {}
    for run in runs:
        if run.subject == BASELINE.name:
            continue
        ratio = "".join(f"{r:.2f}" for r in report.ratios(runs, [run])) or "-"
        failed = f" ({run.figures['failed']} failed)" if run.figures["failed"] else ""
        said.setdefault(f"{run.scenario}", []).append(f"{run.route} {ratio}{failed}")
    line = "; ".join(f"{name}: {', '.join(parts)}" for name, parts in said.items())
    print(f"{title} ({seconds:.0f} s)  {line}", flush=True)


def about(began: float, plan: Plan) -> Json:
    return {
        "began": time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(began)),
        "seconds": round(time.time() - began),
        "rounds": plan.rounds,
        "python": platform.python_version(),
        "kernel": platform.release(),
        "cores": os.cpu_count(),
        "load_average": os.getloadavg(),
        "subjects": {subject.name: subject.command for subject in plan.subjects},
    }


def save(file: Path, result: Json) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(result, default=asdict, indent=1))
    print(f"\nall figures: {os.path.relpath(file)}")


if __name__ == "__main__":
    main()
