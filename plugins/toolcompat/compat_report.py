"""How many calls are understood, by format and damage, on the Berkeley Function Calling data.

    python plugins/toolcompat/compat_report.py [EVERY]

The data comes from the package bfcl-eval, of which only the files are read:
`pip install --no-deps bfcl-eval`. EVERY takes each EVERYth case of it (default 1, all of them).
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from plugins.toolcompat.tests.corpus.cases import Case, bfcl_cases
from plugins.toolcompat.tests.corpus.damages import DAMAGES, TRAPS, Damage
from plugins.toolcompat.tests.corpus.formats import FORMATS, Format
from plugins.toolcompat.tests.corpus.reading import calls_read

COLUMN = 13


def main(arguments: Sequence[str]) -> int:
    every = int(arguments[0]) if arguments else 1
    cases = list(islice(bfcl_cases(), None, None, every))
    if not cases:
        print("no data: pip install --no-deps bfcl-eval")
        return 2
    rows = ["clean", *DAMAGES, *TRAPS]
    print(f"{len(cases)} cases; per cent of damaged replies whose calls came out exactly\n")
    print(" " * 14 + "".join(f"{one.name:>{COLUMN}}" for one in FORMATS))
    totals: Counter[str] = Counter()
    for row in rows:
        cells = [_cell(one, row, cases, totals) for one in FORMATS]
        print(f"{row:14}" + "".join(f"{cell:>{COLUMN}}" for cell in cells))
    return _summary(totals)


def _cell(form: Format, row: str, cases: Sequence[Case], totals: Counter[str]) -> str:
    damage: Damage | None = DAMAGES.get(row) or TRAPS.get(row)
    kind = "clean" if damage is None else "trap" if row in TRAPS else "damaged"
    right = tried = 0
    for case in cases:
        made = damage(form, case) if damage else (form.render(case.calls), case.calls)
        if made is None:
            continue
        text, wanted = made
        got = calls_read(case.tools, text)
        tried += 1
        right += got == wanted
        wrong = [call for call in got if call not in wanted]
        totals["wrong"] += bool(wrong)
        totals["all"] += 1
    totals[f"{kind} right"] += right
    totals[kind] += tried
    return f"{100 * right / tried:.1f}" if tried else "-"


def _summary(totals: Counter[str]) -> int:
    def share(part: str, whole: str) -> float:
        return 100 * totals[part] / max(1, totals[whole])

    clean, damaged = share("clean right", "clean"), share("damaged right", "damaged")
    traps, wrong = share("trap right", "trap"), share("wrong", "all")
    print(f"\nclean: {clean:.2f} % of {totals['clean']} (wanted: 100)")
    print(f"damaged: {damaged:.2f} % of {totals['damaged']} (wanted: 97)")
    print(f"traps, where nothing may be called: {traps:.2f} % of {totals['trap']} held")
    print(f"replies with a wrong call carried out: {wrong:.3f} % of {totals['all']} (at most 0.5)")
    return 0 if clean == 100 and damaged >= 97 and wrong <= 0.5 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
