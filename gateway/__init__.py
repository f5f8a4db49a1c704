"""Babelgate: any client, any model; one gateway, made of plugins."""

__version__ = "0.1.0"
