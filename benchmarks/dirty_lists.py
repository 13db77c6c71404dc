"""Dirty lists by the thousand: what is stored that is not true and not told, and how many good rows are taken without retyping.

    .venv/bin/python benchmarks/dirty_lists.py [LISTS=1000] [FIRST_SEED=0] [--kind=WORD] [--show=20]

The lists and the truth beside them are of tests/roll/dirty. Prints the values stored that differ from the truth without a warning that
names cell or column; the share of good rows taken; and both by kind of damage. `--kind`: only lists with a kind that has the word.
"""

from __future__ import annotations

import sys
import time
from collections import Counter

from common import OPTIONS, office

NUMBERS = [int(word) for word in sys.argv[1:] if word.isdigit()]
LISTS, FIRST = (NUMBERS[n] if len(NUMBERS) > n else known for n, known in enumerate((1_000, 0)))


def main() -> None:
    from students.models import Ciclo, Plantel
    from tests.roll.dirty.judge import judged
    from tests.roll.dirty.lists import ENDS, STARTS, made

    plantel = Plantel.objects.create(clave="MUESTRA", name="Plantel de muestra")
    ciclo = Ciclo.objects.create(clave="2026-2", starts_on=STARTS, ends_on=ENDS)
    good, taken, silent, lists = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    shown, began = int(OPTIONS.get("show", 20)), time.perf_counter()
    for seed in range(FIRST, FIRST + LISTS):
        dirty = made(seed)
        if not any(OPTIONS.get("kind", "") in kind for kind in dirty.kinds):
            continue
        verdict = judged(dirty, plantel, ciclo)
        for kind in ("all", *dirty.kinds):
            lists[kind] += 1
            good[kind] += verdict.good
            taken[kind] += verdict.taken
            silent[kind] += len(verdict.silent)
        if (verdict.silent or verdict.taken < verdict.good) and shown > 0:
            shown -= 1
            print(f"{seed} {dirty.name} {' + '.join(dirty.kinds)}: {verdict.taken} of {verdict.good}", verdict.why, verdict.silent[:3])
    print(f"{'kind':32}{'lists':>7}{'rows':>8}{'taken':>9}{'silent':>8}")
    for kind, n in sorted(lists.items(), key=lambda pair: (pair[0] != "all", taken[pair[0]] / max(good[pair[0]], 1))):
        print(f"{kind:32}{n:7}{good[kind]:8}{100 * taken[kind] / max(good[kind], 1):8.2f}%{silent[kind]:8}")
    print(f"{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    with office():
        main()
