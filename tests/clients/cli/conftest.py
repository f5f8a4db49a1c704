"""A gateway before an upstream of each dialect, clients driven through it, and a table at the end.

Every worker has its own upstream and gateways; a client's home is its test's own folder. Without
all the clients of `tests/clients/install.py` no test here is collected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import pytest

from tests.clients.cli import summary
from tests.clients.cli.drive import Outcome, drive
from tests.clients.cli.turns import ALL, CLIENTS, UPSTREAMS, Make, Turn
from tests.clients.gateway_process import Gateway, serve
from tests.scripted import Script, Scripted

collect_ignore_glob = [] if CLIENTS.keys() == ALL.keys() else ["test_*.py"]
PROXY_KEY = "cs-real-clients-proxy-key-0123456789"
REAL_KEY = "sk-real-upstream-key-0123456789"
MODELS = {"": "exact-model"}
"""The model that the upstream is asked for, by place; `wild-model` otherwise."""
ASIDE = (":countTokens", "/count_tokens", "/input_tokens", "/api/show", "/props")
"""Ends of the paths of other questions: how long this is, and what a model can do."""
SHAPED_PROMPT = "Always mention the river Aare."
DENIED = {"claude_code": "Edit", "codex": "close_agent", "gemini_cli": "google_web_search"}
"""A tool that each client offers and the group `shaped` keeps back; Codex's opens a namespace."""
CONFIG = """
[upstreams.up]
dialect = "{dialect}"
base_url = "{url}"
keys = ["env:REAL_KEY"]

[groups.default.models]
"claude-sonnet-5-5" = "up/exact-model"

[groups.kimi.models]
"claude-*" = "up/wild-model"
"gemini-*" = "up/wild-model"
"gpt-*" = "up/wild-model"

[groups.shaped]
extends = "kimi"
deny_tools = {denied}

[[groups.shaped.prompts]]
text = "{prompt}"

[proxy_keys.tester]
key = "env:PROXY_KEY"
"""

Run = Callable[..., Outcome]


@pytest.fixture(scope="session")
def gateway(
    scripted: Scripted, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Gateway]]:
    """The gateway before the upstream of a dialect, started when it is first asked for."""
    environ = {"REAL_KEY": REAL_KEY, "PROXY_KEY": PROXY_KEY}
    with ExitStack() as stack:

        @cache
        def started(dialect: str) -> Gateway:
            config = CONFIG.format(
                dialect=dialect,
                url=scripted.url,
                denied=list(DENIED.values()),
                prompt=SHAPED_PROMPT,
            )
            folder = tmp_path_factory.mktemp(f"gateway-{dialect}")
            return stack.enter_context(serve(config, folder, environ))

        yield started


@pytest.fixture
def run(
    gateway: Callable[[str], Gateway],
    upstream: Scripted,
    tmp_path_factory: pytest.TempPathFactory,
    record_property: Callable[[str, object], None],
) -> Run:
    """Drive a client through one turn. It ends well, and all that it asked went where it should."""

    def run(turn: Turn, script: Script, make: Make | None = None, **said: str) -> Outcome:
        record_property(summary.TURN, [turn.client, turn.upstream, turn.mode])
        client = CLIENTS[turn.client]
        upstream.script = script
        outcome = drive(
            make or client.make,
            tmp_path_factory.mktemp("client"),
            **{
                "base_url": gateway(turn.upstream).url + turn.place,
                "key": PROXY_KEY,
                "model": client.model,
                **said,
            },
        )
        assert outcome.code == 0, outcome.output + outcome.errors
        assert REAL_KEY not in outcome.output + outcome.errors
        _check_requests(upstream, turn)
        return outcome

    return run


def _check_requests(upstream: Scripted, turn: Turn) -> None:
    """Only the expected wire and model, and no key where it must not be.

    Whether the requests are valid, and free of the proxy key, `upstream` checks at its end.
    """
    model = MODELS.get(turn.place, "wild-model")
    generations = [seen for seen in upstream.requests if not seen.path.endswith(ASIDE)]
    assert {seen.wire for seen in upstream.requests} == {turn.upstream}
    assert {seen.path for seen in generations} == {UPSTREAMS[turn.upstream].format(model=model)}
    assert all(seen.body.get("model", model) == model for seen in generations)
    assert all(REAL_KEY in seen.raw for seen in upstream.requests)
    assert all(REAL_KEY not in str(seen.query) for seen in upstream.requests)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    summary.write(terminalreporter)
