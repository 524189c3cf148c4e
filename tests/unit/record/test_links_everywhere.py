"""A change of link takes effect at once in lists, relationships and choices, and back; a source's merge does too."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from concord.app import App
from concord.base import FixedClock, OdsCode, PersonId
from concord.fhir import parse_search
from concord.store import items, people
from tests.small_system import (
    COMMUNITY,
    ED_DOCTOR,
    HOSPITAL,
    PRACTICE,
    attendance,
    condition,
    patient,
    send,
    small_system,
    viewer,
)
from tests.spec.identity.test_merges import merge, message, pid, registered, rejected, told

OFFICER = viewer("data-quality-officer", "ZZA")
OBJECTION: dict[str, Any] = {
    "resourceType": "Consent", "id": "o1", "status": "active", "patient": {"reference": "Patient/c"},
    "scope": {"text": "sharing"}, "provision": {"type": "deny"},
    "category": [{"coding": [{"system": "https://concord.example/CodeSystem/choice", "code": "objection"}]}],
}  # fmt: skip


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with small_system(tmp_path) as app:
        yield app


def person(app: App, code: str, source_id: str) -> PersonId:
    with app.store.reading() as reading:
        place = items.locate(reading, "Patient", app.records._keys.logical_id(OdsCode(code), "Patient", source_id))
        assert place is not None
        found = people.person_of(reading, place.source)
    assert found is not None
    return found


def later(app: App) -> None:
    assert isinstance(app.clock, FixedClock)
    app.clock.instant += timedelta(hours=1)


Pair = tuple[str, str]


def waiting(app: App) -> Pair:
    (row,) = app.records.links.worklist(OFFICER).wait()
    return row.one.patient, row.other.patient


def say(app: App, pair: Pair, *, same: bool) -> None:
    app.records.links.say(*pair, OFFICER, same=same, why="They were asked").wait()


def conditions(app: App) -> int:
    """How many the doctor finds who names nobody."""
    return len(app.records.search(parse_search("Condition", []), ED_DOCTOR).wait().items)


def attending(app: App) -> int:
    return len(app.records.lists(ED_DOCTOR, "attending").wait().rows)


def test_who_stands_on_a_list_twice_stands_there_once(app: App) -> None:
    send(app, HOSPITAL, patient("h1"), attendance("v1", "h1"))
    send(app, HOSPITAL, patient("h2", birthDate="1942-02-15"), attendance("v2", "h2"))
    assert attending(app) == 2
    pair = waiting(app)
    say(app, pair, same=True)
    assert attending(app) == 1
    say(app, pair, same=False)
    assert attending(app) == 2


def test_a_relationship_opens_what_is_linked_and_shuts_it_again(app: App) -> None:
    send(app, PRACTICE, patient("gp"), condition("c1", "gp"))
    send(app, HOSPITAL, patient("ed", birthDate="1942-02-15"), attendance("v1", "ed"))
    assert conditions(app) == 0
    pair = waiting(app)
    say(app, pair, same=True)
    assert conditions(app) == 1
    say(app, pair, same=False)
    assert conditions(app) == 0


def test_a_choice_binds_what_is_linked_and_nothing_else(app: App) -> None:
    """Somebody objects, at the community trust, which has another birth date of theirs."""
    send(app, PRACTICE, patient("gp"), condition("c1", "gp"))
    send(app, HOSPITAL, patient("ed"), attendance("v1", "ed"))
    send(app, COMMUNITY, patient("c", birthDate="1942-02-15"), OBJECTION)
    assert conditions(app) == 1
    pair = waiting(app)
    say(app, pair, same=True)
    assert conditions(app) == 0
    say(app, pair, same=False)
    assert conditions(app) == 1


def test_whoever_had_looked_is_told_of_a_link_by_message_and_of_its_end(app: App, tmp_path: Path) -> None:
    """A24 says that two numbers of the hospital are one person's, A37 that they are two people's after all."""
    arrival = message("A04", "20240102", pid("B", family="Unknown", born="19500101"), f"PV1|1|E|ED^1^A{'|' * 16}V1")
    known = registered("A", nhs="9990003114")
    assert rejected(told(app, tmp_path, known, arrival)) == 0
    app.records.open(person(app, "ZZA", "B"), ED_DOCTOR).wait()
    assert app.records.changed_links(ED_DOCTOR) == []
    later(app)
    linked = message("A24", "20240203", pid("A"), pid("B", family="Unknown", born="19500101"))
    assert rejected(told(app, tmp_path, linked)) == 0
    (change,) = app.records.changed_links(ED_DOCTOR)
    assert change.person == person(app, "ZZA", "A") == person(app, "ZZA", "B")
    later(app)
    app.records.open(change.person, ED_DOCTOR).wait()
    assert app.records.changed_links(ED_DOCTOR) == []
    later(app)
    parted = message("A37", "20240204", pid("A"), pid("B", family="Unknown", born="19500101"))
    assert rejected(told(app, tmp_path, parted)) == 0
    assert person(app, "ZZA", "A") != person(app, "ZZA", "B")
    both = {person(app, "ZZA", "A"), person(app, "ZZA", "B")}  # both of whom had been seen as one
    assert {each.person for each in app.records.changed_links(ED_DOCTOR)} == both


def test_a_merge_by_message_takes_effect_on_lists_at_once(app: App, tmp_path: Path) -> None:
    unknown = pid("B", family="Unknown", born="19500101")
    arrivals = [
        message("A04", "20240102", of, f"PV1|1|E|ED^1^A{'|' * 16}{visit}")
        for of, visit in ((pid("A", nhs="9990003114"), "V1"), (unknown, "V2"))
    ]
    assert rejected(told(app, tmp_path, *arrivals)) == 0
    assert attending(app) == 2
    app.records.open(person(app, "ZZA", "B"), ED_DOCTOR).wait()
    later(app)
    assert rejected(told(app, tmp_path, merge("B", "A", "20240201"))) == 0
    assert attending(app) == 1
    (change,) = app.records.changed_links(ED_DOCTOR)
    assert change.person == person(app, "ZZA", "A")
