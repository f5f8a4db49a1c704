"""All checks in the order in which they build on each other."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping

from attrs import frozen

from gateway.doctor import configuration, machine, upstreams
from gateway.doctor.finding import Finding
from gateway.settings import Settings


@frozen
class Options:
    """config: as on the command line. timeout: of each question to an upstream, in seconds."""

    config: str | None
    timeout: float
    environ: Mapping[str, str]


def examine(options: Options) -> Iterator[Finding]:
    """Everything that was found, as it is found. Raises nothing for what is only wrong."""
    read = configuration.read(options.config, options.environ)
    yield from read.findings
    yield from machine.variables(read.plugins, options.environ)
    yield from machine.proxies(options.environ)
    yield from machine.listening((read.settings or Settings()).server)
    if read.settings is not None and not read.settings.upstreams:
        yield upstreams.nothing(read.plugins, options.environ)
    elif read.settings is not None:
        yield from asyncio.run(upstreams.tried(read.settings, read.plugins, options.timeout))
    yield from machine.clients(read.plugins, read.settings or Settings(), options.environ)
