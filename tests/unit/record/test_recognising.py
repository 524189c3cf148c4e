"""$match: for a user as far as tracing goes, for a source system among its own Patients."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from concord.app import App
from concord.base import Incorrect
from concord.fhir import parse
from concord.governance import Asker
from concord.identity import keep_weights
from concord.identity.weighing import weights_in_force
from tests.small_system import (
    COMMUNITY_NURSE,
    ED_DOCTOR,
    GP,
    HOSPITAL,
    NOW,
    PRACTICE,
    attendance,
    patient,
    send,
    small_system,
    viewer,
)
from tests.unit.record.reads import OTHER_NUMBER, PROTECTED, id_of, rows


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with small_system(tmp_path) as system:
        yield system


def in_hand(**more: Any) -> dict[str, Any]:
    return {key: value for key, value in patient("x", **more).items() if key != "id"}


def matched(app: App, asker: Asker, of: dict[str, Any] | None = None, **how: Any) -> list[tuple[str, str | None]]:
    found = app.records.match(of or in_hand(), asker, **how).wait()
    return [(each.grade, each.id) for each in found]


def test_whose_record_is_open_is_found_as_their_patient(app: App) -> None:
    send(app, PRACTICE, patient("p1"))
    assert matched(app, GP) == [("certain", id_of(PRACTICE, "Patient", "p1"))]
    assert matched(app, GP, in_hand(number=None)) == [("certain", id_of(PRACTICE, "Patient", "p1"))]


def test_names_with_a_slip_and_dates_changed_round_are_found(app: App) -> None:
    send(app, PRACTICE, patient("p1"))
    for differs in ({"name": [{"family": "Holroyde", "given": ["Margret"]}]}, {"birthDate": "1942-02-15"}):
        assert [grade for grade, _ in matched(app, GP, in_hand(number=None, **differs))] == ["probable"]
    stranger = in_hand(number=None, name=[{"family": "Patel", "given": ["Sunita"]}], birthDate="1980-05-05")
    assert matched(app, GP, stranger) == []


def test_the_weights_in_force_decide_from_the_next_request_on(app: App) -> None:
    send(app, PRACTICE, patient("p1"))
    hand = in_hand(number=None)
    for link, review, grades in ((99.0, 3.0, ["possible"]), (99.0, 98.0, []), (12.0, 3.0, ["certain"])):
        with app.store.writing() as writing:
            scorer = weights_in_force(writing)[1]
            keep_weights(writing, msgspec.structs.replace(scorer.weights, link=link, review=review), NOW)
        assert [grade for grade, _ in matched(app, GP, hand)] == grades


def test_a_protected_person_changes_nothing_of_what_is_told_of_others(app: App) -> None:
    """Somebody whom nobody may find, who is like the one in hand in all but the number."""
    send(app, PRACTICE, patient("p1"))
    hand = in_hand(number=None)
    before = app.records.match(hand, GP).wait()
    send(app, PRACTICE, patient("p2", number=OTHER_NUMBER) | PROTECTED)
    assert app.records.match(hand, GP).wait() == before
    assert [each.grade for each in before] == ["certain"]
    assert matched(app, GP, in_hand(number=OTHER_NUMBER)) == [("possible", id_of(PRACTICE, "Patient", "p1"))]


def test_who_may_be_either_of_two_is_certainly_neither(app: App) -> None:
    send(app, PRACTICE, patient("p1"), patient("p2", number=OTHER_NUMBER))
    assert [grade for grade, _ in matched(app, GP, in_hand(number=None))] == ["probable", "probable"]
    assert matched(app, GP, in_hand(number=None), certain=True) == []


def test_whose_record_is_shut_is_told_as_tracing_shows_them_and_cannot_be_read(app: App) -> None:
    send(app, PRACTICE, patient("p1", telecom=[{"system": "phone", "value": "0123"}]))
    (found,) = app.records.match(in_hand(), ED_DOCTOR).wait()
    assert (found.grade, found.id) == ("certain", None)
    told = parse(found.wire)
    assert set(told) == {"resourceType", "identifier", "name", "gender", "birthDate", "address"}
    assert told["name"] == [{"text": "HOLROYD, Margaret", "family": "HOLROYD", "given": ["Margaret"]}]


def test_a_person_of_several_sources_is_found_once(app: App) -> None:
    send(app, PRACTICE, patient("p1"))
    send(app, HOSPITAL, patient("h1"), attendance("e1", "h1"))
    assert len(matched(app, ED_DOCTOR)) == 1


def test_a_role_that_does_not_trace_finds_nobody(app: App) -> None:
    send(app, PRACTICE, patient("p1"))
    for role in ("administrator", "ig-lead", "no-such-role"):
        assert matched(app, viewer(role, "ZZP01")) == []


def test_a_protected_person_is_found_by_nobody_but_their_own_sources(app: App) -> None:
    send(app, PRACTICE, patient("p1") | PROTECTED)
    assert matched(app, GP) == []
    assert matched(app, COMMUNITY_NURSE) == []
    assert matched(app, PRACTICE) == [("certain", id_of(PRACTICE, "Patient", "p1"))]
    assert matched(app, HOSPITAL) == []


def test_a_source_is_told_of_its_own_patients_alone(app: App) -> None:
    send(app, PRACTICE, patient("p1"))
    send(app, HOSPITAL, patient("h1"), patient("h2", number=None))
    assert matched(app, HOSPITAL) == [
        ("certain", id_of(HOSPITAL, "Patient", "h1")), ("probable", id_of(HOSPITAL, "Patient", "h2")),
    ]  # fmt: skip
    assert matched(app, HOSPITAL, count=1) == [("certain", id_of(HOSPITAL, "Patient", "h1"))]


def test_certain_alone_is_one_or_nobody(app: App) -> None:
    send(app, HOSPITAL, patient("h1"), patient("h2", number=None))
    assert matched(app, HOSPITAL, certain=True) == [("certain", id_of(HOSPITAL, "Patient", "h1"))]
    assert matched(app, HOSPITAL, in_hand(number=None), certain=True) == []
    send(app, HOSPITAL, patient("h3"))
    assert matched(app, HOSPITAL, certain=True) == []


@pytest.mark.parametrize("lacks", ["birthDate", "name"])
def test_who_says_too_little_looks_nobody_up(app: App, lacks: str) -> None:
    little = {key: value for key, value in in_hand(number=None).items() if key != lacks}
    with pytest.raises(Incorrect, match="NHS number"):
        app.records.match(little, GP)
    with pytest.raises(Incorrect):
        app.records.match(in_hand(number=None, birthDate="1942"), GP)


def test_each_person_told_of_leaves_a_row_and_nobody_one(app: App) -> None:
    send(app, PRACTICE, patient("p1"))
    matched(app, GP)
    matched(app, GP, in_hand(number=OTHER_NUMBER, birthDate="1950-01-01"))
    told = [(row[1], row[2] is not None) for row in rows(app, "find")]
    assert told == [("shown", True), ("nothing", False)]
