"""The nouns of a decision: who asks, what is known about the person, which choices and relationships hold."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from concord.base import OdsCode


@dataclass(frozen=True, kw_only=True, slots=True)
class Viewer:
    """A user as they ask now: employer organisation and service, job role, teams, purpose of use.

    `with_overrides`: overrides of theirs that are in force count for this request. `nhs_number`: their own, if their
    account says it, so that their own record is known; it enters no audit row.
    """

    user: str
    name: str
    title: str
    staff_id: str
    organisation: OdsCode
    service: str | None
    role: str
    teams: frozenset[str]
    purpose: str
    with_overrides: bool = False
    nhs_number: str | None = field(default=None, repr=False)

    @property
    def author(self) -> str:
        """Whoever acts, as the audit names them."""
        return self.user

    @property
    def claims(self) -> dict[str, Any]:
        """Name, role, organisation and purpose at this time, as the audit keeps them."""
        told = {"organisation": self.organisation, "name": self.name, "role": self.role, "purpose": self.purpose}
        return told if self.service is None else told | {"service": self.service}


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceSystem:
    """An organisation's system: reads, searches and writes what that organisation contributed."""

    organisation: OdsCode

    @property
    def author(self) -> str:
        return f"system:{self.organisation}"

    @property
    def claims(self) -> dict[str, Any]:
        return {"organisation": self.organisation}


@dataclass(frozen=True, kw_only=True, slots=True)
class Duty:
    """A named task of Concord itself, such as matching; audited under its name."""

    name: str


Asker = Viewer | SourceSystem


class RelationshipKind(StrEnum):
    REGISTERED = "registered"
    ATTENDING = "attending"
    INPATIENT = "inpatient"
    REFERRED = "referred"
    ON_CASELOAD = "on-caseload"
    CARE_TEAM = "care-team"
    APPOINTMENT = "appointment"
    RESIDENT = "resident"
    NOMINATED_PHARMACY = "nominated-pharmacy"
    SELF_CLAIMED = "self-claimed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Relationship:
    """A legitimate relationship: who is (or was) involved with the person. What is None is not narrowed by it.

    It is held by a viewer of that organisation, service, team and user (staff id). `end_at` None: still open.
    """

    kind: RelationshipKind
    organisation: OdsCode | None
    service: str | None
    team: str | None
    user: str | None
    start_at: datetime | None
    end_at: datetime | None


class ChoiceKind(StrEnum):
    OBJECTION = "objection"
    SHARE_OUT = "share-out"
    SHARE_IN = "share-in"
    ORGANISATION_PROHIBITED = "organisation-prohibited"
    NATIONAL_OPT_OUT = "national-data-opt-out"
    PROXY_ACCESS = "proxy-access"  # of whoever acts for the person; it says nothing to anybody at work
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """A person's choice. `given` True permits, False withholds.

    `contributor` is the organisation that recorded it, or that the person's own word names (share-out speaks about that
    organisation's data); None: the person, of no organisation's data. `organisation` is the one it names (share-in,
    organisation-prohibited). `silent`: the person asked that the withholding itself be not told. `firm`: no override
    lifts it. The national data opt-out withholds from whoever counts, and from nobody else.
    """

    kind: ChoiceKind
    given: bool
    contributor: OdsCode | None
    organisation: OdsCode | None
    silent: bool
    start_at: datetime | None
    end_at: datetime | None
    firm: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class BrokenGlass:
    """An override of one user about one person, as they worked when they began it; from `start_at` until `end_at`.

    What it lifts, and for how long at most, each clause says.
    """

    user: str
    organisation: OdsCode
    role: str
    start_at: datetime
    end_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Death:
    """That a source says of the person that they have died. `at`: when the last day named is over; None: no source
    names one."""

    at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Proxy:
    """That a source names somebody, by NHS number, who acts for the person as one of the kinds of `proxies.yaml`.

    `given` False: the source says that they do no longer.
    """

    nhs_number: str
    kind: str
    given: bool
    contributor: OdsCode
    start_at: datetime | None
    end_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SourcePatient:
    """One organisation's record of a person: where its rows lie and who contributes them."""

    home: int
    number: int
    organisation: OdsCode


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonFacts:
    """All that a decision reads about a person: no clinical content.

    `nhs_numbers`, and whether somebody else is held under one of them too (`number_shared`), are read for a viewer
    whose own number is known; so are the `proxies` of that number, and the birth date as each source has it.
    """

    sources: Sequence[SourcePatient]
    relationships: Sequence[Relationship]
    choices: Sequence[Choice]
    protected: bool
    death: Death | None = None
    overrides: Sequence[BrokenGlass] = ()
    nhs_numbers: frozenset[str] = frozenset()
    number_shared: bool = False
    proxies: Sequence[Proxy] = ()
    born_on: Sequence[str] = ()
