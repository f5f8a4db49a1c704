"""Take a port to listen on."""

from __future__ import annotations

import errno
import os
import socket

from gateway.errors import ConfigError

USUAL = 11434
"""Ollama's port: its clients find the gateway without being told."""
SECOND = 11435
BACKLOG = 4096
MAX_PORT = 65535
WHY = {
    errno.EADDRINUSE: "it is taken by another program",
    errno.EACCES: "this user may not listen on it (ports below 1024 are kept for the system)",
    errno.EADDRNOTAVAIL: "this machine has no such address",
}


def listen(
    host: str, port: int | None, usual: int = USUAL, second: int = SECOND
) -> tuple[socket.socket, str | None]:
    """A listening socket, and what to say when it is not where it usually is.

    port: the one that was asked for; 0 takes any free one; None takes the usual one or, when that
    is taken (an Ollama runs there), the second. Raises ConfigError.
    """
    if port is not None:
        return _bound(host, port), None
    try:
        return _bound(host, usual), None
    except ConfigError as error:
        cause = error.__cause__
        if not isinstance(cause, OSError) or cause.errno != errno.EADDRINUSE:
            raise
    moved = f"port {usual} is taken (Ollama's?), so this gateway listens on {second}"
    return _bound(host, second), moved


def _bound(host: str, port: int) -> socket.socket:
    """Listen at once: two sockets can be bound to one port as long as neither listens."""
    if not 0 <= port <= MAX_PORT:
        raise ConfigError(f"{port} is no port: they go from 0 to {MAX_PORT}", "[server]")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror as error:
        raise ConfigError(f"can't listen on {host}:{port}: {_why(error)}", "[server]") from error
    sock = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        sock.listen(BACKLOG)
    except OSError as error:
        sock.close()
        raise ConfigError(f"can't listen on {host}:{port}: {_why(error)}", "[server]") from error
    sock.setblocking(False)
    return sock


def _why(error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return "there is no such host"
    return WHY.get(error.errno or 0) or error.strerror or str(error)
