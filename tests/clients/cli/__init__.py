"""The command-line clients."""
