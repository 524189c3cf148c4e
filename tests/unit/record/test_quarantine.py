"""Whoever reads what is held in quarantine, or discards it, is known afterwards."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from concord.app import App
from concord.audit import looks
from concord.base import NotFound
from concord.ingest import ToKeep
from tests.small_system import HOSPITAL, NHS_NUMBER, small_system

SENT = f"PID|1||{NHS_NUMBER}||HOLROYD^Margaret".encode()


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with small_system(tmp_path) as app:
        reject = ToKeep(feed="", file="a.hl7", entry=1, position="1", reason="No.", kind="HL7 v2", original=SENT)
        app.records.quarantine([reject], by=HOSPITAL)
        yield app


def rows(app: App) -> list[tuple[str, str, object]]:
    with app.store.reading() as reading:
        return [
            (row.event.who, row.event.outcome, row.event.detail)
            for row in looks(reading, most=9)
            if row.event.who == "duty:quarantine"
        ]


def test_reading_an_original_is_audited_before_it_is_read(app: App) -> None:
    (held,) = app.records.quarantined()
    assert rows(app) == []
    assert app.records.rejects.original(held.number).wait() == SENT
    assert rows(app) == [("duty:quarantine", "shown", {"quarantine": held.number, "step": "shown"})]


def test_discarding_is_audited_with_it(app: App) -> None:
    (held,) = app.records.quarantined()
    app.records.rejects.end(held.number, "discarded", "It was a test message.")
    assert rows(app) == [("duty:quarantine", "done", {"quarantine": held.number, "step": "discarded"})]
    with pytest.raises(NotFound):
        app.records.rejects.original(held.number)
