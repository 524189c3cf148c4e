"""The law `cache equals no cache`: a decision that was made lately is given again only where it would be made again."""

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from concord.app import App
from concord.base import ConcordError, FixedClock, NhsNumber, PersonId
from concord.governance import OWN_ACCESS, PATIENT, Decided, Gate, Intent, Policy, Viewer
from concord.governance.decided import LatelyDecided
from concord.governance.fact_rows import Known
from concord.governance.proxies import PROXY_SYSTEM
from concord.record import tested as on_trial
from concord.store import body, own_choices
from tests.signing import signed
from tests.small_system import (
    AGREEMENT,
    ED_DOCTOR,
    GP,
    HOSPITAL,
    NOW,
    POLICY,
    PRACTICE,
    attendance,
    condition,
    patient,
    send,
    small_system,
    viewer,
)

NUMBER = NhsNumber("9990003114")
CHOICE = "https://concord.example/CodeSystem/choice"
OFFERED = AGREEMENT.replace(
    "    allows_labels: [mental-health]\n",
    "    allows_labels: [mental-health]\n    override: {roles: [doctor], lifts: [relationship], for: 4h}\n",
).replace("when: [registered]", "when: [registered, {self-claimed: 8h}]")
AGREED = replace(POLICY, agreements={"direct-care.yaml": OFFERED})
VIEWERS = (
    ED_DOCTOR,
    replace(ED_DOCTOR, with_overrides=True),
    viewer("doctor", "ZZA", user="own", nhs_number="9990003114"),
    GP,
    viewer(PATIENT, "ZZP01", user="acting", purpose=OWN_ACCESS, nhs_number="9990003203"),
)
STEPS = 40
Step = Callable[[App, random.Random], object]


def moves_on(app: App, dice: random.Random) -> None:
    clock = app.clock
    assert isinstance(clock, FixedClock)
    clock.instant += dice.choice([timedelta(minutes=30), timedelta(hours=5), timedelta(days=8), timedelta(days=90)])


def attends(app: App, dice: random.Random) -> None:
    send(app, HOSPITAL, attendance("e1", "h1", start=_written(app.clock.now() - timedelta(hours=1))))


def leaves(app: App, dice: random.Random) -> None:
    now = app.clock.now()
    period = {"start": _written(now - timedelta(days=1)), "end": _written(now - timedelta(hours=2))}
    send(app, HOSPITAL, attendance("e1", "h1", "finished", **period))


def chooses(app: App, dice: random.Random) -> None:
    """An objection, for a while or for good, or its withdrawal."""
    period = {"end": _written(app.clock.now() + timedelta(hours=3))} if dice.random() < 0.5 else {}
    consent: dict[str, Any] = {
        "resourceType": "Consent", "id": "o1", "status": dice.choice(["active", "active", "inactive"]),
        "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "treatment"}]},
        "category": [{"coding": [{"system": CHOICE, "code": dice.choice(["objection", "share-out"])}]}],
        "patient": {"reference": "Patient/p1"}, "policyRule": {"text": "x"},
        "provision": {"type": "deny"} | ({"period": period} if period else {}),
    }  # fmt: skip
    send(app, PRACTICE, consent)


def is_registered_or_not(app: App, dice: random.Random) -> None:
    send(app, PRACTICE, patient("p1", active=dice.random() < 0.5, number=dice.choice(["9990003114", None])))


def is_protected_or_not(app: App, dice: random.Random) -> None:
    system = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
    meta = {"security": [{"system": system, "code": "R"}]}
    send(app, HOSPITAL, patient("h1") | ({"meta": meta} if dice.random() < 0.5 else {}))


def dies_or_not(app: App, dice: random.Random) -> None:
    send(app, HOSPITAL, patient("h1") | ({"deceasedDateTime": "2026-11-20"} if dice.random() < 0.5 else {}))


def chooses_in_person(app: App, dice: random.Random) -> None:
    """By the person's own word, held under their number; or takes all of it back."""
    now = body.microseconds(app.clock.now())
    with app.store.writing() as writing:
        standing = [each for each in own_choices.under(writing, NUMBER) if each.ends_at is None]
        for each in standing:
            own_choices.end(writing, NUMBER, each.reference, at=now, by="the person")
        if not standing:
            choice = own_choices.OwnChoiceRow(
                nhs_number=NUMBER, reference=app.ids.fresh(), kind="objection", given=False, contributor=None,
                organisation=None, silent=False, starts_at=now, ends_at=None, author="the person", ended_by=None,
                body=b"{}",
            )  # fmt: skip
            own_choices.add(writing, choice)


def acts_or_not(app: App, dice: random.Random) -> None:
    """Somebody else, for the person: an attorney, as the practice says, for good or until a day."""
    period = {"start": "2024-01-01"} | ({"end": "2026-11-25"} if dice.random() < 0.3 else {})
    related: dict[str, Any] = {
        "resourceType": "RelatedPerson", "id": "r1", "patient": {"reference": "Patient/p1"}, "period": period,
        "active": dice.random() < 0.6,
        "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990003203"}],
        "relationship": [{"coding": [{"system": PROXY_SYSTEM, "code": "health-and-welfare-attorney"}]}],
    }  # fmt: skip
    send(app, PRACTICE, related)


def signs_or_withdraws(app: App, dice: random.Random) -> None:
    intent = dice.choice([Intent.SIGN, Intent.WITHDRAW])
    app.signing.receive(signed(app, dice.choice(["ZZP01", "ZZA"]), "direct-care", intent=intent), by="duty:test")


def publishes(app: App, dice: random.Random) -> None:
    app.publish(replace(AGREED, directory=AGREED.directory + f"# {dice.random()}\n"))


def asserts(app: App, dice: random.Random) -> None:
    who, kind = dice.choice([(VIEWERS[1], "override"), (GP, "self-claim")])
    app.records.assert_access(the_person(app), who, kind, "emergency", "needed at once, to look").wait()


def ends(app: App, dice: random.Random) -> None:
    app.records.end_assertions(the_person(app), dice.choice([VIEWERS[1], GP]))


CHANGES: tuple[Step, ...] = (
    moves_on, moves_on, attends, leaves, chooses, is_registered_or_not, is_protected_or_not, dies_or_not,
    chooses_in_person, acts_or_not, acts_or_not, signs_or_withdraws, publishes, asserts, asserts, ends,
)  # fmt: skip


def _written(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds")


def the_person(app: App) -> PersonId:
    with app.store.reading() as reading:
        row = reading.row("SELECT person FROM link ORDER BY source_patient LIMIT 1")
    assert row is not None
    return PersonId(row[0])


def said(decided: Decided | None) -> object:
    """All that anybody is told of a decision."""
    if decided is None:
        return None
    decision = decided.decision
    return (
        decided.permitted, decided.facts, decided.grounds, decided.asserted, decided.offers, decided.relationship,
        decided.locates, decided.offered, decided.agreements, decision.refusal, decision.valid_until,
        decision.notices(flagged_seal=False), decided.policy_version,
    )  # fmt: skip


def differences(folder: Path, seed: int) -> int:
    """How often a gate that remembers decides otherwise than one that was made for the one question."""
    dice, found = random.Random(seed), 0
    with small_system(folder / f"{seed}.db", AGREED) as app:
        send(app, PRACTICE, patient("p1"), condition("c1", "p1"))
        send(app, HOSPITAL, patient("h1"), attendance("e1", "h1"))
        person = the_person(app)
        for _ in range(STEPS):
            if dice.random() < 0.6:  # else the same is asked again
                with suppress(ConcordError):  # what is not offered, or was said already
                    dice.choice(CHANGES)(app, dice)
            with app.store.reading() as reading:
                for who in VIEWERS:
                    remembered = app.gate.decide(reading, who, person)
                    found += said(remembered) != said(Gate(app.clock, tested=on_trial).decide(reading, who, person))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_a_gate_that_remembers_decides_as_one_that_does_not(tmp_path: Path, seed: int) -> None:
    assert differences(tmp_path, seed) == 0


# -- positive controls: what is given again too readily is found -------------------------------------------------------

Find = Callable[[LatelyDecided, Viewer, PersonId, Known, Policy, datetime], Decided | None]
_find: Find = LatelyDecided.find


def whatever_is_known(self: LatelyDecided, *asked: Any) -> Decided | None:
    viewer, person, _, policy, now = asked
    kept = self._kept.get((viewer, person))
    return None if kept is None else _find(self, viewer, person, kept.known, policy, now)


def whatever_is_agreed(self: LatelyDecided, *asked: Any) -> Decided | None:
    viewer, person, known, _, now = asked
    kept = self._kept.get((viewer, person))
    if kept is None:
        return None
    known = known._replace(policy=kept.known.policy)
    return _find(self, viewer, person, known, kept.decided.decision.policy, now)


def whenever(self: LatelyDecided, *asked: Any) -> Decided | None:
    viewer, person, known, policy, _ = asked
    kept = self._kept.get((viewer, person))
    return None if kept is None else _find(self, viewer, person, known, policy, kept.decided.decision.now)


def whoever_asks(self: LatelyDecided, *asked: Any) -> Decided | None:
    _, person, known, policy, now = asked
    return next((found for who in VIEWERS if (found := _find(self, who, person, known, policy, now))), None)


@pytest.mark.parametrize("stale", [whatever_is_known, whatever_is_agreed, whenever, whoever_asks])
def test_a_planted_stale_decision_is_found(tmp_path: Path, stale: Find, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LatelyDecided, "find", stale)
    assert any(differences(tmp_path, seed) for seed in range(4))


def test_what_does_not_change_is_decided_once(tmp_path: Path) -> None:
    with small_system(tmp_path, AGREED) as app:
        send(app, PRACTICE, patient("p1"))
        person = the_person(app)
        with app.store.reading() as reading:
            first = app.gate.decide(reading, GP, person)
            assert first is not None
            assert app.gate.decide(reading, GP, person) is first
            assert app.gate.decide(reading, replace(GP, purpose="research"), person) is not first
    assert app.clock.now() == NOW
