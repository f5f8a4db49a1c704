"""Marks that are no calls: stray ends, invented turns, thoughts."""

from __future__ import annotations

from gateway_toolcompat.formats.opening import literal, mark

WORDS = (
    *("user", "human", "question", "assistant", "answer", "ai", "bot", "model", "system"),
    *("observation", "tool result", "tool response", "tool output", "function result"),
    *("result", "output", "response", "request", "instruction", "input", "q", "a"),
)
"""Names of speakers, as base models write them at the head of a turn."""
TAGS = (
    *("<tool_result", "<tool_response", "<function_result", "<tool_output", "<observation"),
    *("<cs:tool_result", "<ccp:tool_result", "[TOOL_RESULTS]", "<｜tool▁output", "<|tool_response"),
    *("<|im_start|>", "<|start_header_id|>", "<start_of_turn>", "<|user|>", "<|observation|>"),
    *("<｜User｜>", "<|User|>", "[INST]", "<|turn>", "<|start|>"),
)
NEXT_TURN = [
    mark(r"[*#>_ \t]{0,6}", literal(word), r"[*_]{0,2}", r"[ \t]{0,2}", ":") for word in WORDS
] + [mark(literal(tag)) for tag in TAGS]
"""Where a next turn begins that nobody but the model wrote."""

ENDS = (
    *("tool_call", "tool_calls", "tool_use", "function_calls", "function_call", "function"),
    *("invoke", "tool", "tools", "cs:tool_use", "ccp:tool_use", "tool_code", "use_tool", "call"),
    *("antml:invoke", "antml:function_calls", "｜DSML｜invoke", "｜DSML｜function_calls"),
    *("parameter", "arguments", "args", "parameters"),
)
TOKENS = (
    *(
        "<|tool_call_end|>",
        "<|tool_calls_section_end|>",
        "<｜tool▁call▁end｜>",
        "<｜tool▁calls▁end｜>",
    ),
    *("<|tool_calls_end|>", "<|eom_id|>", "<|eot_id|>", "<|im_end|>", "</s>", "<end_of_turn>"),
    *("<｜end▁of▁sentence｜>", "<|end|>", "<|endoftext|>", "<eos>"),
)
STRAY = [mark(literal(f"</{tag}>")) for tag in ENDS] + [mark(literal(token)) for token in TOKENS]
"""What may stand after a call and means nothing more."""
BETWEEN = ";,"
"""What may stand between two calls."""

THOUGHTS = {"<think>": "</think>", "<thinking>": "</thinking>", "[THINK]": "[/THINK]"}
"""Marks around a thought at the head of a reply."""
