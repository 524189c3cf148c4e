"""How long the decision about one person takes: who may see which parts, and why any one item is open or not.

    .venv/bin/python benchmarks/decide.py [--people 300] [--json FILE]

Every demo user asks about every person of Northfield, under its agreements as they are signed. Microseconds of
processor time:

- first: nothing is known of the viewer, so what the agreements say to them is compiled, nor of the person;
- cold: of the viewer it is;
- warm: the same viewer asks about the same person again, in a request of its own (docs/adr/0025-*.md);
- decision: made anew from facts that were read already;
- an item: why each item of the record is shown or withheld, one by one, as `explain` asks.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from measuring import percentile, run, show

from concord.accounts import viewer_of
from concord.app import App, compose_installation
from concord.base import OdsCode, PersonId, SystemIds
from concord.governance import Duty, Viewer, decide, permit_duty
from concord.installation import find
from concord.store import Reading, census
from concord.terminology import HEADINGS, Heading

T = TypeVar("T")
Filed = tuple[OdsCode, str | None, Heading, int]
_MEASURING = permit_duty(Duty(name="benchmark"))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=300)
    options.add_argument("--json", type=Path)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "northfield"
        run("init", data, "--demo", "--people", str(asked.people))
        app = compose_installation(find(data), SystemIds())
        try:
            found = measure(app)
        finally:
            app.close()
    show("Decide about one person (microseconds of processor time)", found, asked.json)


def measure(app: App) -> list[dict[str, Any]]:
    with app.store.reading() as reading:
        filed = _filed(reading)
    taken: dict[str, list[float]] = {"first": [], "cold": [], "warm": [], "decision": [], "an item": []}
    for user in app.accounts.users():
        viewer = viewer_of(user, "direct-care")
        with app.store.reading() as reading:
            app.gate.policy(reading)._profiles.clear()  # noqa: SLF001 - as after it was published
        for number, (person, shelves) in enumerate(filed.items()):
            _once(app, viewer, person, shelves, taken, "cold" if number else "first")
    return [
        {"": what, "times": len(spent), "p50": percentile(spent, 0.5), "p95": percentile(spent, 0.95),
         "longest": max(spent)}
        for what, spent in taken.items()
    ]  # fmt: skip


def _once(
    app: App, viewer: Viewer, person: PersonId, filed: list[Filed], taken: dict[str, list[float]], how: str
) -> None:
    with app.store.reading() as reading:
        spent, decided = _timed(lambda: app.gate.decide(reading, viewer, person))
    taken[how].append(spent)
    with app.store.reading() as reading:
        taken["warm"].append(_timed(lambda: app.gate.decide(reading, viewer, person))[0])
    if decided is None:
        return
    facts, policy, now = decided.facts, decided.decision.policy, decided.decision.now
    spent, fresh = _timed(lambda: decide(viewer, facts, policy, now))
    taken["decision"].append(spent)
    spent, _ = _timed(lambda: [fresh.explain(*item) for item in filed])
    taken["an item"].append(spent / len(filed))


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    began = time.process_time_ns()
    done = work()
    return (time.process_time_ns() - began) / 1000, done


def _filed(reading: Reading) -> dict[PersonId, list[Filed]]:
    """Where each item of each person is filed."""
    found: dict[PersonId, list[Filed]] = {}
    for person, organisation, service, heading, labels, count in census.filed(reading, _MEASURING, ("", "~")):
        code = OdsCode(reading.words.text(reading, organisation))
        where = (code, reading.words.text(reading, service) if service else None, HEADINGS[heading], labels)
        found.setdefault(PersonId(person), []).extend([where] * count)
    return found


if __name__ == "__main__":
    main()
