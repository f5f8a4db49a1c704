"""What is driven: three clients, upstreams of five dialects, and where requests go."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import frozen

from tests.clients.cli import claude_code, codex, gemini_cli
from tests.clients.cli.drive import Command, Job
from tests.clients.install import clients_dir, installed

Make = Callable[[Job], Command]


@frozen
class Client:
    """folder: as `install.py` calls it. shell: its tool that runs a command line.

    model: what it is told to ask for.
    """

    folder: str
    dialect: str
    make: Make
    model: str
    shell: str


ALL: Mapping[str, Client] = {
    "claude_code": Client("claude", "claude", claude_code.command, "sonnet", "Bash"),
    "codex": Client("codex", "responses", codex.command, "gpt-5", "exec_command"),
    "gemini_cli": Client(
        "gemini", "gemini", gemini_cli.command, "gemini-2.5-pro", "run_shell_command"
    ),
}
CLIENTS = {name: client for name, client in ALL.items() if installed(client.folder, clients_dir())}
"""Those that `install.py` has put there."""
UPSTREAMS: Mapping[str, str] = {
    "openai": "/v1/chat/completions",
    "responses": "/v1/responses",
    "claude": "/v1/messages",
    "gemini": "/v1beta/models/{model}:streamGenerateContent",
    "ollama": "/api/chat",
}
"""Dialects of upstreams, and the path that a streamed request for a model takes there."""


@frozen
class Turn:
    """One client, driven once. client, upstream: keys of the tables. place: begins the URL's path.

    mode: what the scripted upstream does, and a word more where that is not all.
    """

    client: str
    upstream: str
    mode: str
    place: str = "/kimi"

    def __str__(self) -> str:
        return f"{self.client}-{self.upstream}-{self.mode}"


def turns(mode: str, *clients: str, place: str = "/kimi") -> list[Turn]:
    """One turn for each of the clients (all, if none is named) and each upstream."""
    named = [name for name in clients or ALL if name in CLIENTS]
    return [Turn(client, upstream, mode, place) for upstream in UPSTREAMS for client in named]
