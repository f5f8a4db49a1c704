"""Run the scripted upstream as a process: `python -m tests.scripted --port 9901 --mode tool`."""

from __future__ import annotations

import argparse
import signal

from tests.scripted.script import Script
from tests.scripted.server import Scripted


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--mode", default="text", choices=["text", "tool", "parallel", "mcp"])
    parser.add_argument("--quirk", action="append", default=[])
    asked = parser.parse_args()
    script = Script(mode=asked.mode, quirks=frozenset(asked.quirk))
    with Scripted(script, port=asked.port) as upstream:
        print(upstream.url, flush=True)  # noqa: T201 - what the caller waits for
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


if __name__ == "__main__":
    main()
