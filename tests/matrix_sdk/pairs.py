"""The pairs of the matrix: which SDK asks, which dialect answers, and whether it streams."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from attrs import frozen

from tests.clients.fixtures import DIALECTS, PROXY_KEY
from tests.clients.gateway_process import Gateway
from tests.matrix_sdk import claude_client, openai_client
from tests.matrix_sdk.outcome import Outcome

CLIENTS: dict[str, ModuleType] = {"openai": openai_client, "claude": claude_client}
PAIRS = [
    pytest.param((inbound, outbound), id=f"{inbound}-to-{outbound}")
    for inbound in DIALECTS
    for outbound in DIALECTS
]
WAYS = ["whole", "streamed"]


@frozen
class Pair:
    """A client SDK before a gateway, with the group of one upstream dialect."""

    inbound: str
    outbound: str
    sdk: Any
    client: ModuleType

    def ask(self, way: str, model: str, **fields: Any) -> Outcome:
        """Send a request, streamed or whole, and read the typed reply."""
        body = self.client.request(model, **fields)
        outcome: Outcome = getattr(self.client, way)(self.sdk, body)
        return outcome

    @property
    def home(self) -> bool:
        return self.inbound == self.outbound


def make_pair(gateway: Gateway, inbound: str, outbound: str) -> Pair:
    client = CLIENTS[inbound]
    sdk = client.make(f"{gateway.url}/{outbound}", PROXY_KEY)
    return Pair(inbound, outbound, sdk, client)
