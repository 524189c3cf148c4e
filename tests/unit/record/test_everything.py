"""$everything: of a person and of an encounter, narrowed by type and time, with what the items refer to."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from concord.app import App
from concord.base import FixedClock, Incorrect, NotFound
from concord.fhir import range_of
from concord.record import Wanted
from tests.small_system import (
    ED_DOCTOR,
    GP,
    HOSPITAL,
    NOW,
    PRACTICE,
    attendance,
    condition,
    patient,
    send,
    small_system,
)
from tests.unit.record.reads import NOBODY, PROTECTED, SECRET, id_of, observation, rows

PRACTITIONER: dict[str, Any] = {"resourceType": "Practitioner", "id": "d1"}


def seen(source_id: str, **more: Any) -> dict[str, Any]:
    """An Observation of p1 by d1."""
    return observation(source_id, "p1", "a", performer=[{"reference": "Practitioner/d1"}], **more)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with small_system(tmp_path) as system:
        yield system


def names(app: App, id_: str, asker: Any, type_: str = "Patient", **wanted: Any) -> list[str]:
    """Types of what came, matches first, in order of their names."""
    found = app.records.everything(id_, asker, type_=type_, wanted=Wanted(**wanted)).wait()
    return sorted(item.type for item in found.items) + sorted(item.type for item in found.included)


# -- what the items refer to -----------------------------------------------------------------------------------------


def test_what_an_open_item_refers_to_comes_with_it_and_counts_as_no_match(app: App) -> None:
    send(app, PRACTICE, PRACTITIONER, patient("p1"), seen("o1"))
    for asker, id_ in ((GP, id_of(PRACTICE, "Patient", "p1")), (PRACTICE, "p1")):
        found = app.records.everything(id_, asker).wait()
        assert [item.type for item in found.items] == ["Patient", "Observation"]
        assert [item.type for item in found.included] == ["Practitioner"]
        assert found.total == 2


def test_what_a_hidden_item_alone_refers_to_stays_away(app: App) -> None:
    send(app, PRACTICE, PRACTITIONER, patient("p1"), seen("o1") | SECRET)
    assert names(app, id_of(PRACTICE, "Patient", "p1"), GP) == ["Patient"]
    assert names(app, "p1", PRACTICE) == ["Observation", "Patient", "Practitioner"]


def test_of_a_protected_person_nothing_that_locates_comes_with_the_items(app: App) -> None:
    send(app, PRACTICE, PRACTITIONER, patient("p1") | PROTECTED, seen("o1"))
    assert names(app, id_of(PRACTICE, "Patient", "p1"), GP) == ["Observation", "Patient"]


def test_a_source_is_brought_nobody_elses_patients(app: App) -> None:
    send(app, PRACTICE, patient("p1"), patient("p2", number=None))
    send(app, PRACTICE, condition("c1", "p1", asserter={"reference": "Patient/p2"}))
    assert names(app, "p1", PRACTICE) == ["Condition", "Patient"]


def test_pages_bring_each_item_and_what_they_refer_to_once(app: App) -> None:
    more = [seen(f"o{n}") for n in range(5)]
    send(app, PRACTICE, PRACTITIONER, patient("p1"), *more)
    whole = app.records.everything("p1", PRACTICE).wait()
    wanted = [item.id for item in (*whole.items, *whole.included)]
    for count in (1, 2, 3, 6, 7, 8):
        told, token, pages = [], None, 0
        while pages == 0 or token is not None:
            page = app.records.everything("p1", PRACTICE, count=count, page=token).wait()
            told += [item.id for item in (*page.items, *page.included)]
            token, pages = page.next, pages + 1
        assert told == wanted
        assert pages == -(-7 // count)


# -- narrowed --------------------------------------------------------------------------------------------------------


def test_types_narrow_the_items_and_what_they_refer_to(app: App) -> None:
    send(app, PRACTICE, PRACTITIONER, patient("p1"), condition("c1", "p1"), seen("o1"))
    assert names(app, "p1", PRACTICE, types=frozenset({"Condition"})) == ["Condition"]
    assert names(app, "p1", PRACTICE, types=frozenset({"Practitioner", "Patient"})) == ["Patient", "Practitioner"]


def test_since_leaves_what_was_stored_before(app: App) -> None:
    send(app, PRACTICE, patient("p1"), condition("c1", "p1"))
    assert isinstance(app.clock, FixedClock)
    app.clock.instant = NOW + timedelta(days=1)
    send(app, PRACTICE, observation("o1", "p1", "new"))
    assert names(app, "p1", PRACTICE, since=range_of("2026-11-23")[0]) == ["Observation"]
    assert names(app, "p1", PRACTICE, since=range_of("2026-11-24")[0]) == []
    assert names(app, "p1", PRACTICE, since=range_of("2026-11-22")[0]) == ["Condition", "Observation", "Patient"]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (None, "2026-02", {"undated", "january", "february", "over-new-year"}),
        ("2026-02", None, {"undated", "february", "march"}),
        ("2026-01-15", "2026-02-28", {"undated", "february"}),
        ("2026-01-02", "2026-01-02", {"undated", "over-new-year"}),
        ("2026-01-01T12:00:00Z", "2026-01-31", {"undated", "january", "over-new-year"}),
    ],
)
def test_start_and_end_are_of_the_care_and_let_in_what_bears_no_date(
    app: App, start: str | None, end: str | None, expected: set[str]
) -> None:
    period = {"start": "2025-12-28", "end": "2026-01-03"}
    send(
        app, PRACTICE, patient("p1"), observation("1", "p1", "undated"),
        observation("2", "p1", "january", "2026-01-10"), observation("3", "p1", "february", "2026-02-20"),
        observation("4", "p1", "march", "2026-03-20"), observation("5", "p1", "over-new-year", effectivePeriod=period),
    )  # fmt: skip
    wanted = Wanted(
        types=frozenset({"Observation"}),
        start=None if start is None else range_of(start)[0],
        end=None if end is None else range_of(end)[1],
    )
    found = app.records.everything("p1", PRACTICE, wanted=wanted).wait()
    told = {word for item in found.items for word in ("undated", "january", "february", "march", "over-new-year")
            if f'"text":"{word}"'.encode() in item.wire}  # fmt: skip
    assert told == expected


def test_a_page_link_belongs_to_what_was_wanted(app: App) -> None:
    send(app, PRACTICE, patient("p1"), condition("c1", "p1"), condition("c2", "p1"))
    token = app.records.everything("p1", PRACTICE, count=1).wait().next
    with pytest.raises(Incorrect, match="does not belong"):
        app.records.everything("p1", PRACTICE, wanted=Wanted(since=1), count=1, page=token)


# -- of an encounter -------------------------------------------------------------------------------------------------


def at_e1(resource: dict[str, Any], **more: Any) -> dict[str, Any]:
    return resource | {"encounter": {"reference": "Encounter/e1"}} | more


def test_an_encounter_brings_what_refers_to_it_its_patient_and_what_those_refer_to(app: App) -> None:
    send(
        app, PRACTICE, PRACTITIONER, patient("p1"), attendance("e1", "p1"), attendance("e10", "p1"),
        at_e1(seen("o1")), observation("o2", "p1", "b"), condition("c1", "p1"),
        at_e1(condition("c2", "p1"), evidence=[{"detail": [{"reference": "Observation/o2"}]}]),
    )  # fmt: skip
    for asker, id_ in ((PRACTICE, "e1"), (GP, id_of(PRACTICE, "Encounter", "e1"))):
        found = app.records.everything(id_, asker, type_="Encounter").wait()
        assert [item.type for item in found.items[:1]] == ["Encounter"]
        assert names(app, id_, asker, "Encounter") == [
            "Condition", "Encounter", "Observation", "Observation", "Patient", "Practitioner",
        ]  # fmt: skip
    assert names(app, "e10", PRACTICE, "Encounter") == ["Encounter", "Patient"]


def test_of_an_encounter_nothing_hidden_comes_by_any_hop(app: App) -> None:
    asked_for = {
        "resourceType": "ServiceRequest", "id": "r1", "status": "active", "intent": "order",
        "subject": {"reference": "Patient/p1"}, "code": {"text": "hidden"},
    }  # fmt: skip
    send(
        app, PRACTICE, patient("p1"), at_e1(observation("o1", "p1", "a")), at_e1(condition("c1", "p1") | SECRET),
        asked_for | SECRET, attendance("e1", "p1") | {"basedOn": [{"reference": "ServiceRequest/r1"}]},
    )  # fmt: skip
    send(app, HOSPITAL, patient("h1"), attendance("e1", "h1"))
    id_ = id_of(PRACTICE, "Encounter", "e1")
    found = app.records.everything(id_, ED_DOCTOR, type_="Encounter").wait()
    assert sorted(item.type for item in (*found.items, *found.included)) == ["Encounter", "Observation", "Patient"]
    assert {"Condition", "ServiceRequest"} < set(names(app, id_, PRACTICE, "Encounter"))


def test_a_hidden_encounter_is_an_absent_one_and_leaves_a_like_row(app: App) -> None:
    send(app, PRACTICE, patient("p1"), attendance("e1", "p1") | SECRET)
    for id_ in (id_of(PRACTICE, "Encounter", "e1"), NOBODY):
        with pytest.raises(NotFound, match="no Encounter with this id"):
            app.records.everything(id_, GP, type_="Encounter").wait()
    assert [row[1:] for row in rows(app, "open")] == [("nothing", None)] * 2
