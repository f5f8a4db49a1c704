"""How Claude Code is called (2.1.330): print mode, one Bash command and the MCP stub allowed."""

from __future__ import annotations

import json

from tests.clients.cli.drive import Command, Job
from tests.clients.install import clients_dir

PROGRAM = "claude/node_modules/@anthropic-ai/claude-code-linux-x64/claude"
QUIET = {
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "DISABLE_TELEMETRY": "1",
    "DISABLE_ERROR_REPORTING": "1",
    "DISABLE_AUTOUPDATER": "1",
    "CLAUDE_CODE_MAX_RETRIES": "0",
}


def command(job: Job) -> Command:
    """MCP tools are deferred by default (only named in prose); the script needs them listed."""
    argv = [str(clients_dir() / PROGRAM), "-p", job.prompt, "--model", job.model]
    argv += ["--output-format", "json", "--allowedTools", "Bash(cat:*) mcp__stub"]
    env = {"ANTHROPIC_BASE_URL": job.base_url, "ANTHROPIC_AUTH_TOKEN": job.key, "IS_SANDBOX": "1"}
    if job.mcp_url:
        server = {"type": "http", "url": job.mcp_url}
        config = job.home / "mcp.json"
        config.write_text(json.dumps({"mcpServers": {"stub": server}}))
        argv += ["--mcp-config", str(config), "--strict-mcp-config"]
        env["ENABLE_TOOL_SEARCH"] = "false"
    return Command(argv, {**QUIET, **env})
