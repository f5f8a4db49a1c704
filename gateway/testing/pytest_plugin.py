"""Fixtures for plugins' tests, and their level at the end; pytest finds it by an entry point.

This module is loaded into every pytest run of an environment that has Babelgate, so it imports
nothing of it before a fixture is used, and does nothing in a run that tries no law.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from gateway.testing.gateways import RunningGateway
    from gateway.testing.upstreams import FakeUpstream

pytest.register_assert_rewrite("gateway.testing.laws")
LAWS = "gateway.testing.laws"

try:
    import pytest_asyncio
except ImportError:  # another async plugin's fixtures are plain ones
    async_fixture = pytest.fixture
else:
    async_fixture = pytest_asyncio.fixture  # type: ignore[assignment]  # called alike

StartGateway = Callable[..., Awaitable["RunningGateway"]]


@async_fixture
async def fake_upstream() -> AsyncIterator[FakeUpstream]:
    """A provider on loopback: see `gateway.testing.upstreams`."""
    from gateway.testing.upstreams import FakeUpstream as Fake

    async with Fake() as upstream:
        yield upstream


@async_fixture
async def gateway(tmp_path: Path) -> AsyncIterator[StartGateway]:
    """Start real gateways: `running = await gateway(TOML, plugin, …)`, then ask `running.url`.

    The installed plugins are loaded, and the given modules or objects after them.
    """
    from gateway.testing.gateways import start

    async with AsyncExitStack() as stack:

        async def begin(configuration: str, *extra: object) -> RunningGateway:
            return await stack.enter_async_context(start(configuration, tmp_path, extra))

        yield begin


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Write onto each test which law it tries; count generated examples."""
    if LAWS in sys.modules:
        from gateway.testing import examples, proven

        for item in items:
            proven.label(item)
            examples.count(getattr(item, "obj", None))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    if LAWS not in sys.modules:
        return (yield)
    from gateway.testing import examples, proven

    before = examples.tried()
    try:
        return (yield)
    finally:
        proven.add_examples(item, examples.tried() - before)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell each plugin's level, and how many examples were tried."""
    properties = (
        property
        for reports in terminalreporter.stats.values()
        for report in reports
        for property in getattr(report, "user_properties", ())
    )
    if any(str(name).startswith("babelgate") for name, _ in properties):
        from gateway.testing import proven

        proven.show(terminalreporter)
