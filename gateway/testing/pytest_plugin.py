"""Fixtures for plugins' tests, found by pytest through the entry point `babelgate`.

This module is loaded into every pytest run of an environment that has Babelgate, so it imports
nothing of it before a fixture is used.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from gateway.testing.gateways import RunningGateway
    from gateway.testing.upstreams import FakeUpstream

pytest.register_assert_rewrite("gateway.testing.laws")

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
