"""Learning by what people are compared, and saying why two are one person: under a duty, and in the audit."""

from pathlib import Path

import pytest

from concord.app import App
from concord.audit import looks
from concord.base import Conflict, NotFound, OdsCode
from concord.cli.identities import waterfall
from concord.identity.weighing import weights_in_force
from concord.store import items, people
from tests.small_system import COMMUNITY, HOSPITAL, PRACTICE, patient, send, small_system
from tests.unit.identity.test_likeness import population

ADDRESS = [{"line": ["3 Canal Row"], "postalCode": "NF1 1AA"}]


def ids(app: App) -> tuple[str, str]:
    """A practice's Patient, and the community trust's without a number, of another address."""
    (known,) = send(app, PRACTICE, patient("p1"))
    (moved,) = send(app, COMMUNITY, patient("c1", number=None, address=ADDRESS))
    assert known.id
    assert moved.id
    return known.id, moved.id


def test_two_patients_are_explained_without_a_value_and_the_audit_says_so(tmp_path: Path) -> None:
    with small_system(tmp_path) as app:
        one, other = ids(app)
        explained = app.records.alike.explain(one, other).wait()
        found = {step.comparison.name: step.level.name for step in explained.steps}
        with app.store.reading() as reading:
            rows = [each.event for each in looks(reading, most=2)]
    assert found == {
        "nhs_number": "not known", "given": "the same", "family": "the same", "born_on": "the same", "sex": "the same",
        "place": "elsewhere",
    }  # fmt: skip
    assert explained.obstacle == "Address: elsewhere"
    assert explained.bits == pytest.approx(explained.prior + sum(step.bits for step in explained.steps))
    assert {(row.who, row.action, row.person is None) for row in rows} == {("duty:matching", "read", False)}
    told = "\n".join(waterfall(explained))
    assert "Not linked by likeness alone: Address: elsewhere." in told
    assert not any(value in told.lower() for value in ("holroyd", "margaret", "1942", "nf4", "canal"))


def test_whom_a_link_in_doubt_is_taken_from_is_noted_and_shown_for_review(tmp_path: Path) -> None:
    """Twins of one first name: what had been linked to the first is taken back when the second is known."""
    named = {
        name: [{"family": "Holroyd", "given": ["Margaret", name] if name else ["Margaret"]}]
        for name in ("Ann", "Joan", "")
    }
    with small_system(tmp_path) as app:
        (first,) = send(app, PRACTICE, patient("p1", name=named["Ann"]))
        (other,) = send(app, COMMUNITY, patient("c1", number=None, name=named[""]))
        joined = person_of(app, other.id)
        assert joined == person_of(app, first.id)
        (second,) = send(app, HOSPITAL, patient("h1", number="9990003122", name=named["Joan"]))
        assert len({person_of(app, each.id) for each in (first, other, second)}) == 3
        assert [link.patient for link in app.records.held_for_review()] == [other.id]
        with app.store.reading() as reading:
            changes = reading.rows("SELECT person_before, person_after FROM link_change")
        assert changes == [(joined, person_of(app, other.id))]


def person_of(app: App, patient_id: str | None) -> str | None:
    assert patient_id
    with app.store.reading() as reading:
        place = items.locate(reading, "Patient", patient_id)
        assert place is not None
        return people.person_of(reading, place.source)


def test_a_patient_who_is_not_held_cannot_be_explained(tmp_path: Path) -> None:
    with small_system(tmp_path) as app, pytest.raises(NotFound, match="No Patient/nobody is held"):
        app.records.alike.explain(ids(app)[0], "nobody")


def test_what_is_learnt_is_in_force_at_once_and_the_audit_says_of_how_many(tmp_path: Path) -> None:
    with small_system(tmp_path) as app:
        with app.store.writing() as writing:
            for number, each in enumerate(population(1_300)):
                people.new_source_patient(writing, 1, OdsCode("ZZP01"), f"p{number}")
                people.describe(writing, (1, number + 1), each)
        version, weights = app.records.alike.train("duckdb")
        with app.store.reading() as reading:
            in_force, scorer = weights_in_force(reading)
            (row,) = [each.event for each in looks(reading, most=1)]
    assert (version, weights.source_patients) == (1, 2_600)
    assert (in_force, scorer.weights) == (1, weights)
    assert (row.who, row.action, row.detail) == ("duty:matching", "export", {"source_patients": 2_600})


def test_of_too_few_nothing_is_learnt_and_what_was_in_force_stays(tmp_path: Path) -> None:
    with small_system(tmp_path) as app:
        ids(app)
        with pytest.raises(Conflict):
            app.records.alike.train("duckdb")
        with app.store.reading() as reading:
            assert weights_in_force(reading)[0] == 0
