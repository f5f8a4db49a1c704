"""What is known of the demo model, and what may be set for it."""

from __future__ import annotations

from attrs import field, frozen, validators

from gateway.settings import ModelSettings

BACKEND = "local"
MODEL = "demo-model"
NOTE = "the demo model, SmolLM2-135M on this machine: it proves the wire, not quality"
CONTEXT = 8192
"""SmolLM2-135M-Instruct's trained context, prompt and answer together (its GGUF, read 2026-11)."""

DEMO_FACTS = ModelSettings(tools=False, images=False, thinking=False, context=CONTEXT)
"""llama.cpp drops `tools` without a word where the chat template has none: 37 prompt tokens with
and without (measured 2026-11 with xllamacpp 2026.10.11549)."""


@frozen
class LocalSettings:
    """`[upstreams.X.local]`: the model server of one upstream.

    model_file: path of a .gguf file; None takes the packaged model.
    threads: one is the fastest on a busy machine (OpenMP threads wait by spinning).
    context: tokens of prompt and answer together.
    """

    model_file: str | None = None
    threads: int = field(default=1, validator=validators.ge(1))
    context: int = field(default=CONTEXT, validator=validators.ge(512))
