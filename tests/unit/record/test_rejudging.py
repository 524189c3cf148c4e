"""Judging those who are held by other weights: what is linked, what a human is asked, and what stays."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from concord.app import App
from concord.audit import looks
from concord.base import FixedClock, PersonId
from concord.identity import keep_weights
from concord.identity.likeness import Weights, delivered_weights
from concord.record.rejudging import Rejudged
from concord.store import items, people
from tests.small_system import (
    COMMUNITY,
    ED_DOCTOR,
    HOSPITAL,
    NOW,
    PRACTICE,
    attendance,
    patient,
    send,
    small_system,
    viewer,
)

OFFICER = viewer("data-quality-officer", "ZZA")
NEVER, USUAL, STRICT = (99.0, 99.0), (12.0, 3.0), (60.0, 60.0)
SLIP = [{"family": "Holroyd", "given": ["Margret"]}]


def weigh(app: App, thresholds: tuple[float, float]) -> None:
    """Put the delivered weights in force, with other thresholds to link and to review from."""
    link, review = thresholds
    weights = msgspec.json.decode(delivered_weights(), type=Weights)
    with app.store.writing() as writing:
        keep_weights(writing, msgspec.structs.replace(weights, link=link, review=review), NOW)


@pytest.fixture
def app(database: Path | str) -> Iterator[App]:
    """A practice's record, the hospital's without a number that is like it, and the community trust's with a slip: by
    the weights in force when they came, nobody was like anybody."""
    with small_system(database) as app:
        weigh(app, NEVER)
        send(app, PRACTICE, patient("gp"))
        send(app, HOSPITAL, patient("ed", number=None), attendance("v1", "ed"))
        send(app, COMMUNITY, patient("c", number=None, name=SLIP))
        later(app)
        yield app


def later(app: App) -> None:
    assert isinstance(app.clock, FixedClock)
    app.clock.instant += timedelta(hours=1)


def rejudge(app: App) -> Rejudged:
    return app.records.rejudging.apply(lambda _: None)


def tried(app: App) -> Rejudged:
    return app.records.rejudging.tried(lambda _: None)


def person(app: App, code: str, source_id: str) -> PersonId | None:
    with app.store.reading() as reading:
        place = items.locate(reading, "Patient", app.records._keys.logical_id(code, "Patient", source_id))
        assert place is not None
        return people.person_of(reading, place.source)


def together(app: App) -> bool:
    return person(app, "ZZP01", "gp") == person(app, "ZZA", "ed")


def links(app: App) -> list[tuple[object, ...]]:
    with app.store.reading() as reading:
        return reading.rows("SELECT source_patient, person, base, held_for FROM link ORDER BY source_patient")


def test_by_weights_that_would_have_linked_them_they_are_linked_or_wait(app: App) -> None:
    assert rejudge(app) == Rejudged(looked_at=3)
    weigh(app, USUAL)
    done = rejudge(app)
    assert done == Rejudged(looked_at=3, linked=1, waiting=1)
    assert together(app)
    assert [held.organisation for held in app.records.held_for_review()] == ["ZZC"]
    assert rejudge(app) == Rejudged(looked_at=3)


def test_what_would_change_is_told_first_and_nothing_is_changed(app: App) -> None:
    weigh(app, USUAL)
    before = links(app)
    assert tried(app) == Rejudged(looked_at=3, linked=1, waiting=1)
    assert links(app) == before
    assert not together(app)


def test_it_is_audited_for_each_person_and_who_had_looked_is_told(app: App) -> None:
    old = person(app, "ZZA", "ed")
    assert old is not None
    app.records.open(old, ED_DOCTOR).wait()
    weigh(app, USUAL)
    later(app)
    rejudge(app)
    (told,) = app.records.changed_links(ED_DOCTOR)
    assert told.person == person(app, "ZZA", "ed")
    (change,) = app.records.link_changes(app.clock.now())
    assert (change.author, change.why, change.lookers) == ("duty:matching", "judged anew by weights 2", 1)
    with app.store.reading() as reading:
        rows = [kept.event for kept in looks(reading, most=9, who="duty:matching")]
    linked = {row.person for row in rows if row.detail == {"judged anew": "link"}}
    assert {old, person(app, "ZZP01", "gp")} <= linked


def test_what_a_reviewer_keeps_apart_is_not_proposed_again(app: App) -> None:
    ids = [app.records._keys.logical_id(*each) for each in (("ZZA", "Patient", "ed"), ("ZZP01", "Patient", "gp"))]
    app.records.links.say(ids[0], ids[1], OFFICER, same=False, why="They were asked").wait()
    weigh(app, USUAL)
    assert rejudge(app).linked == 0
    assert not together(app)
    waiting = app.records.links.worklist(OFFICER).wait()
    assert [row for row in waiting if {row.one.patient, row.other.patient} == set(ids)] == []


def test_who_is_linked_and_no_longer_alike_stays_linked_until_a_human_has_looked(tmp_path: Path) -> None:
    with small_system(tmp_path) as app:
        send(app, PRACTICE, patient("gp"))
        send(app, HOSPITAL, patient("ed", number=None))
        assert together(app)
        weigh(app, STRICT)
        assert tried(app) == Rejudged(looked_at=2, doubted=1)
        assert rejudge(app) == Rejudged(looked_at=2, doubted=1)
        assert together(app)
        (row,) = app.records.links.worklist(OFFICER).wait()
        ids = row.one.patient, row.other.patient
        assert row.one.organisation == "Northfield General"
        assert row.why == "linked by likeness; no longer alike"
        assert app.records.links.pair(*ids, OFFICER).wait().together
        app.records.links.say(*ids, OFFICER, same=True, why="The practice was rung").wait()
        assert app.records.links.worklist(OFFICER).wait() == []
        assert rejudge(app) == Rejudged(looked_at=2)
        app.records.links.say(*ids, OFFICER, same=False, why="They rang back").wait()
        assert not together(app)


def test_what_comes_under_the_number_of_the_other_is_linked_meanwhile(tmp_path: Path) -> None:
    with small_system(tmp_path) as app:
        send(app, PRACTICE, patient("gp"))
        send(app, HOSPITAL, patient("ed", number=None))
        weigh(app, STRICT)
        rejudge(app)
        send(app, COMMUNITY, patient("c"))
        assert person(app, "ZZC", "c") == person(app, "ZZP01", "gp")


def test_of_two_without_numbers_the_younger_is_in_doubt(tmp_path: Path) -> None:
    with small_system(tmp_path) as app:
        send(app, PRACTICE, patient("gp", number=None))
        send(app, HOSPITAL, patient("ed", number=None))
        weigh(app, STRICT)
        assert rejudge(app).doubted == 1
        assert [held.organisation for held in app.records.held_for_review()] == ["ZZA"]


def test_what_a_number_decided_is_not_judged_by_likeness(tmp_path: Path) -> None:
    with small_system(tmp_path) as app:
        send(app, PRACTICE, patient("gp"))
        send(app, HOSPITAL, patient("ed", address=[{"postalCode": "M1 1AA"}]))
        weigh(app, STRICT)
        assert rejudge(app) == Rejudged(looked_at=2)
        assert together(app)


class _KilledError(Exception):
    pass


def _killed(looked_at: int) -> None:
    raise _KilledError


def test_a_pass_that_is_cut_short_goes_on_where_it_was(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("concord.record.rejudging._PORTION", 1)
    weigh(app, USUAL)
    with pytest.raises(_KilledError):
        app.records.rejudging.apply(_killed)
    done = rejudge(app)
    assert (done.looked_at, done.resumed) == (2, True)
    assert together(app)
    assert rejudge(app) == Rejudged(looked_at=3)


def test_it_begins_anew_when_other_weights_come_into_force(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("concord.record.rejudging._PORTION", 1)
    with pytest.raises(_KilledError):
        app.records.rejudging.apply(_killed)
    weigh(app, USUAL)
    assert rejudge(app) == Rejudged(looked_at=3, linked=1, waiting=1)
    weigh(app, STRICT)
    told: list[int] = []

    def trained_meanwhile(looked_at: int) -> None:
        if not told:
            weigh(app, USUAL)
        told.append(looked_at)

    assert app.records.rejudging.apply(trained_meanwhile).looked_at == 4
