"""What the upstream does: the mode, the faults and the quirks that a test turns on.

Modes decide from the request alone, so a client may come directly or through a gateway:
  text      the fixed text
  tool      calls the offered shell-like tool with `cat marker.txt`; answers "STUB-FINAL …" with
            the results once the request carries some
  parallel  likewise with two calls in one turn (marker.txt and marker2.txt)
  patch     likewise with the first tool whose name holds "apply_patch", a free-form one
  mcp       likewise with the first offered tool whose name holds "stub_echo"
A model name that starts with "say-" overrides the mode (scenarios.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from attrs import define, evolve, field

from tests.scripted.answer import TEXT, THOUGHT, Answer, Ask, Call, compact, smallest
from tests.scripted.faults import Fault

ECHO = "mcp-roundtrip"
PATCH = "*** Begin Patch\n*** Add File: new.txt\n+hello\n*** End Patch\n"
SHELLS: Mapping[str, Callable[[str], Mapping[str, Any]]] = {
    "Bash": lambda line: {"command": line, "description": "Print file"},
    "bash": lambda line: {"command": line, "description": "Print file"},
    "run_shell_command": lambda line: {"command": line, "is_background": False},
    "exec_command": lambda line: {"cmd": line},
    "shell_command": lambda line: {"command": line},
    "shell": lambda line: {"command": ["bash", "-lc", line]},
    "local_shell": lambda line: {"command": ["bash", "-lc", line]},
    "get_secret": lambda line: {"name": line.split()[-1]},
}
MARKERS = {"tool": ["marker.txt"], "parallel": ["marker.txt", "marker2.txt"]}


@define
class Script:
    """mode: see above. quirks: names from the wires' `edits`, and the writer's.

    faults: what happens to the next generation requests, one each; then normal service.
    stall: seconds of silence before the first content of a stream.
    """

    mode: str = "text"
    text: str = TEXT
    quirks: frozenset[str] = frozenset()
    faults: list[Fault] = field(factory=list)
    stall: float = 0.0

    def answer(self, ask: Ask) -> Answer:
        calls = [] if ask.results else list(self._calls(ask))
        if calls:
            said = Answer(text="Calling a tool.", calls=calls, finish="tool_use")
        elif ask.results and self.mode != "text":
            said = Answer(text=f"STUB-FINAL {_excerpts(ask.results)}")
        elif ask.schema is not None:
            said = Answer(text=compact(smallest({"type": "object", **ask.schema})))
        else:
            said = Answer(text=self.text)
        return evolve(said, thinking=THOUGHT) if "thinking" in self.quirks else said

    def next_fault(self) -> Fault | None:
        return self.faults.pop(0) if self.faults else None

    def _calls(self, ask: Ask) -> Iterator[Call]:
        if self.mode == "patch":
            yield from (Call(n, {"input": PATCH}) for n in ask.tools if "apply_patch" in n)
        if self.mode == "mcp":
            yield from (Call(n, {"text": ECHO}) for n in ask.tools[:] if "stub_echo" in n)
        shell = next((name for name in SHELLS if name in ask.tools), None)
        for file in MARKERS.get(self.mode, ()) if shell else ():
            yield Call(str(shell), SHELLS[str(shell)](f"cat {file}"))


def _excerpts(results: Sequence[str]) -> str:
    return " | ".join(re.sub(r"\s+", " ", result)[:400] for result in results)
