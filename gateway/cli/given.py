"""What commands work on: the configuration that was named or found, and its plugins."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from attrs import frozen

from gateway.plugins import Plugins, load
from gateway.settings import Plugins as Choice
from gateway.settings import Settings

if TYPE_CHECKING:
    from gateway.config import Raw

Function = TypeVar("Function", bound=Callable[..., Any])


@frozen
class Given:
    """path: the configuration's file; None: there is none, and the environment alone counts."""

    path: Path | None
    raw: Raw | None
    plugins: Plugins

    def settings(self) -> Settings:
        """The checked configuration. Raises ConfigError."""
        from gateway import config  # here, as it is slow to load and `--help` needs none

        with self.plugins.blamed():
            return config.build(
                self.raw,
                os.environ,
                backends=self.plugins.backends,
                setting_classes=self.plugins.setting_classes,
            )


def given(named: str | None) -> Given:
    """The configuration that `named` says or that is found. Raises ConfigError."""
    from gateway import config

    path = config.find(named, os.environ)
    raw = config.read(path) if path else None
    return Given(path, raw, load(raw.plugins if raw else Choice()))


def config_option(function: Function) -> Function:
    """`--config FILE`."""
    return click.option(
        "--config",
        metavar="FILE",
        help="The configuration. Default: $BABELGATE_CONFIG, ./babelgate.toml, or the user's.",
    )(function)
