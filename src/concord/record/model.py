"""What goes into a record and what comes out of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from concord.base import Conflict, OdsCode
from concord.fhir import Issue, PatchOperation
from concord.terminology import Heading


@dataclass(frozen=True, kw_only=True, slots=True)
class Submission:
    """One resource as its source sent it, with the source's own ids and references.

    `source_id` is what the source calls it (FHIR files: the resource's `id`, else its `fullUrl`); None for a
    creation over HTTP, which gets a fresh id. `if_none_exist` is the query of a conditional create, `criteria` that of
    a conditional update. `if_match` names the version that it must replace; `only_new`: it must replace none.
    `moves`: it may take an encounter, and what belongs to it, away from the Patient that it was told of before.
    `position` says where in the input it stood ("entry 12", "line 3"), for messages.
    """

    resource: dict[str, Any]
    source_id: str | None
    full_url: str | None = None
    if_none_exist: str | None = None
    criteria: str | None = None
    if_match: str | None = None
    only_new: bool = False
    moves: bool = False
    service: str | None = None
    position: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Deletion:
    """What a source no longer holds: the item that it calls `source_id`, or the one that `criteria` describe."""

    type: str
    source_id: str | None = None
    criteria: str | None = None
    if_match: str | None = None
    position: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Patch:
    """A change of some elements of an item, named as in a Deletion."""

    type: str
    operations: Sequence[PatchOperation]
    source_id: str | None = None
    criteria: str | None = None
    if_match: str | None = None
    full_url: str | None = None
    position: str = ""


Change = Submission | Deletion | Patch


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """That one message was taken in: the hash of its name (sender, time, number) and that of its content."""

    message: bytes
    content: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Original:
    """A message, an entry or a row as it came, to be kept with what was made of it.

    `name`: what that calls it (`concord.fhir.TOLD_BY`, without the version of the mapping); "" for what is found
    under each item that it tells of. `kind` such as "HL7 v2 ADT^A01"; `feed` by which it came, "" for none; `place`
    where it stood ("people.csv:12"), "" for what came by itself. `tells_of`: (type, source id) of its patients and of
    what was made of it; none: it is about nobody. `unmapped`: how often nothing was made of which field ("PID-18").
    """

    name: str
    kind: str
    feed: str
    content: bytes = field(repr=False)
    tells_of: frozenset[tuple[str, str]]
    unmapped: Counter[str] = field(default_factory=Counter)
    place: str = ""


Problem = Literal["incorrect", "conflict", "stale", "ambiguous", "absent"]
"""Why a change was rejected: it breaks a rule; it does not fit what is held; the version held is another; its
condition describes several items; what it is to change is not there."""


class ItemDeleted(Conflict):
    """What was asked for was deleted. Only its source hears so; to anybody else it is absent."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of a change. "deleted" says that it is there no more, also when it was not there before.

    `retry` marks a rejection that may succeed after other input (a conditional reference that found nothing).
    `unresolved` lists literal references whose target is not held (yet). `issues`: the rules of R4 that a rejected
    resource breaks, each with its place.
    """

    status: Literal["stored", "updated", "unchanged", "waiting", "deleted", "rejected"]
    position: str
    type: str = ""
    id: str | None = None
    version: str | None = None
    reason: str = ""
    problem: Problem = "incorrect"
    retry: bool = False
    unresolved: Sequence[str] = ()
    issues: Sequence[Issue] = ()


def to_blame(rejected: Sequence[Outcome]) -> list[Outcome]:
    """Of the outcomes of an all-or-nothing write that failed, those that were wrong themselves, in their order.

    The others were rejected for the sake of one of these, and their reason ends with its position.
    """
    positions = {outcome.position for outcome in rejected}
    return [
        outcome
        for outcome in rejected
        if outcome.reason.rpartition("because of ")[2].removesuffix(".") not in positions
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class ClauseReference:
    """The clause of an agreement that opens an item."""

    agreement: str
    title: str
    version: int
    clause: str
    because: str  # one sentence: "Shown because you are a doctor at Northfield General and she is attending there now."


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One entry of a record as this viewer may see it. `resource` is the FHIR resource, already cut for the viewer.
    `original`: what it was made from is kept, and they may be told of it."""

    type: str
    id: str
    organisation: OdsCode
    service: str | None
    heading: Heading
    lifecycle: Literal["current", "entered-in-error", "cancelled"]
    stored_at: datetime
    resource: dict[str, Any]
    clause: ClauseReference | None = None
    original: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldLink:
    """A source patient that may be a person already known, and waits for a human: `why` names what was compared."""

    organisation: OdsCode
    patient: str
    why: str


State = Literal["up-to-date", "late", "never-heard", "not-shared-with-role", "not-sharing-yet"]


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceState:
    """One line of the list of sources: the agreement's, the same for every person.

    `shares` is what it shares with the viewer's role at all, by `agreement` ("Northfield direct care, version 3").
    """

    organisation: OdsCode
    name: str
    short: str
    kind: str
    state: State
    heard_at: datetime | None
    shares: frozenset[Heading]
    agreement: str
