"""What finding and opening a person gives to a page. Text is finished, "" where there is nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from concord.base import NhsNumber, PersonId
from concord.governance import Offer
from concord.record.model import Item, SourceState
from concord.record.summary.model import Summary
from concord.terminology import Heading


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonQuery:
    """Whom to find: the number alone, or all three of the others."""

    nhs_number: NhsNumber | None = None
    family: str = ""
    given: str = ""
    born_on: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundPerson:
    """A person as tracing shows them. `name` "HOLROYD, Margaret", `age` "84y", `died` "" or "Died 3 Mar 2025".

    `link` says how the viewer is linked to them now ("Attending your organisation"), "" when not at all; `where`
    follows it ("Majors 7"). For a location-protected person `address` and `where` are "".
    """

    person: PersonId
    name: str
    born: str
    age: str
    sex: str
    nhs_number: str
    address: str
    died: str
    link: str
    where: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ListName:
    """A list that the viewer has. `key` stands in its address; `count` is that of the rows it would show."""

    key: str
    title: str
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ListRow:
    where: str
    person: PersonId
    name: str
    born: str
    nhs_number: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Worklists:
    """The viewer's lists, and the rows of the one shown. `empty` is the sentence that stands for no rows."""

    names: Sequence[ListName]
    shown: ListName | None
    rows: Sequence[ListRow]
    empty: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Namesake:
    """Somebody else of the same name who is here now: "Margaret Ann HOLROYD", born "14 Sep 1947"."""

    name: str
    born: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Asserted:
    """What the viewer has asserted about a person and has not ended: `kind` "override" or "self-claim", `reason` in
    words, and for how many minutes it still lasts."""

    kind: str
    reason: str
    until: datetime
    minutes_left: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Asking:
    """What the viewer may assert about a person, so that more opens, and what they have asserted."""

    found: FoundPerson
    offers: Sequence[Offer]
    asserted: Sequence[Asserted]


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenRecord:
    """A record that is open to the viewer.

    `items` is all that is shown, `summary` the same put together for a page.
    `link` says in a phrase why it is open ("Direct care: attending your organisation").
    `closed` are the headings of which agreement, role and relationship open nothing, from no source.
    `agreements` names what opened the rest ("Northfield direct care, version 3").
    `withheld`: the notice of withholding is due (docs/explanation/governance.md).
    `namesakes` are with the viewer's organisation now, and open to the viewer as well.
    `shares_number`: another record, kept apart because its details disagree, has the same NHS number.
    `may_assert`: there is something that the viewer may assert so that more opens; `asserted`: what they have.
    `may_choose`: the viewer may choose about its sharing, as the person or in their place.
    """

    items: Sequence[Item]
    summary: Summary
    sources: Sequence[SourceState]
    link: str
    closed: frozenset[Heading]
    agreements: str
    withheld: bool
    namesakes: Sequence[Namesake]
    shares_number: bool
    may_assert: bool = False
    asserted: Sequence[Asserted] = ()
    may_choose: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ShutRecord:
    """A record that is shut to a viewer who may find the person: why, and what they can do, each a sentence.

    `may_assert`, `asserted`: as of an open one.
    """

    found: FoundPerson
    because: str
    advice: Sequence[str]
    may_assert: bool = False
    asserted: Sequence[Asserted] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """One access. `why` is a sentence; `what` names kinds of information, never their content.

    `outcome` "shown", "refused"; `source` is where from: the portal, an app, a program.
    """

    at: datetime
    who: str
    role: str
    organisation: str
    source: str
    why: str
    what: str
    outcome: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Looks:
    """Who has looked at a person's record, latest first. `complete` is False when there are older ones."""

    found: FoundPerson
    looks: Sequence[Look]
    complete: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A step of a review: when, by whom, what ("escalated", "closed: justified", ...), and what they noted."""

    at: datetime
    by: str
    what: str
    note: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertRow:
    """One alert on the worklist of a privacy officer; no fact about the person.

    `reference` names it. `kind` "override", "self-claim" or "access" (one that nothing explains); `who`,
    `role`, `team` are the user's at that time (`team`:
    the service, "" for none). `state`: "to review", "escalated", "closed: justified", ...; `lasting`: not ended yet.
    """

    reference: str
    kind: str
    who: str
    role: str
    team: str
    reason: str
    at: datetime
    until: datetime
    lasting: bool
    state: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertInFull:
    """The same with what a reviewer needs. `found` None: a person who may not be shown. `words`: what the user wrote;
    `clauses`: those that gave way (`agreement version clause`); `whys`: why an access is odd, oddest first."""

    row: AlertRow
    found: FoundPerson | None
    words: str
    clauses: Sequence[str]
    whys: Sequence[str]
    steps: Sequence[Step]


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamFigures:
    """How often a team asserted something, or looked at what nothing explains, and what reviews said of it.

    `hours`: the median until closed.
    """

    team: str
    role: str
    overrides: int
    claims: int
    accesses: int
    open: int
    escalated: int
    justified: int
    not_justified: int
    hours: float | None
