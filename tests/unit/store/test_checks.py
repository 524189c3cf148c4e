"""Each kind of disagreement between the tables is told, and so is an index or a fact that is not what its item says."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from concord.app import App
from concord.store.checks import CHECKS
from tests.small_system import HOSPITAL, PRACTICE, attendance, condition, patient, send, small_system

_NOWHERE = "(7, 99, 99"


def objection() -> dict[str, Any]:
    return {
        "resourceType": "Consent",
        "id": "k1",
        "status": "active",
        "scope": {"text": "privacy"},
        "policyRule": {"text": "objection to the shared record"},
        "category": [{"coding": [{"system": "https://concord.example/CodeSystem/choice", "code": "objection"}]}],
        "patient": {"reference": "Patient/p1"},
        "provision": {"type": "deny"},
    }


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with small_system(tmp_path) as app:
        send(app, PRACTICE, patient("p1"), condition("c1", "p1"), objection(), condition("w1", "nobody"))
        send(app, HOSPITAL, patient("h1"), attendance("e1", "h1"))
        send(app, HOSPITAL, attendance("e1", "h1", status="finished"))
        yield app


def broken(app: App, *statements: str) -> list[str]:
    with app.store.writing() as writing:
        for statement in statements:
            assert writing.run(statement) > 0, statement
    return list(app.verify(whole=True).wrong)


def test_a_sound_database_is_told_sound(app: App) -> None:
    found = app.verify(whole=True)
    assert found.looked_at is not None
    assert (list(found.wrong), found.looked_at.items) == ([], 5)
    assert list(app.verify(whole=False).wrong) == []


PLANTED = {
    "locators that find no item": "INSERT INTO locator VALUES ('x', 1, 7, 99, 99)",
    "items that no locator finds": "DELETE FROM locator WHERE id IN (SELECT id FROM item WHERE version = 2)",
    "items of no source patient": "DELETE FROM source_patient WHERE patient IS NOT NULL",
    "index rows of no item": f"INSERT INTO search_index (home, source_patient, item, value) VALUES {_NOWHERE}, 1)",
    "relationships of no item": (
        f"INSERT INTO relationship (home, source_patient, item, part, kind) VALUES {_NOWHERE}, 0, 'registered')"
    ),
    "choices of no item": (
        "INSERT INTO choice (home, source_patient, item, kind, given, contributor, silent) "
        f"VALUES {_NOWHERE}, 'objection', 0, 'ZZP01', 0)"
    ),
    "proxies of no item": (
        "INSERT INTO proxy (home, source_patient, item, nhs_number, kind, given, contributor) "
        f"VALUES {_NOWHERE}, '9990003203', 'parental-responsibility', 1, 'ZZP01')"
    ),
    "earlier versions of no item": "UPDATE item_version SET item = 99",
    "deletions of items that are there": (
        "INSERT INTO deleted_item SELECT id, type, home, source_patient, item FROM item LIMIT 1"
    ),
    "items that lack an earlier version": "DELETE FROM item_version",
    "rows of items with several people that name no item": "INSERT INTO named VALUES (7, 1, 7, 99, 99)",
    "links of no source patient": "INSERT INTO link VALUES (9, 99, 'x', 'planted', NULL, 'x')",
    "ties of no source patient": "INSERT INTO tie VALUES (9, 99, 'x', 0, '')",
    "messages, rows and entries kept with no source patient": (
        "INSERT INTO original (home, source_patient, name, digest, kind, feed, received_at, body) "
        "VALUES (9, 99, 'ADT^A01 C1', 'x', 1, '', 0, 'x')"
    ),
    "source patients of no person": "DELETE FROM link",
    "items that wait for a Patient who is there": (
        "UPDATE waiting SET patient = (SELECT min(patient) FROM source_patient)"
    ),
    "index rows that are missing": "DELETE FROM search_index WHERE value IN (SELECT min(value) FROM search_index)",
    "index rows too many": "INSERT INTO search_index SELECT 1, home, source_patient, item FROM item WHERE version = 2",
    "items whose relationships are not what they say": "UPDATE relationship SET ends_at = NULL WHERE ends_at > 0",
    "items whose choice is not what they say": "UPDATE choice SET given = 1 - given",
    "bodies that cannot be read": "UPDATE item SET body = zeroblob(3) WHERE version = 2",
}


@pytest.mark.parametrize("wrong", PLANTED)
def test_a_planted_disagreement_is_told(app: App, wrong: str) -> None:
    found = broken(app, PLANTED[wrong])
    assert any(each.partition(" ")[2] == wrong for each in found), found


def test_every_check_is_tried() -> None:
    assert {check.wrong for check in CHECKS} <= set(PLANTED)
