"""A request with tools as one without: the tools, calls and results stand in its words."""

from __future__ import annotations

from attrs import evolve

from gateway.context import Context
from gateway.losses import Losses
from gateway.model import CacheControl, ChatRequest, Text, Tool, ToolChoice
from gateway_toolcompat import history
from gateway_toolcompat.guide import demands, guide, worked_examples
from gateway_toolcompat.plan import Plan, asking_for, wants_examples
from gateway_toolcompat.settings import NAME, options
from gateway_toolcompat.toolbox import toolbox


def rewritten(request: ChatRequest, context: Context) -> ChatRequest | None:
    """The request in words, and the plan for its reply in the context's state.

    None when it holds nothing of tools.
    """
    called = history.has_tools(request.messages)
    if not request.tools and not called and request.tool_choice is None:
        return None
    settings = options(context)
    asking = asking_for(context, settings)
    messages = history.in_words(request.messages, asking, context.losses)
    bare = evolve(request, messages=messages, tools=None, tool_choice=None)
    _note_lost(request, context.losses)
    choice = request.tool_choice
    box = toolbox(request.tools or [], choice)
    if not box.tools or (choice is not None and choice.mode == "none"):
        return bare
    if request.output is not None and request.output.kind != "text":
        context.losses.add("output", "told to the model in words, as its calls are", "hint")
    tries = 1 if settings.ask_again else 0
    context.state[NAME] = Plan(box, asking, context.losses, choice, tries)
    told = [Text(guide(box, asking), cache_control=_marker(request.tools or []))]
    now = demands(box, choice, request.output)
    if now:
        told.append(Text(now))
    if wants_examples(context, settings):
        messages = [*worked_examples(box, asking), *messages]
    return evolve(bare, system=[*request.system, *told], messages=messages, output=None)


def _marker(tools: list[Tool]) -> CacheControl | None:
    """The last cache marker among the tools, which the guide takes over."""
    return next((tool.cache_control for tool in reversed(tools) if tool.cache_control), None)


def _note_lost(request: ChatRequest, losses: Losses) -> None:
    """Record what words can't carry of tools and of the choice among them."""
    for tool in request.tools or ():
        if tool.kind == "server":
            losses.add(f"tools.{tool.name}", "a server's own tool can't be told in words")
        if tool.strict:
            losses.add(f"tools.{tool.name}.strict", "checked by the gateway instead", "hint")
        _note_extra(tool, losses)
    if request.tool_choice is not None:
        _note_extra(request.tool_choice, losses)


def _note_extra(one: Tool | ToolChoice, losses: Losses) -> None:
    for fields in one.extra.values():
        for key in fields:
            if not key.startswith("$"):
                losses.add((*fields.path, key), history.IN_WORDS)
