"""The conformance kit for plugin authors: start with `README.md` beside this file.

Importing this package is cheap; `gateway.testing.laws` and `gateway.testing.strategies` need
pytest and hypothesis.
"""
