"""What tests of a whole gateway share: one scripted upstream and one gateway before it.

Groups: `openai` and `claude` send every name, unchanged, to the upstream of that dialect, so that
a model called `say-tool` reaches the scripted upstream's scenario of that name.
`spare` has two keys at one upstream; `cascade` goes on from an openai one of its own, which no
other test makes fail, to the claude one;
`listed` has no pattern; `strict` refuses losses; `tuned` sets a field of every body; `dead` leads
to a port where nobody listens.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.gateway_process import Gateway, serve
from tests.scripted import Scripted

PROXY_KEY = "cs-proxy-key-for-tests-0123456789"
NARROW_KEY = "cs-narrow-key-for-tests-0123456789"
REAL_KEYS = {
    "REAL_OPENAI": "sk-real-openai-0123456789",
    "REAL_CLAUDE": "sk-ant-real-claude-0123456789",
    "REAL_FIRST": "sk-real-first-0123456789",
    "REAL_SECOND": "sk-real-second-0123456789",
}
DIALECTS = ("openai", "claude")
MAX_BODY = 1 << 20
PING_AFTER = 0.3
CONFIG = """
[server]
ping_after = "{ping_after}s"
max_body = {max_body}

[upstreams.oai]
dialect = "openai"
base_url = "{url}/v1"
keys = ["env:REAL_OPENAI"]
quirks = {{ cache_key = true }}

[upstreams.ant]
dialect = "claude"
base_url = "{url}"
keys = ["env:REAL_CLAUDE"]

[upstreams.cas]
dialect = "openai"
base_url = "{url}/v1"
keys = ["env:REAL_OPENAI"]

[upstreams.pair]
dialect = "openai"
base_url = "{url}/pair/v1"
keys = ["env:REAL_FIRST", "env:REAL_SECOND"]

[upstreams.tuned]
dialect = "claude"
base_url = "{url}"
keys = ["env:REAL_CLAUDE"]
params = {{ service_tier = "standard_only" }}

[upstreams.dead]
dialect = "openai"
base_url = "http://127.0.0.1:9/v1"
keys = ["env:REAL_OPENAI"]

[groups.openai.models]
"named" = "oai/say-text"
"*" = "oai/*"

[groups.claude.models]
"named" = "ant/say-text"
"*" = "ant/*"

[groups.spare.models]
"*" = "pair/*"

[groups.cascade.models]
"errs" = ["cas/say-error-500", "ant/say-text"]
"errs-first" = ["cas/say-error-first", "ant/say-text"]
"breaks" = ["cas/say-reset", "ant/say-text"]
"refuses" = ["cas/say-error-400", "ant/say-text"]

[groups.listed.models]
"quick" = "oai/say-text"
"clever" = "ant/say-text"

[groups.tuned.models]
"*" = "tuned/*"

[groups.dead.models]
"*" = "dead/*"

[groups.strict]
on_loss = "refuse"

[groups.strict.models]
"*" = "oai/*"

[proxy_keys.tester]
key = "env:PROXY_KEY"

[proxy_keys.narrow]
key = "env:NARROW_KEY"
groups = ["claude"]
"""


@pytest.fixture(scope="session")
def scripted() -> Iterator[Scripted]:
    with Scripted() as upstream:
        yield upstream


@pytest.fixture(scope="session")
def babelgate(scripted: Scripted, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """The gateway process; one for the whole run."""
    folder: Path = tmp_path_factory.mktemp("gateway")
    config = CONFIG.format(url=scripted.url, ping_after=PING_AFTER, max_body=MAX_BODY)
    environ = {**REAL_KEYS, "PROXY_KEY": PROXY_KEY, "NARROW_KEY": NARROW_KEY}
    with serve(config, folder, environ) as gateway:
        yield gateway
        secrets = (*REAL_KEYS.values(), PROXY_KEY, NARROW_KEY)
        assert not [secret for secret in secrets if secret in gateway.log]


@pytest.fixture
def upstream(scripted: Scripted) -> Iterator[Scripted]:
    """The scripted upstream, with nothing of another test's in it.

    Afterwards: no proxy key reached it, and no request that a strict provider would refuse.
    """
    scripted.clear()
    yield scripted
    scripted.release()
    leaked = [s.path for s in scripted.requests if PROXY_KEY in s.raw or NARROW_KEY in s.raw]
    assert not leaked, "a proxy key reached the upstream"
    errors = scripted.errors
    assert not errors, "\n".join(errors)
