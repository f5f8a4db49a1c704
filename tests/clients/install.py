"""Install the pinned command-line clients: `python tests/clients/install.py [claude codex gemini]`.

They go to `$CLIENTS_DIR` (default: `.clients` in the current folder), one folder each, without
running install scripts. Versions are pinned because npm silently takes an older one when the
package asks for a newer Node; `claude` and `codex` are native programs and need no Node to run.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

CLIENTS = {
    "claude": "@anthropic-ai/claude-code@2.1.330",
    "codex": "@openai/codex@0.169.0",
    "gemini": "@google/gemini-cli@0.61.0",
}
NPM = ["npm", "install", "--no-fund", "--no-audit", "--ignore-scripts", "--loglevel=error"]


def clients_dir() -> Path:
    return Path(os.environ.get("CLIENTS_DIR", ".clients")).absolute()


def installed(name: str, root: Path) -> bool:
    """Whether exactly the pinned version is there."""
    package, _, version = CLIENTS[name].rpartition("@")
    manifest = root / name / "node_modules" / package / "package.json"
    return manifest.exists() and json.loads(manifest.read_text())["version"] == version


def install(name: str, root: Path) -> None:
    """Install one client, or do nothing when it is there. Raises CalledProcessError."""
    if installed(name, root):
        return
    folder = root / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text('{"private": true}\n')
    subprocess.run([*NPM, CLIENTS[name]], cwd=folder, check=True, stdout=subprocess.DEVNULL)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    root = clients_dir()
    asked = parser.parse_args().names or ["claude"]
    if unknown := [name for name in asked if name not in CLIENTS]:
        parser.error(f"unknown: {', '.join(unknown)} (there are {', '.join(CLIENTS)})")
    for name in asked:
        try:
            install(name, root)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"could not install {CLIENTS[name]}: {error}", file=sys.stderr)  # noqa: T201
            return 1
        print(f"{CLIENTS[name]} is in {root / name}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
