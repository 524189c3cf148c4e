"""A decision about one person with all that it hangs on, and those that were made lately."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from concord.base import OdsCode, PersonId
from concord.governance.assertions import Offer, offers
from concord.governance.decision import Decision
from concord.governance.fact_rows import Known
from concord.governance.model import PersonFacts, RelationshipKind, Viewer
from concord.governance.own_record import Own
from concord.governance.policy import OPEN_AT_WORK, ClauseName, Flow, Policy
from concord.governance.reasons import Reason
from concord.governance.wishes import wishes_in_words
from concord.governance.writing import may_assert, may_choose
from concord.store import Opening, Permitted, Reading, assertions, items
from concord.terminology import Heading

_MOST_KEPT = 1_000
_STRONGEST_FIRST = (
    RelationshipKind.ATTENDING,
    RelationshipKind.INPATIENT,
    RelationshipKind.ON_CASELOAD,
    RelationshipKind.CARE_TEAM,
    RelationshipKind.RESIDENT,
    RelationshipKind.REGISTERED,
    RelationshipKind.REFERRED,
    RelationshipKind.APPOINTMENT,
    RelationshipKind.NOMINATED_PHARMACY,
    RelationshipKind.SELF_CLAIMED,
)


@dataclass(frozen=True, kw_only=True)
class Decided:
    """A decision about one person, with the facts that it hangs on and what the store may read by it."""

    person: PersonId
    facts: PersonFacts
    decision: Decision
    permitted: Permitted
    policy_version: int
    asserted: Sequence[assertions.AssertionRow]
    """What the viewer has asserted about this person, and has not ended."""

    @property
    def offers(self) -> tuple[Offer, ...]:
        """What the viewer may assert, so that more opens."""
        return offers(self.decision)

    @property
    def may_choose(self) -> bool:
        """Whether the viewer may choose about the sharing of this record."""
        return may_choose(self.decision)

    def may_assert(self, kind: str) -> Offer | None:
        """What the viewer may assert of a kind; None: nothing."""
        return may_assert(self.decision, kind)

    @property
    def refused(self) -> bool:
        return self.decision.refusal is not None

    @property
    def own(self) -> bool:
        """Whether the viewer sees their own record by right of access."""
        return self.decision.own is Own.OPEN

    @property
    def acting(self) -> str:
        """As whom the viewer sees the record of somebody for whom they act ("attorney for health and welfare"); else
        nothing."""
        acting = self.decision.right.acting
        return "" if acting is None else acting.words

    @property
    def own_but_shut(self) -> bool:
        """Whether it is the viewer's own record, which stays shut to them: at work, and once its person has died."""
        return self.decision.own in (Own.SHUT, Own.ENDED)

    @property
    def locates(self) -> bool:
        return self.decision.locates

    @property
    def held(self) -> list[str]:
        """The relationships held that clauses ask for, in the agreements' words; a predecessor's with its code."""
        return [str(asked) for asked in self.decision.relationships_held]

    @property
    def choices(self) -> list[str]:
        """The choices in effect as they bear on the viewer's organisation, in the agreements' words."""
        return list(wishes_in_words(self.decision.wishes))

    @property
    def relationship(self) -> RelationshipKind | None:
        """The closest relationship that the viewer holds, of those that clauses ask for."""
        words = {asked.condition.word.value for asked in self.decision.relationships_held}
        return next((kind for kind in _STRONGEST_FIRST if kind.value in words), None)

    @cached_property
    def _held_flows(self) -> list[Flow]:
        """The flows that agreement, role and relationship open to the viewer, from any contributor.

        They hang on nothing else: not on the person's choices, nor on which sources know them.
        """
        flows = (flow for of_one in self.decision.flows.values() for flow in of_one)
        return [flow for flow in flows if self.decision.holds(flow)]

    @property
    def offered(self) -> int:
        """The headings (stored set) of those flows: what the page says is not shared is all the rest."""
        offered = self.decision.right.headings
        for flow in self._held_flows:
            offered |= flow.headings
        return offered

    @property
    def agreements(self) -> str:
        """The agreements of those flows by title: "Northfield direct care, version 3"."""
        if self.own:
            return "your right to see your own record"
        if self.acting:
            return "your right to act for this person"
        titles = {f"{flow.name.title}, version {flow.name.version}" for flow in self._held_flows}
        return " and ".join(sorted(titles))

    @cached_property
    def opened_by(self) -> list[ClauseName]:
        """The clauses under which something of this person is open: signed, in force, their relationship held."""
        flows = (flow for source in self.facts.sources for flow in self.decision.flows.get(source.organisation, ()))
        return list(dict.fromkeys(flow.name for flow in flows if self.decision.holds(flow)))

    @property
    def clauses(self) -> list[str]:
        """The same as the audit keeps it: `agreement version clause`."""
        return sorted(f"{name.agreement} {name.version} {name.clause}" for name in self.opened_by)

    @property
    def agreement_hashes(self) -> dict[str, str]:
        """SHA-256 (hex) of what the agreements of those clauses enforce, by `agreement version`."""
        opened = {(name.agreement, name.version) for name in self.opened_by}
        known = self.decision.policy.digests
        return {f"{agreement} {version}": known[agreement, version] for agreement, version in sorted(opened)}

    @cached_property
    def grounds(self) -> dict[str, Any]:
        """What decided, as the audit keeps it, so that it can be judged again by the facts of its day: policy, clauses,
        relationships, choices, and what they opened of each organisation's data."""
        told = {
            "policy": self.policy_version,
            "policy_hash": self.decision.policy.version,
            "clauses": self.clauses,
            "agreements": self.agreement_hashes,
            "held": self.held,
            "choices": self.choices,
            "protected": self.facts.protected,
            "own": self.own or self.own_but_shut,
            "acting": self.acting,
            "cells": self.cells,
        }
        if self.decision.overriding:
            told["override"] = self.asserted[-1].reason
        return {name: value for name, value in told.items() if value}

    def reason(self, organisation: OdsCode, service: str | None, heading: Heading, labels: int) -> Reason:
        return self.decision.explain(organisation, service, heading, labels)

    def opens(self, reading: Reading, item: items.StoredItem, source_patient: int) -> bool:
        """Whether an item that names this person's `source_patient` is open as far as this person goes."""
        service = reading.words.text(reading, item.service) if item.service else None
        return any(
            opening.source_patient == source_patient
            and opening.service in (None, service)
            and opening.headings >> item.heading & 1
            and item.labels & ~opening.labels == 0
            for opening in self.permitted.openings
        )

    @property
    def cells(self) -> dict[OdsCode, list[tuple[str, int, int]]]:
        """What is open of each organisation's data, as the audit keeps it: (service, headings, labels), stored sets,
        without the labels that every clause opens."""
        return {
            organisation: sorted(
                {(each.service or "", each.headings, each.labels & ~OPEN_AT_WORK) for each in openings}
            )
            for organisation, openings in self.openings_by_organisation.items()
        }

    @cached_property
    def openings_by_organisation(self) -> Mapping[OdsCode, list[Opening]]:
        of = {source.number: source.organisation for source in self.facts.sources}
        parts: dict[OdsCode, list[Opening]] = {}
        for opening in self.permitted.openings:
            parts.setdefault(of[opening.source_patient], []).append(opening)
        return parts


class _Kept(NamedTuple):
    known: Known
    decided: Decided


class LatelyDecided:
    """Decisions that were made lately, each given again as long as it would be made again the same.

    What it hangs on is read anew for every request, in the snapshot that it is for, and compared whole: viewer, person,
    what is held about the person, the policy, and the instant. It spares making it, never reading. Safe to use from
    several threads.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[Viewer, PersonId], _Kept] = {}
        self._turn = threading.Lock()

    def find(self, viewer: Viewer, person: PersonId, known: Known, policy: Policy, now: datetime) -> Decided | None:
        kept = self._kept.get((viewer, person))
        if kept is None or kept.known != known:
            return None
        decision = kept.decided.decision
        # A policy read anew is another object, whatever it says.
        return kept.decided if decision.policy is policy and decision.now <= now < decision.valid_until else None

    def keep(self, viewer: Viewer, known: Known, decided: Decided) -> None:
        """In the place of the one that was made for the same viewer and person; the oldest goes when there are many."""
        with self._turn:
            self._kept.pop((key := (viewer, decided.person)), None)
            self._kept[key] = _Kept(known, decided)
            if len(self._kept) > _MOST_KEPT:
                del self._kept[next(iter(self._kept))]
