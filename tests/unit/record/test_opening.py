"""People found, opened, listed and looked up: whoever may not know of somebody meets nobody, in the same words."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from concord.app import App
from concord.base import ConcordError, NhsNumber, NotFound, PersonId
from concord.fhir import parse_search
from concord.governance import Asker, Viewer
from concord.record import FoundPerson, OpenRecord, PersonQuery, ShutRecord
from tests.small_system import (
    COMMUNITY_NURSE,
    ED_DOCTOR,
    GP,
    HOSPITAL,
    KEYS,
    NHS_NUMBER,
    PRACTICE,
    attendance,
    condition,
    patient,
    send,
    small_system,
    viewer,
)

PROTECTED: dict[str, Any] = {
    "meta": {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}]}
}
BY_NUMBER = PersonQuery(nhs_number=NhsNumber(NHS_NUMBER))
BY_NAME = PersonQuery(family="Holroyd", given="Margaret", born_on=date(1942, 2, 14))
OFFICER = viewer("privacy-officer", "ZZA")
IG_LEAD = viewer("ig-lead", "ZZA")  # a role that finds nobody
NOBODY = PersonId("q" * 24)


@pytest.fixture
def app(database: Path | str) -> Iterator[App]:
    with small_system(database) as system:
        yield system


def find(app: App, query: PersonQuery, by: Viewer) -> list[FoundPerson]:
    return list(app.records.find(query, by).wait())


def person_of(app: App, source_patient: int = 1) -> PersonId:
    with app.store.reading() as reading:
        row = reading.row("SELECT person FROM link WHERE source_patient = ?", (source_patient,))
    assert row is not None
    return PersonId(row[0])


def refusal(act: Any) -> str:
    with pytest.raises(ConcordError) as refused:
        act.wait()
    assert isinstance(refused.value, NotFound)
    return refused.value.message


def rows(app: App, action: str) -> list[Any]:
    with app.store.reading() as reading:
        return reading.rows("SELECT who, outcome, person FROM audit WHERE action = ? ORDER BY number", (action,))


# -- finding ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", [BY_NUMBER, BY_NAME])
def test_a_person_is_found_by_number_or_by_name_and_birth_date_once(app: App, query: PersonQuery) -> None:
    send(app, PRACTICE, patient("p1"))
    send(app, HOSPITAL, patient("h1"))
    (found,) = find(app, query, ED_DOCTOR)
    assert (found.name, found.born, found.age) == ("HOLROYD, Margaret", "14 Feb 1942", "84y")
    assert rows(app, "find") == [("doctor.zza", "shown", found.person)]


@pytest.mark.parametrize("query", [BY_NUMBER, BY_NAME, PersonQuery()])
def test_whoever_may_not_trace_finds_nobody_and_leaves_a_row(app: App, query: PersonQuery) -> None:
    send(app, PRACTICE, patient("p1"))
    assert find(app, query, IG_LEAD) == []
    assert rows(app, "find") == [("ig-lead.zza", "nothing", None)]


@pytest.mark.parametrize("query", [BY_NUMBER, BY_NAME])
def test_a_protected_person_is_found_by_nobody_and_opened_from_a_list(app: App, query: PersonQuery) -> None:
    send(app, PRACTICE, patient("p1"))
    send(app, HOSPITAL, patient("h1", **PROTECTED), attendance("e1", "h1"))
    assert find(app, query, ED_DOCTOR) == []
    (row,) = app.records.lists(ED_DOCTOR, "attending").wait().rows
    assert row.where == ""
    opened = app.records.open(row.person, ED_DOCTOR).wait()
    assert isinstance(opened, OpenRecord)
    assert "Weavers" not in str(opened)


def test_who_waits_for_review_under_a_protected_number_is_protected_too(app: App) -> None:
    """Their details disagree, and still it may be the same person: the address must not come out on the other side."""
    send(app, PRACTICE, patient("p1", **PROTECTED))
    send(app, HOSPITAL, patient("h1", birthDate="1947-09-14"), attendance("e1", "h1"))
    assert find(app, BY_NUMBER, ED_DOCTOR) == []
    opened = app.records.open(person_of(app, 2), ED_DOCTOR).wait()
    assert isinstance(opened, OpenRecord)
    assert "Weavers" not in str(opened)


def test_one_number_held_by_two_whose_details_disagree_finds_both(app: App) -> None:
    send(app, PRACTICE, patient("p1"))
    send(app, HOSPITAL, patient("h1", birthDate="1947-09-14"))
    found = find(app, BY_NUMBER, ED_DOCTOR)
    assert sorted(person.born for person in found) == ["14 Feb 1942", "14 Sep 1947"]


def test_a_person_of_whom_nothing_is_known_but_the_number_is_found(app: App) -> None:
    bare = patient("p1")
    for name in ("name", "birthDate", "gender", "address"):
        del bare[name]
    send(app, PRACTICE, bare)
    (found,) = find(app, BY_NUMBER, ED_DOCTOR)
    assert (found.name, found.born, found.age, found.sex) == ("Name not known", "not known", "", "Not known")


# -- opening ---------------------------------------------------------------------------------------------------------


def test_a_record_is_shut_with_reasons_to_who_may_find_the_person_and_the_audit_says_refused(app: App) -> None:
    send(app, PRACTICE, patient("p1"), condition("c1", "p1"))
    shut = app.records.open(person_of(app), ED_DOCTOR).wait()
    assert isinstance(shut, ShutRecord)
    assert shut.because
    assert shut.advice
    assert rows(app, "open") == [("doctor.zza", "refused", person_of(app))]


def test_absent_protected_and_untraceable_are_nobody_in_the_same_words(app: App) -> None:
    send(app, PRACTICE, patient("p1", **PROTECTED))
    send(app, HOSPITAL, patient("h1", number="9990003203"))
    answers = {
        refusal(app.records.open(NOBODY, ED_DOCTOR)),
        refusal(app.records.open(person_of(app), ED_DOCTOR)),
        refusal(app.records.open(person_of(app, 2), IG_LEAD)),
        refusal(app.records.who_looked(NOBODY, OFFICER)),
        refusal(app.records.who_looked(person_of(app), OFFICER)),
        refusal(app.records.who_looked(person_of(app, 2), ED_DOCTOR)),
    }
    assert len(answers) == 1
    assert [(outcome, person is None) for _, outcome, person in (*rows(app, "open"), *rows(app, "look-at-audit"))] == [
        ("nothing", True), ("refused", False), ("refused", False),
        ("nothing", True), ("refused", False), ("refused", False),
    ]  # fmt: skip


def test_a_person_whose_links_have_moved_on_is_nobody(app: App) -> None:
    send(app, PRACTICE, patient("p1"))
    send(app, HOSPITAL, patient("h1", birthDate="1947-09-14"), attendance("e1", "h1"))
    was = person_of(app, 2)
    send(app, HOSPITAL, patient("h1"))  # corrected: now they agree
    assert person_of(app, 2) == person_of(app, 1) != was
    assert refusal(app.records.open(was, ED_DOCTOR))


# -- lists -----------------------------------------------------------------------------------------------------------


def test_a_list_holds_whoever_is_here_now_and_counts_what_it_shows(app: App) -> None:
    send(app, PRACTICE, patient("p1"))
    bay = {"location": [{"location": {"display": "Majors 7"}}]}
    send(app, HOSPITAL, patient("h1"), attendance("e1", "h1") | bay, attendance("e2", "h1"))
    send(app, HOSPITAL, patient("h2", number="9990003203"))
    gone = attendance("e3", "h2", "finished", start="2026-11-20T01:00:00Z", end="2026-11-20T04:00:00Z")
    send(app, HOSPITAL, gone)
    lists = app.records.lists(ED_DOCTOR, None).wait()
    assert [(name.key, name.count) for name in lists.names] == [("attending", 1)]
    assert [row.where for row in lists.rows] == ["Majors 7"]
    assert rows(app, "list") == [("doctor.zza", "shown", person_of(app))]


def test_a_list_of_nobody_says_so_and_leaves_a_row(app: App) -> None:
    lists = app.records.lists(COMMUNITY_NURSE, "caseload").wait()
    assert (lists.names, lists.shown, lists.rows) == ([], None, [])
    assert lists.empty
    assert rows(app, "list") == [("district-nurse.zzc", "nothing", None)]
    with pytest.raises(NotFound):
        app.records.lists(COMMUNITY_NURSE, "no-such-list").wait()


# -- who looked ------------------------------------------------------------------------------------------------------


def test_the_privacy_officer_sees_who_has_looked_and_who_was_refused(app: App) -> None:
    send(app, PRACTICE, patient("p1"))
    app.records.open(person_of(app), GP).wait()
    app.records.open(person_of(app), ED_DOCTOR).wait()
    looks = app.records.who_looked(person_of(app), OFFICER).wait()
    assert [(look.organisation, look.outcome) for look in looks.looks] == [
        ("Northfield General", "refused"),
        ("Millbrook Surgery", "shown"),
    ]
    assert looks.complete


@pytest.mark.parametrize(
    ("asker", "what"),
    [(GP, ["person demographics, problems", "problems", "problems"]), (PRACTICE, ["2 items", "1 item", "1 item"])],
)
def test_what_a_program_was_given_is_told_too(app: App, asker: Asker, what: list[str]) -> None:
    send(app, PRACTICE, patient("p1"), condition("c1", "p1"))
    id_ = KEYS.logical_id(PRACTICE.organisation, "Condition", "c1")
    app.records.search(parse_search("Condition", [("_count", "5")]), asker).wait()
    app.records.read("Condition", id_, asker).wait()
    app.records.everything(KEYS.logical_id(PRACTICE.organisation, "Patient", "p1"), asker, count=None, page=None).wait()
    assert [look.what for look in app.records.who_looked(person_of(app), OFFICER).wait().looks] == what


def test_what_a_source_system_reads_is_among_the_looks(app: App) -> None:
    send(app, PRACTICE, patient("p1"))
    app.records.read("Patient", "p1", PRACTICE).wait()
    (look,) = app.records.who_looked(person_of(app), OFFICER).wait().looks
    assert (look.role, look.organisation) == ("Source system", "Millbrook Surgery")


@pytest.mark.parametrize("typed", ["Sorensen-Lukasz", "SØRENSEN ŁUKASZ", "sørensenłukasz"])
def test_a_name_is_found_by_its_letters_whatever_their_accents(app: App, typed: str) -> None:
    send(app, PRACTICE, patient("x9", number="9990003122", name=[{"family": "Sørensen-Łukasz", "given": ["Zoë"]}]))
    query = PersonQuery(family=typed, given="zoe", born_on=date(1942, 2, 14))
    assert [found.nhs_number for found in app.records.find(query, ED_DOCTOR).wait()] == ["999 000 3122"]
