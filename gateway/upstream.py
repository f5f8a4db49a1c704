"""Upstreams at run time (placeholder while the contracts settle)."""


class Upstream:
    pass
