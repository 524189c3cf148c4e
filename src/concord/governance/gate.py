"""Where a decision meets the database: facts are read, the decision is made, and a `Permitted` comes out."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import msgspec

from concord.base import Clock, Incorrect, OdsCode, PersonId
from concord.governance.decided import Decided, LatelyDecided
from concord.governance.decision import decide
from concord.governance.directory import Directory, parse_directory
from concord.governance.fact_rows import Tested, choice_from, facts_of, known_of, relationship_of
from concord.governance.grammar import parse_agreement
from concord.governance.label_review import label_review
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
    SourceSystem,
    Viewer,
)
from concord.governance.own_record import own_labels
from concord.governance.permitted import permit_source, permit_viewer
from concord.governance.policy import Policy
from concord.governance.reasons import Notice
from concord.governance.relationships import held_by, spans
from concord.governance.signatories import parse_signatories
from concord.store import Permitted, Reading, body, facts, items, own_choices, people, registers, trials
from concord.terminology import Hierarchy, Label, label_mask


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


class Gate:
    """Reads facts and decides. Nothing is kept that is not kept under the version it was read at."""

    def __init__(self, clock: Clock, *, tested: Tested) -> None:
        self._clock = clock
        self._tested = tested
        self._unsigned: tuple[int, Policy] = 0, _EMPTY
        self._policy: tuple[tuple[int, int, int], Policy] = (0, 0, 0), _EMPTY
        self._site: tuple[tuple[int, Mapping[str, int]], SensitivityTable] = (0, {}), NO_ROWS
        self._organisations: dict[people.Source, OdsCode] = {}
        self._lately = LatelyDecided()
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
            kept = self._site if self._site[0] == of_now else (of_now, with_hierarchies(written, of_now[1], reading))
            if reading.committed:
                self._site = kept
            return Sensitivity(shipped=shipped_table(), site=kept[1])

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
        now = self._clock.now()
        known = known_of(reading, person, now, number=viewer.nhs_number, user=viewer.user, tested=self._tested)
        if not known.sources:
            return None
        version, policy = self._current(reading, known.policy)
        kept = self._lately.find(viewer, person, known, policy, now)
        if kept is not None:
            return kept
        person_facts = facts_of(known)
        decision = decide(viewer, person_facts, policy, now)
        decided = Decided(
            person=person,
            facts=person_facts,
            decision=decision,
            permitted=permit_viewer(decision),
            policy_version=version,
            asserted=[each for each in known.asserted if each.holder == viewer.user],
        )
        self._lately.keep(viewer, known, decided)
        return decided

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
        return facts_of(known_of(reading, person, since))

    def acted_for(self, reading: Reading, viewer: Viewer) -> list[Decided]:
        """Everybody for whom the viewer acts now, in a fixed order."""
        number = viewer.nhs_number
        persons = [] if number is None else people.with_proxy(reading, number)
        decided = (self.decide(reading, viewer, person) for person in persons)
        return [each for each in decided if each is not None and each.acting]

    def permit_list(self, reading: Reading, viewer: Viewer) -> Permitted:
        """What is open of whoever is on the viewer's list and is decided about with others (`decide_list`)."""
        tested = tuple(trials.tested_by(reading, viewer.user))
        return permit_viewer(decide_list(viewer, self.policy(reading), self._clock.now(), tested=tested))

    def permit_label_review(self, reading: Reading, viewer: Viewer, person: PersonId) -> Permitted:
        """What the viewer may review the labels of, of a person."""
        now = self._clock.now()
        known = known_of(reading, person, now, number=viewer.nhs_number)
        return permit_viewer(label_review(viewer, facts_of(known), self.policy(reading), now))

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
        seats, lately = self._seats(reading, viewer, within)
        found = []
        for person, *row, home, number, item in facts.people_related(reading, seats, viewer.staff_id, lately=lately):
            relationship = relationship_of(row)
            if held_by(relationship, viewer, seats):
                found.append((PersonId(person), relationship, items.Place(home, number, item)))
        return found

    def relationships_tested(
        self, reading: Reading, viewer: Viewer, *, within: timedelta
    ) -> list[tuple[Relationship, items.Place]]:
        """The same of what organisations on trial say that the viewer tests: by it nobody is linked."""
        seats, lately = self._seats(reading, viewer, within)
        found = []
        for *row, home, number, item in facts.related_on_trial(
            reading, viewer.user, seats, viewer.staff_id, lately=lately
        ):
            relationship = relationship_of(row)
            if held_by(relationship, viewer, seats):
                found.append((relationship, items.Place(home, number, item)))
        return found

    def _seats(self, reading: Reading, viewer: Viewer, within: timedelta) -> tuple[tuple[OdsCode, ...], int]:
        """The organisations whose relationships are the viewer's, and when what ended lately may have ended."""
        now = self._clock.now()
        return self.policy(reading).directory.seats(viewer.organisation, now), body.microseconds(now - within)

    def _current(self, reading: Reading, version: tuple[int, int, int] | None = None) -> tuple[int, Policy]:
        """By number, and whole; `version`, if it was read already."""
        version = version or registers.policy_version(reading)
        with self._turn:
            unsigned, signed = self._unsigned, self._policy
            if unsigned[0] != version[0]:
                unsigned = version[0], unsigned_policy(published_files(reading))
            if signed[0] != version:
                signed = version, _signed(unsigned[1], reading)
            if reading.committed:
                self._unsigned, self._policy = unsigned, signed
            return version[0], signed[1]


_EMPTY = Policy(agreements=(), signatures=(), directory=Directory(organisations={}))
