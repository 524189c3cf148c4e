"""What a reviewer of links may see: their own organisation's records, and of others those that deciding needs.

Which organisations know a person tells something of them. So another organisation's record is shown only if the two
wait for a decision, a reviewer has decided about them before, or it is a general practice's; else it is not there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from concord.base import NhsNumber, PersonId
from concord.governance import Duty, Policy, Viewer, may_review_links, permit_duty
from concord.identity import Explained, explain
from concord.record.dates import when
from concord.record.finding import spaced
from concord.record.numbers import tracing_of
from concord.record.wire import as_sent
from concord.store import Reading, body, facts, items, people, ties

REVIEWING = permit_duty(Duty(name="matching"))
_HIDDEN = "Not shown: protected"


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """One organisation's record of a person, by what tells people apart. `patient` is the logical id of its Patient,
    `person` opaque, `tracing` how far its NHS number was traced, or why there is none. Of a person whom any source
    protects no address, nor who else knows them."""

    patient: str
    person: PersonId
    organisation: str
    name: str
    born: str
    sex: str
    nhs_number: str
    tracing: str
    address: str
    died: str


class Waiting(NamedTuple):
    """Two source patients that wait for a human; `why` names what was compared, never a value."""

    one: people.TracedSource
    other: people.TracedSource
    why: str


class Reviewing:
    """In one snapshot, for one viewer."""

    def __init__(self, reading: Reading, policy: Policy, viewer: Viewer) -> None:
        self._reading = reading
        self._policy = policy
        self._viewer = viewer
        self._codec = body.Codec()

    @property
    def allowed(self) -> bool:
        return may_review_links(self._viewer, self._policy)

    def waiting(self, among: frozenset[people.Source] | None = None) -> Iterator[Waiting]:
        """What waits of which one is the viewer's organisation's, oldest first; `among`: if one of these waits."""
        seen: set[frozenset[str]] = set()
        for source, base, target, why in ties.waiting(self._reading):
            here = people.described(self._reading, REVIEWING, source) if among is None or source in among else None
            there = None if here is None else self._patient(target) if base is None else self._of_base(base, but=source)
            if here is None or there is None or not (self._own(here) or self._own(there)):
                continue
            both = frozenset((here.patient, there.patient))
            if both not in seen:
                seen.add(both)
                yield Waiting(here, there, why)

    def pair(self, one: str, other: str) -> tuple[people.TracedSource, people.TracedSource] | None:
        """Two source patients by the ids of their Patients, if the viewer may review them."""
        here, there = self._patient(one), self._patient(other)
        if one == other or here is None or there is None or not self.allowed:
            return None
        if not (self._own(here) or self._own(there)):
            return None
        needed = (
            all(self._may_know_of(each) for each in (here, there))
            or bool(ties.said(self._reading, one, other))
            or self.why_waiting(here, there) != ""
        )
        return (here, there) if needed else None

    def why_waiting(self, here: people.TracedSource, there: people.TracedSource) -> str:
        """Empty when they do not wait for each other."""
        both = {here.patient, there.patient}
        waiting = self.waiting(frozenset((here.source, there.source)))
        return next((each.why for each in waiting if {each.one.patient, each.other.patient} == both), "")

    def linked_with(self, *sources: people.TracedSource) -> list[people.TracedSource]:
        """What else the viewer may know of that is linked with one of these."""
        persons = dict.fromkeys(source.person for source in sources if source.person is not None)
        patients = {source.patient for source in sources}
        found = [each for person in persons for each in people.of_person(self._reading, REVIEWING, person)]
        return [each for each in found if each.patient not in patients and self._may_know_of(each)]

    def under(self, number: NhsNumber) -> list[people.TracedSource]:
        """What the viewer may know of the persons under a number; nothing, if nothing is their organisation's."""
        bearing = people.with_nhs_number(self._reading, REVIEWING, number)
        known = [*bearing, *self.linked_with(*bearing)]
        known = [each for each in known if each.person is not None and self._may_know_of(each)]
        order = list(dict.fromkeys(each.person for each in known))
        known.sort(key=lambda each: (order.index(each.person), each.number))
        return known if any(self._own(each) for each in known) else []

    def side(self, source: people.TracedSource) -> Side:
        known, protected = source.demographics, self._protected(source)
        assert source.person is not None
        born, died = when(known.born_on), known.died_on
        named = self._own(source) or not protected
        return Side(
            patient=source.patient,
            person=source.person,
            organisation=self._policy.directory.name(source.organisation) if named else _HIDDEN,
            name=known.shown_name or "Not known",
            born=born.text if born else "Not known",
            sex=known.sex.capitalize() or "Not known",
            nhs_number=spaced(known.nhs_number) if known.nhs_number else "none",
            tracing=self._tracing(source),
            address=_HIDDEN if protected else known.address or "Not known",
            died="" if not died else f"Died {day.text}" if (day := when(died)) else "Died",
        )

    def alike(self, one: people.TracedSource, other: people.TracedSource) -> Explained:
        """What comparing them tells; without the address, where either is protected."""
        explained = explain(self._reading, one, other)
        return explained.without("place") if self._protected(one) or self._protected(other) else explained

    # ------------------------------------------------------------------------------------------------------------------

    def _tracing(self, source: people.TracedSource) -> str:
        place = items.locate(self._reading, "Patient", source.patient)
        item = None if place is None else items.read_one(self._reading, REVIEWING, place)
        return "Not said of this one" if item is None else tracing_of(as_sent("Patient", item, self._codec))

    def _own(self, source: people.TracedSource) -> bool:
        return source.organisation == self._viewer.organisation

    def _may_know_of(self, source: people.TracedSource) -> bool:
        return may_review_links(self._viewer, self._policy, source.organisation)

    def _protected(self, source: people.TracedSource) -> bool:
        person = () if source.person is None else people.linked_to(self._reading, source.person)
        return facts.protected(self._reading, [source.source, *person])

    def _of_base(self, base: PersonId, *, but: people.Source) -> people.TracedSource | None:
        """Another source patient of a base: that which tells least of who knows the person; of these the oldest."""
        members = (each.source for each in ties.members(self._reading, REVIEWING, base))
        found = [people.described(self._reading, REVIEWING, source) for source in members if source != but]
        held = [each for each in found if each is not None]
        return min(held, key=lambda each: (not self._own(each), not self._may_know_of(each), each.number), default=None)

    def _patient(self, patient: str) -> people.TracedSource | None:
        place = items.locate(self._reading, "Patient", patient)
        found = None if place is None else people.described(self._reading, REVIEWING, place.source)
        return None if found is None or found.person is None else found  # nobody's yet: of an organisation on trial
