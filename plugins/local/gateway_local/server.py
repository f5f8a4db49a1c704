"""The child process: llama.cpp's HTTP server on loopback, for as long as the gateway lives.

Orders come as one line of JSON on stdin; the answer is one line of JSON on stdout, `{"url": …}`
once the model is loaded or `{"error": …}`. When stdin closes, the gateway is gone: the end.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from typing import Any


def main() -> None:
    orders = json.loads(sys.stdin.readline())
    threading.Thread(target=_leave_with_the_gateway, daemon=True).start()
    try:
        server = serve(orders)
    except Exception as error:  # noqa: BLE001 whatever it was, the gateway shall know
        _report(error=str(error))
        sys.exit(1)
    _report(url=server.listening_address)
    threading.Event().wait()


def serve(orders: dict[str, Any]) -> Any:
    """Load the model and listen on a free port; returns once it answers. Raises RuntimeError."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = orders["model"]
    params.model_alias = {orders["name"]}  # without it, replies tell the file's path
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [orders["key"]]
    params.n_ctx = orders["context"]
    params.n_parallel = 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = orders["threads"]
    params.use_jinja = True
    params.ui = False
    params.verbosity = -1
    return xllamacpp.Server(params)


def _report(**facts: str) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def _leave_with_the_gateway() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
