"""The counters and histograms, and how a record is counted in them.

Labels come from the configuration, never from what a client sends: aliases and upstreams, not the
names of models. So their number stays bounded, whoever asks for what.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

from attrs import frozen
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from gateway.context import Record

SERVED = ("group", "alias", "upstream")
TOKENS = ("input", "cached_input", "cache_write", "output", "reasoning")
SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
Labels = tuple[str, ...]


@frozen
class Meter:
    """A name, what people read about it, and its labels."""

    name: str
    help: str
    labels: Labels


EXCHANGES = Meter(
    "babelgate_exchanges",
    "Exchanges that ended, by the status that the client got (499: it left).",
    ("dialect", *SERVED, "status", "finish"),
)
TOKENS_USED = Meter(
    "babelgate_tokens",
    "Tokens: cached_input and cache_write are part of input, reasoning is part of output.",
    (*SERVED, "kind"),
)
RETRIES = Meter(
    "babelgate_retries", "Tries after the first, by where the exchange ended.", ("upstream",)
)
LOSSES = Meter(
    "babelgate_losses",
    "What could not be carried from one protocol to another.",
    ("dialect", "upstream", "weight"),
)
COUNTED = Meter(
    "babelgate_counted",
    "What plugins count, such as toolcompat_parsed: calls that were read from text.",
    ("what",),
)
EXCHANGE_SECONDS = Meter(
    "babelgate_exchange_seconds",
    "From an exchange's arrival to its end.",
    ("dialect", "upstream"),
)
FIRST_BYTE_SECONDS = Meter(
    "babelgate_first_byte_seconds",
    "From an exchange's arrival to the first byte of its answer.",
    ("dialect", "upstream"),
)
COUNTERS = (EXCHANGES, TOKENS_USED, RETRIES, LOSSES, COUNTED)
HISTOGRAMS = (EXCHANGE_SECONDS, FIRST_BYTE_SECONDS)


class Meters:
    """Everything that is counted, in a registry of its own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._children: dict[Meter, Callable[..., Any]] = {}
        for one in COUNTERS:
            made = Counter(one.name, one.help, one.labels, registry=self._registry)
            self._children[one] = cache(made.labels)
        for one in HISTOGRAMS:
            timed = Histogram(
                one.name, one.help, one.labels, buckets=SECONDS, registry=self._registry
            )
            self._children[one] = cache(timed.labels)
        self._under_way = Gauge(
            "babelgate_exchanges_under_way", "Exchanges not yet over.", registry=self._registry
        )

    def page(self, under_way: int) -> tuple[bytes, str]:
        """The text for Prometheus, and its content type."""
        self._under_way.set(under_way)
        return generate_latest(self._registry), CONTENT_TYPE_PLAIN_0_0_4

    def count(self, records: Iterable[Record]) -> None:
        """Count what ended."""
        tally: Tally[tuple[Meter, Labels]] = Tally()
        for record in records:
            for meter, labels, number in _numbers(record):
                tally[meter, labels] += number
            self._time(record)
        for (meter, labels), number in tally.items():
            self._children[meter](*labels).inc(number)

    def _time(self, record: Record) -> None:
        labels = record.dialect, _upstream(record)
        if record.ended is not None:
            took = max(0.0, record.ended - record.started)
            self._children[EXCHANGE_SECONDS](*labels).observe(took)
        if record.first_byte is not None:
            waited = max(0.0, record.first_byte - record.started)
            self._children[FIRST_BYTE_SECONDS](*labels).observe(waited)


def _numbers(record: Record) -> Iterator[tuple[Meter, Labels, int]]:
    """What one exchange adds to which counter."""
    upstream, served = _upstream(record), _served(record)
    end = str(record.status or 0), record.finish or ""
    yield EXCHANGES, (record.dialect, *served, *end), 1
    for kind in TOKENS if record.usage else ():
        yield TOKENS_USED, (*served, kind), getattr(record.usage, kind) or 0
    if record.retries:
        yield RETRIES, (upstream,), record.retries
    for loss in record.losses:
        yield LOSSES, (record.dialect, upstream, loss.weight), 1
    for what, number in record.counts.items():
        yield COUNTED, (what,), number


def _served(record: Record) -> Labels:
    """Group, alias and upstream; a group that was only asked for is a client's word."""
    if record.alias is None:
        return "", "", ""
    return record.group or "", record.alias, _upstream(record)


def _upstream(record: Record) -> str:
    return (record.target or "").partition("/")[0]
