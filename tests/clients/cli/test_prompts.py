"""Real clients through a group with rules: a text added to the prompt, and a tool kept back.

The upstream speaks the client's own dialect, so that the request is relayed but for the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from tests.clients.cli.conftest import DENIED, SHAPED_PROMPT, Run
from tests.clients.cli.turns import CLIENTS, Turn
from tests.scripted import Script, Scripted, Seen, claude, gemini, responses
from tests.scripted.wire import Body, Wire, texts

WIRES: Mapping[str, Wire] = {wire.name: wire for wire in (claude.WIRE, gemini.WIRE, responses.WIRE)}
SYSTEM: Mapping[str, Callable[[Body], list[str]]] = {
    "claude": lambda body: [block["text"] for block in body["system"]],
    "gemini": lambda body: [part["text"] for part in body["systemInstruction"]["parts"]],
    "responses": lambda body: [
        texts(i["content"]) for i in body["input"] if i.get("role") == "developer"
    ],
}
"""The texts of the system prompt, in order."""


@pytest.mark.parametrize("client", CLIENTS)
def test_a_group_s_rules_shape_what_a_client_says(
    run: Run, upstream: Scripted, client: str
) -> None:
    dialect = CLIENTS[client].dialect
    run(Turn(client, dialect, "as it is"), Script(mode="text"))
    plain = upstream.last
    outcome = run(Turn(client, dialect, "with rules", "/shaped"), Script(mode="tool"))
    shaped = upstream.requests[upstream.requests.index(plain) + 1 :]

    assert outcome.told(outcome.markers[0])
    assert DENIED[client] in tools(plain)
    for seen in shaped:
        *before, last = SYSTEM[dialect](seen.body)
        assert (last, len(before)) == (SHAPED_PROMPT, len(SYSTEM[dialect](plain.body)))
        assert tools(seen) == [name for name in tools(plain) if name != DENIED[client]]
        assert seen.body.keys() == plain.body.keys()


def tools(seen: Seen) -> list[str]:
    return list(WIRES[seen.wire].read(seen.body).tools)
