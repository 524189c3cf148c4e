"""What is signed, suspended and withdrawn is so on the next request of every server on one database."""

from pathlib import Path

import pytest

from concord.app import App, compose
from concord.audit import every
from concord.base import FixedClock, SystemIds
from concord.fhir import parse
from concord.governance import Intent, StatementRefused
from concord.store import open_store
from tests.signing import signed
from tests.small_system import (
    ED_DOCTOR,
    HOSPITAL,
    KEYS,
    NOW,
    PRACTICE,
    attendance,
    condition,
    patient,
    send,
    small_system,
)
from tests.spec.api.interactions import Server
from tests.unit.api.client import Client


def conditions(server: Server, of: str) -> int:
    """How many a doctor of the hospital is told of; -1: the record is shut."""
    answer = server.ask("doctor", "GET", f"Condition?patient=Patient/{of}")
    if answer.status_code != 200:
        return -1
    found = parse(answer.content)
    return sum(each["resource"]["resourceType"] == "Condition" for each in found.get("entry", []))


def test_each_statement_counts_on_the_next_request_of_another_server(database: Path | str) -> None:
    with small_system(database) as app:
        send(app, PRACTICE, patient("p1"), condition("c1", "p1"))
        outcomes = send(app, HOSPITAL, patient("h1"), attendance("e1", "h1"))
        other = compose(open_store(database), clock=FixedClock(NOW), ids=SystemIds(), keys=KEYS)
        try:
            with Client(other.asgi()) as client:
                server = Server(other, FixedClock(NOW), client)
                server.admit("doctor", ED_DOCTOR)
                of = str(outcomes[0].id)
                assert conditions(server, of) == 1
                for intent, seen in (
                    (Intent.SUSPEND, 0), (Intent.SIGN, 1), (Intent.WITHDRAW, 0), (Intent.SIGN, 1)
                ):  # fmt: skip
                    app.signing.receive(signed(app, "ZZP01", "direct-care", intent=intent), by="duty:test")
                    assert conditions(server, of) == seen
                taken_back = signed(app, "ZZP01", "direct-care", intent=Intent.WITHDRAW)
                app.signing.receive(taken_back, by="duty:test")
                forged = signed(app, "ZZP01", "direct-care").replace("A Signatory", "Somebody")
                with pytest.raises(StatementRefused):
                    app.signing.receive(forged, by="duty:test")
                assert conditions(server, of) == 0
        finally:
            other.close()
        assert opened_under(app) == {"direct-care 1": app.signing.standings()[0].agreement.digest}


def opened_under(app: App) -> dict[str, str]:
    """By version, the hash of the agreement that the last read which showed something was opened by."""
    with app.store.reading() as reading:
        rows = [each.event for each in every(reading) if each.event.action == "search"]
    opened = [row.context for row in rows if "clauses" in row.context]
    assert len(opened) < len(rows)
    assert "direct-care 1 ed-sees-gp-core" in opened[-1]["clauses"]
    return dict(opened[-1]["agreements"])
