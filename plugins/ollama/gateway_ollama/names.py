"""Ollama's words and ours, both ways, and what is only a hint.

Source: Ollama API reference (`docs/api.md`) and its Go types, read 2026-11.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.events import FinishReason

DIALECT = "ollama"
CHAT = "/api/chat"
GENERATE = "/api/generate"
EMBED = "/api/embed"
EMBEDDINGS = "/api/embeddings"
"""What was there before /api/embed: one prompt, one vector."""
LATEST = ":latest"
"""The tag that a name without one has: NAME and NAME:latest are the same model."""

OPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "temperature": "temperature",
        "top_p": "top_p",
        "top_k": "top_k",
        "max_tokens": "num_predict",
        "stop": "stop",
        "seed": "seed",
        "frequency_penalty": "frequency_penalty",
        "presence_penalty": "presence_penalty",
    }
)
"""Fields of `Sampling`, by their names among the options."""

RUNNER = frozenset(
    {
        *("num_ctx", "num_batch", "num_gpu", "main_gpu", "num_thread", "num_keep", "numa"),
        *("low_vram", "f16_kv", "use_mmap", "use_mlock", "vocab_only", "logits_all"),
        *("embedding_only", "draft_num_predict"),
    }
)
"""Options that say how a model is run, and not what it says."""

PICKING = frozenset(
    {
        *("min_p", "typical_p", "tfs_z", "repeat_last_n", "repeat_penalty", "penalize_newline"),
        *("mirostat", "mirostat_tau", "mirostat_eta"),
    }
)
"""Options without a name in the hub that change which words are picked."""

ALL_OPTIONS = frozenset({*OPTIONS.values(), *RUNNER, *PICKING})
HINTS = frozenset(
    {
        *("total_duration", "load_duration", "prompt_eval_duration", "eval_duration"),
        *("keep_alive", "truncate", "shift", "raw", "context", "options.num_predict"),
        *(f"options.{name}" for name in RUNNER),
    }
)
"""Fields whose loss leaves the meaning of the answer as it was. A `num_predict` that the hub can't
hold is -1 or -2, which only says that there is no limit."""

LEVELS: Mapping[str, str] = MappingProxyType(
    {
        "minimal": "low",
        "low": "low",
        "medium": "medium",
        "high": "high",
        "xhigh": "high",
        "max": "high",
    }
)
"""What `think` is for an effort. `max` is taken by new servers only, so nobody else's is sent."""

FINISH_IN: Mapping[str, FinishReason] = MappingProxyType(
    {
        "stop": "stop",
        "length": "length",
        "load": "stop",
        "unload": "stop",
        "content_filter": "content_filter",
        "refusal": "refusal",
    }
)
"""Ollama's four, and two that another gateway like this one writes. Any other reason counts as
"stop": one was given, so the reply is complete."""

FINISH_OUT: Mapping[FinishReason, str] = MappingProxyType(
    {
        "stop": "stop",
        "length": "length",
        "tool_use": "stop",
        "stop_sequence": "stop",
        "content_filter": "content_filter",
        "refusal": "refusal",
        "pause": "stop",
        "context_exceeded": "length",
    }
)
"""Ollama has no words for what a model or a filter refused. Its clients take any word here, and a
plain "stop" would be untrue."""
