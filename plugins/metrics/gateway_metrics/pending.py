"""Records that wait to be counted: an exchange leaves its record, and counting comes in batches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define, field

from gateway.context import Record

if TYPE_CHECKING:
    from gateway_metrics.meters import Meters

BATCH = 512


@define(eq=False)
class Pending:
    """Counts what it is given, at the latest when somebody looks."""

    _records: list[Record] = field(factory=list)
    _meters: Meters | None = None

    def add(self, record: Record) -> None:
        self._records.append(record)
        if len(self._records) >= BATCH:
            self._counted()

    def exposed(self, under_way: int) -> tuple[bytes, str]:
        """The page for Prometheus, and its content type. under_way: exchanges not yet over."""
        return self._counted().page(under_way)

    def _counted(self) -> Meters:
        if self._meters is None:
            from gateway_metrics.meters import Meters  # loads the library

            self._meters = Meters()
        records, self._records = self._records, []
        self._meters.count(records)
        return self._meters
