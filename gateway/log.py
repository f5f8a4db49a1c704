"""The log: one line of fields for each event, on standard error, with every secret cut out.

JSON when a program reads it, words when a person does.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TextIO, TypeAlias, cast

import orjson
from attrs import define

from gateway.context import Record
from gateway.log_lines import Lines
from gateway.settings import Settings

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger

LEVEL_VARIABLE = "BABELGATE_LOG"
"""debug, info (the default), warning or error."""
CUT = "[cut]"
SHORTEST = 6
"""Characters of the shortest key that is cut out wherever it stands; shorter ones are words."""
PATTERNS = (
    ("bearer", re.compile(r"(?i)\b(bearer\s+)[^\s\"',;\\]+"), rf"\1{CUT}"),
    ("key=", re.compile(r"(?i)([?&](?:api_?)?key=)[^&\s\"'\\]+"), rf"\1{CUT}"),
    ("cs-", re.compile(r"\bcs-[\w-]{16,}"), CUT),
    ("sk-", re.compile(r"\bsk-[\w-]{16,}"), CUT),
    ("pk-", re.compile(r"\bpk-[\w-]{16,}"), CUT),
    ("aiza", re.compile(r"\bAIza[\w-]{30,}"), CUT),
    ("://", re.compile(r"(://)[^/\s:@\"]+:[^/\s@\"]+@"), rf"\1{CUT}@"),
)
"""What looks like a key: a word in lower case that stands in it (a quick look), and the whole."""
LIKE_A_KEY = 16
"""Characters from which the value of a configured header is held for a secret."""
LOSSES_SHOWN = 5
FIRST = ("timestamp", "level", "event")
"""The fields that a line begins with."""
Fields: TypeAlias = MutableMapping[str, Any]


@define
class Out:
    """Where the log goes now. lines: None while a person reads it, or before it was started."""

    lines: Lines | None = None
    level: int = logging.INFO
    cut: Callable[[str], str] = str


OUT = Out()
"""structlog's configuration belongs to the process, and so does this."""
EXCHANGE_HEAD = {"event": "exchange_done", "level": "info"}


def log() -> FilteringBoundLogger:
    """The log. Events are snake-case names with fields: `log().info("reloaded", path=…)`."""
    with _without_rich():
        import structlog  # most commands write no log

    if not structlog.is_configured():
        _configure(None, (), "info")
    return structlog.get_logger()  # type: ignore[no-any-return]  # structlog leaves it open


def start_logging(
    settings: Settings,
    stream: TextIO | None = None,
    environ: Mapping[str, str] = os.environ,
) -> None:
    """Write the log to `stream` (standard error), without the secrets of `settings`.

    Call it again after a reload: there may be new secrets.
    """
    level = environ.get(LEVEL_VARIABLE, "info").lower()
    with _without_rich():
        import structlog  # noqa: F401 - here, so that no exchange waits for it
    _configure(stream or sys.stderr, secrets_of(settings), level if level in LEVELS else "info")
    root = logging.getLogger()
    root.handlers = [each for each in root.handlers if not isinstance(each, _FromLibraries)]
    root.addHandler(_FromLibraries(logging.WARNING))


def cut_secrets(text: str) -> str:
    """`text` without any key: those of the configuration, and whatever looks like one."""
    return OUT.cut(text)


def log_exchange(record: Record) -> None:
    """The one line of an exchange. Where programs read the log it takes the straight way out."""
    if OUT.lines is not None and OUT.level <= logging.INFO:
        fields = {"timestamp": datetime.now(UTC), **EXCHANGE_HEAD, **exchange_fields(record)}
        line = orjson.dumps(fields, default=repr, option=orjson.OPT_APPEND_NEWLINE)
        OUT.lines.add(OUT.cut(line.decode()))
        return
    log().info("exchange_done", **exchange_fields(record))


def log_request(method: str, raw_path: str, status: int, seconds: float) -> None:
    """The line of a request that is no exchange; the query stays out of it."""
    path = raw_path.partition("?")[0]
    log().info("request_done", method=method, path=path, status=status, ms=_ms(seconds))


def exchange_fields(record: Record) -> dict[str, object]:
    """What the line of an exchange says; what never came is left out."""
    usage = record.usage
    fields = {
        "exchange_id": record.exchange_id,
        "endpoint": record.endpoint,
        "dialect": record.dialect,
        "group": record.group,
        "alias": record.alias,
        "model": record.model,
        "target": record.target,
        "key": record.key_id,
        "client": record.client or None,
        "stream": record.stream or None,
        "way": "relay" if record.relayed else None,
        "status": record.status,
        "finish": record.finish,
        "error": record.error,
        "retries": record.retries or None,
        "first_ms": _between(record.started, record.first_byte),
        "ms": _between(record.started, record.ended),
        "input": usage and usage.input,
        "cached": usage and usage.cached_input,
        "output": usage and usage.output,
        "usage_from": usage and usage.source,
        "losses": [loss.path for loss in record.losses[:LOSSES_SHOWN]] or None,
        "loss_count": len(record.losses) or None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def secrets_of(settings: Settings) -> list[str]:
    """Everything in a configuration that must stand in no log line."""
    found = [settings.admin_key or ""]
    for upstream in settings.upstreams.values():
        sent = [*upstream.headers.values(), *upstream.query.values()]
        found += [*upstream.keys, *(value for value in sent if len(value) >= LIKE_A_KEY)]
    return found


def cutter(secrets: Iterable[str]) -> Callable[[str], str]:
    """A function that cuts these secrets, and whatever looks like a key, out of a text."""
    known = {secret for secret in secrets if len(secret) >= SHORTEST}
    known |= {orjson.dumps(secret).decode()[1:-1] for secret in known}
    longest_first = sorted(known, key=len, reverse=True)

    def cut(text: str) -> str:
        for secret in longest_first:
            if secret in text:
                text = text.replace(secret, CUT)
        lower = text.lower()
        for word, pattern, instead in PATTERNS:
            if word in lower:
                text = pattern.sub(instead, text)
        return text

    return cut


def _configure(stream: TextIO | None, secrets: Iterable[str], level: str) -> None:
    import structlog

    if OUT.lines is not None:
        OUT.lines.now()
    for_people = (stream or sys.stderr).isatty()
    OUT.cut, OUT.level = cutter(secrets), LEVELS[level]
    OUT.lines = None if for_people or stream is None else Lines(stream)
    render = _words() if for_people else structlog.processors.JSONRenderer(_json)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper("iso"),
            structlog.processors.format_exc_info,
            _rendered(render, OUT.cut),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=lambda *_: structlog.PrintLogger(
            cast(TextIO, OUT.lines) if OUT.lines else stream or sys.stderr
        ),
    )


def _rendered(
    render: Callable[[Any, str, Fields], str | bytes], cut: Callable[[str], str]
) -> Callable[[Any, str, Fields], str]:
    """Cut after rendering: then no field, repr or traceback gets by."""

    def processor(logger: object, name: str, fields: Fields) -> str:
        return cut(str(render(logger, name, fields)))

    return processor


def _words() -> Callable[[Any, str, Fields], str]:
    from structlog.dev import ConsoleRenderer, plain_traceback

    return ConsoleRenderer(exception_formatter=plain_traceback)


def _json(fields: Mapping[str, object], **_: object) -> str:
    first = {name: fields[name] for name in FIRST if name in fields}
    return orjson.dumps({**first, **fields}, default=repr).decode()


def _between(start: float, end: float | None) -> int | None:
    return None if end is None else _ms(end - start)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


@contextmanager
def _without_rich() -> Iterator[None]:
    """structlog 25 loads rich, for tracebacks that we don't use: 0.1 s of CPU (2026-11)."""
    if "rich" in sys.modules or "structlog" in sys.modules:
        yield
        return
    sys.modules["rich"] = None  # type: ignore[assignment]  # how Python says "can't be imported"
    try:
        yield
    finally:
        del sys.modules["rich"]


class _FromLibraries(logging.Handler):
    """What aiohttp and asyncio say through the standard library's logging."""

    def emit(self, record: logging.LogRecord) -> None:
        level = max(record.levelno, logging.DEBUG)
        log().log(level, record.getMessage(), logger=record.name, exc_info=record.exc_info)


LEVELS: Mapping[str, int] = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}
