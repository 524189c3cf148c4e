"""Where a decision meets the database: what is published decides from the next request on, and nothing else does."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from concord.app import App, compose
from concord.base import Abandoned, FileRefused, FixedClock, PersonId, SystemIds
from concord.governance import Intent
from concord.record import OpenRecord
from concord.store import open_store, registers
from tests.signing import signed
from tests.small_system import (
    AGREEMENT,
    ED_DOCTOR,
    HOSPITAL,
    KEYS,
    NOW,
    POLICY,
    PRACTICE,
    attendance,
    condition,
    patient,
    send,
    small_system,
)


def the_person(app: App) -> PersonId:
    with app.store.reading() as reading:
        row = reading.row("SELECT person FROM link")
    assert row is not None
    return PersonId(row[0])


def conditions_seen(app: App) -> int:
    record = app.records.open(the_person(app), ED_DOCTOR).wait()
    return sum(item.type == "Condition" for item in record.items) if isinstance(record, OpenRecord) else -1


def attending(app: App) -> None:
    send(app, PRACTICE, patient("p1"), condition("c1", "p1"))
    send(app, HOSPITAL, patient("h1"), attendance("e1", "h1"))


def test_a_withdrawn_signature_closes_on_the_next_request(database: Path | str) -> None:
    with small_system(database) as app:
        attending(app)
        assert conditions_seen(app) == 1
        app.signing.receive(signed(app, "ZZP01", "direct-care", intent=Intent.WITHDRAW), by="duty:test")
        assert conditions_seen(app) == 0
        app.signing.receive(signed(app, "ZZP01", "direct-care"), by="duty:test")
        assert conditions_seen(app) == 1


def test_what_is_signed_while_another_process_serves_counts_there(database: Path | str) -> None:
    with small_system(database, signed_by=("ZZP01", "ZZC")) as app:
        attending(app)
        assert conditions_seen(app) == -1
        other = compose(open_store(database), clock=FixedClock(NOW), ids=SystemIds(), keys=KEYS)
        other.signing.receive(signed(other, "ZZA", "direct-care"), by="duty:test")
        other.close()
        assert conditions_seen(app) == 1


def test_what_another_process_publishes_counts_here(database: Path | str) -> None:
    with small_system(database) as app:
        attending(app)
        assert conditions_seen(app) == 1
        other = compose(open_store(database), clock=FixedClock(NOW), ids=SystemIds(), keys=KEYS)
        other.publish(replace(POLICY, agreements={}))
        other.close()
        assert conditions_seen(app) == -1


def test_a_policy_that_does_not_load_leaves_the_one_in_force(database: Path | str) -> None:
    with small_system(database) as app:
        attending(app)
        broken = AGREEMENT.replace("when: [registered]", "whenever: [registered]")
        with pytest.raises(FileRefused, match="whenever"):
            app.publish(replace(POLICY, agreements={"direct-care.yaml": broken}))
        assert conditions_seen(app) == 1


def test_an_objection_withholds_and_its_withdrawal_opens(database: Path | str) -> None:
    choice = {
        "resourceType": "Consent", "id": "k1", "status": "active",
        "scope": {"text": "privacy"},
        "category": [{"coding": [{"system": "https://concord.example/CodeSystem/choice", "code": "objection"}]}],
        "patient": {"reference": "Patient/p1"}, "policyRule": {"text": "objection to the shared record"},
        "provision": {"type": "deny"},
    }  # fmt: skip
    with small_system(database) as app:
        attending(app)
        send(app, PRACTICE, choice)
        assert conditions_seen(app) <= 0
        send(app, PRACTICE, choice | {"status": "inactive"})
        assert conditions_seen(app) == 1


def test_a_new_installation_without_a_policy_shows_nobody_anything(database: Path | str) -> None:
    app = compose(open_store(database), clock=FixedClock(NOW), ids=SystemIds(), keys=KEYS)
    with app.store.reading() as reading:
        assert app.gate.policy(reading).agreements == ()
    app.close()


def test_the_same_policy_is_not_read_again(database: Path | str) -> None:
    with small_system(database) as app, app.store.reading() as reading:
        assert app.gate.policy(reading) is app.gate.policy(reading)


def test_a_policy_that_was_not_committed_after_all_is_not_kept(database: Path | str) -> None:
    """The next that is published may have its number."""
    without_agreements = msgspec.json.encode(replace(POLICY, agreements={})).decode()
    with small_system(database) as app:
        with suppress(Abandoned), app.store.writing() as writing:
            registers.publish_policy(writing, without_agreements, 1)
            assert not app.gate.policy(writing).agreements
            raise Abandoned("Left.")
        app.publish(replace(POLICY, directory=f"{POLICY.directory}# published again\n"))
        with app.store.reading() as reading:
            assert app.gate.policy(reading).agreements
