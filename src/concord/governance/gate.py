"""Where a decision meets the database: facts are read, the decision is made, and a `Permitted` comes out."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

import msgspec

from concord.base import Clock, Incorrect, OdsCode, PersonId
from concord.governance.assertions import Offer, offers
from concord.governance.decision import Decision, decide
from concord.governance.directory import Directory, parse_directory
from concord.governance.fact_rows import choice_from, facts_of, relationship_of
from concord.governance.grammar import parse_agreement
from concord.governance.labels.tables import (
    NO_ROWS,
    Sensitivity,
    SensitivityTable,
    parse_site_table,
    shipped_table,
    with_hierarchies,
)
from concord.governance.lists import decide_list
from concord.governance.model import (
    Choice,
    PersonFacts,
    Relationship,
    RelationshipKind,
    SourceSystem,
    Viewer,
)
from concord.governance.own_record import Own, own_headings, own_labels
from concord.governance.permitted import permit_source, permit_viewer
from concord.governance.policy import OPEN_AT_WORK, ClauseName, Flow, Policy
from concord.governance.reasons import Notice, Reason
from concord.governance.relationships import held_by, spans
from concord.governance.signatories import parse_signatories
from concord.governance.wishes import wishes_in_words
from concord.store import Opening, Permitted, Reading, assertions, body, facts, items, own_choices, people, registers
from concord.terminology import Heading, Hierarchy, Label, label_mask

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


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyFiles:
    """The files that make a policy, as texts: the directory, the agreements by file name, who may sign them, and the
    site's own table of sensitivity."""

    directory: str
    agreements: Mapping[str, str]
    signatories: str = ""
    sensitivity: str = ""


def unsigned_policy(files: PolicyFiles) -> Policy:
    """The policy that the files make before anybody has signed. Raises FileRefused."""
    directory = parse_directory(files.directory, filename="organisations.yaml")
    agreements = [
        parse_agreement(text, filename=name, directory=directory) for name, text in sorted(files.agreements.items())
    ]
    signatories = parse_signatories(files.signatories, filename="signatories.yaml", directory=directory)
    return Policy(
        agreements=agreements, signatures=(), directory=directory, signatories=signatories,
        sensitivity=parse_site_table(files.sensitivity),
    )  # fmt: skip


def _signed(policy: Policy, reading: Reading, by: datetime | None = None) -> Policy:
    """The same with the statements that have come, as far as they count. `by`: no later than then."""
    received = [(content, body.instant(at)) for content, at in registers.statements(reading)]
    known = [(content, at) for content, at in received if by is None or at <= by]
    return replace(policy, signatures=policy.signatories.standing(known))


def published_files(reading: Reading) -> PolicyFiles:
    """The files as last published; empty ones before the first."""
    text = registers.policy_files(reading, registers.policy_version(reading)[0])
    return msgspec.json.decode(text, type=PolicyFiles) if text else PolicyFiles(directory="", agreements={})


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
    def refused(self) -> bool:
        return self.decision.refusal is not None

    @property
    def own(self) -> bool:
        """Whether the viewer sees their own record by right of access."""
        return self.decision.own is Own.OPEN

    @property
    def own_but_shut(self) -> bool:
        """Whether it is the viewer's own record, which stays shut to them: at work, and once its person has died."""
        return self.decision.own in (Own.SHUT, Own.ENDED)

    @property
    def locates(self) -> bool:
        return self.decision.locates

    @property
    def held(self) -> list[str]:
        """The relationships held that clauses ask for, in the agreements' words."""
        return [str(condition) for condition in self.decision.relationships_held]

    @property
    def choices(self) -> list[str]:
        """The choices in effect as they bear on the viewer's organisation, in the agreements' words."""
        return list(wishes_in_words(self.decision.wishes))

    @property
    def relationship(self) -> RelationshipKind | None:
        """The closest relationship that the viewer holds, of those that clauses ask for."""
        words = {condition.word.value for condition in self.decision.relationships_held}
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
        offered = own_headings(closed=0) if self.own else 0
        for flow in self._held_flows:
            offered |= flow.headings
        return offered

    @property
    def agreements(self) -> str:
        """The agreements of those flows by title: "Northfield direct care, version 3"."""
        if self.own:
            return "your right to see your own record"
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


Tested = Callable[[Reading, str, PersonId], Iterable[people.TracedSource]]
"""Source patients of organisations on trial that would be a person's, as a user tests them; to anybody else, none."""


class Gate:
    """Reads facts and decides. Nothing is kept that is not kept under the version it was read at."""

    def __init__(self, clock: Clock, *, tested: Tested) -> None:
        self._clock = clock
        self._tested = tested
        self._unsigned: tuple[int, Policy] = 0, _EMPTY
        self._policy: tuple[tuple[int, int, int], Policy] = (0, 0, 0), _EMPTY
        self._site: tuple[tuple[int, Mapping[str, int]], SensitivityTable] = (0, {}), NO_ROWS
        self._organisations: dict[people.Source, OdsCode] = {}
        self._turn = threading.Lock()

    def policy(self, reading: Reading) -> Policy:
        """The policy as last published."""
        return self._current(reading)[1]

    def sensitivity(self, reading: Reading) -> Sensitivity:
        """What codes say: by the table that ships with Concord, and the site's own as last published, with what is
        loaded of the code systems that it speaks of."""
        number, policy = self._current(reading)
        written = policy.sensitivity
        of_now = number, {name: Hierarchy.load_of(reading, written.systems[name].urls) for name in written.roots}
        with self._turn:
            if self._site[0] != of_now:
                self._site = of_now, with_hierarchies(written, of_now[1], reading)
            return Sensitivity(shipped=shipped_table(), site=self._site[1])

    def past_policy(self, reading: Reading, version: int, at: datetime) -> Policy | None:
        """The policy of one publication with what had been signed by `at`, as it is read today; None where it is not
        held, or no longer reads."""
        text = registers.policy_files(reading, version)
        try:
            files = msgspec.json.decode(text, type=PolicyFiles) if text else None
            return None if files is None else _signed(unsigned_policy(files), reading, by=at)
        except Incorrect:
            return None

    def decide(self, reading: Reading, viewer: Viewer, person: PersonId) -> Decided | None:
        """The decision about a person as this snapshot knows them; None for whom no source knows."""
        tested = list(self._tested(reading, viewer.user, person))
        sources = people.linked(reading, person) + [(each.home, each.number, each.organisation) for each in tested]
        if not sources:
            return None
        version, policy = self._current(reading)
        now = self._clock.now()
        asserted = assertions.lasting(reading, person, body.microseconds(now))
        known = facts_of(reading, sources, asserted, with_numbers=viewer.nhs_number is not None)
        if any(each.demographics.protected for each in tested):
            known = replace(known, protected=True)
        decision = decide(viewer, known, policy, now)
        return Decided(
            person=person,
            facts=known,
            decision=decision,
            permitted=permit_viewer(decision),
            policy_version=version,
            asserted=[each for each in asserted if each.holder == viewer.user],
        )

    def notices(self, reading: Reading, decided: Decided) -> Sequence[Notice]:
        """What a page may say about what it does not show. It looks for seals among the items, as no decision needs."""
        sealed = facts.any_labelled(
            reading,
            [(source.home, source.number) for source in decided.facts.sources],
            carrying=Label.SEALED_FLAGGED.mask,
            lacking=Label.SEALED_LOCKED.mask,
        )
        return decided.decision.notices(flagged_seal=sealed)

    def recorded_choices(self, reading: Reading, decided: Decided) -> Sequence[Choice]:
        """The choices in effect that sources have recorded, to the person whose own record it is: those whose Consent
        carries nothing that is kept from them."""
        if not decided.own:
            return []
        kept = ~own_labels(barred=decided.decision.policy.barred) & label_mask(Label)
        places = [(source.home, source.number) for source in decided.facts.sources]
        found = [choice_from(row) for row in facts.choice_rows_told(reading, places, lacking=kept)]
        return [each for each in found if spans((each.start_at, each.end_at), decided.decision.now)]

    def known_choices(self, reading: Reading, decided: Decided) -> Sequence[Choice]:
        """The choices in effect that the person whose own record it is knows of: their own, and those recorded."""
        if not decided.own:
            return []
        places = [(source.home, source.number) for source in decided.facts.sources]
        own = [choice_from(row) for row in own_choices.facts_of(reading, places)]
        now = decided.decision.now
        standing = [each for each in own if spans((each.start_at, each.end_at), now)]
        return [*standing, *self.recorded_choices(reading, decided)]

    def facts(self, reading: Reading, person: PersonId, since: datetime) -> PersonFacts:
        """What is held about a person, and what users have asserted about them that lasted at `since` or later."""
        asserted = assertions.lasting(reading, person, body.microseconds(since))
        return facts_of(reading, people.linked(reading, person), asserted)

    def permit_list(self, reading: Reading, viewer: Viewer) -> Permitted:
        """What is open of whoever is on the viewer's list and is decided about with others (`decide_list`)."""
        return permit_viewer(decide_list(viewer, self.policy(reading), self._clock.now()))

    def organisation_of(self, reading: Reading, source: people.Source) -> OdsCode:
        """Who contributes a source patient: fixed for ever."""
        if source not in self._organisations:
            self._organisations[source] = people.contributor(reading, source)
        return self._organisations[source]

    def shelf(self, reading: Reading, source: people.Source) -> Permitted:
        """What names no person, of the contributor on whose shelf it lies; for items that an open item refers to."""
        return permit_source(SourceSystem(organisation=self.organisation_of(reading, source)))

    def relationships_of(
        self, reading: Reading, viewer: Viewer, *, within: timedelta
    ) -> list[tuple[PersonId, Relationship, items.Place]]:
        """Every relationship that the viewer holds, or that ended `within` this time, with the item that says so."""
        found = []
        lately = body.microseconds(self._clock.now() - within)
        for person, *row, home, number, item in facts.people_related(
            reading, viewer.organisation, viewer.staff_id, lately=lately
        ):
            relationship = relationship_of(row)
            if held_by(relationship, viewer):
                found.append((PersonId(person), relationship, items.Place(home, number, item)))
        return found

    def _current(self, reading: Reading) -> tuple[int, Policy]:
        version = registers.policy_version(reading)
        with self._turn:
            if self._unsigned[0] != version[0]:
                self._unsigned = version[0], unsigned_policy(published_files(reading))
            if self._policy[0] != version:
                self._policy = version, _signed(self._unsigned[1], reading)
            return version[0], self._policy[1]


_EMPTY = Policy(agreements=(), signatures=(), directory=Directory(organisations={}))
