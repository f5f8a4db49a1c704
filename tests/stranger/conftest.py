"""The stranger's tests run where its package is installed: see `tests/test_stranger.py`."""

collect_ignore = ["babelgate_parrot"]
