"""The order in which source patients arrive does not decide whose they are."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import combinations
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from concord.base import NhsNumber, OdsCode
from concord.governance import Duty, permit_duty
from concord.identity import link_source_patient
from concord.store import Store, open_store, people
from tests.spec.identity.people_alike import saying
from tests.unit.identity.test_linking_alike import Counted

MATCHING = permit_duty(Duty(name="matching"))
ORGANISATIONS = [OdsCode(f"ZZ{number}") for number in range(4)]
NUMBERS = [NhsNumber(number) for number in ("9990003114", "9990003203")]

# Few names, dates and places, so that many are alike and many pairs are in doubt.
_alike = st.builds(
    lambda organisation, **said: (organisation, saying(**said)),
    organisation=st.sampled_from(ORGANISATIONS),
    nhs_number=st.sampled_from([None, None, *NUMBERS]),
    family=st.sampled_from(["holroyd", "holroyd", "holroyde", "ackroyd"]),
    given=st.sampled_from(["margaret", "margaret", "peggy", "joan"]),
    shown_name=st.sampled_from(["HOLROYD, X", "HOLROYD, X Ann", "HOLROYD, X Joan"]),
    born_on=st.sampled_from(["1942-02-14", "1942-02-14", "1942-02-15", ""]),
    postcode=st.sampled_from(["nf42zz", "nf42zz", "nf11aa"]),
)


class Linked(NamedTuple):
    """Who came out as one person, and who waits, by the records' own places."""

    pairs: set[tuple[int, int]]
    waiting: set[int]


class _UndoneError(Exception):
    """What was tried is taken back."""


@pytest.fixture(scope="module")
def one_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = open_store(tmp_path_factory.mktemp("arrival") / "concord.db")
    yield store
    store.close()


def arrive(store: Store, records: Sequence[tuple[OdsCode, people.Demographics]], order: Sequence[int]) -> Linked:
    """Let the records arrive in an order, and undo it all."""
    found: dict[int, tuple[str, str | None]] = {}
    with suppress(_UndoneError), store.writing() as writing:
        ids = Counted()
        numbers = {}
        for at in order:
            organisation, demographics = records[at]
            numbers[at] = people.new_source_patient(writing, 1, organisation, "p")
            link_source_patient(writing, MATCHING, (1, numbers[at]), demographics, "traced", ids)
            people.describe(writing, (1, numbers[at]), demographics)
        for at, number in numbers.items():
            row = writing.row("SELECT person, held_for FROM link WHERE source_patient = ?", (number,))
            assert row is not None
            found[at] = row[0], row[1]
        raise _UndoneError
    pairs = {(one, other) for one, other in combinations(sorted(found), 2) if found[one][0] == found[other][0]}
    return Linked(pairs, {at for at, (_, held_for) in found.items() if held_for is not None})


@settings(max_examples=150)
@given(records=st.lists(_alike, min_size=2, max_size=6), data=st.data())
def test_what_one_order_links_another_links_or_leaves_to_a_human(
    one_store: Store, records: list[tuple[OdsCode, people.Demographics]], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(range(len(records))))
    there, back = arrive(one_store, records, range(len(records))), arrive(one_store, records, order)
    for pair in there.pairs ^ back.pairs:
        assert set(pair) & (there.waiting | back.waiting), (pair, there, back)


@settings(max_examples=40)
@given(data=st.data())
def test_whoever_is_plainly_one_person_is_so_in_every_order(one_store: Store, data: st.DataObject) -> None:
    """Three people unlike each other, each known to some organisations as one and the same."""
    humans = [
        saying(nhs_number=NUMBERS[0]),
        saying(nhs_number=NUMBERS[1], family="okafor", given="adam", born_on="2019-05-06", sex="male", shown_name=""),
        saying(family="nowak", given="ewa", born_on="1980-07-01", postcode="nf11aa", shown_name=""),
    ]
    records = [
        (organisation, saying(human, nhs_number=human.nhs_number if data.draw(st.booleans()) else None))
        for human in humans
        for organisation in ORGANISATIONS
    ]
    expected = {
        (one, other)
        for one, other in combinations(range(len(records)), 2)
        if one // len(ORGANISATIONS) == other // len(ORGANISATIONS)
    }
    found = arrive(one_store, records, data.draw(st.permutations(range(len(records)))))
    assert found == Linked(expected, set())


@settings(max_examples=60)
@given(records=st.lists(_alike, min_size=1, max_size=4), at=st.integers(0, 3))
def test_a_source_patient_that_leaves_takes_nobody_along(
    one_store: Store, records: list[tuple[OdsCode, people.Demographics]], at: int
) -> None:
    """Whoever is deleted and comes back as before, or goes and comes back, finds the others as they were."""
    with suppress(_UndoneError), one_store.writing() as writing:
        ids, numbers = Counted(), []
        for organisation, demographics in records:
            numbers.append(people.new_source_patient(writing, 1, organisation, "p"))
            link_source_patient(writing, MATCHING, (1, numbers[-1]), demographics, "traced", ids)
            people.describe(writing, (1, numbers[-1]), demographics)
        before = writing.rows("SELECT source_patient, person FROM link ORDER BY source_patient")
        goes = numbers[at % len(numbers)]
        stranger = saying(family="patel", given="sunita", born_on="1980-05-05", postcode="m11aa", shown_name="")
        for demographics in (stranger, records[at % len(numbers)][1]):
            link_source_patient(writing, MATCHING, (1, goes), demographics, "traced", ids)
            people.describe(writing, (1, goes), demographics)
        after = writing.rows("SELECT source_patient, person FROM link ORDER BY source_patient")
        assert [row for row in after if row[0] != goes] == [row for row in before if row[0] != goes]
        raise _UndoneError
