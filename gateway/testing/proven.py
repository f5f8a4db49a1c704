"""Carry from the tests to the end of a run which laws were kept, also from pytest-xdist's workers.

A test's `user_properties` travel with its report: whose law it tried, and how many examples.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import pytest

from gateway.testing.captures import captures
from gateway.testing.laws import BackendLaws, RuleLaws
from gateway.testing.laws.guard import Laws, laws_of, plugin_name, sets_of
from gateway.testing.levels import Case, Face, lines
from gateway.testing.subject import Subject

LABEL = "babelgate law"
EXAMPLES = "babelgate examples"
Property = tuple[str, Any]


def label(item: pytest.Item) -> None:
    """Write onto a test of a law whose it is."""
    cls = getattr(item, "cls", None)
    law = getattr(item, "originalname", item.name)
    if isinstance(cls, type) and issubclass(cls, Laws) and law in laws_of(cls):
        whose = _class_label(cls)  # type: ignore[arg-type]  # classes can be hashed
        item.user_properties.append((LABEL, {**whose, "law": law, "name": item.name}))


def add_examples(item: pytest.Item, count: int) -> None:
    if count:
        item.user_properties.append((EXAMPLES, count))


def show(reporter: pytest.TerminalReporter) -> None:
    """Write the levels and the number of examples under the run's results."""
    reports = list(_reports(reporter))
    cases = [_case(value, passed) for name, value, passed in reports if name == LABEL]
    count = sum(value for name, value, _ in reports if name == EXAMPLES)
    reporter.section("Babelgate conformance", sep="-")
    for line in lines(cases):
        reporter.line(line)
    reporter.line(f"generated examples: {count}")


@cache
def _class_label(cls: type[Laws]) -> dict[str, Any]:
    return {
        "plugin": plugin_name(cls.plugin),
        "face": list(face(cls)),
        "sets": sets_of(cls),
        "excepted": sorted(laws_of(cls) & set(cls.exceptions)),
        "captured": _captured(cls),
        "brings": list(map(list, _brought(cls))),
    }


def face(cls: type[Laws]) -> Face:
    """What a class of laws tries."""
    if issubclass(cls, BackendLaws):
        return "backend", cls.backend
    if issubclass(cls, RuleLaws):
        return "rule", plugin_name(cls.plugin)
    return "dialect", getattr(cls, "dialect", "")


def _captured(cls: type[Laws]) -> int:
    """How many captured requests of its dialect the class was given."""
    folder, kind = getattr(cls, "captures", None), face(cls)
    if folder is None or kind[0] != "dialect":
        return 0
    try:
        return len(captures(folder, Subject(cls.plugin, *cls.others).dialects[kind[1]]))
    except Exception:  # noqa: BLE001 - the border: the laws themselves will tell what is wrong
        return 0


def _brought(cls: type[Laws]) -> list[Face]:
    """The dialects that the plugin registers, and its backends that are not a dialect's arrows."""
    try:
        subject = Subject(cls.plugin)
    except Exception:  # noqa: BLE001 - the border: the laws themselves will tell what is wrong
        return []
    dialects: list[Face] = [("dialect", name) for name in subject.dialects]
    own = [each for each in subject.backends.values() if each.write_request is None]
    return [*dialects, *(("backend", each.name) for each in own)]


def _reports(reporter: pytest.TerminalReporter) -> Iterator[tuple[str, Any, bool]]:
    """What each test said: a property's name, its value, and whether the test passed."""
    for outcome in ("passed", "failed", "error"):
        for report in _called(reporter.stats.get(outcome, ()), outcome):
            for name, value in report.user_properties:
                yield name, value, outcome == "passed"


def _called(reports: Iterable[Any], outcome: str) -> Iterator[pytest.TestReport]:
    return (
        report
        for report in reports
        if isinstance(report, pytest.TestReport) and (report.when == "call" or outcome != "passed")
    )


def _case(value: dict[str, Any], passed: bool) -> Case:
    kind, name = value["face"]
    return Case(
        plugin=value["plugin"],
        face=(kind, name),
        law=value["law"],
        name=value["name"],
        passed=passed,
        sets=value["sets"],
        excepted=frozenset(value["excepted"]),
        captured=value["captured"],
        brings=frozenset((kind, name) for kind, name in value["brings"]),
    )
