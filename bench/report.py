"""Figures of many runs made into rows: medians, quartiles, budgets, verdicts; text or Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median, quantiles
from typing import Any

from attrs import asdict, field, frozen
from scenarios import MEMORY, SCENARIOS, START_UP, Limit, Scenario
from subjects import BASELINE, GATEWAY

Json = Any


@frozen
class Run:
    """One measurement: `figures` as `measure` returns them; start-ups have no route."""

    round: int
    scenario: str
    subject: str
    route: str
    figures: Json


@frozen
class Spread:
    low: float
    middle: float
    high: float

    def __str__(self) -> str:
        return f"{short(self.middle)} ({short(self.low)}-{short(self.high)})"


@frozen
class Row:
    """A line of the table. `value` is what the budget is about: a ratio, or an absolute figure."""

    scenario: str
    route: str
    subject: str
    value: Spread | None
    what: str
    budget: float | None
    cost: Spread | None = None
    failed: int = 0
    verdict: str = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "verdict", verdict(self.value, self.budget, self.failed))


def verdict(value: Spread | None, budget: float | None, failed: int) -> str:
    """Judge a row: missed only when three of four rounds were over the budget."""
    if failed:
        return f"FAILED: {failed} replies"
    if value is None:
        return "FAILED: no figure"
    if budget is None:
        return "-"
    if value.low > budget:
        return "MISSED"
    return "met" if value.middle <= budget else "met, barely"


def rows(runs: Sequence[Run]) -> list[Row]:
    out: list[Row] = []
    subjects = list(dict.fromkeys(run.subject for run in runs))
    for limit in START_UP:
        out += [start_row(runs, subject, limit) for subject in subjects]
    for scenario in SCENARIOS:
        for route in scenario.routes:
            for subject in subjects:
                out += scenario_rows(runs, scenario, route, subject)
    return [row for row in out if row.value or row.failed]


def is_good(rows: Iterable[Row]) -> bool:
    return not any(row.verdict.startswith(("MISSED", "FAILED")) for row in rows)


def start_row(runs: Sequence[Run], subject: str, limit: Limit) -> Row:
    starts = [
        r.figures[limit.figure] for r in runs if (r.scenario, r.subject) == ("start", subject)
    ]
    return Row("start", "", subject, spread(starts), limit.unit, budget_of(subject, limit.most))


def scenario_rows(
    runs: Sequence[Run], scenario: Scenario, route: str, subject: str
) -> Iterable[Row]:
    mine = [r for r in runs if (r.scenario, r.route, r.subject) == (scenario.name, route, subject)]
    if not mine:
        return
    failed = sum(r.figures["failed"] for r in mine)
    cost = spread([r.figures["cpu_us"] for r in mine if r.figures["cpu_us"]])
    yield Row(
        scenario.name,
        route,
        subject,
        spread(ratios(runs, mine)),
        f"x {BASELINE.name}, CPU per {scenario.unit}",
        budget_of(subject, scenario.budget(route)),
        cost,
        failed,
    )
    if scenario.alone:
        memory = spread([r.figures[MEMORY.figure] for r in mine if MEMORY.figure in r.figures])
        most = budget_of(subject, MEMORY.most)
        yield Row(scenario.name, route, subject, memory, MEMORY.unit, most, failed=failed)


def ratios(runs: Sequence[Run], mine: Sequence[Run]) -> list[float]:
    """Divide each run by the baseline's of the same round, scenario and client dialect."""
    base = {
        (r.round, r.scenario, r.route[:1]): r.figures["cpu_us"]
        for r in runs
        if r.subject == BASELINE.name and r.scenario != "start"
    }
    pairs = [(r.figures["cpu_us"], base.get((r.round, r.scenario, r.route[:1]))) for r in mine]
    return [cost / floor for cost, floor in pairs if cost and floor]


def budget_of(subject: str, most: float) -> float | None:
    return most if subject == GATEWAY.name else None


def spread(values: Sequence[float]) -> Spread | None:
    """Quartiles of the values; None when there are none."""
    if not values:
        return None
    if len(values) == 1:
        return Spread(values[0], values[0], values[0])
    low, _, high = quantiles(values, n=4, method="inclusive")
    return Spread(low, median(values), high)


def short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


HEAD = (
    "scenario",
    "route",
    "subject",
    "median (quartiles)",
    "of what",
    "budget",
    "CPU us",
    "verdict",
)


def cells(row: Row) -> tuple[str, ...]:
    budget = "-" if row.budget is None else f"{row.budget:g}"
    cost = "-" if row.cost is None else str(row.cost)
    value = "-" if row.value is None else str(row.value)
    return (row.scenario, row.route, row.subject, value, row.what, budget, cost, row.verdict)


def as_text(rows: Sequence[Row]) -> str:
    table = [HEAD, *map(cells, rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ["  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) for line in table]
    return "\n".join(line.rstrip() for line in lines)


def as_markdown(rows: Sequence[Row]) -> str:
    lines = [HEAD, ("---",) * len(HEAD), *map(cells, rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def as_json(rows: Sequence[Row]) -> Json:
    return [asdict(row) for row in rows]
