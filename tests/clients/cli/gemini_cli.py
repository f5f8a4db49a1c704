"""How Gemini CLI is called (0.61.0): headless, every tool allowed, a picture in its folder."""

from __future__ import annotations

import base64
import json
import shutil

from tests.clients.cli.drive import Command, Job
from tests.clients.install import clients_dir

PROGRAM = "gemini/node_modules/@google/gemini-cli/bundle/gemini.js"
PICTURE = "dot.png"
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGA"
    "WjR9awAAAABJRU5ErkJggg=="
)
SETTINGS = {
    "security": {"auth": {"selectedType": "gemini-api-key"}},
    "privacy": {"usageStatisticsEnabled": False},
    "telemetry": {"enabled": False},
    "general": {"enableAutoUpdate": False, "disableAutoUpdate": True, "disableUpdateNag": True},
}


def command(job: Job) -> Command:
    """With a model named there is no routing call before the first turn."""
    folder = job.home / ".gemini"
    folder.mkdir()
    (folder / "settings.json").write_text(json.dumps(SETTINGS))
    (job.work / PICTURE).write_bytes(base64.b64decode(PNG))
    node = shutil.which("node") or "node"
    argv = [node, str(clients_dir() / PROGRAM), "-p", job.prompt, "-m", job.model]
    argv += ["--approval-mode", "yolo", "-o", "json"]
    env = {
        "GEMINI_API_KEY": job.key,
        "GOOGLE_GEMINI_BASE_URL": job.base_url,
        "GEMINI_CLI_TRUST_WORKSPACE": "true",
    }
    return Command(argv, env)
