"""How long a comparison takes that is counted over the people and items held.

    .venv/bin/python benchmarks/counting.py FOLDER [--people 100000] [--json FILE]

FOLDER is one of `volume.py`, made unless it is there. The direct-care agreement is compared with changed versions of
it, each counted in one snapshot.
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from measuring import show
from volume import make

from concord.app import App, compose_installation
from concord.base import SystemIds
from concord.governance import Directory, Policy, parse_agreement
from concord.installation import find

_AGREEMENT = "northfield-direct-care.yaml"
_CHANGES: Sequence[tuple[str, str, str]] = (
    (
        "pharmacists see results",
        "shares: [person-demographics, medications, allergies]",
        "shares: [person-demographics, medications, allergies, investigation-results]",
    ),
    ("a shorter tail after discharge", "{discharged-within: 14d}", "{discharged-within: 7d}"),
    ("nothing shared while referred", ", referred]", "]"),
)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--people", type=int, default=100_000)
    options.add_argument("--json", type=Path)
    asked = options.parse_args()
    make(asked.folder, people=asked.people)
    app = compose_installation(find(asked.folder, None), SystemIds())
    try:
        show("A comparison, counted", measure(app, asked.folder), asked.json)
    finally:
        app.close()


def measure(app: App, folder: Path) -> list[dict[str, Any]]:
    text = (folder / "agreements" / _AGREEMENT).read_text(encoding="utf-8")
    with app.store.reading() as reading:
        directory = app.gate.policy(reading).directory
    found = []
    for what, written, instead in _CHANGES:
        began, worked = time.perf_counter(), time.process_time()
        counted = app.records.counting.compared(
            _policy(text, directory), _policy(text.replace(written, instead), directory)
        ).wait()
        found.append(
            {
                "change": what,
                "people": counted.people,
                "items": counted.items,
                "opens, people": counted.all_opens.people,
                "closes, people": counted.all_closes.people,
                "wall s": round(time.perf_counter() - began, 1),
                "processor s": round(time.process_time() - worked, 1),
            }
        )
    return found


def _policy(text: str, directory: Directory) -> Policy:
    """Without the examples, which the change may make untrue."""
    agreement = parse_agreement(text.partition("\nexamples:")[0] + "\n", filename=_AGREEMENT, directory=directory)
    return Policy(agreements=[agreement], signatures=(), directory=directory)


if __name__ == "__main__":
    main()
