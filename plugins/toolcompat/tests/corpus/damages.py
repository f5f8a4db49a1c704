"""What models do to calls: each was seen in the raw output of real ones.

A damage gives the reply's text and the calls that it still stands for; None where it can't be
done to that format or case. A trap gives a reply in which nothing may be carried out.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping

from gateway.model import Json
from gateway_toolcompat.names import PLACEHOLDER
from plugins.toolcompat.tests.corpus.cases import Call, Case
from plugins.toolcompat.tests.corpus.formats import Format, dumps

Damage = Callable[[Format, Case], tuple[str, list[Call]] | None]
Made = tuple[str, list[Call]] | None


def _invented_turn(form: Format, case: Case) -> Made:
    again = form.render(case.calls[:1])
    text = f"{form.render(case.calls)}\n\nQuestion: And what about tomorrow?\nAnswer: {again}"
    return text, case.calls


def _own_result(form: Format, case: Case) -> Made:
    again = form.render(case.calls[:1])
    text = form.render(case.calls) + f'\n<tool_result name="x">\nfine\n</tool_result>\n{again}'
    return text, case.calls


def _no_end(form: Format, case: Case) -> Made:
    text = form.render(case.calls)
    for end in form.ends:
        text = text.removesuffix(end)
    return (text, case.calls) if form.ends else None


def _half_of_the_ends(form: Format, case: Case) -> Made:
    if not form.ends:
        return None
    return form.render(case.calls).removesuffix(form.ends[0]), case.calls


def _opened_twice(form: Format, case: Case) -> Made:
    """A second call opens before the first is closed."""
    if len(case.calls) < 2 or not form.ends or form.name in ("mistral", "fenced"):
        return None
    texts = [form.one(*call) for call in case.calls]
    for end in form.ends:
        texts[0] = texts[0].removesuffix(end)
    return form.head + form.glue.join(texts) + form.tail, case.calls


def _raw_marks(form: Format, case: Case) -> Made:
    """Characters that XML would want escaped, where nothing was escaped."""
    calls = _with_longer_strings(case, " & 5 < 6 o'clock > <b>")
    if calls is None:
        return None
    text = form.render(calls)
    for entity, char in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(entity, char)
    return text, calls


def _other_keys(form: Format, case: Case) -> Made:
    if form.kind != "json" or f'"{form.arguments}"' not in form.render(case.calls[:1]):
        return None
    text = form.render(case.calls)
    other = "parameters" if form.arguments == "arguments" else "arguments"
    return text.replace(f'"{form.arguments}":', f'"{other}":'), case.calls


def _other_tags(form: Format, case: Case) -> Made:
    """One tag per argument, named after it, in the format's own container."""
    if form.name not in ("invoke", "cs", "ccp", "tool_use"):
        return None
    if any(not isinstance(v, str | int | float) for _, a in case.calls for v in a.values()):
        return None
    texts = []
    for name, arguments in case.calls:
        bare = form.one(name, {})
        inner = "".join(
            f"<{k}>{v if isinstance(v, str) else dumps(v)}</{k}>" for k, v in arguments.items()
        )
        place = (
            "{}"
            if "{}" in bare
            else next((p for p in ("\n\n", "\n  </args>", "\n</invoke>") if p in bare), "")
        )
        texts.append(bare.replace(place, inner if place == "{}" else inner + place, 1))
    return form.head + form.glue.join(texts) + form.tail, case.calls


def _closed_early(form: Format, case: Case) -> Made:
    """The object of arguments ends after its first key, and then goes on."""
    return _in_arguments(form, case, lambda first, rest: f"{{{first}}}, {rest}")


def _single_quotes(form: Format, case: Case) -> Made:
    if form.kind != "json" or "'" in dumps(case.calls) or '\\"' in dumps(case.calls):
        return None
    return form.render(case.calls).replace('"', "'"), case.calls


def _python_words(form: Format, case: Case) -> Made:
    """True for true, as a Python programmer writes it."""
    text = form.render(case.calls)
    if form.kind != "json" or not re.search(r": (?:true|false)\b", text):
        return None
    return re.sub(r"(?<=: )(true|false)\b", lambda m: m[0].capitalize(), text), case.calls


def _raw_newline(form: Format, case: Case) -> Made:
    calls = _with_longer_strings(case, "\n\tnext")
    if form.kind != "json" or calls is None:
        return None
    return form.render(calls).replace("\\n", "\n").replace("\\t", "\t"), calls


def _entities(form: Format, case: Case) -> Made:
    if form.name != "json":
        return None
    text = form.render(case.calls)
    inner = html.escape(text).replace("&#x27;", "'")
    return inner.replace("&lt;tool_call&gt;", "<tool_call>").replace(
        "&lt;/tool_call&gt;", "</tool_call>"
    ), case.calls


def _value_not_closed(form: Format, case: Case) -> Made:
    if form.kind != "tags" or not case.calls[0][1]:
        return None
    text = form.render(case.calls)
    found = re.search(r"\n?</(?:｜DSML｜)?(?:parameter|arg|arg_value)>", text)
    assert found
    return text[: found.start()] + text[found.end() :], case.calls


def _wrong_end(form: Format, case: Case) -> Made:
    if form.name not in ("json", "tool_use", "tags", "glm"):
        return None
    text = form.render(case.calls)
    return re.sub(r"</tool_(?:call|use)>", "</tool_calls>", text), case.calls


def _twice_the_key(form: Format, case: Case) -> Made:
    return _in_arguments(form, case, lambda first, rest: f"{{{first}, {rest}, {first}}}")


def _trailing_comma(form: Format, case: Case) -> Made:
    return _in_arguments(form, case, lambda first, rest: f"{{{first}, {rest},}}")


def _brace_missing(form: Format, case: Case) -> Made:
    if form.kind != "json" or len(case.calls) > 1 or form.name in ("mistral", "mistral_v11"):
        return None
    text = form.render(case.calls)
    at = text.rfind("}")
    return text[:at] + text[at + 1 :], case.calls


def _brace_too_many(form: Format, case: Case) -> Made:
    if form.kind != "json" or len(case.calls) > 1 or form.name == "mistral":
        return None
    text = form.render(case.calls)
    at = text.rfind("}") + 1
    return text[:at] + "}" + text[at:], case.calls


def _names_changed(form: Format, case: Case) -> Made:
    calls = [(_other_case(name), arguments) for name, arguments in case.calls]
    if form.kind == "python" or any(
        changed[0] == call[0] for changed, call in zip(calls, case.calls, strict=True)
    ):
        return None
    return form.render(calls), case.calls


def _as_text(form: Format, case: Case) -> Made:
    """Numbers with a point or blanks, "True", and everything in quotes."""
    calls = [(name, {k: _text(v) for k, v in arguments.items()}) for name, arguments in case.calls]
    known = {tool.name: tool.schema["properties"] for tool in case.tools}
    odd = any(
        known[name].get(key, {}).get("type")
        not in ("integer", "number", "boolean", "string", "array")
        or isinstance(value, dict)
        for name, arguments in case.calls
        for key, value in arguments.items()
    )
    return None if calls == case.calls or odd else (form.render(calls), case.calls)


def _words_around(form: Format, case: Case) -> Made:
    return f" \nI'll do that & see: a < b.\n\n{form.render(case.calls)}\n \n", case.calls


def _in_a_fence(form: Format, case: Case) -> Made:
    if form.name in ("fenced", "python", "llama"):
        return None
    if form.name == "bare_json" and len(case.calls) > 1:
        return None
    return f"```xml\n{form.render(case.calls)}\n```", case.calls


def _thought_first(form: Format, case: Case) -> Made:
    rehearsal = form.render(case.calls[:1])
    return f"<think>I could write {rehearsal} now.</think>\n{form.render(case.calls)}", case.calls


def _invented_tool(form: Format, case: Case) -> Made:
    return form.render([("zzz_unheard_of", arguments) for _, arguments in case.calls]), []


def _guide_quoted(form: Format, _: Case) -> Made:
    return f"To call a tool I write {form.render([(PLACEHOLDER, {'argument': 'value'})])}", []


def _broken_off(form: Format, case: Case) -> Made:
    """The text ends in the middle of a word of the last argument."""
    if form.kind == "python" or not case.calls[0][1]:
        return None
    value = list(case.calls[0][1].values())[-1]
    if form.kind != "json" or not isinstance(value, str) or len(value) < 4 or len(case.calls) > 1:
        return None
    text = form.render(case.calls)
    return text[: text.rfind(dumps(value)) + 3], []


DAMAGES: Mapping[str, Damage] = {
    "invented turn": _invented_turn,
    "own result": _own_result,
    "no end": _no_end,
    "half the ends": _half_of_the_ends,
    "opened twice": _opened_twice,
    "raw & < '": _raw_marks,
    "other keys": _other_keys,
    "other tags": _other_tags,
    "closed early": _closed_early,
    "single quotes": _single_quotes,
    "True": _python_words,
    "raw newline": _raw_newline,
    "entities": _entities,
    "value open": _value_not_closed,
    "wrong end": _wrong_end,
    "double key": _twice_the_key,
    "trailing ,": _trailing_comma,
    "} missing": _brace_missing,
    "} too many": _brace_too_many,
    "name changed": _names_changed,
    "all as text": _as_text,
    "words around": _words_around,
    "in a fence": _in_a_fence,
    "thought first": _thought_first,
}
TRAPS: Mapping[str, Damage] = {
    "unknown tool": _invented_tool,
    "guide quoted": _guide_quoted,
    "broken off": _broken_off,
}


def _in_arguments(form: Format, case: Case, change: Callable[[str, str], str]) -> Made:
    """The first call's JSON arguments, changed where they have two keys or more."""
    arguments = case.calls[0][1]
    if form.kind != "json" or len(arguments) < 2:
        return None
    whole = dumps(arguments)
    keys = [f"{dumps(key)}: {dumps(value)}" for key, value in arguments.items()]
    text = form.render(case.calls)
    return text.replace(whole, change(keys[0], ", ".join(keys[1:])), 1), case.calls


def _with_longer_strings(case: Case, more: str) -> list[Call] | None:
    known = {tool.name: tool.schema["properties"] for tool in case.tools}
    calls = []
    for name, arguments in case.calls:
        longer = {
            key: value + more if _is_free_text(known[name].get(key), value) else value
            for key, value in arguments.items()
        }
        calls.append((name, longer))
    return None if calls == case.calls else calls


def _is_free_text(schema: Json, value: Json) -> bool:
    return (
        isinstance(value, str)
        and isinstance(schema, dict)
        and not {"enum", "format"} & schema.keys()
    )


def _other_case(name: str) -> str:
    head, dot, tail = name.rpartition(".")
    return head + dot + "".join(word.capitalize() for word in re.split(r"_", tail))


def _text(value: Json) -> Json:
    match value:
        case bool():
            return str(value)
        case int():
            return f" {value}.0 "
        case float():
            return f" {value} "
        case list():
            return dumps(value)
    return value
