"""Registrations, merges, links, visits and moves of them come to one state in whatever order they arrive."""

from itertools import count
from random import Random

import pytest

from concord.fhir import encode, parse
from concord.identity.joining import join, pair
from concord.ingest.model import Earlier
from tests.properties.every_order import Held, after, ends
from tests.properties.test_joining_laws import Source
from tests.spec.identity.test_merges import merge, message, moved, pid, registered, visit


def result(status: str, at: str, value: str) -> str:
    """A sodium of A, preliminary, final or corrected."""
    header = f"MSH|^~\\&|LAB|ZZA|CONCORD|NN|{at}||ORU^R01|R{at}{status}|P|2.4"
    report = f"OBR|1||F1|U^Urea^L|||20240210070000|||||||||||||||{at}|||{status}"
    observed = f"OBX|1|NM|NA^Sodium^L||{value}|mmol/L||||||{status}|||20240210070000"
    return "\r".join([header, pid("A"), report, observed])


MERGES = (
    *(registered(number) for number in "ABCD"),
    merge("A", "B", "20240201"),
    merge("B", "C", "20240202"),
    merge("C", "B", "20240203"),
    merge("A", "D", "20240204"),
    message("A24", "20240205", pid("B"), pid("D")),
    message("A37", "20240206", pid("B"), pid("D")),
    visit("A01", "20240207090000", "V1", "A"),
    visit("A02", "20240207120000", "V1", "A"),
    moved("V1", "C", "20240208", "A"),
    visit("A03", "20240209090000", "V1", "A"),
)
PERSONS = [["A", "D"], ["B", "C"]]
STORIES = {
    "merges, links and unlinks, a visit and its move to another": MERGES,
    "a visit, its transfer and discharge cancelled, and a merge": (
        registered("A"),
        registered("B"),
        visit("A05", "20240206090000", "V1", "A"),
        visit("A01", "20240207090000", "V1", "A"),
        visit("A02", "20240207120000", "V1", "A"),
        visit("A12", "20240207130000", "V1", "A"),
        visit("A03", "20240208090000", "V1", "A"),
        visit("A13", "20240208100000", "V1", "A"),
        visit("A08", "20240208110000", "V1", "A").replace("Ash^1^A", "Oak^2^B"),
        merge("A", "B", "20240209"),
    ),
    "an admission that never was, and merges of two kinds": (
        registered("A"),
        visit("A01", "20240207090000", "V1", "A"),
        visit("A11", "20240207100000", "V1", "A"),
        visit("A04", "20240208090000", "V2", "A"),
        visit("A03", "20240208120000", "V2", "A"),
        merge("A", "B", "20240209"),
        merge("B", "C", "20240210", "A34"),
    ),
    "a result, preliminary, final and corrected, and a merge": (
        registered("A"),
        registered("B"),
        visit("A01", "20240207090000", "V1", "A"),
        result("P", "20240210080000", "130"),
        result("F", "20240210090000", "138"),
        result("C", "20240210100000", "139"),
        merge("A", "B", "20240211"),
    ),
    "a number that changes, merges, and names that change": (
        *(registered(number) for number in "ABC"),
        message("A47", "20240205", pid("B"), "MRG|A^^^PAS^MR"),
        message("A36", "20240206", pid("C"), "MRG|B^^^PAS^MR"),
        visit("A01", "20240207090000", "V1", "A"),
        registered("A", "20240209080000", nhs="9990003114"),
        message("A31", "20240210080000", pid("C", family="Holt")),
    ),
}


def persons(held: Held) -> list[list[str]]:
    patients = sorted(name for type_, name in held if type_ == "Patient")
    members = [Source(name, at, None, name) for at, name in enumerate(patients)]
    ties = [
        pair(name, link["other"]["reference"].removeprefix("Patient/"))
        for name in patients
        for link in parse(held["Patient", name]).get("link", ())
    ]
    found: dict[str, list[str]] = {}
    for base, person in join(members, {}, sorted(ties)).persons.items():
        found.setdefault(person, []).append(base)
    return sorted(sorted(names) for names in found.values())


def test_orders_drawn_one_by_one_come_to_one_state() -> None:
    in_order = after(MERGES)
    assert persons(in_order) == PERSONS
    chance = Random(1)
    for _ in range(300):
        story = [*MERGES, *chance.sample(MERGES, 2)]  # some are told twice
        chance.shuffle(story)
        held = after(story)
        assert persons(held) == PERSONS, story
        assert held == in_order, story


@pytest.mark.parametrize("name", STORIES)
def test_every_order_however_often_each_is_told_comes_to_one_state(name: str) -> None:
    """For the merges 14! = 87,178,291,200 orders in which each is told once, and all in which some are told again."""
    story = STORIES[name]
    in_order = after(story)
    found, places = ends(story)
    assert places >= 2 ** len(story), "each set of messages is a place at least"
    assert found == [in_order]


def test_a_mapping_that_hangs_on_the_order_is_found() -> None:
    """The last word counts, whatever it says: as many ends as messages."""

    def overwriting(text: str, earlier: Earlier) -> Held:
        return {("Patient", "A"): encode({"text": text})}

    found, _ = ends(MERGES[:5], overwriting)
    assert len(found) == 5


def test_a_mapping_that_hangs_on_something_else_is_found() -> None:
    turn = count()

    def whimsical(text: str, earlier: Earlier) -> Held:
        earlier.resource("Patient", str(next(turn)))
        return {("Patient", "0"): b"{}"}

    with pytest.raises(AssertionError, match="more than on what is held"):
        ends(MERGES[:3], whimsical)
