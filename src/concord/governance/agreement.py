"""An agreement as it is enforced: parties, dates, and the clauses that say who shares what with whom, when."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from hashlib import sha256

import msgspec

from concord.base import OdsCode
from concord.governance.canonical import plain
from concord.terminology import Heading, Label


class When(StrEnum):
    """The words of `when:`: the legitimate relationships that a clause can ask for."""

    REGISTERED = "registered"
    ATTENDING = "attending"
    INPATIENT = "inpatient"
    DISCHARGED_WITHIN = "discharged-within"
    REFERRED = "referred"
    ON_CASELOAD = "on-caseload"
    CARE_TEAM = "care-team"
    APPOINTMENT_WITHIN = "appointment-within"
    RESIDENT = "resident"
    NOMINATED_PHARMACY = "nominated-pharmacy"
    SELF_CLAIMED = "self-claimed"


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Condition:
    """One entry of `when:`. `span` is set for `discharged-within`, `appointment-within` and `self-claimed` alone."""

    word: When
    span: timedelta | None = None

    def __str__(self) -> str:
        return self.word if self.span is None else f"{self.word} {spell_span(self.span)}"


def spell_span(span: timedelta) -> str:
    """`14 days`, `1 day`, `4 hours`."""
    hours = span // timedelta(hours=1)
    number, unit = (hours // 24, "day") if hours % 24 == 0 else (hours, "hour")
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


class Lift(StrEnum):
    """What an override can lift of a clause's conditions, beside the labels that it names.

    `consent`: that a consent be recorded as given; a recorded refusal stands. `objection`: one that is not firm.
    """

    RELATIONSHIP = "relationship"
    FLAGGED_SEALS = "flagged-seals"
    OBJECTION = "objection"
    CONSENT = "consent"


@dataclass(frozen=True, kw_only=True, slots=True)
class Override:
    """How a clause can be broken open in an emergency: by these of its roles, of what it lifts, for how long.

    `labels`: those that it opens besides the clause's own. Nothing else is ever lifted.
    """

    roles: frozenset[str]
    lifts: frozenset[Lift]
    labels: frozenset[Label]
    span: timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class Clause:
    """One flow: `contributors` share `headings` with `roles` of `recipients` while one of `when` holds.

    `when` is empty where the agreement is for a purpose that counts people: then its items are counted, never shown.

    `own`: each contributor with itself alone (then `recipients` equals `contributors`). Services None: any.
    `explicit_out`, `explicit_in`: the share-out, share-in consent must be recorded as given.
    `despite_objection`: headings that an objection to the shared record does not withhold.
    """

    id: str
    contributors: frozenset[OdsCode]
    contributing_services: frozenset[str] | None
    headings: frozenset[Heading]
    own: bool
    recipients: frozenset[OdsCode]
    recipient_services: frozenset[str] | None
    roles: frozenset[str]
    when: tuple[Condition, ...]
    explicit_out: bool = False
    explicit_in: bool = False
    despite_objection: frozenset[Heading] = frozenset()
    allows: frozenset[Label] = frozenset()
    override: Override | None = None

    def flows(self, contributor: OdsCode, recipient: OdsCode) -> bool:
        """Whether the clause runs from one organisation to the other."""
        if self.own:
            return contributor == recipient and contributor in self.contributors
        return contributor in self.contributors and recipient in self.recipients


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """A test case that the author wrote: who looks, what is known about the person, what is seen or hidden.

    `line` and `column` are where it stands. `sees` (else hides) `headings`; `contributor` None means any party's.
    `discharged`: how long ago an admission ended. `labels`: what the item carries.
    `overrides`: the viewer has broken the glass.
    """

    line: int
    column: int
    role: str
    organisation: OdsCode
    service: str | None
    relationships: tuple[When, ...]
    discharged: timedelta | None
    objects: bool
    share_out: bool | None
    share_in: bool | None
    overrides: bool
    labels: frozenset[Label]
    contributor: OdsCode | None
    sees: bool
    headings: tuple[Heading, ...]


class Outside(StrEnum):
    """Outside of what a viewer stands, in a promise."""

    SERVICE = "contributing-service"
    ORGANISATION = "contributing-organisation"


class Unless(StrEnum):
    """What lifts a promise: an emergency override, or the person's own consent recorded as given."""

    OVERRIDE = "override"
    SHARE_OUT = "share-out"
    SHARE_IN = "share-in"


@dataclass(frozen=True, kw_only=True, slots=True)
class Promise:
    """What never happens: a viewer of `roles`, `at` and `outside` sees an item of `contributors` and `headings`
    that carries at least one of `labels`, of a person who `objects` or is `protected`.

    None: whichever; `objects` and `protected` False: whether or not. `but_roles`: as written, "all roles but these"
    (then `roles` is the rest). `says` is what the author believes, in words. It stands at `line` and `column`.
    """

    line: int
    column: int
    id: str
    roles: frozenset[str] | None
    but_roles: frozenset[str] | None
    at: frozenset[OdsCode] | None
    contributors: frozenset[OdsCode] | None
    headings: frozenset[Heading] | None
    labels: frozenset[Label] | None
    outside: Outside | None
    objects: bool
    protected: bool
    unless: frozenset[Unless]
    says: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Processing:
    """What the law wants said of the processing, in the controllers' own words (UK GDPR articles 13, 14 and 30)."""

    why: str
    in_plain_words: str
    people: str
    controllers: str
    contact: str
    retention: str
    security: str
    transfers: str


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """A whole agreement. In force from the start of `from_on` to the end of `until_on`, in UK time."""

    agreement: str
    title: str
    version: int
    purpose: str
    lawful_basis: tuple[str, ...]
    confidence: tuple[str, ...]
    from_on: date
    review_on: date
    until_on: date
    parties: frozenset[OdsCode]
    clauses: tuple[Clause, ...]
    locating_roles: frozenset[str] = frozenset()
    promises: tuple[Promise, ...] = ()
    examples: tuple[Example, ...] = ()
    processing: Processing | None = None

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of the meaning: what is signed."""
        return sha256(self.meaning).hexdigest()

    @property
    def meaning(self) -> bytes:
        """All that the agreement enforces and promises, as JSON (UTF-8).

        Layout, comments, examples and the order of clauses do not enter.
        """
        meant = plain(self)
        meant.pop("examples", None)
        for clause in meant["clauses"]:
            clause["when"].sort(key=lambda condition: (condition["word"], condition.get("span", 0)))
        for promise in meant.get("promises", ()):
            del promise["line"], promise["column"]
        for name in ("clauses", "promises"):
            meant.get(name, []).sort(key=lambda each: each["id"])
        return msgspec.json.encode(meant, order="sorted")
