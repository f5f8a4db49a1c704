"""The pairs of dialects that a case runs on."""

from __future__ import annotations

import pytest

from tests.clients.fixtures import DIALECTS


@pytest.fixture(params=DIALECTS, ids=[f"from-{name}" for name in DIALECTS])
def inbound(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=DIALECTS, ids=[f"to-{name}" for name in DIALECTS])
def outbound(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[False, True], ids=["whole", "streamed"])
def stream(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)
