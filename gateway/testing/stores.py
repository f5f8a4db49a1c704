"""What every store of usage must do: subclass `UsageStoreLaws` and give it a fixture `store`."""

from __future__ import annotations

from gateway.store.usage import Span, UsageRow, UsageStore

DAY = 86_400.0
FIRST = 1_700_000_000.0
"""2023-11-14 22:13:20 UTC."""


def row(**said: object) -> UsageRow:
    """A row of an exchange that went well, but for what is said."""
    usual: dict[str, object] = {
        **dict.fromkeys(("key", "error", "cache_write", "reasoning", "cost")),
        "exchange_id": "req_1",
        "started": FIRST,
        "first_byte": FIRST + 0.5,
        "ended": FIRST + 2.0,
        "endpoint": "/v1/messages",
        "dialect": "claude",
        "client": "claude-cli/2",
        "group": "kimi",
        "alias": "*",
        "model": "k2",
        "target": "moonshot/k2",
        "stream": True,
        "relayed": False,
        "status": 200,
        "finish": "stop",
        "retries": 0,
        "input": 10,
        "cached_input": 4,
        "output": 5,
        "tokens_source": "provider",
    }
    return UsageRow(**{**usual, **said})  # type: ignore[arg-type]  # fields by name


class UsageStoreLaws:
    """The laws of `UsageStore`. store: an empty one."""

    def test_an_empty_store_has_no_sums(self, store: UsageStore) -> None:
        assert store.sums(["group"], Span()) == []
        assert store.sums([], Span()) == []
        assert store.delete(FIRST) == 0

    def test_rows_are_summed_by_what_was_asked_for(self, store: UsageStore) -> None:
        store.add([row(), row(group="qwen", input=1, output=None), row(input=None, output=2)])

        sums = store.sums(["group"], Span())

        assert [(one.by, one.exchanges, one.input, one.output) for one in sums] == [
            (("kimi",), 2, 10, 7),
            (("qwen",), 1, 1, 0),
        ]

    def test_without_keys_there_is_one_sum_of_all(self, store: UsageStore) -> None:
        store.add([row(), row(group=None)])

        [one] = store.sums([], Span())

        assert (one.by, one.exchanges, one.cached_input) == ((), 2, 8)

    def test_every_key_can_be_summed_by(self, store: UsageStore) -> None:
        store.add([row(key="anna", error="no")])
        keys = ["day", "alias", "model", "target", "key", "client", "dialect", "error", "finish"]

        [one] = store.sums(keys, Span())  # type: ignore[arg-type]  # names of keys

        told = ("*", "k2", "moonshot/k2", "anna", "claude-cli/2", "claude", "no", "stop")
        assert one.by == ("2023-11-14", *told)

    def test_days_begin_at_midnight_utc(self, store: UsageStore) -> None:
        midnight = FIRST - FIRST % DAY + DAY
        store.add([row(started=midnight - 1), row(started=midnight)])

        assert [one.by for one in store.sums(["day"], Span())] == [("2023-11-14",), ("2023-11-15",)]

    def test_failures_are_counted(self, store: UsageStore) -> None:
        store.add([row(), row(status=429), row(status=200, error="broke off"), row(status=499)])

        [one] = store.sums([], Span())

        assert (one.exchanges, one.failed) == (4, 3)

    def test_times_are_means_and_costs_are_sums(self, store: UsageStore) -> None:
        store.add([row(cost=0.25), row(cost=0.5, ended=FIRST + 4.0, first_byte=None), row()])

        [one] = store.sums([], Span())

        assert (one.cost, one.first_byte) == (0.75, 0.5)
        assert one.seconds is not None
        assert round(one.seconds, 6) == round(8 / 3, 6)

    def test_what_nobody_knows_is_none_and_not_nought(self, store: UsageStore) -> None:
        store.add([row(cost=None, ended=None, first_byte=None)])

        [one] = store.sums([], Span())

        assert (one.cost, one.seconds, one.first_byte) == (None, None, None)

    def test_a_span_has_its_beginning_and_not_its_end(self, store: UsageStore) -> None:
        store.add([row(started=FIRST + hours * 3600.0) for hours in range(4)])

        [one] = store.sums([], Span(FIRST + 3600.0, FIRST + 3 * 3600.0))

        assert one.exchanges == 2

    def test_where_leaves_the_others_out(self, store: UsageStore) -> None:
        store.add([row(key="anna"), row(key="ben"), row(key="anna", group="qwen")])

        [one] = store.sums(["key"], Span(where={"key": "anna", "group": "kimi"}))

        assert (one.by, one.exchanges) == (("anna",), 1)

    def test_text_of_any_kind_comes_back_as_it_was(self, store: UsageStore) -> None:
        odd = "O'Brien \"; DROP TABLE usage; -- \U0001f600"
        store.add([row(model=odd)])

        assert [one.by for one in store.sums(["model"], Span(where={"model": odd}))] == [(odd,)]

    def test_what_is_no_text_costs_no_row(self, store: UsageStore) -> None:
        store.add([row(), row(client="odd\udcff"), row()])

        assert [one.exchanges for one in store.sums([], Span())] == [3]

    def test_only_older_rows_are_deleted(self, store: UsageStore) -> None:
        store.add([row(started=FIRST + number) for number in range(5)])

        assert store.delete(FIRST + 2) == 2
        [one] = store.sums([], Span())
        assert one.exchanges == 3

    def test_a_closed_store_may_be_used_again(self, store: UsageStore) -> None:
        store.add([row()])
        store.close()
        store.add([row(counts={"toolcompat_parsed": 2})])

        [one] = store.sums([], Span())
        assert one.exchanges == 2
