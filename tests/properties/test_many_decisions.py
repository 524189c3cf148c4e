"""The decision as databases apply it, against the reference interpreter: many decisions, each about one item.

Ten thousand and more in `make test`, a million in `make soak-decisions`. A case is a viewer, a person and rules; its
decisions are about every cell of the vocabulary, in each of the person's source patients. The table of what decided is
printed.
"""

import random
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from concord.base import OdsCode
from concord.governance import decide, permit_viewer
from concord.governance.model import PersonFacts, SourcePatient
from concord.store import Store, items, open_store, people
from concord.terminology import Heading, Label, label_mask
from tests.conftest import new_database
from tests.properties.decision_cases import HEADINGS, LABEL_SETS, NOW, ORGANISATIONS, Case, Dice, case_of, own_case_of
from tests.properties.decision_reference import Item, judge

HOME = 7
MOST_SOURCES = len(ORGANISATIONS) + 1
OPEN = ("shown", "override", "own-access")
Kept = Mapping[int, Mapping[int, tuple[str | None, Heading, frozenset[Label]]]]
"""By source patient and item what the databases hold: all that the vocabulary can say, in every source patient."""


@pytest.fixture(scope="module")
def held(
    engine: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Store, Kept]]:
    with new_database(engine, request, tmp_path_factory.mktemp("decisions")) as where:
        store = open_store(where)
        yield store, _filled(store)
        store.close()


def _filled(store: Store) -> Kept:
    cells = [
        (service, heading, labels)
        for service in (None, "emergency", "clinic", "adults")
        for heading in (*HEADINGS, Heading.UNCLASSIFIED)
        for labels in dict.fromkeys(LABEL_SETS)
    ]
    kept: dict[int, dict[int, tuple[str | None, Heading, frozenset[Label]]]] = {}
    with store.writing() as writing:
        for number in range(1, MOST_SOURCES + 1):
            people.new_source_patient(writing, HOME, OdsCode("ZZP01"), f"patient-{number}")
            kept[number] = dict(enumerate(cells, start=1))
            rows = []
            for item, (service, heading, labels) in kept[number].items():
                row = items.NewRow(
                    type="Condition", id=f"{number}-{item}", service=service, heading=heading.bit, own_labels=0,
                    starts_at=None, ends_at=None, lifecycle=0, plain=True, several=False, body=b"",
                )  # fmt: skip
                rows.append((items.Place(HOME, number, item), row, label_mask(labels)))
            items.insert(writing, rows, 0)
    return kept


@pytest.mark.parametrize("least", [10_000, pytest.param(1_000_000, marks=pytest.mark.soak)])
def test_every_decision_is_the_reference_s(
    held: tuple[Store, Kept], engine: str, least: int, capsys: pytest.CaptureFixture[str]
) -> None:
    store, kept = held
    decided: Counter[str] = Counter()
    seeds = random.Random(20261122)
    while decided.total() < least:
        dice = Dice(seeds.getrandbits(48))
        decided += _agreeing(store, kept, own_case_of(dice) if dice.percent(10) else case_of(dice))
    total = decided.total()
    table = "  ".join(f"{step} {number / total:.1%}" for step, number in decided.most_common())
    with capsys.disabled():
        sys.stdout.write(f"\n{total:,} decisions on {engine}, each as the reference has it: {table}\n")
    assert 0.05 <= sum(decided[step] for step in OPEN) / total <= 0.95


def _agreeing(store: Store, kept: Kept, case: Case) -> Counter[str]:
    """How many of a case's decisions each step made; what the database reads is exactly what the reference shows."""
    person = _here(case.person)
    decision = decide(case.viewer, person, case.policy(), NOW)
    steps: Counter[str] = Counter()
    expected = set()
    for source in person.sources:
        for number, (service, heading, labels) in kept[source.number].items():
            item = Item(organisation=source.organisation, service=service, heading=heading, labels=labels)
            verdict = judge(item, case.viewer, person, case.rules, NOW)
            steps[verdict.step] += 1
            if verdict.step in OPEN:
                expected.add((source.number, number))
            explained = decision.explain(source.organisation, service, heading, label_mask(labels))
            assert explained.step.value == verdict.step, (item, case)
    with store.reading() as reading:
        permitted = permit_viewer(decision)
        found = [(row.source_patient, row.item) for row in items.read(reading, permitted)]
    assert sorted(found) == sorted(expected), case
    return steps


def _here(person: PersonFacts) -> PersonFacts:
    """The same person, whose rows lie where the databases of this test hold them."""
    sources = [
        SourcePatient(home=HOME, number=number, organisation=each.organisation)
        for number, each in enumerate(person.sources, start=1)
    ]
    return replace(person, sources=sources)
