"""`babelgate explain`: what the gateway would do with a request."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import click
import orjson

from gateway.cli.given import config_option, given
from gateway.errors import ConfigError, GatewayError

if TYPE_CHECKING:
    from gateway.model import Json
    from gateway.plugins import Plugins
    from gateway.wire import InboundWire


@click.command()
@click.argument("file", default="-", metavar="[FILE|-]")
@click.option("--path", metavar="PATH", help="Where a client would send it: /kimi/v1/messages.")
@click.option(
    "--endpoint", metavar="DIALECT", help="The first chat endpoint of a dialect, instead."
)
@click.option(
    "--header", "-H", "headers", metavar="NAME=VALUE", multiple=True, help="One it sends."
)
@click.option("--target", metavar="UPSTREAM/MODEL", help="Show this one of the targets in full.")
@click.option("--json", "as_json", is_flag=True, help="Everything as JSON, with whole texts.")
@config_option
def explain(
    file: str,
    path: str | None,
    endpoint: str | None,
    headers: Sequence[str],
    target: str | None,
    as_json: bool,
    config: str | None,
) -> None:
    """Tell what would become of a client's request, without calling anything.

    FILE holds the body as JSON, or a recorded request: an object with `body`, `path`, `headers`.
    No key is needed and none is shown.
    """
    from gateway.cli.explain_page import show, show_json
    from gateway.explaining import explain as explained
    from gateway.runtime import build

    found = given(config)
    found.plugins.need_dialect()
    wire = _wire(_read(file), path, endpoint, headers, found.plugins)
    runtime = build(found.settings(), found.plugins)
    try:
        explanation = explained(runtime, wire)
    except GatewayError as error:
        raise click.ClickException(f"{error.message} (status {error.status})") from None
    finally:
        runtime.switch.close()
    names = [one.target for one in explanation.targets]
    if target is not None and target not in names:
        raise click.ClickException(f"'{target}' is not asked (targets: {', '.join(names)})")
    if as_json:
        show_json(explanation)
    else:
        show(explanation, target or names[0])


def _read(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise click.ClickException(f"{file} can't be read: {error.strerror}") from None


def _wire(
    data: bytes,
    path: str | None,
    endpoint: str | None,
    headers: Sequence[str],
    plugins: Plugins,
) -> InboundWire:
    from gateway.wire import InboundWire

    recorded = _recorded(data) or {}
    if recorded:
        data = orjson.dumps(recorded["body"])
    where = path or _first_of(plugins, endpoint) or recorded.get("path")
    if not isinstance(where, str):
        dialects = ", ".join(plugins.dialects)
        raise click.UsageError(f"say --path PATH, or --endpoint with one of: {dialects}")
    bare, _, query = where.partition("?")
    sent = {name.lower(): value for name, value in _named(recorded.get("headers")).items()}
    queried = {**_named(recorded.get("query")), **_named(query)}
    return InboundWire("POST", bare, query=queried, headers={**sent, **_pairs(headers)}, body=data)


def _recorded(data: bytes) -> dict[str, Json] | None:
    """A recorded request; None for a plain body (and for what is no JSON: reading it will say)."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    is_one = isinstance(value, dict) and isinstance(value.get("body"), dict)
    return value if is_one else None


def _first_of(plugins: Plugins, dialect: str | None) -> str | None:
    if dialect is None:
        return None
    from gateway.translate import first_path

    if dialect not in plugins.dialects:
        raise ConfigError(
            f"there is no dialect '{dialect}' (there are: {', '.join(plugins.dialects)})"
        )
    return first_path(plugins.dialects[dialect], "model")


def _named(raw: Json) -> dict[str, str]:
    """Recorded headers or a query: an object, a list of pairs, or a query as text."""
    match raw:
        case None:
            return {}
        case str():
            return dict(parse_qsl(raw.removeprefix("?"), keep_blank_values=True))
        case dict():
            return {name: str(value) for name, value in raw.items()}
        case list() if all(isinstance(pair, list) and len(pair) == 2 for pair in raw):
            return {str(name): str(value) for name, value in raw}
    raise click.ClickException(
        "the recorded `headers` and `query` must be objects or lists of pairs"
    )


def _pairs(headers: Sequence[str]) -> Mapping[str, str]:
    wrong = next((one for one in headers if "=" not in one), None)
    if wrong is not None:
        raise click.UsageError(f"--header takes NAME=VALUE, not {wrong.partition(':')[0]!r}")
    split = (one.split("=", 1) for one in headers)
    return {name.strip().lower(): value.strip() for name, value in split}
