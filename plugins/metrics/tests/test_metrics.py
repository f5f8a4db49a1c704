"""/metrics, read by the official parser, after real exchanges."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from gateway.context import Record
from gateway.events import Usage
from gateway.losses import Loss
from gateway.testing import gateways
from gateway_metrics.pending import BATCH, Pending

CONFIG = """
[metrics]
[upstreams.up]
backend = "echo"
[groups.kimi.models]
"*" = "up/*"
"""
ASK = {"model": "m", "messages": [{"role": "user", "content": "hello there"}]}


def samples(page: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    families = text_string_to_metric_families(page)
    return {
        (one.name, frozenset(one.labels.items())): one.value
        for each in families
        for one in each.samples
    }


def of(page: str, name: str, labels: Mapping[str, str]) -> float:
    """The sum of the samples of a name that have these labels."""
    found = samples(page).items()
    return sum(value for (one, has), value in found if one == name and has >= set(labels.items()))


def record(**said: object) -> Record:
    usual: dict[str, object] = {"started": 1.0, "ended": 3.0, "status": 200}
    return Record("r", endpoint="/v1/messages", dialect="claude", **{**usual, **said})  # type: ignore[arg-type]


async def get(http: aiohttp.ClientSession, **headers: str) -> tuple[int, str]:
    async with http.get("/metrics", headers=headers) as reply:
        return reply.status, await reply.text()


async def test_exchanges_are_counted_by_names_of_the_configuration(tmp_path: Path):
    async with (
        gateways.start(CONFIG, tmp_path) as gateway,
        aiohttp.ClientSession(gateway.url) as http,
    ):
        for path in ("/kimi", "/kimi", "/none"):
            async with http.post(f"{path}/v1/chat/completions", json=ASK) as reply:
                await reply.read()
        status, page = await get(http)

    assert status == 200
    served = {"dialect": "openai", "group": "kimi", "alias": "*", "upstream": "up"}
    assert of(page, "babelgate_exchanges_total", {**served, "status": "200"}) == 2
    assert of(page, "babelgate_exchanges_total", {"status": "404", "group": ""}) == 1
    assert of(page, "babelgate_tokens_total", {"upstream": "up", "kind": "output"}) > 0
    assert of(page, "babelgate_exchange_seconds_count", {"upstream": "up"}) == 2
    assert of(page, "babelgate_exchanges_under_way", {}) == 0


async def test_without_the_table_there_are_none(tmp_path: Path):
    async with (
        gateways.start(CONFIG.replace("[metrics]", ""), tmp_path) as gateway,
        aiohttp.ClientSession(gateway.url) as http,
    ):
        status, page = await get(http)

    assert status == 404
    assert "[metrics]" in page


async def test_a_proxy_key_is_wanted_where_there_are_any(tmp_path: Path):
    keyed = CONFIG + '[proxy_keys.anna]\nkey = "cs-of-anna-0123456789"\n'
    async with (
        gateways.start(keyed, tmp_path) as gateway,
        aiohttp.ClientSession(gateway.url) as http,
    ):
        without, _ = await get(http)
        with_one, _ = await get(http, Authorization="Bearer cs-of-anna-0123456789")

    assert (without, with_one) == (401, 200)


def test_everything_of_a_record_is_counted():
    pending = Pending()
    losses = [Loss("a", "gone", "hint"), Loss("b", "gone", "hint"), Loss("c", "gone", "meaning")]
    told = {"group": "g", "alias": "a", "target": "up/m", "finish": "stop", "first_byte": 1.5}
    usage = Usage(input=10, cached_input=4, output=5)
    counts = {"toolcompat_parsed": 2}
    pending.add(record(**told, usage=usage, retries=3, losses=losses, counts=counts))
    page = pending.exposed(7)[0].decode()

    served = {"group": "g", "alias": "a", "upstream": "up"}
    assert of(page, "babelgate_tokens_total", {**served, "kind": "cached_input"}) == 4
    assert of(page, "babelgate_retries_total", {"upstream": "up"}) == 3
    assert of(page, "babelgate_losses_total", {"weight": "hint"}) == 2
    assert of(page, "babelgate_counted_total", {"what": "toolcompat_parsed"}) == 2
    assert of(page, "babelgate_first_byte_seconds_sum", {}) == 0.5
    assert of(page, "babelgate_exchange_seconds_sum", {"upstream": "up"}) == 2.0
    assert of(page, "babelgate_exchanges_under_way", {}) == 7


@pytest.mark.parametrize("number", [BATCH - 1, BATCH, 3 * BATCH + 1])
def test_no_record_is_lost_or_counted_twice_between_batches(number: int):
    pending = Pending()
    for _ in range(number):
        pending.add(record())

    for _ in range(2):
        page = pending.exposed(0)[0].decode()
        assert of(page, "babelgate_exchanges_total", {}) == number


def test_names_that_clients_make_up_make_no_labels():
    pending = Pending()
    for number in range(100):
        pending.add(record(model=f"made-up-{number}", group=f"none-{number}", client=f"c{number}"))
    page = pending.exposed(0)[0].decode()

    assert sum(name == "babelgate_exchanges_total" for name, _ in samples(page)) == 1
