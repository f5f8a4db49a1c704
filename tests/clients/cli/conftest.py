"""Only clients that `tests/clients/install.py` has installed are driven."""

from tests.clients.install import clients_dir, installed

TESTS = {
    "claude": ["test_claude_code.py", "test_one_variable.py"],
    "codex": ["test_codex.py"],
    "gemini": ["test_gemini_cli.py"],
}
collect_ignore = [
    file for name, files in TESTS.items() if not installed(name, clients_dir()) for file in files
]
