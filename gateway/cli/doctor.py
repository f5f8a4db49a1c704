"""`babelgate doctor`: for those who are stuck."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

import click

from gateway.cli.given import config_option
from gateway.doctor.finding import Finding

MARKS = {"good": ("ok", "green"), "note": ("note", "yellow"), "bad": ("BAD", "red")}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="All findings as one JSON list.")
@click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.FloatRange(min=0.1),
    default=10,
    show_default=True,
    help="How long each upstream may take to answer.",
)
@config_option
def doctor(as_json: bool, timeout: float, config: str | None) -> int:
    """Look for what is wrong: configuration, plugins, keys, upstreams, ports and clients.

    Each upstream is asked for its list of models, which costs nothing. No key is shown. The exit
    status is 1 when something is bad.
    """
    from gateway.doctor.examination import Options, examine  # `--help` needs none of it

    findings = examine(Options(config, timeout, os.environ))
    found = _as_json(list(findings)) if as_json else _as_lines(findings)
    return 1 if any(one.grade == "bad" for one in found) else 0


def _as_json(findings: Sequence[Finding]) -> Sequence[Finding]:
    import attrs
    import orjson

    rows = [attrs.asdict(one) for one in findings]
    click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode())
    return findings


def _as_lines(findings: Iterable[Finding]) -> Sequence[Finding]:
    """Print each as it is found, and how many there were at the end."""
    found: list[Finding] = []
    for one in findings:
        mark, colour = MARKS[one.grade]
        click.echo(f"{click.style(mark.ljust(5), fg=colour)} {one.area}: {one.what}")
        for label, words in (("why", one.why), ("do", one.do)):
            if words:
                click.echo(f"        {label}: {words}")
        found.append(one)
    count = sum(one.grade == "bad" for one in found)
    click.echo("nothing is wrong" if not count else f"{count} to mend")
    return found
