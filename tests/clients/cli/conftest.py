"""Only clients that `tests/clients/install.py` has installed are driven."""

from tests.clients.install import clients_dir, installed

TESTS = {"claude": "test_claude_code.py", "codex": "test_codex.py"}
collect_ignore = [file for name, file in TESTS.items() if not installed(name, clients_dir())]
