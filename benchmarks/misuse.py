"""What the ranking of accesses catches of a labelled set, by kind of snooping, and how much it asks of a reviewer.

    .venv/bin/python benchmarks/misuse.py [--seeds 5] [--json FILE]

Caught: a case of which at least one access is put before a reviewer. The set is synthetic (tests/misuse_set.py): it
says that the ranking does what it was written for, not how people snoop.
"""

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from measuring import ROOT, show

sys.path.insert(0, str(ROOT))
from concord.record.misuse import rank
from tests.misuse_set import KINDS, made


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seeds", type=int, default=5)
    options.add_argument("--json", type=Path)
    asked = options.parse_args()
    show("Misuse: what is caught, what is asked", measure(asked.seeds), asked.json)


def measure(seeds: int) -> list[dict[str, Any]]:
    caught, cases = dict.fromkeys(KINDS, 0), dict.fromkeys(KINDS, 0)
    accesses = alerts = right = 0
    seconds = 0.0
    for seed in range(seeds):
        labelled = made(seed)
        began = time.process_time()
        odd = rank(labelled.accesses)
        seconds += time.process_time() - began
        place = {id(access): number for number, access in enumerate(labelled.accesses)}
        shown = {place[id(each.access)] for each in odd}
        wrong = {number for numbers in labelled.cases.values() for number in numbers}
        for (kind, _), numbers in labelled.cases.items():
            cases[kind] += 1
            caught[kind] += bool(shown & set(numbers))
        accesses += len(labelled.accesses)
        alerts += len(shown)
        right += len(shown & wrong)
    found: list[dict[str, Any]] = [
        {"kind": kind, "cases": cases[kind], "caught": caught[kind], "recall": round(caught[kind] / cases[kind], 2)}
        for kind in KINDS
    ]
    every, got = sum(cases.values()), sum(caught.values())
    found.append({"kind": "all", "cases": every, "caught": got, "recall": round(got / every, 3)})
    found.append(
        {
            "kind": f"{alerts} alerts of {accesses} accesses",
            "cases": f"{alerts / accesses:.2%}",
            "caught": f"{right} rightly",
            "recall": f"{seconds:.1f} s",
        }
    )
    return found


if __name__ == "__main__":
    main()
