"""`babelgate usage`: sums as a table, JSON and CSV, and forgetting."""

from __future__ import annotations

import csv
import io
import json
from contextlib import closing
from pathlib import Path

import pytest

from gateway.cli import run
from gateway.store.sqlite_usage import SqliteUsage
from gateway.testing.stores import FIRST, row


@pytest.fixture(autouse=True)
def _rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "babelgate.toml").write_text('[store]\nurl = "sqlite:///gate.db"\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BABELGATE_CONFIG", raising=False)
    with closing(SqliteUsage(tmp_path / "gate.db")) as store:
        store.add([row(key="anna", cost=0.5), row(key="ben", status=429, error="slow down")])
        store.add([row(key="anna", started=FIRST + 86_400, group=None)])


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]):
    def told(*arguments: str) -> tuple[int, str]:
        status = run(["usage", *arguments])
        out, err = capsys.readouterr()
        return status, (out + err).rstrip()

    return told


def test_the_table_has_a_line_for_each_day(said):
    status, text = said()

    head, first, second = text.splitlines()
    assert status == 0
    assert head.split()[:4] == ["day", "exchanges", "failed", "input"]
    assert first.split()[:4] == ["2023-11-14", "2", "1", "20"]
    assert second.split()[:4] == ["2023-11-15", "1", "0", "10"]
    assert second.split()[6] == "-"


def test_json_and_csv_say_the_same(said):
    _, as_json = said("--by", "key,group", "--format", "json")
    _, as_csv = said("--by", "key,group", "--format", "csv")

    rows = json.loads(as_json)
    assert [(one["key"], one["group"], one["exchanges"]) for one in rows] == [
        ("anna", None, 1),
        ("anna", "kimi", 1),
        ("ben", "kimi", 1),
    ]
    read = list(csv.DictReader(io.StringIO(as_csv)))
    assert [{name: None if v == "" else v for name, v in one.items()} for one in read] == [
        {name: None if v is None else str(v) for name, v in one.items()} for one in rows
    ]


def test_a_span_and_a_condition_leave_others_out(said):
    _, text = said("--since", "2023-11-14", "--until", "2023-11-15", "--where", "key=anna")

    assert text.splitlines()[1].split()[:2] == ["2023-11-14", "1"]
    assert len(text.splitlines()) == 2


def test_nothing_used_lately_is_said(said):
    assert said("--since", "1h") == (0, "nothing was used")


def test_older_rows_are_forgotten(said):
    assert said("--delete-before", "2023-11-15") == (0, "deleted 2 rows")
    assert len(said()[1].splitlines()) == 2


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--by", "mood"), "there is no 'mood'; there are day, group"),
        (("--where", "anna"), "must be NAME=VALUE"),
        (("--since", "lately"), "'lately' is no date (2026-11-25) and no length of time (7d)"),
    ],
)
def test_a_wrong_word_is_answered_with_the_right_ones(said, arguments, complaint):
    status, text = said(*arguments)

    assert status == 2
    assert complaint in text
