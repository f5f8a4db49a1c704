"""Real clients, installed by `install.py` and driven in a clean home."""
