"""Searches that name no person: over a viewer's list and over what a source contributed, counted, paged and bounded."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from concord.app import App
from concord.base import Incorrect
from concord.fhir import parse, parse_search
from concord.governance import Asker
from concord.record import across
from tests.small_system import ED_DOCTOR, GP, HOSPITAL, PRACTICE, attendance, condition, patient, send, small_system

NUMBERS = ("9990003114", "9990003203", "9990003300", "9990003408")
SECRET: dict[str, Any] = {
    "meta": {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "STD"}]}
}
OBJECTION: dict[str, Any] = {
    "resourceType": "Consent", "id": "no", "status": "active",
    "category": [{"coding": [{"system": "https://concord.example/CodeSystem/choice", "code": "objection"}]}],
    "scope": {"text": "sharing"}, "policyRule": {"text": "local"}, "provision": {"type": "deny"},
}  # fmt: skip
ASTHMA: dict[str, Any] = {"code": {"coding": [{"system": "http://codes.example", "code": "asthma"}], "text": "Asthma"}}


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """Four people of the practice with asthma; three of them attend the hospital."""
    with small_system(tmp_path) as system:
        for person in range(4):
            number = NUMBERS[person]
            send(
                system, PRACTICE, patient(f"p{person}", number=number), condition(f"c{person}", f"p{person}", **ASTHMA)
            )
        for person in range(3):
            send(
                system, HOSPITAL, patient(f"h{person}", number=NUMBERS[person]), attendance(f"a{person}", f"h{person}")
            )
        yield system


def found(app: App, asker: Asker, type_: str, **query: str) -> Any:
    return app.records.search(parse_search(type_, list(query.items())), asker).wait()


def test_a_list_is_of_whom_the_viewer_stands_in_a_relationship_with(app: App) -> None:
    assert found(app, GP, "Condition", code="asthma").total == 4
    assert found(app, ED_DOCTOR, "Condition", code="asthma").total == 3
    assert found(app, ED_DOCTOR, "Patient").total == 3 + 3  # of the practice and of the hospital
    assert found(app, ED_DOCTOR, "Condition", code="http://codes.example|asthma").total == 3
    assert found(app, ED_DOCTOR, "Condition", code="http://codes.example|gout").total == 0


def test_what_is_closed_is_neither_found_nor_counted(app: App) -> None:
    send(app, PRACTICE, condition("c9", "p0", **ASTHMA, **SECRET))
    send(app, PRACTICE, OBJECTION | {"patient": {"reference": "Patient/p1"}})
    answer = found(app, ED_DOCTOR, "Condition", code="asthma", _count="1")
    assert (answer.total, len(answer.items)) == (2, 1)
    assert found(app, ED_DOCTOR, "Condition", code="asthma", _summary="count").total == 2
    assert found(app, ED_DOCTOR, "Condition").total == 2


def test_who_has_made_a_choice_that_shuts_nothing_is_on_the_list_like_others(app: App) -> None:
    permits = OBJECTION | {"patient": {"reference": "Patient/p1"}, "provision": {"type": "permit"}}
    send(app, PRACTICE, permits)
    assert found(app, ED_DOCTOR, "Condition", code="asthma").total == 3


def test_pages_of_a_list_hold_everything_once(app: App) -> None:
    seen: list[str] = []
    page: dict[str, str] = {}
    while True:
        answer = found(app, GP, "Condition", code="asthma", _count="1", **page)
        seen += [item.id for item in answer.items]
        if answer.next is None:
            break
        page = {"_page": answer.next}
    assert len(seen) == len(set(seen)) == 4


def test_criteria_that_no_index_knows_are_looked_at_in_the_bodies(app: App) -> None:
    send(app, PRACTICE, condition("c8", "p0", **ASTHMA | {"category": [{"text": "of another kind"}]}))
    narrowed = {"category:not": "problem-list-item"}
    assert found(app, ED_DOCTOR, "Condition", **narrowed).total == 1
    assert found(app, ED_DOCTOR, "Condition", code="asthma", **narrowed).total == 1
    assert found(app, PRACTICE, "Condition", code="asthma", **narrowed).total == 1


def test_a_date_leads_to_what_touches_it(app: App) -> None:
    send(app, HOSPITAL, attendance("old", "h0", "finished", start="2020-01-01T10:00:00Z", end="2020-01-01T12:00:00Z"))
    assert found(app, ED_DOCTOR, "Encounter", date="2020-01-01").total == 1
    assert found(app, ED_DOCTOR, "Encounter", date="ge2026-11-01").total == 3
    assert found(app, ED_DOCTOR, "Encounter", date="lt2026-11-01").total == 1
    assert found(app, HOSPITAL, "Encounter", status="finished", date="lt2026-11-01").total == 1


def test_each_person_shown_or_counted_leaves_a_row(app: App) -> None:
    for query in ({"_count": "2"}, {"_summary": "count"}):
        with app.store.reading() as reading:
            (before,) = reading.rows("SELECT count(DISTINCT person), count(*) FROM audit WHERE action = 'search'")
        found(app, ED_DOCTOR, "Condition", code="asthma", **query)
        with app.store.reading() as reading:
            (after,) = reading.rows("SELECT count(DISTINCT person), count(*) FROM audit WHERE action = 'search'")
        assert after[1] - before[1] == (2 if "_count" in query else 3)


def test_what_would_take_long_is_refused_with_what_to_do(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(across, "MOST_PEOPLE", 2)
    monkeypatch.setattr(across, "MOST_ROWS", 3)
    with pytest.raises(Incorrect, match="Name a person"):
        found(app, ED_DOCTOR, "Condition")
    with pytest.raises(Incorrect, match="by code or by date"):
        found(app, GP, "Condition", code="asthma")
    assert found(app, PRACTICE, "Condition", code="asthma").total == 4  # a source system has limits of its own
    monkeypatch.setattr(across, "MOST_ROWS", 4)
    assert found(app, GP, "Condition", code="asthma").total == 4
    monkeypatch.setattr(across, "MOST_BODIES", 3)
    with pytest.raises(Incorrect, match="Name a person"):
        found(app, GP, "Condition", code="asthma", **{"category:not": "none"})


OWN: Sequence[dict[str, str]] = (
    {}, {"code": "asthma"}, {"code": "asthma", "subject:missing": "false"}, {"_sort": "-_lastUpdated", "_count": "2"},
    {"category:not": "none"}, {"code": "asthma", "category:not": "none", "_sort": "code"},
)  # fmt: skip


def test_a_source_finds_the_same_whichever_way_leads_there(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    by_index = [found(app, PRACTICE, "Condition", **query) for query in OWN]
    monkeypatch.setattr(across, "MOST_ROWS", -1)
    for query, answer in zip(OWN, by_index, strict=True):
        again = found(app, PRACTICE, "Condition", **query)
        assert ([item.id for item in again.items], again.total) == ([item.id for item in answer.items], answer.total)
        assert again.items


def test_a_source_too_is_refused_what_would_take_long(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    send(app, PRACTICE, {"resourceType": "Practitioner", "id": "d1", "name": [{"family": "Rahman"}]})
    monkeypatch.setattr(across, "MOST_OWN_PEOPLE", 2)
    assert found(app, PRACTICE, "Condition", code="asthma").total == 4, "the index leads to few"
    assert found(app, PRACTICE, "Practitioner", name="rahman").total == 1, "what names nobody lies together"
    assert found(app, HOSPITAL, "Practitioner").total == 0
    with pytest.raises(Incorrect, match=r"\$export"):
        found(app, PRACTICE, "Condition")
    monkeypatch.setattr(across, "MOST_ROWS", 3)
    with pytest.raises(Incorrect, match="Name a person"):
        found(app, PRACTICE, "Condition", code="asthma")
    monkeypatch.setattr(across, "MOST_OWN_PEOPLE", 100)
    assert found(app, PRACTICE, "Condition", code="asthma").total == 4
    monkeypatch.setattr(across, "MOST_OWN_BODIES", 3)
    assert found(app, PRACTICE, "Condition", code="asthma").total == 4, "no body is opened but those shown"
    with pytest.raises(Incorrect, match="Name a person"):
        found(app, PRACTICE, "Condition", **{"category:not": "none"})


def test_a_person_is_found_by_postcode_with_family_name_or_birth_date(app: App) -> None:
    home = {"postalCode": "NF9 9ZZ"}
    send(app, PRACTICE, patient("far", number="9990003505", address=[home], birthDate="1990-05-05"))
    far = {"address-postalcode": "NF9 9ZZ"}
    for asker in (GP, ED_DOCTOR):
        answers = [
            found(app, asker, "Patient", **far, family="holr"),
            found(app, asker, "Patient", **far, birthdate="1990-05-05"),
            found(app, asker, "Patient", **far, family="Smith"),
        ]
        open_ = 1 if asker is GP else 0  # whoever may trace finds them; what is open is another question
        assert [answer.total for answer in answers] == [open_, open_, 0]
    (one,) = found(app, GP, "Patient", **far, family="holr").items
    assert parse(one.wire)["birthDate"] == "1990-05-05"
