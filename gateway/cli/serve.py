"""`babelgate serve`."""

from __future__ import annotations

import click

from gateway.errors import ConfigError


@click.command()
@click.option("--config", metavar="FILE", help="The configuration.")
@click.option("--host", metavar="HOST", help="The address to listen on. Default: 127.0.0.1.")
@click.option(
    "--port",
    metavar="PORT",
    type=click.IntRange(0, 65535),
    help="Default: 11434, or 11435 where that is taken. 0 takes any free one.",
)
@click.option("--model", metavar="UPSTREAM/MODEL", help="Answers every model name.")
@click.option(
    "--workers", metavar="N", type=int, default=1, help="Processes; this release runs one."
)
def serve(
    config: str | None, host: str | None, port: int | None, model: str | None, workers: int
) -> int:
    """Run the gateway until it is told to stop."""
    if workers != 1:
        raise ConfigError("this release runs one process; leave it out, or say 1", "--workers")
    from gateway.serve import Options, run  # `--help` needs no server

    return run(Options(config=config, host=host, port=port, model=model))
