"""Searches for programs: order, pages, totals, whom they mean, what they bring along; hidden answers as if absent."""

import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from concord.app import App
from concord.base import FixedClock, Incorrect
from concord.governance import Asker
from concord.record import PageGone
from tests.small_system import ED_DOCTOR, GP, HOSPITAL, NOW, PRACTICE, attendance, condition, patient, send
from tests.unit.record.reads import NOBODY, OTHER_NUMBER, SECRET, found, id_of, observation, rows, words

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
