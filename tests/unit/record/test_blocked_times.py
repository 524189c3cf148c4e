"""Times that are blocked lie on their organisation's shelf: its source system finds them, and nobody else does."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from concord.app import App
from concord.base import NotFound
from concord.fhir import Resource, parse, parse_search
from concord.governance import Asker
from concord.ingest import Receiver, parse_feed
from tests.small_system import (
    COMMUNITY,
    COMMUNITY_NURSE,
    ED_DOCTOR,
    GP,
    HOSPITAL,
    POLICY,
    PRACTICE,
    attendance,
    patient,
    send,
    small_system,
)

WITH_APPOINTMENTS = replace(
    POLICY,
    agreements={
        name: text.replace("[core, discharge-details,", "[core, future-appointments, discharge-details,")
        for name, text in POLICY.agreements.items()
    },
)
BLOCK = (
    "MSH|^~\\&|PAS|ZZA|CONCORD|NN|202401{day}090000||SIU^{event}|{event}|P|2.4\rSCH|P1|F1\rRGS|1\r"
    "AIL|1||Clinic 4|||202401120900|||240|min\rAIP|1||D1^Shah^Amira|||202401120900|||240|min"
)


@pytest.fixture
def app(database: Path | str) -> Iterator[App]:
    with small_system(database, WITH_APPOINTMENTS) as app:
        assert receiver(app).take(BLOCK.format(day="10", event="S23").encode()).became == "stored"
        yield app


def receiver(app: App) -> Receiver:
    feed = parse_feed("organisation: ZZA\nmessages: [SIU]\n", filename="pas.yaml", folder=Path())
    return Receiver(feed, app.records, services=(), clock=app.clock, ids=app.ids)


def found(app: App, asker: Asker, type_: str, *pairs: tuple[str, str]) -> list[Resource]:
    page = app.records.search(parse_search(type_, list(pairs)), asker).wait()
    return [parse(item.wire) for item in (*page.items, *page.included)]


FOUND: list[tuple[str, list[tuple[str, str]], int]] = [
    ("Slot", [], 2),
    ("Slot", [("status", "busy-unavailable")], 2),
    ("Slot", [("status", "free")], 0),
    ("Slot", [("start", "2024-01-12")], 2),
    ("Slot", [("start", "lt2024-01-12")], 0),
    ("Slot", [("_include", "Slot:schedule")], 4),
    ("Slot", [("schedule.actor:identifier", "https://concord.example/Id/ZZA/staff|D1")], 1),
    ("Schedule", [], 2),
    ("Schedule", [("_revinclude", "Slot:schedule")], 4),
]


def test_the_source_finds_its_own_blocked_and_opened(app: App) -> None:
    for type_, pairs, shown in FOUND:
        assert len(found(app, HOSPITAL, type_, *pairs)) == shown, (type_, pairs)
    assert receiver(app).take(BLOCK.format(day="11", event="S24").encode()).became == "stored"
    assert {slot["status"] for slot in found(app, HOSPITAL, "Slot")} == {"free"}


def test_nobody_else_does(app: App) -> None:
    askers: tuple[Asker, ...] = (PRACTICE, COMMUNITY, ED_DOCTOR, GP, COMMUNITY_NURSE)
    for asker, type_ in product(askers, ("Slot", "Schedule")):
        (first, *_) = found(app, HOSPITAL, type_)
        assert found(app, asker, type_) == []
        assert found(app, asker, type_, ("_id", first["id"])) == []
        with pytest.raises(NotFound):
            app.records.read(type_, first["id"], asker).wait()


def test_nor_by_an_appointment_that_names_the_time(app: App) -> None:
    (slot, _) = found(app, HOSPITAL, "Slot")
    booked: dict[str, Any] = {
        "resourceType": "Appointment", "id": "a1", "status": "booked", "slot": [{"reference": f"Slot/{slot['id']}"}],
        "participant": [{"actor": {"reference": "Patient/h1"}, "status": "accepted"}],
        "start": "2026-11-22T09:00:00Z", "end": "2026-11-22T09:20:00Z",
    }  # fmt: skip
    send(app, HOSPITAL, patient("h1"), attendance("e1", "h1"), booked)
    assert len(found(app, ED_DOCTOR, "Appointment")) == 1
    assert len(found(app, ED_DOCTOR, "Appointment", ("_include", "Appointment:slot"))) == 1
    assert len(found(app, HOSPITAL, "Appointment", ("_include", "Appointment:slot"))) == 2
