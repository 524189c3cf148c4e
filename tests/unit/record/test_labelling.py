"""Labelling what is held anew: it flows, it is in effect on the next request, and a pass cut short goes on."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from concord.app import App
from concord.base import NotFound
from concord.governance import SourceSystem, gate
from concord.governance.labels.tables import Row, shipped_table
from concord.record import OpenRecord
from concord.record.labelling import LABELLING, Relabelled
from concord.store import body, feed
from tests.small_system import (
    ED_DOCTOR,
    GP,
    HOSPITAL,
    NOW,
    ORGANISATIONS,
    POLICY,
    PRACTICE,
    attendance,
    condition,
    enforce,
    patient,
    send,
    small_system,
)
from tests.unit.record.writes import medicine_for, person_of, shown

SEXUAL_HEALTH = 1 << 3
EMERGENCY = "name: Emergency department}"
LABELLED = ORGANISATIONS.replace(EMERGENCY, "name: Emergency department, labels: [sexual-health]}")
WITHOUT_CLINIC = "".join(
    line for line in ORGANISATIONS.splitlines(keepends=True) if "service: sexual-health" not in line
)
FINDING: dict[str, Any] = {
    "code": {"coding": [{"system": "https://concord.example/CodeSystem/clinical-finding", "code": "hay-fever"}]}
}


@pytest.fixture
def app(database: Path | str) -> Iterator[App]:
    with small_system(database) as system:
        send(system, PRACTICE, patient("p1"))
        send(system, HOSPITAL, patient("h1"), attendance("e1", "h1"))
        yield system


def under(app: App, directory: str) -> Relabelled:
    enforce(app, replace(POLICY, directory=directory))
    return apply(app)


def apply(app: App) -> Relabelled:
    return app.records.labelling.apply(lambda looked_at, changed: None)


def of(service: str) -> dict[str, Any]:
    return {"meta": {"tag": [{"system": "https://concord.example/CodeSystem/service", "code": service}]}}


def knows(monkeypatch: pytest.MonkeyPatch, code: str, mask: int) -> None:
    """As if a later version of Concord shipped a row for a code."""
    table = shipped_table()
    exact = {**table.exact, ("https://concord.example/CodeSystem/clinical-finding", code): Row(mask, "a test says so")}
    later = replace(table, exact=exact)
    monkeypatch.setattr(gate, "shipped_table", lambda: later)


def types_read(app: App, by: Any) -> set[str]:
    record = app.records.open(person_of(app), by).wait()
    assert isinstance(record, OpenRecord)
    return {item.type for item in record.items if item.organisation == "ZZP01"}


def test_a_label_given_to_a_service_reaches_what_is_held_and_one_taken_away_leaves_it(app: App) -> None:
    send(app, HOSPITAL, condition("c1", "h1", "of the department", **of("emergency-department")))
    send(app, HOSPITAL, condition("c2", "h1", "of the ward"))
    enforce(app, replace(POLICY, directory=LABELLED))
    assert shown(app, ED_DOCTOR) == ["of the department", "of the ward"]
    assert apply(app) == Relabelled(looked_at=5, changed=1, resumed=False)
    assert shown(app, ED_DOCTOR) == ["of the ward"]
    assert under(app, ORGANISATIONS).changed == 1
    assert shown(app, ED_DOCTOR) == ["of the department", "of the ward"]


def test_a_row_of_the_table_reaches_what_is_held_and_what_refers_to_it(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(app, PRACTICE, condition("c1", "p1", **FINDING), medicine_for("Condition/c1"))
    assert types_read(app, GP) == {"Patient", "Condition", "MedicationRequest"}
    knows(monkeypatch, "hay-fever", SEXUAL_HEALTH)
    assert apply(app).changed == 2
    assert types_read(app, GP) == {"Patient"}
    monkeypatch.undo()
    assert apply(app).changed == 2
    assert types_read(app, GP) == {"Patient", "Condition", "MedicationRequest"}


def test_an_item_of_the_api_is_as_absent_on_the_next_request(app: App) -> None:
    send(app, HOSPITAL, condition("c1", "h1", **of("emergency-department")))
    id_ = app.records.standing(HOSPITAL.organisation, "Condition", "c1").id
    app.records.read("Condition", id_, ED_DOCTOR).wait()
    under(app, LABELLED)
    with pytest.raises(NotFound):
        app.records.read("Condition", id_, ED_DOCTOR).wait()


def test_a_label_of_a_neighbour_stays_when_its_own_goes(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    secret: dict[str, Any] = {
        "meta": {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "STD"}]}
    }
    knows(monkeypatch, "hay-fever", SEXUAL_HEALTH)
    send(app, PRACTICE, condition("c1", "p1", **FINDING), medicine_for("Condition/c1") | secret)
    monkeypatch.undo()
    assert apply(app).changed == 0
    assert types_read(app, GP) == {"Patient"}


def test_a_second_pass_changes_nothing_and_what_was_labelled_is_as_if_sent_now(app: App) -> None:
    send(app, HOSPITAL, condition("c1", "h1", **of("emergency-department")))
    assert under(app, LABELLED).changed == 1
    assert apply(app).changed == 0
    again = send(app, HOSPITAL, condition("c1", "h1", **of("emergency-department")))
    assert [each.status for each in again] == ["unchanged"]


def test_a_service_that_the_directory_lacks_by_now_shows_nothing(app: App) -> None:
    send(app, HOSPITAL, condition("c1", "h1", "of the clinic", **of("sexual-health")))
    assert under(app, WITHOUT_CLINIC).changed == 0
    assert shown(app, ED_DOCTOR) == []


def test_what_a_service_contributed_keeps_its_label_when_it_is_sent_again(app: App) -> None:
    send(app, HOSPITAL, condition("c1", "h1", "of the clinic", **of("sexual-health")))
    enforce(app, replace(POLICY, directory=WITHOUT_CLINIC))
    for words in ("of the clinic", "of the clinic, mended"):
        send(app, HOSPITAL, condition("c1", "h1", words, **of("sexual-health")))
        assert shown(app, ED_DOCTOR) == []


def test_what_was_shown_stays_so_when_the_directory_lacks_its_service_by_now(app: App) -> None:
    send(app, HOSPITAL, condition("c1", "h1", "of the department", **of("emergency-department")))
    lines = ORGANISATIONS.splitlines(keepends=True)
    without = "".join(line for line in lines if "service: emergency-department" not in line)
    assert under(app, without).changed == 0
    send(app, HOSPITAL, condition("c1", "h1", "of the department, mended", **of("emergency-department")))
    assert shown(app, ED_DOCTOR) == ["of the department, mended"]


def test_what_comes_of_a_service_that_the_directory_never_named_is_withheld_until_it_does(app: App) -> None:
    send(app, HOSPITAL, condition("c1", "h1", "of a ward", **of("ward-9")))
    assert shown(app, ED_DOCTOR) == []
    send(app, HOSPITAL, condition("c1", "h1", "of a ward, mended", **of("ward-9")))
    assert apply(app).changed == 0
    assert shown(app, ED_DOCTOR) == []
    named = ORGANISATIONS.replace(
        "{service: emergency-department", "{service: ward-9, name: Ward 9}\n      - {service: emergency-department"
    )
    assert under(app, named).changed == 1
    assert shown(app, ED_DOCTOR) == ["of a ward, mended"]


def test_what_goes_over_to_a_service_that_the_directory_lacks_is_withheld(app: App) -> None:
    send(app, HOSPITAL, condition("c1", "h1", "of the department", **of("emergency-department")))
    send(app, HOSPITAL, condition("c1", "h1", "of a ward", **of("ward-9")))
    assert shown(app, ED_DOCTOR) == []


class _KilledError(Exception):
    pass


def _killed(looked_at: int, changed: int) -> None:
    raise _KilledError


def test_a_pass_that_is_cut_short_goes_on_where_it_was(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("concord.record.labelling._PORTION", 2)
    held = [condition(f"c{number}", "h1", **of("emergency-department")) for number in range(5)]
    send(app, HOSPITAL, *held)
    enforce(app, replace(POLICY, directory=LABELLED))
    with pytest.raises(_KilledError):
        app.records.labelling.apply(_killed)
    rest = apply(app)
    assert (rest.looked_at, rest.resumed) == (6, True)
    assert shown(app, ED_DOCTOR) == []
    assert apply(app) == Relabelled(looked_at=8, changed=0, resumed=False)


def test_it_begins_anew_when_the_directory_has_changed_since(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("concord.record.labelling._PORTION", 2)
    send(app, HOSPITAL, *[condition(f"c{number}", "h1", **of("emergency-department")) for number in range(5)])
    enforce(app, replace(POLICY, directory=LABELLED))
    with pytest.raises(_KilledError):
        app.records.labelling.apply(_killed)
    assert not under(app, ORGANISATIONS).resumed
    assert len(shown(app, ED_DOCTOR)) == 5


def test_it_begins_anew_when_the_directory_changes_meanwhile(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("concord.record.labelling._PORTION", 2)
    send(app, HOSPITAL, *[condition(f"c{number}", "h1", **of("emergency-department")) for number in range(5)])
    told: list[int] = []

    def publish_after_the_third(looked_at: int, changed: int) -> None:
        told.append(looked_at)
        if len(told) == 3:
            enforce(app, replace(POLICY, directory=LABELLED))

    app.records.labelling.apply(publish_after_the_third)
    assert shown(app, ED_DOCTOR) == []


def test_the_feed_and_the_audit_tell_of_it_and_name_nobody(app: App) -> None:
    send(app, HOSPITAL, condition("c1", "h1", **of("emergency-department")))
    with app.store.reading() as reading:
        before = {part: sum(1 for _ in feed.after(reading, LABELLING, part, 0)) for part in range(feed.PARTS)}
    under(app, LABELLED)
    with app.store.reading() as reading:
        told = [
            change.kind
            for part, known in before.items()
            for each in feed.after(reading, LABELLING, part, 0)[known:]
            for change in each.changes
        ]
        rows = reading.rows("SELECT at, outcome, person, detail FROM audit WHERE who = 'duty:labelling'")
    assert told == [feed.RELABELLED]
    assert rows == [(body.microseconds(NOW), "done", None, '{"relabelled":1}')]


def test_what_another_organisation_holds_is_its_own(app: App) -> None:
    service = of("emergency-department")
    for by, whose in ((PRACTICE, "p1"), (HOSPITAL, "h1")):
        assert isinstance(by, SourceSystem)
        send(app, by, condition("c1", whose, str(by.organisation), **service))
    assert under(app, LABELLED).changed == 1
    assert shown(app, ED_DOCTOR) == ["ZZP01"]
