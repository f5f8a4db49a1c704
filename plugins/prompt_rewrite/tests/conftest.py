"""A group's rules as a configuration gives them, and what a neutral request becomes by them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway import config
from gateway.attempt import Attempt, Target
from gateway.context import Context
from gateway.hooks import Backend, Endpoint
from gateway.settings import Group
from gateway_prompt_rewrite.settings import PLACES

HEAD = '[upstreams.echo]\nbackend = "echo"\n[groups.kimi.models]\n"*" = "echo/k2"\n'


@pytest.fixture
def group(tmp_path: Path) -> Callable[[str], Group]:
    """The group `kimi` of a configuration whose other lines are given."""

    def make(lines: str) -> Group:
        path = tmp_path / "babelgate.toml"
        path.write_text(HEAD + lines)
        backends = {"echo": Backend("echo", needs_url=False)}
        settings = config.build(config.read(path), {}, backends=backends, setting_classes=PLACES)
        return settings.groups["kimi"]

    return make


@pytest.fixture
def context(group) -> Callable[..., Context]:
    """An exchange of a group with these lines, at a target."""

    def make(lines: str, **facts) -> Context:
        target = Target(
            facts.pop("upstream", "moonshot"),
            facts.pop("real", "k2"),
            "openai",
            facts.pop("speaks", "openai"),
            quirks=facts.pop("quirks", {}),
        )
        dialect = facts.pop("dialect", "claude")
        fields = {"model": "claude-sonnet-4-5", "client": "claude-cli/2.1.9", **facts}
        return Context(
            exchange_id="req_1",
            endpoint=Endpoint("POST", "/v1/messages", dialect, "chat"),
            group=group(lines),
            alias="*",
            compat=False,
            key_id=None,
            target=target,
            attempt=Attempt(target, client=dialect),
            **fields,
        )

    return make
