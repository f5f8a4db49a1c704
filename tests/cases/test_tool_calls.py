"""ST2: tool arguments survive a second translation, however they are cut."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clients.fixtures import PROXY_KEY
from tests.clients.gateway_process import Gateway, serve
from tests.matrix_sdk.pairs import make_pair
from tests.scripted import Script, Scripted
from tests.scripted.scenarios import LONG

OTHER = {"openai": "claude", "claude": "openai"}
CONFIG = """
[upstreams.hop]
dialect = "{middle}"
base_url = "{url}/{outer}"
keys = ["env:INNER_KEY"]

[groups.{outer}.models]
"*" = "hop/*"

[proxy_keys.tester]
key = "env:PROXY_KEY"
"""


@pytest.fixture(scope="module", params=["openai", "claude"])
def two_hops(
    request: pytest.FixtureRequest, babelgate: Gateway, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Gateway, str]]:
    """A gateway before the gateway: A to B in the first, B back to A in the second."""
    outer = str(request.param)
    config = CONFIG.format(middle=OTHER[outer], outer=outer, url=babelgate.url)
    environ = {"INNER_KEY": PROXY_KEY, "PROXY_KEY": PROXY_KEY}
    with serve(config, tmp_path_factory.mktemp("hop"), environ) as gateway:
        yield gateway, outer


@pytest.mark.parametrize("cut", ["whole_args", "thirds", "characters"])
def test_st2_arguments_survive_two_translations(
    two_hops: tuple[Gateway, str], upstream: Scripted, cut: str
) -> None:
    gateway, outer = two_hops
    upstream.script = Script(quirks=frozenset({cut}))
    pair = make_pair(gateway, outer, outer)

    with pair.sdk:
        outcome = pair.ask("streamed", "say-long-tool", tools=[pair.client.TOOL])

    assert list(outcome.calls) == [("get_weather", LONG)]
    assert upstream.last.wire == outer
