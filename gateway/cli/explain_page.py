"""An explanation as a page for the terminal, or as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import attrs
import click
import orjson
from rich.console import Console
from rich.text import Text

from gateway.explaining import Change, Explanation, Tried
from gateway.losses import Loss
from gateway.telling import lines, shortened

DIFF_LINES = 60
"""Lines that are shown of one hook's change."""
DIFF_STYLES = {"+": "green", "-": "red"}
WEIGHT_STYLES = {"meaning": "bold yellow", "hint": "dim"}
LABEL = 10


def show(explanation: Explanation, target: str) -> None:
    """Print it, with the details of one of the targets. In colour for a terminal."""
    console = Console(highlight=False, soft_wrap=True)
    for line in page(explanation, target):
        console.print(line)


def show_json(explanation: Explanation) -> None:
    click.echo(orjson.dumps(attrs.asdict(explanation), option=orjson.OPT_INDENT_2).decode())


def page(explanation: Explanation, target: str) -> Iterator[Text]:
    yield from _route(explanation)
    yield from _targets(explanation.targets, target)
    yield from _section("the neutral request", lines(shortened(explanation.neutral), "  "))
    one = next(one for one in explanation.targets if one.target == target)
    for change in one.changes:
        yield from _change(change)
    yield from _outgoing(one)
    yield from _losses(explanation, one)


def _route(found: Explanation) -> Iterator[Text]:
    stream = ", streamed" if found.stream else ""
    compat = ", tool compatibility mode" if found.compat else ""
    yield _row("request", f"{found.method} {found.path}", f"{found.dialect}{stream}{compat}")
    yield _row("model", found.model)
    yield _row("group", found.group, found.group_why)
    yield _row("alias", found.alias, found.alias_why)
    if found.note:
        yield _row("note", found.note)
    for name in found.skipped:
        yield _row("skipped", name, "its upstream is disabled")


def _targets(targets: Sequence[Tried], shown: str) -> Iterator[Text]:
    yield from _heading("targets, in this order")
    for number, one in enumerate(targets, 1):
        mark = ">" if one.target == shown and len(targets) > 1 else " "
        line = Text(f"{mark} {number}. ")
        line.append(one.target, "bold")
        line.append(f"  {one.why}; backend {one.backend}, {_keys(one.keys)}", "dim")
        yield line
        if one.face:
            yield Text(f"     {one.face}")
        yield Text(f"     {one.way}")
        for plugin, wanted in one.touched.items():
            yield Text(f"     {plugin} touches the {' and the '.join(reversed(wanted))}")
        yield Text(f"     {_cost(one)}", "red" if one.refused else "")


def _keys(count: int) -> str:
    return "no key" if not count else "1 key" if count == 1 else f"{count} keys in turn"


def _cost(one: Tried) -> str:
    if one.refused:
        return f"never sent: {one.refused}"
    weights = [loss.weight for loss in one.losses]
    if not weights:
        return "nothing is lost"
    return f"losses: {weights.count('meaning')} of meaning, {weights.count('hint')} hints"


def _change(change: Change) -> Iterator[Text]:
    yield from _heading(f"{change.plugin}, {change.hook}")
    for line in change.diff[:DIFF_LINES]:
        yield Text(f"  {line}", DIFF_STYLES.get(line[:1], "dim"))
    if len(change.diff) > DIFF_LINES:
        yield Text(f"  … {len(change.diff) - DIFF_LINES} more lines (--json has all)", "dim")


def _outgoing(one: Tried) -> Iterator[Text]:
    if one.sent is None:
        why = (
            "nothing" if one.refused else f"the backend '{one.backend}' makes its request by itself"
        )
        yield from _section("what is sent", [f"  {why}"])
        return
    title = "what would be sent, were it not refused" if one.refused else "what is sent"
    yield from _section(title, [f"  {one.sent.method} {one.sent.url}"])
    for name, value in one.sent.headers.items():
        yield Text(f"  {name}: {value}", "dim")
    yield Text("")
    for line in lines(shortened(one.sent.body), "  "):
        yield Text(line)


def _losses(found: Explanation, one: Tried) -> Iterator[Text]:
    yield from _heading("losses")
    if not one.losses:
        yield Text("  none")
    for loss, others in _alike(one.losses):
        yield _loss(loss, others)
    yield Text(f'  on_loss = "{found.policy}": {found.policy_means}', "dim")


def _alike(losses: Sequence[Loss]) -> list[tuple[Loss, int]]:
    """The losses of meaning first, one for those of a field with one reason, and how many more."""
    ordered = sorted(losses, key=lambda loss: loss.weight != "meaning")
    kinds: dict[tuple[str, str, str], list[Loss]] = {}
    for loss in ordered:
        field = loss.path.rpartition(".")[2]
        kinds.setdefault((loss.weight, field, loss.reason), []).append(loss)
    return [(same[0], len(same) - 1) for same in kinds.values()]


def _loss(loss: Loss, others: int) -> Text:
    line = Text("  ")
    line.append(f"{loss.weight:8}", WEIGHT_STYLES[loss.weight])
    line.append(loss.path, "bold")
    if others:
        line.append(f" and {others} more like it")
    line.append(f"  {loss.reason}", "dim")
    return line


def _row(label: str, value: str, why: str = "") -> Text:
    line = Text()
    line.append(f"{label:{LABEL}}", "cyan")
    line.append(value, "bold")
    if why:
        line.append(f"  {why}", "dim")
    return line


def _section(title: str, content: Iterable[str]) -> Iterator[Text]:
    yield from _heading(title)
    for line in content:
        yield Text(line)


def _heading(title: str) -> Iterator[Text]:
    yield Text("")
    yield Text(title, "bold cyan")
