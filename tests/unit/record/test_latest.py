"""$lastn: of each kind of Observation the latest, as far as they are open."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from concord.app import App
from concord.fhir import parse, parse_search
from concord.governance import Asker
from tests.small_system import ED_DOCTOR, GP, HOSPITAL, PRACTICE, attendance, patient, send, small_system
from tests.unit.record.reads import NOBODY, SECRET, id_of, observation, rows

LOINC, LOCAL = "http://loinc.org", "https://concord.example/CodeSystem/local"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with small_system(tmp_path) as system:
        yield system


def coded(source_id: str, on: str | None, *codes: str, **more: Any) -> dict[str, Any]:
    """An Observation of p1 whose codes are "system|code" each."""
    coding = [{"system": system, "code": code} for system, _, code in (each.partition("|") for each in codes)]
    return observation(source_id, "p1", source_id, on) | {"code": {"coding": coding}} | more


def latest(app: App, *pairs: tuple[str, str], most: int = 1, asker: Asker = PRACTICE, of: str = "p1") -> list[str]:
    """The source ids of what came, in its order."""
    criteria = parse_search("Observation", list(pairs)).criteria
    found = app.records.latest(of, criteria, asker, most=most).wait()
    names = {id_of(PRACTICE, "Observation", f"o{n}"): f"o{n}" for n in range(10)}
    return [names[parse(item.wire)["id"]] for item in found.items]


def test_the_latest_of_each_code_the_latest_kind_first(app: App) -> None:
    send(
        app, PRACTICE, patient("p1"),
        coded("o1", "2026-01-01", f"{LOINC}|a"), coded("o2", "2026-03-01", f"{LOINC}|a"),
        coded("o3", "2026-02-01", f"{LOINC}|b"), coded("o4", "2026-05-01", f"{LOINC}|c"),
        coded("o5", None, f"{LOINC}|c"),
    )  # fmt: skip
    assert latest(app) == ["o4", "o2", "o3"]
    assert latest(app, most=2) == ["o4", "o5", "o2", "o1", "o3"]


def test_what_is_as_late_as_the_last_comes_too(app: App) -> None:
    send(app, PRACTICE, patient("p1"), *(coded(f"o{n}", "2026-01-01", f"{LOINC}|a") for n in (1, 2)))
    assert sorted(latest(app)) == ["o1", "o2"]


def test_a_shared_code_makes_one_kind_also_by_a_third(app: App) -> None:
    send(
        app, PRACTICE, patient("p1"), coded("o1", "2026-01-01", f"{LOINC}|a"), coded("o2", "2026-02-01", f"{LOCAL}|x"),
        coded("o3", "2026-03-01", f"{LOCAL}|y"), coded("o4", "2025-01-01", f"{LOINC}|a", f"{LOCAL}|x"),
    )  # fmt: skip
    assert latest(app) == ["o3", "o2"]


def test_codes_alike_in_words_alone_are_one_kind(app: App) -> None:
    send(app, PRACTICE, patient("p1"), observation("o1", "p1", "Blood  pressure", "2026-01-01"))
    send(app, PRACTICE, observation("o2", "p1", "blood pressure", "2026-02-01"))
    assert latest(app) == ["o2"]


def test_category_code_and_date_narrow(app: App) -> None:
    vital = {"category": [{"coding": [{"code": "vital-signs"}]}]}
    send(
        app, PRACTICE, patient("p1"), coded("o1", "2026-01-01", f"{LOINC}|a"),
        coded("o2", "2026-02-01", f"{LOINC}|b", **vital), coded("o3", "2026-03-01", f"{LOINC}|b", **vital),
    )  # fmt: skip
    assert latest(app, ("category", "vital-signs")) == ["o3"]
    assert latest(app, ("code", f"{LOINC}|a")) == ["o1"]
    assert latest(app, ("date", "lt2026-03-01")) == ["o2", "o1"]


def test_what_was_entered_in_error_is_not_the_latest(app: App) -> None:
    send(app, PRACTICE, patient("p1"), coded("o1", "2026-01-01", f"{LOINC}|a"))
    send(app, PRACTICE, coded("o2", "2026-02-01", f"{LOINC}|a", status="entered-in-error"))
    assert latest(app) == ["o1"]


def test_the_latest_is_the_latest_of_what_is_open(app: App) -> None:
    send(app, PRACTICE, patient("p1"), coded("o1", "2026-01-01", f"{LOINC}|a"))
    send(app, PRACTICE, coded("o2", "2026-02-01", f"{LOINC}|a", **SECRET))
    send(app, HOSPITAL, patient("h1"), attendance("e1", "h1"))
    for asker in (GP, ED_DOCTOR):
        assert latest(app, asker=asker, of=id_of(PRACTICE, "Patient", "p1")) == ["o1"]
    assert latest(app) == ["o2"]


def test_of_a_hidden_patient_there_is_nothing_as_of_an_absent_one(app: App) -> None:
    send(app, PRACTICE, patient("p1"), coded("o1", "2026-01-01", f"{LOINC}|a"))
    for of in (id_of(PRACTICE, "Patient", "p1"), NOBODY):
        assert latest(app, asker=ED_DOCTOR, of=of) == []
    assert [row[1:] for row in rows(app, "search")] == [("nothing", None)] * 2


def test_another_persons_observation_that_names_the_person_is_not_theirs(app: App) -> None:
    send(app, PRACTICE, patient("p1"), patient("p2", number=None))
    send(app, PRACTICE, observation("o1", "p2", "a", "2026-01-01", performer=[{"reference": "Patient/p1"}]))
    assert latest(app) == []
    assert latest(app, of="p2") == ["o1"]
