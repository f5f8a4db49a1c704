"""Fixtures for tests of a whole gateway."""

from tests.clients.fixtures import babelgate, scripted, upstream

__all__ = ["babelgate", "scripted", "upstream"]
