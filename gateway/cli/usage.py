"""`babelgate usage`: what was used, by whom, and what it cost."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import click
import orjson
from attrs import asdict

from gateway.cli.given import config_option
from gateway.cli.show import aligned
from gateway.durations import seconds
from gateway.errors import ConfigError
from gateway.store.usage import Key, Span, UsageStore, UsageSum

KEYS = get_args(Key)
FIGURES = (
    "exchanges",
    "failed",
    "input",
    "cached_input",
    "output",
    "cost",
    "seconds",
    "first_byte",
)


class Moment(click.ParamType[float]):
    """A date, a moment of it, or how long ago ("7d"); gives seconds since the epoch. UTC."""

    name = "when"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        try:
            return (datetime.now(UTC) - timedelta(seconds=seconds(value))).timestamp()
        except ValueError:
            pass
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no date (2026-11-25) and no length of time (7d)", param, ctx)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _keys(_: click.Context, __: click.Parameter, value: str) -> list[str]:
    keys = [key.strip() for key in value.split(",") if key.strip()]
    wrong = next((key for key in keys if key not in KEYS), None)
    if wrong is not None:
        raise click.BadParameter(f"there is no {wrong!r}; there are {', '.join(KEYS)}")
    return keys


def _where(_: click.Context, __: click.Parameter, values: Sequence[str]) -> dict[str, str]:
    pairs = {name: said for name, _, said in (value.partition("=") for value in values)}
    wrong = next((name for name in pairs if name not in KEYS), None)
    if wrong is not None:
        raise click.BadParameter(f"must be NAME=VALUE with one of {', '.join(KEYS)}, not {wrong!r}")
    return pairs


@click.command()
@click.option(
    "--by",
    "keys",
    default="day",
    metavar="A,B,…",
    callback=_keys,
    help=f"Sum by: {', '.join(KEYS)}.",
)
@click.option(
    "--since", type=Moment(), metavar="WHEN", help="Only from a date on, or from so long ago (7d)."
)
@click.option("--until", type=Moment(), metavar="WHEN", help="Only before then.")
@click.option(
    "--where",
    multiple=True,
    metavar="NAME=VALUE",
    callback=_where,
    help="Only these, as in group=kimi.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    help="How to print it.",
)
@click.option(
    "--delete-before",
    type=Moment(),
    metavar="WHEN",
    help="Forget what is older, and print nothing else.",
)
@config_option
def usage(
    keys: list[Key],
    since: float | None,
    until: float | None,
    where: dict[Key, str],
    form: str,
    delete_before: float | None,
    config: str | None,
) -> None:
    """Print sums of what exchanges used. Days and dates are UTC.

    Times are means in seconds: until the end, and until the first byte of the answer.
    """
    from gateway.store.flags import StoreError  # `--help` needs no store

    store = _store(config)
    try:
        if delete_before is not None:
            click.echo(f"deleted {store.delete(delete_before)} rows")
            return
        sums = store.sums(keys, Span(since, until, where))
    except StoreError as error:
        raise ConfigError(str(error)) from None
    finally:
        store.close()
    click.echo(FORMS[form](keys, sums))


def _store(config: str | None) -> UsageStore:
    from gateway import config as configuration
    from gateway.config_file import Raw
    from gateway.config_state import store
    from gateway.store.place import path_of
    from gateway.store.sqlite_usage import SqliteUsage

    path = configuration.find(config, os.environ)
    raw = configuration.read(path) if path else Raw()
    return SqliteUsage(path_of(store(raw, os.environ)))


def _table(keys: Sequence[str], sums: Sequence[UsageSum]) -> str:
    if not sums:
        return "nothing was used"
    rows = [[*map(_name, one.by), *map(_shown, _figures(one).values())] for one in sums]
    return "\n".join(aligned([[*keys, *FIGURES], *rows]))


def _json(keys: Sequence[str], sums: Sequence[UsageSum]) -> str:
    rows = [_row(keys, one) for one in sums]
    return orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode()


def _csv(keys: Sequence[str], sums: Sequence[UsageSum]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, [*keys, *FIGURES], lineterminator="\n")
    writer.writeheader()
    writer.writerows(_row(keys, one) for one in sums)
    return out.getvalue().rstrip("\n")


FORMS: Mapping[str, Callable[[Sequence[str], Sequence[UsageSum]], str]] = {
    "table": _table,
    "json": _json,
    "csv": _csv,
}


def _row(keys: Sequence[str], one: UsageSum) -> dict[str, object]:
    return {**dict(zip(keys, one.by, strict=True)), **_figures(one)}


def _figures(one: UsageSum) -> dict[str, object]:
    known = asdict(one)
    return {name: known[name] for name in FIGURES}


def _name(value: str | None) -> str:
    return value or "-"


def _shown(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
