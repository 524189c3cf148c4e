"""Links without a number as Patients come and change: what is in doubt waits, and everything goes back."""

from typing import NamedTuple

import pytest

from concord.base import NhsNumber, OdsCode, PersonId
from concord.governance import Duty, permit_duty
from concord.identity import Assurance, link_source_patient
from concord.store import Store, people
from tests.spec.identity.people_alike import PEGGY, saying

MATCHING = permit_duty(Duty(name="matching"))
NUMBER, OTHER_NUMBER = NhsNumber("9990003114"), NhsNumber("9990003203")
PRACTICE, HOSPITAL, COUNCIL, AMBULANCE = map(OdsCode, ("ZZP01", "ZZA", "ZZL", "ZZB"))


class Counted:
    """Ids in order."""

    def __init__(self) -> None:
        self._given = 0

    def fresh(self) -> str:
        self._given += 1
        return f"person-{self._given}"


class Link(NamedTuple):
    person: PersonId
    held_for: PersonId | None


class Identity:
    """Source patients as they arrive, and whose they are now."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._ids = Counted()

    def arrives(self, organisation: OdsCode, of: people.Demographics = PEGGY, assurance: Assurance = "traced") -> int:
        with self._store.writing() as writing:
            number = people.new_source_patient(writing, 1, organisation, "p")
        self.says(number, of, assurance)
        return number

    def says(self, number: int, of: people.Demographics, assurance: Assurance = "traced") -> None:
        with self._store.writing() as writing:
            link_source_patient(writing, MATCHING, (1, number), of, assurance, self._ids)
            people.describe(writing, (1, number), of)

    def link(self, number: int) -> Link:
        with self._store.reading() as reading:
            row = reading.row("SELECT person, held_for FROM link WHERE source_patient = ?", (number,))
        assert row is not None
        return Link(*row)

    def one_person(self, *numbers: int) -> bool:
        return len({self.link(number).person for number in numbers}) == 1

    def waits(self, number: int) -> bool:
        return self.link(number).held_for is not None


@pytest.fixture
def identity(store: Store) -> Identity:
    return Identity(store)


NUMBERED = saying(nhs_number=NUMBER)


def test_whoever_agrees_in_all_is_linked_without_a_number_whichever_came_first(identity: Identity) -> None:
    practice, council = identity.arrives(PRACTICE, NUMBERED), identity.arrives(COUNCIL)
    assert identity.one_person(practice, council)


def test_a_number_that_comes_later_finds_those_without(identity: Identity) -> None:
    council, practice, hospital = (
        identity.arrives(*each) for each in ((COUNCIL,), (PRACTICE, NUMBERED), (HOSPITAL, NUMBERED))
    )
    assert identity.one_person(council, practice, hospital)


def test_who_is_in_doubt_stands_apart_and_says_for_whom_it_waits(identity: Identity) -> None:
    practice, council = identity.arrives(PRACTICE, NUMBERED), identity.arrives(COUNCIL, saying(born_on="1942-02-15"))
    assert not identity.one_person(practice, council)
    assert identity.link(council).held_for == identity.link(practice).person
    assert not identity.waits(practice)


def test_the_one_without_a_number_waits_though_it_was_first(identity: Identity) -> None:
    council, practice = identity.arrives(COUNCIL, saying(born_on="1942-02-15")), identity.arrives(PRACTICE, NUMBERED)
    assert identity.link(council).held_for == identity.link(practice).person
    assert not identity.waits(practice)
    assert identity.one_person(practice, identity.arrives(HOSPITAL, NUMBERED))


def test_a_correction_links_and_another_takes_it_back(identity: Identity) -> None:
    practice, council = identity.arrives(PRACTICE, NUMBERED), identity.arrives(COUNCIL, saying(born_on="1942-02-15"))
    identity.says(council, PEGGY)
    assert identity.one_person(practice, council)
    assert not identity.waits(council)
    identity.says(council, saying(given="susan", shown_name="HOLROYD, Susan", born_on="1967-03-30"))
    assert not identity.one_person(practice, council)
    assert not identity.waits(council)


def test_a_name_changed_after_linking_keeps_the_link(identity: Identity) -> None:
    practice, council = identity.arrives(PRACTICE, NUMBERED), identity.arrives(COUNCIL)
    identity.says(council, saying(family="ackroyd", postcode="nf11aa"))
    assert identity.one_person(practice, council)


def test_a_local_identifier_given_to_somebody_else_leaves(identity: Identity) -> None:
    practice, council = identity.arrives(PRACTICE, NUMBERED), identity.arrives(COUNCIL)
    identity.says(council, saying(family="patel", given="sunita", born_on="1980-05-05", shown_name="PATEL, Sunita"))
    assert not identity.one_person(practice, council)


def test_a_twin_who_comes_later_takes_out_what_may_be_either(identity: Identity) -> None:
    """Twins of one first name: the council's record was linked to the first, and fits the second as well."""
    first = identity.arrives(PRACTICE, saying(NUMBERED, shown_name="HOLROYD, Margaret Ann"))
    council = identity.arrives(COUNCIL, saying(shown_name="HOLROYD, Margaret"))
    assert identity.one_person(first, council)
    second = identity.arrives(HOSPITAL, saying(nhs_number=OTHER_NUMBER, shown_name="HOLROYD, Margaret Joan"))
    assert len({identity.link(each).person for each in (first, council, second)}) == 3
    assert identity.link(council).held_for == identity.link(first).person
    assert not identity.waits(first)
    assert not identity.waits(second)


def test_a_twins_other_record_takes_it_out_too_though_its_number_settles_whose_it_is(identity: Identity) -> None:
    """At first the twin is known at another address, and nothing is in doubt."""
    first = identity.arrives(PRACTICE, saying(NUMBERED, shown_name="HOLROYD, Margaret Ann"))
    council = identity.arrives(COUNCIL, saying(shown_name="HOLROYD, Margaret"))
    joan = saying(nhs_number=OTHER_NUMBER, shown_name="HOLROYD, Margaret Joan")
    second = identity.arrives(HOSPITAL, saying(joan, postcode="m11aa", address="3 Canal Row, Manchester"))
    assert identity.one_person(first, council)
    third = identity.arrives(AMBULANCE, joan)
    assert identity.one_person(second, third)
    assert identity.link(council).held_for == identity.link(first).person
    assert not identity.one_person(first, council)


def test_twins_take_what_fits_neither_alone_to_a_human(identity: Identity) -> None:
    first = identity.arrives(PRACTICE, NUMBERED)
    second = identity.arrives(HOSPITAL, saying(nhs_number=OTHER_NUMBER))
    council = identity.arrives(COUNCIL)
    assert identity.waits(council)
    assert len({identity.link(each).person for each in (first, council, second)}) == 3


def test_a_twins_number_written_down_by_mistake_is_held(identity: Identity) -> None:
    emma = saying(NUMBERED, given="emma", shown_name="HOLROYD, Emma")
    ella = saying(emma, given="ella", shown_name="HOLROYD, Ella")
    for assurance in ("traced", "stated"):
        first, other = identity.arrives(PRACTICE, emma), identity.arrives(AMBULANCE, ella, assurance)
        assert identity.waits(other)
        assert not identity.one_person(first, other)


def test_the_number_and_all_else_outweigh_a_slip_in_the_family_name(identity: Identity) -> None:
    practice, hospital = (
        identity.arrives(PRACTICE, NUMBERED),
        identity.arrives(HOSPITAL, saying(NUMBERED, family="holroyde")),
    )
    assert identity.one_person(practice, hospital)


@pytest.mark.parametrize("which", ["known", "new"])
def test_the_protected_are_linked_by_number_alone(identity: Identity, which: str) -> None:
    practice = identity.arrives(PRACTICE, saying(NUMBERED, protected=which == "known"))
    council = identity.arrives(COUNCIL, saying(protected=which == "new"))
    assert identity.waits(council)
    assert identity.one_person(practice, identity.arrives(HOSPITAL, saying(NUMBERED, protected=True)))


def test_a_value_that_very_many_share_tells_nobody_from_anybody(identity: Identity) -> None:
    """201 of one birth date, as where a system writes one for all it does not know."""
    for number in range(201):
        name = "".join(chr(97 + int(digit)) for digit in f"{number:03}")
        identity.arrives(PRACTICE, saying(family=f"x{name}", given=f"y{name}", postcode=f"zz{number}", shown_name=""))
    alone = identity.arrives(COUNCIL, saying(family="holroyde"))
    assert not identity.waits(alone)


def test_nobody_is_linked_by_likeness_to_somebody_one_of_whose_sources_protects_them(identity: Identity) -> None:
    """The hospital does not know that the person is protected; the practice does."""
    identity.arrives(PRACTICE, saying(NUMBERED, protected=True))
    hospital = identity.arrives(HOSPITAL, NUMBERED)
    council = identity.arrives(COUNCIL)
    assert not identity.one_person(hospital, council)
    assert identity.waits(council)
