"""Reading for programs: by id, everything of a person, by search; what is hidden answers as if it were absent."""

import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from concord.app import App
from concord.base import NHS_NUMBER_SYSTEM, FixedClock, Incorrect, NotFound
from concord.fhir import Resource, parse, parse_search
from concord.governance import Asker
from concord.record import PageGone
from tests.small_system import (
    ED_DOCTOR,
    GP,
    HOSPITAL,
    KEYS,
    NOW,
    PRACTICE,
    attendance,
    condition,
    patient,
    send,
    small_system,
)

OTHER_NUMBER = "9990003203"
SECRET = {"meta": {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "STD"}]}}
PROTECTED: dict[str, Any] = {
    "meta": {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}]}
}
NOBODY = "a" * 24


@pytest.fixture
def app(database: Path | str) -> Iterator[App]:
    with small_system(database) as system:
        yield system


def id_of(by: Any, type_: str, source_id: str) -> str:
    return KEYS.logical_id(by.organisation, type_, source_id)


def found(app: App, asker: Asker, type_: str, *pairs: tuple[str, str]) -> Any:
    return app.records.search(parse_search(type_, list(pairs)), asker).wait()


def resources(served: Sequence[Any]) -> list[Resource]:
    return [parse(item.wire) for item in served]


def words(served: Sequence[Any]) -> list[str]:
    return [resource["code"]["text"] for resource in resources(served)]


def rows(app: App, action: str) -> list[Any]:
    with app.store.reading() as reading:
        return reading.rows("SELECT who, outcome, person FROM audit WHERE action = ? ORDER BY number", (action,))


def observation(source_id: str, of: str, text: str, on: str | None = None, **more: Any) -> dict[str, Any]:
    category = [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category",
                             "code": "laboratory"}]}]  # fmt: skip
    dated = {"effectiveDateTime": on} if on else {}
    return {
        "resourceType": "Observation", "id": source_id, "status": "final", "category": category,
        "code": {"text": text}, "subject": {"reference": f"Patient/{of}"}, **dated,
    } | more  # fmt: skip


# -- by id -----------------------------------------------------------------------------------------------------------


def test_a_hidden_item_and_an_absent_one_answer_alike_and_leave_a_like_row(app: App) -> None:
    send(app, PRACTICE, patient("p1"), condition("c1", "p1", "hidden", **SECRET))
    answers = []
    for id_ in (id_of(PRACTICE, "Condition", "c1"), NOBODY):
        with pytest.raises(NotFound) as refused:
            app.records.read("Condition", id_, GP).wait()
        answers.append(refused.value.message)
    assert answers[0] == answers[1]
    assert [row[1:] for row in rows(app, "read")] == [("nothing", None)] * 2


def test_a_refusal_is_handed_out_locked_and_comes_out_when_its_row_is_durable(app: App) -> None:
    locked = app.records.read("Condition", NOBODY, GP)  # nothing waits here: an event loop may ask
    with pytest.raises(NotFound):
        locked.wait()
    assert len(rows(app, "read")) == 1


def test_a_source_system_reads_by_its_own_ids_whatever_others_hold_under_them(app: App) -> None:
    send(app, HOSPITAL, patient("h1", number=None))
    others = id_of(HOSPITAL, "Patient", "h1")
    send(app, PRACTICE, patient(others, number=None, gender="other"))
    assert parse(app.records.read("Patient", others, PRACTICE).wait().wire)["gender"] == "other"
    assert parse(app.records.read("Patient", "h1", HOSPITAL).wait().wire)["gender"] == "female"


def test_what_a_source_system_reads_is_audited_under_the_person(app: App) -> None:
    send(app, PRACTICE, patient("p1"), condition("c1", "p1"))
    app.records.read("Condition", "c1", PRACTICE).wait()
    app.records.everything("p1", PRACTICE).wait()
    found(app, PRACTICE, "Condition")
    with app.store.reading() as reading:
        (person,) = reading.rows("SELECT person FROM link")[0]
    for action in ("read", "open", "search"):
        assert rows(app, action) == [("system:ZZP01", "shown", person)]


def test_what_names_no_person_is_read_by_its_contributor_alone(app: App) -> None:
    send(app, PRACTICE, {"resourceType": "Practitioner", "id": "d1"})
    assert app.records.read("Practitioner", "d1", PRACTICE).wait()
    for asker in (GP, HOSPITAL):
        with pytest.raises(NotFound):
            app.records.read("Practitioner", id_of(PRACTICE, "Practitioner", "d1"), asker).wait()


# -- everything ------------------------------------------------------------------------------------------------------


def test_everything_of_a_person_for_a_user_and_of_one_source_patient_for_its_system(app: App) -> None:
    send(app, PRACTICE, patient("p1"), condition("c1", "p1"))
    send(app, HOSPITAL, patient("h1"), attendance("e1", "h1"))
    everything = app.records.everything(id_of(HOSPITAL, "Patient", "h1"), ED_DOCTOR).wait()
    assert [item.type for item in everything.items][:2] == ["Patient", "Patient"]
    assert sorted(item.type for item in everything.items) == ["Condition", "Encounter", "Patient", "Patient"]
    own = app.records.everything("p1", PRACTICE).wait()
    assert sorted(item.type for item in own.items) == ["Condition", "Patient"]


def test_the_patients_of_a_person_name_each_other(app: App) -> None:
    send(app, PRACTICE, patient("p1"))
    send(app, HOSPITAL, patient("h1"), attendance("e1", "h1"))
    practice, hospital = id_of(PRACTICE, "Patient", "p1"), id_of(HOSPITAL, "Patient", "h1")
    links = {
        resource["id"]: [link["other"]["reference"] for link in resource["link"]]
        for resource in resources(found(app, ED_DOCTOR, "Patient", ("_id", f"{practice},{hospital}")).items)
    }
    assert links == {practice: [f"Patient/{hospital}"], hospital: [f"Patient/{practice}"]}
    assert "link" not in parse(app.records.read("Patient", "p1", PRACTICE).wait().wire)


def test_everything_in_pages_is_everything_each_once(app: App) -> None:
    send(app, PRACTICE, patient("p1"), *(condition(f"c{n}", "p1") for n in range(7)))
    whole = app.records.everything("p1", PRACTICE).wait()
    seen, token = [], None
    while True:
        page = app.records.everything("p1", PRACTICE, count=3, page=token).wait()
        seen += [item.id for item in page.items]
        token = page.next
        if token is None:
            break
    assert seen == [item.id for item in whole.items]
    assert whole.items[0].type == "Patient"


def test_everything_of_a_hidden_patient_is_that_of_an_absent_one(app: App) -> None:
    send(app, PRACTICE, patient("p1"))
    for patient_id in (id_of(PRACTICE, "Patient", "p1"), NOBODY):
        with pytest.raises(NotFound, match="no Patient with this id"):
            app.records.everything(patient_id, ED_DOCTOR).wait()


# -- search ----------------------------------------------------------------------------------------------------------


def test_dates_in_either_direction_with_the_undated_last(app: App) -> None:
    dated = [observation(f"o{n}", "p1", on, on) for n, on in enumerate(("2026-03-01", "2024-01-05", "2025-07-09"))]
    send(app, PRACTICE, patient("p1"), *dated, observation("o9", "p1", "undated"), observation("o8", "p1", "undated"))
    for sort, order in (("date", 1), ("-date", -1)):
        shown = words(found(app, GP, "Observation", ("_sort", sort)).items)
        assert shown == [*["2024-01-05", "2025-07-09", "2026-03-01"][::order], "undated", "undated"]


def test_a_second_sort_key_orders_what_the_first_leaves_equal(app: App) -> None:
    send(app, PRACTICE, patient("p1"), observation("a", "p1", "first", "2026-01-01"))
    clock = app.clock
    assert isinstance(clock, FixedClock)
    clock.instant = NOW + timedelta(minutes=1)
    send(app, PRACTICE, observation("b", "p1", "second", "2026-01-01"))
    for sort, expected in (("date,_lastUpdated", ["first", "second"]), ("date,-_lastUpdated", ["second", "first"])):
        assert words(found(app, GP, "Observation", ("_sort", sort)).items) == expected
    ids = [item.id for item in found(app, GP, "Observation", ("_sort", "-_id")).items]
    assert ids == sorted(ids, reverse=True)


def pages(app: App, asker: Asker, *pairs: tuple[str, str]) -> Iterator[Any]:
    page = found(app, asker, "Observation", *pairs)
    yield page
    while page.next is not None:
        page = found(app, asker, "Observation", *pairs, ("_page", page.next))
        yield page


@pytest.mark.parametrize("sort", ["date", "-date", "_id", "-_id", "-_lastUpdated"])
def test_in_pages_each_comes_once(app: App, sort: str) -> None:
    days = ["2026-03-01", "2026-03-01", "2024-01-05", "2025-07-09"]
    dated = [observation(f"o{n}", "p1", f"{n}", on) for n, on in enumerate(days)]
    send(app, PRACTICE, patient("p1"), *dated, observation("o8", "p1", "8"), observation("o9", "p1", "9"))
    at_once = [item.id for item in found(app, GP, "Observation", ("_sort", sort)).items]
    shown = list(pages(app, GP, ("_sort", sort), ("_count", "2")))
    assert [item.id for page in shown for item in page.items] == at_once
    assert {page.total for page in shown} == {6}


@pytest.mark.parametrize("gone", [[0], [1], [0, 1], [2], [0, 1, 2]])
def test_what_is_withheld_between_pages_is_silently_gone_and_skips_nobody(app: App, gone: list[int]) -> None:
    """Also when it is the last one shown: the next page starts behind where it stood."""
    send(app, PRACTICE, patient("p1"), *(observation(f"o{n}", "p1", str(n), f"2026-01-0{n + 1}") for n in range(5)))
    first = found(app, GP, "Observation", ("_sort", "date"), ("_count", "2"))
    assert words(first.items) == ["0", "1"]
    send(app, PRACTICE, *(observation(f"o{n}", "p1", str(n), f"2026-01-0{n + 1}", **SECRET) for n in gone))
    second = found(app, GP, "Observation", ("_sort", "date"), ("_count", "9"), ("_page", first.next))
    assert words(second.items) == [str(n) for n in range(2, 5) if n not in gone]


def test_a_page_link_belongs_to_its_search_and_its_asker_and_lives_an_hour(app: App) -> None:
    send(app, PRACTICE, patient("p1"), *(observation(f"o{n}", "p1", str(n)) for n in range(3)))
    token = str(found(app, GP, "Observation", ("_count", "1")).next)
    for asker, type_, pairs in (
        (GP, "Observation", (("status", "final"),)),
        (GP, "Condition", ()),
        (ED_DOCTOR, "Observation", ()),
        (PRACTICE, "Observation", ()),
    ):
        with pytest.raises(Incorrect, match="does not belong"):
            found(app, asker, type_, *pairs, ("_count", "1"), ("_page", token))
    for forged in ("", "AAAA", "é", token[:-2] + "AA", "x" + token):
        with pytest.raises(Incorrect, match="does not belong"):
            found(app, GP, "Observation", ("_count", "1"), ("_page", forged))
    clock = app.clock
    assert isinstance(clock, FixedClock)
    clock.instant = NOW + timedelta(minutes=59)
    assert found(app, GP, "Observation", ("_count", "1"), ("_page", token)).items
    clock.instant = NOW + timedelta(minutes=61)
    with pytest.raises(PageGone):
        found(app, GP, "Observation", ("_count", "1"), ("_page", token))


def test_a_page_link_can_be_read_by_nobody(app: App) -> None:
    """It says behind what the next page starts: a date here, a name or a birth date of people who are found."""
    send(app, PRACTICE, patient("p1"), *(observation(f"o{n}", "p1", str(n)) for n in range(3)))
    first = found(app, GP, "Observation", ("_sort", "-date"), ("_count", "1"))
    read = urlsafe_b64decode(first.next + "==").decode("latin-1")
    assert first.items[0].id not in read
    assert re.search(r"[0-9]{5}|\[|\"|[A-Za-z]{6}", read) is None
    again = found(app, GP, "Observation", ("_sort", "-date"), ("_count", "1"))
    assert again.next == first.next, "the same page has the same link"


def test_totals_count_what_is_open_alone(app: App) -> None:
    send(app, PRACTICE, patient("p1"), condition("c1", "p1"), condition("c2", "p1", "hidden", **SECRET))
    for more in (("_summary", "count"), ("_count", "0"), ("_count", "1"), ("_count", "9")):
        assert found(app, GP, "Condition", more).total == 1
    assert found(app, GP, "Condition", ("_count", "0")).items == []


def test_patient_means_the_person_for_a_user_and_one_source_patient_for_a_system(app: App) -> None:
    send(app, PRACTICE, patient("p1"), condition("c1", "p1", "of the practice"))
    send(app, PRACTICE, patient("p2"), condition("c2", "p2", "twice there"))
    send(app, HOSPITAL, patient("h1"), attendance("e1", "h1"), condition("c3", "h1", "of the hospital"))
    hospital = id_of(HOSPITAL, "Patient", "h1")
    shown = words(found(app, ED_DOCTOR, "Condition", ("patient", hospital)).items)
    assert sorted(shown) == ["of the hospital", "of the practice", "twice there"]
    assert words(found(app, PRACTICE, "Condition", ("patient", "p1")).items) == ["of the practice"]
    both = found(app, PRACTICE, "Condition", ("patient", "p1,p2"))
    assert sorted(words(both.items)) == ["of the practice", "twice there"]


def test_patient_and_subject_together_mean_who_is_both(app: App) -> None:
    send(app, PRACTICE, patient("p1"), condition("c1", "p1", "here"))
    send(app, HOSPITAL, patient("h1"), attendance("e1", "h1"))
    practice, hospital = id_of(PRACTICE, "Patient", "p1"), id_of(HOSPITAL, "Patient", "h1")
    assert words(
        found(app, ED_DOCTOR, "Condition", ("patient", practice), ("subject", f"Patient/{hospital}")).items
    ) == ["here"]
    assert not found(app, ED_DOCTOR, "Condition", ("patient", practice), ("subject", f"Patient/{NOBODY}")).items
    assert not found(app, PRACTICE, "Condition", ("patient", "p1"), ("subject", "Patient/p2")).items


def test_an_absent_a_hidden_and_an_empty_person_answer_a_search_alike(app: App) -> None:
    send(app, PRACTICE, patient("p1"))
    send(app, HOSPITAL, patient("h2", number=OTHER_NUMBER), condition("c2", "h2"))
    for whose in (NOBODY, id_of(HOSPITAL, "Patient", "h2"), id_of(PRACTICE, "Patient", "p1")):
        page = found(app, GP, "Condition", ("patient", whose))
        assert (page.items, page.included, page.total, page.next) == ([], [], 0, None)


def test_subject_missing_and_a_subject_that_is_no_patient_are_ordinary_criteria(app: App) -> None:
    flock = observation("o2", "p1", "of a group", subject={"reference": "Group/g1"})
    send(app, PRACTICE, patient("p1"), observation("o1", "p1", "of a person"), flock)
    assert words(found(app, PRACTICE, "Observation", ("subject:missing", "false"), ("_sort", "_id")).items)
    group = f"Group/{id_of(PRACTICE, 'Group', 'g1')}"
    assert words(found(app, PRACTICE, "Observation", ("subject", group)).items) == ["of a group"]


def test_a_user_finds_a_patient_by_an_identifier_of_their_own_system_too(app: App) -> None:
    local = {"system": "https://millbrook.example/id", "value": "M1"}
    send(app, PRACTICE, patient("p1", identifier=[local]))
    assert found(app, GP, "Patient", ("identifier", "https://millbrook.example/id|M1")).total == 1
    assert found(app, GP, "Patient", ("family", "Holroyd"), ("birthdate", "ge1940-01-01")).total == 1


@pytest.mark.parametrize("family", ["Holroyd", "holr", "HÓL"])
def test_a_users_search_by_family_name_begins_with_it_with_a_birth_date_and_without(app: App, family: str) -> None:
    """http://hl7.org/fhir/R4/search.html#string"""
    send(app, PRACTICE, patient("p1"))
    send(app, HOSPITAL, patient("h1"), attendance("e1", "h1"))
    for asker in (GP, ED_DOCTOR, PRACTICE):
        assert found(app, asker, "Patient", ("family", family)).total
        assert found(app, asker, "Patient", ("family", family), ("birthdate", "1942-02-14")).total
        assert not found(app, asker, "Patient", ("family", f"{family}x"), ("birthdate", "1942-02-14")).total


def test_each_person_shown_has_a_row_and_so_has_a_search_that_shows_nobody(app: App) -> None:
    send(app, PRACTICE, patient("p1"), condition("c1", "p1"))
    send(app, PRACTICE, patient("p2", number=OTHER_NUMBER), condition("c2", "p2"))
    found(app, GP, "Condition")
    assert len({person for _, _, person in rows(app, "search")}) == 2
    found(app, GP, "Condition", ("_summary", "count"))
    assert len(rows(app, "search")) == 4
    found(app, GP, "Condition", ("code", "none"))
    assert [row[1:] for row in rows(app, "search")[4:]] == [("nothing", None)]


# -- include ---------------------------------------------------------------------------------------------------------


def test_include_brings_what_is_open_and_what_names_no_person_and_nothing_else(app: App) -> None:
    doctor = {"resourceType": "Practitioner", "id": "d1", "name": [{"family": "Okafor"}]}
    open_visit = attendance("e1", "p1") | {"class": {"code": "AMB"}}
    shut_visit = attendance("e2", "p1") | {"class": {"code": "AMB"}} | SECRET
    seen = [
        observation(name, "p1", name, performer=[{"reference": f"Practitioner/{by}"}], encounter={"reference": visit})
        for name, by, visit in (
            ("o1", "d1", "Encounter/e1"),
            ("o2", "dx", "Encounter/e2"),
            ("o3", "d1", "Encounter/ex"),
        )
    ]
    send(app, PRACTICE, patient("p1"), doctor, open_visit, shut_visit, *seen)
    page = found(app, GP, "Observation", ("_include", "Observation:performer"), ("_include", "Observation:encounter"))
    assert sorted(item.type for item in page.included) == ["Encounter", "Practitioner"]
    narrowed = found(app, PRACTICE, "Observation", ("patient", "p1"), ("_include", "Observation:performer"))
    assert [item.type for item in narrowed.included] == ["Practitioner"]


def test_include_brings_no_item_about_somebody_from_the_shelf_of_what_names_nobody(app: App) -> None:
    """A contact whose Patient is named by number alone lies there too; no decision was ever made about it."""
    stray = attendance("e1", "p1") | {"subject": {"display": "somebody"}, "class": {"code": "AMB"}}
    send(app, PRACTICE, patient("p1"), stray, observation("o1", "p1", "1", encounter={"reference": "Encounter/e1"}))
    assert found(app, PRACTICE, "Encounter").total == 1
    assert not found(app, GP, "Observation", ("_include", "Observation:encounter")).included


def test_include_brings_what_names_no_person_only_if_its_labels_are_open_too(app: App) -> None:
    medicine = {"resourceType": "Medication", "id": "m1", "code": {"text": "a medicine"}} | SECRET
    request = {
        "resourceType": "MedicationRequest", "id": "r1", "status": "active", "intent": "order",
        "medicationReference": {"reference": "Medication/m1"}, "subject": {"reference": "Patient/p1"},
    }  # fmt: skip
    send(app, PRACTICE, patient("p1"), request, medicine)
    assert not found(app, GP, "MedicationRequest", ("_include", "MedicationRequest:medication")).included


# -- items that name several people ----------------------------------------------------------------------------------


def shared(source_id: str, *of: str) -> dict[str, Any]:
    """A Condition of the first, reported by the second."""
    return condition(source_id, of[0], "shared", asserter={"reference": f"Patient/{of[1]}"})


def test_what_names_two_people_is_shown_from_both_sides_when_open_for_both(app: App) -> None:
    send(app, PRACTICE, patient("p1"), patient("p2", number=OTHER_NUMBER), shared("c1", "p1", "p2"))
    first, second = (id_of(PRACTICE, "Patient", each) for each in ("p1", "p2"))
    for whose in (first, second):
        everything = app.records.everything(whose, GP).wait()
        assert sorted(item.type for item in everything.items) == ["Condition", "Patient"]
    for whose in ("p1", "p2"):
        everything = app.records.everything(whose, PRACTICE).wait()
        assert sorted(item.type for item in everything.items) == ["Condition", "Patient"]
    assert found(app, GP, "Condition").total == 1
    assert found(app, GP, "Condition", ("patient", first)).total == 1
    assert found(app, GP, "Condition", ("patient", second)).total == 0, "it is not hers: she only told of it"


def test_what_names_two_people_is_hidden_everywhere_when_shut_for_one(app: App) -> None:
    moved = patient("p2", number=OTHER_NUMBER, active=False)  # registered no longer
    send(app, PRACTICE, patient("p1"), moved, shared("c1", "p1", "p2"), shared("c2", "p2", "p1"))
    assert found(app, GP, "Condition").total == 0
    everything = app.records.everything(id_of(PRACTICE, "Patient", "p1"), GP).wait()
    assert ([item.type for item in everything.items], everything.total) == (["Patient"], 1)
    with pytest.raises(NotFound):
        app.records.read("Condition", id_of(PRACTICE, "Condition", "c1"), GP).wait()


def test_whether_the_other_person_is_absent_hidden_or_came_later_makes_no_difference(app: App) -> None:
    send(app, PRACTICE, patient("p1"), shared("c1", "p1", "p2"))
    assert found(app, GP, "Condition").total == 0
    send(app, PRACTICE, patient("p2", number=OTHER_NUMBER, active=False))
    assert found(app, GP, "Condition").total == 0


def test_what_names_two_source_patients_of_one_person_comes_once(app: App) -> None:
    send(app, PRACTICE, patient("p1"), patient("p2"), shared("c1", "p1", "p2"), shared("c2", "p2", "p1"))
    everything = app.records.everything(id_of(PRACTICE, "Patient", "p1"), GP).wait()
    assert sorted(item.type for item in everything.items) == ["Condition", "Condition", "Patient", "Patient"]
    assert found(app, GP, "Condition").total == 2


# -- people whose whereabouts are protected --------------------------------------------------------------------------


def test_nothing_says_where_a_protected_person_can_be_found(app: App) -> None:
    """Canaries in every place that has named a practice, a ward or a worker."""
    where = "canary-place"
    source = patient(
        "p1", identifier=[{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990003114"},
                          {"system": f"https://{where}.example/id", "value": "1", "assigner": {"display": where}}],
        telecom=[{"system": "phone", "value": where}], managingOrganization={"display": where},
        generalPractitioner=[{"reference": "Organization/org"}], **PROTECTED,
    )  # fmt: skip
    item = observation(
        "o1", "p1", "a result", performer=[
            {"display": where}, {"reference": "Practitioner/d1", "display": where}, {"reference": "#org"},
            {"type": "Organization", "identifier": {"system": "https://fhir.nhs.uk/Id/ods-organization-code",
                                                    "value": where}},
        ],
        encounter={"reference": "Encounter/e1"},
        contained=[{"resourceType": "Organization", "id": "org", "name": where, "address": [{"city": where}]}],
    )  # fmt: skip
    visit = attendance("e1", "p1") | {
        "class": {"code": "AMB"}, "location": [{"location": {"display": where}}], "serviceProvider": {"display": where},
    }  # fmt: skip
    shelf: list[dict[str, Any]] = [
        {"resourceType": "Practitioner", "id": "d1", "name": [{"family": where}]},
        {"resourceType": "Organization", "id": "org", "name": where},
    ]
    send(app, PRACTICE, source, item, visit, *shelf)
    everything = app.records.everything(id_of(PRACTICE, "Patient", "p1"), GP).wait()
    assert sorted(item.type for item in everything.items) == ["Encounter", "Observation", "Patient"]
    includes = [("_include", "Observation:performer"), ("_include", "Patient:general-practitioner")]
    page = found(app, GP, "Observation", includes[0], ("_include", "Observation:encounter"))
    assert [item.type for item in page.included] == ["Encounter"]
    assert not found(app, GP, "Patient", includes[1]).included
    everywhere = b"".join(item.wire for item in (*everything.items, *page.items, *page.included))
    assert where.encode() not in everywhere
    assert b"Weavers" not in everywhere
    assert b"ZZP01" not in everywhere
    assert b"Encounter/" in everywhere, "what tells no place stays"


def test_no_search_matches_what_is_masked(app: App) -> None:
    send(app, PRACTICE, patient("p1", **PROTECTED), {"resourceType": "Practitioner", "id": "d1"})
    send(app, PRACTICE, observation("o1", "p1", "1", performer=[{"reference": "Practitioner/d1"}]))
    performer = f"Practitioner/{id_of(PRACTICE, 'Practitioner', 'd1')}"
    whom = id_of(PRACTICE, "Patient", "p1")
    assert found(app, GP, "Observation", ("patient", whom), ("performer", performer)).total == 0
    assert found(app, GP, "Patient", ("_id", whom), ("address-postalcode", "NF4")).total == 0
    assert found(app, GP, "Patient", ("_id", whom)).total == 1


# -- what a reference tells ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reference",
    [
        {"reference": "Condition/c9", "display": "canary"},
        {"reference": "https://elsewhere.example/Condition/1", "display": "canary"},
        {"type": "Condition", "identifier": {"value": "1"}, "display": "canary"},
        {"identifier": {"system": "https://elsewhere.example/id", "value": "1"}, "display": "canary"},
        {"reference": "#c", "display": "canary"},
    ],
)
def test_a_reference_to_another_item_does_not_say_what_it_is(app: App, reference: dict[str, Any]) -> None:
    narrative = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">canary</div>'}
    inner = {"resourceType": "Condition", "id": "c", "subject": {"reference": "Patient/p1"}, "text": narrative}
    contained: dict[str, Any] = {"contained": [inner]} if reference.get("reference") == "#c" else {}
    item = observation("o1", "p1", "1", focus=[reference], **contained)
    send(app, PRACTICE, patient("p1"), item)
    assert b"canary" not in found(app, GP, "Observation").items[0].wire
    assert b"canary" in found(app, PRACTICE, "Observation").items[0].wire


@pytest.mark.parametrize(
    "reference",
    [
        {"reference": "Patient/p2", "display": "canary"},
        {"reference": "Patient/nobody", "display": "canary"},
        {"reference": "https://elsewhere.example/Patient/p1", "display": "canary"},
        {
            "type": "Patient",
            "display": "canary",
            "identifier": {"system": "https://elsewhere.example/id", "value": "1"},
        },
        {"display": "canary", "identifier": {"system": NHS_NUMBER_SYSTEM, "value": OTHER_NUMBER}},
    ],
)
def test_a_reference_to_somebody_else_does_not_say_who_it_is(app: App, reference: dict[str, Any]) -> None:
    """Whether that person is here, open, hidden or unknown."""
    send(
        app,
        PRACTICE,
        patient("p1"),
        patient("p2", number=OTHER_NUMBER),
        observation("o1", "p1", "1", focus=[reference]),
    )
    whom = id_of(PRACTICE, "Patient", "p1")
    assert b"canary" not in found(app, GP, "Observation", ("patient", whom)).items[0].wire
    assert b"canary" in found(app, PRACTICE, "Observation").items[0].wire


@pytest.mark.parametrize("besides", [{}, {"reference": "Patient/p2"}, {"type": "Patient"}])
def test_a_reference_to_somebody_else_does_not_tell_their_number(app: App, besides: dict[str, Any]) -> None:
    reference = besides | {"identifier": {"system": NHS_NUMBER_SYSTEM, "value": OTHER_NUMBER}}
    send(
        app,
        PRACTICE,
        patient("p1"),
        patient("p2", number=OTHER_NUMBER),
        observation("o1", "p1", "1", focus=[reference]),
    )
    (told,) = found(app, GP, "Observation", ("patient", id_of(PRACTICE, "Patient", "p1"))).items
    assert OTHER_NUMBER.encode() not in told.wire
    assert parse(told.wire)["focus"][0], "FHIR knows no empty element"
    assert OTHER_NUMBER.encode() in found(app, PRACTICE, "Observation").items[0].wire


def test_a_reference_to_the_patient_whose_item_it_is_keeps_the_name(app: App) -> None:
    own = {"reference": "Patient/p1", "display": "Peggy"}
    send(app, PRACTICE, patient("p1"), observation("o1", "p1", "1") | {"subject": own, "focus": [own]})
    assert found(app, GP, "Observation").items[0].wire.count(b"Peggy") == 2


def test_who_is_named_by_identifier_keeps_the_name(app: App) -> None:
    who = {"identifier": {"system": "https://fhir.nhs.uk/Id/sds-user-id", "value": "1"}, "display": "Dr Okafor"}
    send(app, PRACTICE, patient("p1"), observation("o1", "p1", "1", performer=[who, {"display": "Ward sister"}]))
    wire = found(app, GP, "Observation").items[0].wire
    assert b"Dr Okafor" in wire
    assert b"Ward sister" in wire


def test_a_link_to_a_page_tells_nobody_what_was_asked_and_belongs_to_its_address_and_asker(app: App) -> None:
    asked, made = [("family", "Ash"), ("birthdate", "1950-01-02"), ("family", "é&=")], app.records.page_links
    link = made.link(asked, "token", "/Patient", GP)
    assert made.asked_by(link, "/Patient", GP) == (asked, "token")
    assert made.link(asked, "token", "/Patient", GP) == link, "of the same page the same link"
    assert "1950" not in urlsafe_b64decode(link + "==").decode("latin-1")
    for other, at, asker in (
        (link, "/Person", GP), (link, "/Patient", ED_DOCTOR), (link, "/Patient", PRACTICE),
        (link[:-2] + "AA", "/Patient", GP), ("", "/Patient", GP), ("é", "/Patient", GP),
    ):  # fmt: skip
        with pytest.raises(Incorrect, match="does not belong"):
            made.asked_by(other, at, asker)
