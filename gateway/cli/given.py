"""What commands work on: the configuration that was named or found, and its plugins."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from attrs import frozen

from gateway import config
from gateway.plugins import Plugins, load
from gateway.settings import Plugins as Choice
from gateway.settings import Settings

Function = TypeVar("Function", bound=Callable[..., Any])


@frozen
class Given:
    """path: the configuration's file; None: there is none, and the environment alone counts."""

    path: Path | None
    raw: config.Raw | None
    plugins: Plugins

    def settings(self) -> Settings:
        """The checked configuration. Raises ConfigError."""
        return config.build(
            self.raw,
            os.environ,
            backends=self.plugins.backends,
            setting_classes=self.plugins.setting_classes,
        )


def given(named: str | None) -> Given:
    """The configuration that `named` says or that is found. Raises ConfigError."""
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
