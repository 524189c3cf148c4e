"""A small system of three organisations, on a clock that stands still: for tests of how the rooms work together."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from concord.app import App, compose
from concord.base import FixedClock, Keys, NhsNumber, OdsCode, SystemIds
from concord.governance import PolicyFiles, SourceSystem, Viewer
from concord.record import Outcome, Submission
from concord.store import open_store
from tests.signing import sign_everything, signatories

NOW = datetime(2026, 11, 22, 3, 12, tzinfo=UTC)
KEYS = Keys(b"a key of thirty-two bytes, or so")

ORGANISATIONS = """\
organisations:
  - {code: ZZP01, name: Millbrook Surgery, short: GP, kind: gp-practice}
  - code: ZZA
    name: Northfield General
    short: Hospital
    kind: acute-trust
    services:
      - {service: emergency-department, name: Emergency department}
      - {service: sexual-health, name: Sexual health, labels: [sexual-health]}
  - {code: ZZC, name: Northfield Community, short: Community, kind: community-trust}
"""
AGREEMENT = """\
agreement: direct-care
title: Direct care
version: 1
purpose: direct-care
lawful_basis: {gdpr: [6(1)(e), 9(2)(h)], confidence: [implied-consent]}
in_force: {from: 2026-01-01, review: 2027-01-01, until: 2027-12-31}
parties: {practices: [ZZP01], hospital: [ZZA], community: [ZZC]}
sets:
  core: [person-demographics, allergies, medications, problems, investigation-results, contacts-with-professionals]
clauses:
  - id: ed-sees-gp-core
    from: {organisations: practices}
    shares: [core]
    with: {organisations: hospital, roles: [doctor]}
    when: [attending, {discharged-within: 14d}]
    allows_labels: [mental-health]
  - id: hospital-sees-its-own
    from: {organisations: hospital}
    shares: [core, discharge-details, admission-details, documents]
    with: {organisations: hospital, roles: [doctor]}
    when: [attending, {discharged-within: 14d}]
  - id: community-sees-gp-core
    from: {organisations: practices}
    shares: [core]
    with: {organisations: community, roles: [district-nurse]}
    when: [on-caseload]
  - id: practice-sees-its-own
    from: {organisations: practices}
    shares: [core, documents]
    with: {organisations: practices, roles: [gp]}
    when: [registered]
"""
PARTIES = ("ZZP01", "ZZA", "ZZC")
POLICY = PolicyFiles(
    directory=ORGANISATIONS, agreements={"direct-care.yaml": AGREEMENT}, signatories=signatories(*PARTIES)
)

PRACTICE, HOSPITAL, COMMUNITY = (SourceSystem(organisation=OdsCode(code)) for code in ("ZZP01", "ZZA", "ZZC"))
NHS_NUMBER = NhsNumber("9990003114")


@contextmanager
def small_system(
    where: Path | str, policy: PolicyFiles = POLICY, *, signed_by: Sequence[str] = PARTIES
) -> Iterator[App]:
    """The system, empty, in a database (a file's path, or an address), or in a file of the folder `where`."""
    database = where / "concord.db" if isinstance(where, Path) and where.is_dir() else where
    app = compose(open_store(database), clock=FixedClock(NOW), ids=SystemIds(), keys=KEYS)
    try:
        enforce(app, policy, signed_by)
        yield app
    finally:
        app.close()


def enforce(app: App, policy: PolicyFiles = POLICY, signed_by: Sequence[str] = PARTIES) -> None:
    """Publish a policy, and have parties sign it."""
    app.publish(policy)
    sign_everything(app, signed_by)


def viewer(role: str, organisation: str, **more: Any) -> Viewer:
    """A user of the small system, asking for direct care."""
    known: dict[str, Any] = {
        "user": f"{role}.{organisation.lower()}",
        "name": "A user",
        "title": role,
        "staff_id": "1",
        "organisation": OdsCode(organisation),
        "service": None,
        "role": role,
        "teams": frozenset(),
        "purpose": "direct-care",
    }
    return Viewer(**known | more)


ED_DOCTOR = viewer("doctor", "ZZA", service="emergency-department")
GP = viewer("gp", "ZZP01")
COMMUNITY_NURSE = viewer("district-nurse", "ZZC")


def patient(source_id: str, *, number: str | None = NHS_NUMBER, **more: Any) -> dict[str, Any]:
    """A Patient as a source writes it."""
    identifier = [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": number}] if number else []
    resource: dict[str, Any] = {
        "resourceType": "Patient",
        "id": source_id,
        "name": [{"family": "Holroyd", "given": ["Margaret"]}],
        "birthDate": "1942-02-14",
        "gender": "female",
        "address": [{"line": ["17 Weavers Fold"], "postalCode": "NF4 2ZZ"}],
    }
    return resource | ({"identifier": identifier} if identifier else {}) | more


def condition(source_id: str, of: str, words: str = "Heart failure", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Condition",
        "id": source_id,
        "category": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/condition-category",
                        "code": "problem-list-item",
                    }
                ]
            }
        ],
        "code": {"text": words},
        "subject": {"reference": f"Patient/{of}"},
    } | more


def attendance(source_id: str, of: str, status: str = "in-progress", **period: str) -> dict[str, Any]:
    """An attendance of the emergency department."""
    return {
        "resourceType": "Encounter",
        "id": source_id,
        "status": status,
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "EMER"},
        "subject": {"reference": f"Patient/{of}"},
        "period": period or {"start": "2026-11-22T01:47:00Z"},
    }


def send(
    app: App,
    by: SourceSystem,
    *resources: Mapping[str, Any],
    atomic: bool = False,
    assurance: Literal["traced", "stated"] = "traced",
) -> list[Outcome]:
    """Write resources as a source's feed does."""
    submissions = [
        Submission(resource=dict(resource), source_id=str(resource["id"]), position=f"entry {number}")
        for number, resource in enumerate(resources)
    ]
    return app.records.write(submissions, by=by, atomic=atomic, assurance=assurance)


def statuses(outcomes: Sequence[Outcome]) -> list[str]:
    return [outcome.status for outcome in outcomes]
