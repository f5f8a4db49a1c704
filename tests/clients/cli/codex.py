"""How Codex is called (0.169.0): one `exec` turn, without its sandbox and its questions.

`codex exec` only: the interactive one leaves daemons behind.
"""

from __future__ import annotations

from tests.clients.cli.drive import Command, Job
from tests.clients.install import clients_dir

PROGRAM = "codex/node_modules/@openai/codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex"
CONFIG = """
model = "{model}"
model_provider = "gateway"
check_for_update_on_startup = false

[analytics]
enabled = false

[model_providers.gateway]
name = "gateway"
base_url = "{base_url}/v1"
env_key = "GATEWAY_KEY"
wire_api = "responses"
stream_max_retries = 0
request_max_retries = 0
"""
WEBSOCKETS = "supports_websockets = true\n"
MCP = """
[mcp_servers.stub]
url = "{url}"
bearer_token_env_var = "GATEWAY_KEY"
"""


def command(job: Job) -> Command:
    return _command(job, CONFIG)


def command_with_websockets(job: Job) -> Command:
    """With a provider that is said to have websockets: Codex asks for one first."""
    return _command(job, CONFIG + WEBSOCKETS)


def _command(job: Job, config: str) -> Command:
    text = config.format(model=job.model, base_url=job.base_url)
    if job.mcp_url:
        text += MCP.format(url=job.mcp_url)
    folder = job.home / ".codex"
    folder.mkdir()
    (folder / "config.toml").write_text(text)
    argv = [str(clients_dir() / PROGRAM), "exec", "--skip-git-repo-check", "--json"]
    argv += ["--dangerously-bypass-approvals-and-sandbox", job.prompt]
    return Command(argv, {"CODEX_HOME": str(folder), "GATEWAY_KEY": job.key})
