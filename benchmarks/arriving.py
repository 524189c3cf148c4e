"""What it takes to know whom an arriving message is about, among many people: the whole step, one message at a time.

    .venv/bin/python benchmarks/arriving.py [--people 100000] [--arriving 2000] [--json FILE]

A large Northfield (`northfield_at_large`: twins, juniors, slips, numbers that are missing or of others) is written
through `Records.write`, in bulk, all but the last `--arriving` of its source patients. Those come one at a time, each a
Patient in a transaction of its own, durable before the next, as a listener takes them in. Milliseconds:

- identify: all that is done inside the transaction to say who it is: who bears the number is looked up, those who may
  be alike are drawn and compared, the decision is made and kept, what it unsettles is settled;
- message: all of the write, from the submission to what is durable.

By what decided: a number that somebody bears, a number that nobody bears yet, or none. At 100,000 people some four
minutes, most of them for the filling.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import northfield_at_large as northfield
from measuring import new, percentile, show
from northfield_at_large import Written

from concord.app import App, compose_installation
from concord.base import NHS_NUMBER_SYSTEM, OdsCode, SystemIds
from concord.governance import SourceSystem
from concord.identity import Assurance
from concord.installation import find
from concord.record import Submission, transaction

_AT_ONCE = 500
_TARGET_MS = 10.0


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=100_000)
    options.add_argument("--arriving", type=int, default=2_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--json", type=Path)
    asked = options.parse_args()
    everybody = northfield.written(northfield.humans(asked.people, asked.seed), asked.seed)
    held, arriving = everybody[: -asked.arriving], everybody[-asked.arriving :]
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "northfield"
        new(data, "--demo", "--people", "40")
        app = compose_installation(find(data), SystemIds())
        try:
            began = time.perf_counter()
            fill(app, held)
            seconds = time.perf_counter() - began
            found = list(measured(app, arriving, {each.demographics.nhs_number for each in held}))
        finally:
            app.close()
    print(f"{len(held):,} source patients of {asked.people:,} people were written in {seconds:,.0f} s.")
    show("Whom an arriving message is about (milliseconds)", found, asked.json)


def fill(app: App, held: Sequence[Written]) -> None:
    by: dict[tuple[OdsCode, Assurance], list[Submission]] = {}
    for number, written in enumerate(held):
        by.setdefault((written.organisation, written.assurance), []).append(submission(number, written))
    for (organisation, assurance), submissions in by.items():
        for start in range(0, len(submissions), _AT_ONCE):
            app.records.write(
                submissions[start : start + _AT_ONCE], by=SourceSystem(organisation=organisation), atomic=False,
                assurance=assurance,
            )  # fmt: skip


def measured(app: App, arriving: Sequence[Written], numbers: set[Any]) -> Iterator[dict[str, Any]]:
    """`numbers`: those that somebody bears."""
    spent: dict[str, list[tuple[float, float, float]]] = {}
    identifying = _Identifying()
    for number, written in enumerate(arriving):
        stated = written.demographics.nhs_number
        by = "none" if stated is None else "of somebody held" if stated in numbers else "new"
        numbers.add(stated)
        identifying.clear()
        began = time.perf_counter()
        (outcome, *_) = app.records.write(
            [submission(f"new{number}", written)], by=SourceSystem(organisation=written.organisation), atomic=False,
            assurance=written.assurance,
        )  # fmt: skip
        took = time.perf_counter() - began
        assert outcome.status == "stored", outcome.reason
        spent.setdefault(by, []).append((identifying.wall, identifying.used, took))
    spent["all"] = [each for kind in spent.values() for each in kind]
    for by, each in spent.items():
        walls, used, messages = ([1000 * value for value in column] for column in zip(*each, strict=True))
        yield {
            "its number": by, "messages": len(each), "identify p50": percentile(walls, 0.5),
            "p99": percentile(walls, 0.99), "longest": max(walls),
            f"under {_TARGET_MS:.0f} ms %": 100 * sum(value < _TARGET_MS for value in walls) / len(walls),
            "processor p50": percentile(used, 0.5), "p99 ": percentile(used, 0.99),
            "message p50": percentile(messages, 0.5), "p99  ": percentile(messages, 0.99),
        }  # fmt: skip


class _Identifying:
    """Seconds, by the clock and of the processor, that were spent on saying who is who since `clear`."""

    def __init__(self) -> None:
        self.wall = self.used = 0.0
        place: Any = transaction
        place.Transaction._link = self._timed(place.Transaction._link)  # noqa: SLF001 - what is measured
        place.settle_persons = self._timed(place.settle_persons)

    def clear(self) -> None:
        self.wall = self.used = 0.0

    def _timed(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any, **named: Any) -> Any:
            began, used = time.perf_counter(), time.thread_time()
            try:
                return act(*args, **named)
            finally:
                self.wall += time.perf_counter() - began
                self.used += time.thread_time() - used

        return timed


def submission(id_: object, written: Written) -> Submission:
    """The Patient as its organisation wrote them down."""
    of = written.demographics
    family, _, given = of.shown_name.partition(", ")
    resource: dict[str, Any] = {"resourceType": "Patient", "id": f"{id_}"}
    if of.nhs_number:
        resource["identifier"] = [{"system": NHS_NUMBER_SYSTEM, "value": of.nhs_number}]
    resource["name"] = [{"use": "official", "family": family.title(), "given": given.split() or ["Baby"]}]
    if of.sex in ("female", "male"):
        resource["gender"] = of.sex
    if of.born_on:
        resource["birthDate"] = of.born_on
    if of.address:
        line, _, postcode = of.address.rpartition(", ")
        resource["address"] = [{"use": "home", "line": [line], "postalCode": postcode}]
    return Submission(resource=resource, source_id=str(id_), position=str(id_))


if __name__ == "__main__":
    main()
