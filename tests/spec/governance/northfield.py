"""A small Northfield for the example tables: five organisations, and an agreement that four of them signed."""

from datetime import UTC, date, datetime, timedelta

from concord.base import OdsCode
from concord.governance import Agreement, Directory, Policy, Viewer, parse_agreement, parse_directory
from concord.governance.model import Choice, ChoiceKind, PersonFacts, Relationship, RelationshipKind, SourcePatient
from tests.signing import counted

ORGANISATIONS = """
organisations:
  - code: ZZP01
    name: Millbrook Surgery
    short: GP
    kind: gp-practice
    telephone: 01632 960111
  - {code: ZZP02, name: Hilltop Surgery, short: GP, kind: gp-practice, telephone: 01632 960112}
  - code: ZZA
    name: Northfield General
    short: Hospital
    kind: acute-trust
    telephone: 01632 960100
    services:
      - {service: emergency, name: Emergency department}
      - {service: sexual-health, name: Sexual health clinic, labels: [sexual-health]}
  - code: ZZL
    name: Northfield Council
    short: Council
    kind: council
    telephone: 01632 960400
    services: [{service: adult-social-care, name: "Adults' social care"}]
  - {code: ZZX, name: Canal Pharmacy, short: Pharmacy, kind: pharmacy, telephone: 01632 960500}
"""

AGREEMENT = """
agreement: northfield-direct-care
title: Northfield direct care
version: 3
purpose: direct-care
lawful_basis: {gdpr: [6(1)(e), 9(2)(h)], confidence: [implied-consent, reasonable-expectation]}
in_force: {from: 2026-04-01, review: 2027-04-01, until: 2028-03-31}
parties: {practices: [ZZP01, ZZP02], hospital: [ZZA], council: [ZZL], pharmacy: [ZZX]}
sets: {gp-core: [alerts, allergies, medications, problems, safeguarding]}
location_protected: {roles: [gp]}
clauses:
  - id: hospital-sees-gp-core
    from: {organisations: practices}
    shares: [gp-core]
    with: {organisations: hospital, roles: [doctor, nurse]}
    when: [attending, inpatient, {discharged-within: 14d}, {appointment-within: 7d}]
    objection: {except: [safeguarding]}
    allows_labels: [mental-health]
  - id: practice-sees-its-own
    from: {organisations: practices}
    shares: [gp-core, person-demographics]
    with: {organisations: own, roles: [gp]}
    when: [registered]
    objection: {except: [gp-core, person-demographics]}
    allows_labels: [mental-health, hiv]
  - id: practice-sees-hospital
    from: {organisations: hospital}
    shares: [discharge-details, problems]
    with: {organisations: practices, roles: [gp]}
    when: [registered]
    allows_labels: [sexual-health]
  - id: practice-sees-hospital-medicines
    from: {organisations: hospital}
    shares: [medications, problems]
    with: {organisations: practices, roles: [gp]}
    when: [registered]
    allows_labels: [mental-health]
  - id: social-work-sees-stays
    from: {organisations: hospital, services: [emergency]}
    shares: [admission-details, discharge-details]
    with: {organisations: council, services: [adult-social-care], roles: [social-worker-adults]}
    when: [on-caseload]
  - id: pharmacy-sees-medicines
    from: {organisations: practices}
    shares: [medications, allergies]
    with: {organisations: pharmacy, roles: [community-pharmacist]}
    when: [nominated-pharmacy]
    consent: {share-out: explicit, share-in: explicit}
"""

NOW = datetime(2026, 11, 22, 3, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def directory() -> Directory:
    return parse_directory(ORGANISATIONS, filename="organisations.yaml")


def agreement(text: str = AGREEMENT) -> Agreement:
    return parse_agreement(text, filename="northfield.yaml", directory=directory())


def policy(*agreements: Agreement, signed_by: str = "ZZP01 ZZA ZZL ZZX", signed_on: date = date(2026, 3, 1)) -> Policy:
    """Hilltop Surgery (ZZP02) has not signed, unless a test says so."""
    in_force = agreements or (agreement(),)
    signatures = [counted(each, party, from_on=signed_on) for each in in_force for party in signed_by.split()]
    return Policy(agreements=in_force, signatures=signatures, directory=directory())


def viewer(role: str, at: str, service: str | None = None) -> Viewer:
    return Viewer(
        user="someone",
        name="Someone",
        title="Registrar",
        staff_id="555000000001",
        organisation=OdsCode(at),
        service=service,
        role=role,
        teams=frozenset({"red"}),
        purpose="direct-care",
    )


def relationship(
    kind: str,
    at: str | None,
    *,
    began: timedelta | None = 2 * DAY,
    ended: timedelta | None = None,
    service: str | None = None,
    team: str | None = None,
    user: str | None = None,
) -> Relationship:
    """`began`, `ended`: how long ago; below nothing: from now."""
    return Relationship(
        kind=RelationshipKind(kind),
        organisation=None if at is None else OdsCode(at),
        service=service,
        team=team,
        user=user,
        start_at=None if began is None else NOW - began,
        end_at=None if ended is None else NOW - ended,
    )


def choice(
    kind: str, *, given: bool = False, by: str = "ZZP01", about: str | None = None, silent: bool = False
) -> Choice:
    return Choice(
        kind=ChoiceKind(kind),
        given=given,
        contributor=OdsCode(by),
        organisation=None if about is None else OdsCode(about),
        silent=silent,
        start_at=None,
        end_at=None,
    )


def person(*facts: Relationship | Choice, protected: bool = False) -> PersonFacts:
    """Someone known to every organisation, and to Northfield General twice."""
    sources = ("ZZP01", "ZZP02", "ZZA", "ZZA", "ZZL", "ZZX")
    return PersonFacts(
        sources=[
            SourcePatient(home=7, number=number, organisation=OdsCode(code)) for number, code in enumerate(sources)
        ],
        relationships=[fact for fact in facts if isinstance(fact, Relationship)],
        choices=[fact for fact in facts if isinstance(fact, Choice)],
        protected=protected,
    )
