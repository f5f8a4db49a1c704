"""Only clients that `tests/clients/install.py` has installed are driven."""

from tests.clients.install import clients_dir, installed

collect_ignore = [] if installed("claude", clients_dir()) else ["test_claude_code.py"]
