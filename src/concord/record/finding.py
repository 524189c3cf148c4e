"""Whom a professional may find, and how they are told from others."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Never

from concord.audit import Action, Audited, AuditOutcome, AuditWriter
from concord.base import Clock, NotFound, PersonId
from concord.governance import Decided, Gate, Policy, RelationshipKind, Viewer, may_trace
from concord.identity import tested_sources
from concord.record.asking import asked
from concord.record.dates import LONDON, when
from concord.record.faces import FoundPerson, Namesake, PersonQuery
from concord.record.prepare import fold
from concord.record.reading import ItemReader
from concord.record.scopes import Scope
from concord.record.summary.words import child, children, string
from concord.record.tracing import TRACING, Tracer
from concord.store import Reading, items, people

_SEXES = {"male": "Male", "female": "Female", "other": "Other"}
LINKS = {
    RelationshipKind.ATTENDING: "Attending your organisation",
    RelationshipKind.INPATIENT: "In a bed of your organisation",
    RelationshipKind.ON_CASELOAD: "On your caseload",
    RelationshipKind.CARE_TEAM: "You are in the care team",
    RelationshipKind.REGISTERED: "Registered with your practice",
    RelationshipKind.REFERRED: "Referred to your organisation",
    RelationshipKind.APPOINTMENT: "Has an appointment with your organisation",
    RelationshipKind.RESIDENT: "Lives in your home",
    RelationshipKind.NOMINATED_PHARMACY: "Has chosen your pharmacy",
    RelationshipKind.SELF_CLAIMED: "In your care, by your own word",
}


class Finder:
    """Reads within the snapshot of whoever asks; the audit is theirs."""

    def __init__(self, gate: Gate, clock: Clock, reader: ItemReader) -> None:
        self._gate = gate
        self._clock = clock
        self._reader = reader
        self._tracer = Tracer(gate)

    def sought(self, reading: Reading, query: PersonQuery, viewer: Viewer) -> list[PersonId]:
        """Whom the query may mean. Nobody for a viewer who may not trace."""
        if not may_trace(viewer, self._gate.policy(reading)):
            return []
        if query.nhs_number is not None:
            return self._tracer.by_number(reading, query.nhs_number, viewer.user)
        if query.born_on is not None:
            return self._tracer.by_name(reading, query.family, query.given, query.born_on.isoformat(), viewer.user)
        return []

    def may_know_of(self, reading: Reading, viewer: Viewer, policy: Policy, decided: Decided) -> bool:
        """Whether the viewer may be told that there is such a person: their record is open, or tracing finds them."""
        return not decided.refused or (may_trace(viewer, policy) and self._tracer.finds(reading, decided.person))

    def face(self, reading: Reading, person: PersonId, viewer: Viewer) -> FoundPerson:
        sources = people.of_person(reading, TRACING, person) or tested_sources(reading, TRACING, viewer.user, person)
        best = known_as(sources)
        died = next((source.demographics.died_on for source in sources if source.demographics.died_on), None)
        born = when(best.born_on)
        decided = self._gate.decide(reading, viewer, person)
        protected = decided is None or decided.facts.protected
        held = decided.relationship if decided is not None and not decided.refused else None
        return FoundPerson(
            person=person,
            name=best.shown_name or "Name not known",
            born=born.text if born else "not known",
            age="" if died or born is None else _years(born.low, self._clock.now()),
            sex=_SEXES.get(best.sex, "Not known"),
            nhs_number=spaced(best.nhs_number or ""),
            address="" if protected else best.address,
            died="" if not died else f"Died {day.text}" if (day := when(died)) else "Died",
            link="" if held is None else LINKS[held],
            where="" if protected or decided is None else self._where(reading, decided),
        )

    def _where(self, reading: Reading, decided: Decided) -> str:
        """The ward and bed of an open stay, as far as the stay itself is open to the viewer."""
        for item in items.read(reading, decided.permitted, types=["Encounter"], current_only=True):
            resource = self._reader.resource(reading, item, Scope(decided.permitted, decided.person, decided))
            if resource.get("status") in ("arrived", "triaged", "in-progress") and (text := place_of(resource)):
                return text
        return ""

    def namesakes(self, reading: Reading, person: PersonId, viewer: Viewer) -> list[tuple[Namesake, Decided]]:
        """Others of the same family and first name who are at the viewer's organisation now, and open to them."""
        mine = people.of_person(reading, TRACING, person)
        names = {(source.demographics.family, _first_name(source)) for source in mine}
        seats = self._gate.policy(reading).directory.seats(viewer.organisation, self._clock.now())
        alike: dict[PersonId, people.TracedSource] = {}
        for family in dict.fromkeys(family for family, _ in names if family):
            for source in people.here_with_family(reading, TRACING, seats, family):
                if source.person not in (None, person) and (family, _first_name(source)) in names:
                    alike.setdefault(source.person, source)
        found = []
        for other, source in alike.items():
            decided = self._gate.decide(reading, viewer, other)
            if decided is not None and not decided.refused:
                family, _, given = source.demographics.shown_name.partition(", ")
                born = when(source.demographics.born_on)
                name = f"{given.partition(' (')[0]} {family}".strip()
                found.append((Namesake(name=name, born=born.text if born else "not known"), decided))
        return found

    def shares_number(self, reading: Reading, person: PersonId, viewer: Viewer, policy: Policy) -> bool:
        """Whether a search would show another record under one of the person's numbers."""
        if not may_trace(viewer, policy):
            return False
        sources = people.of_person(reading, TRACING, person)
        numbers = {source.demographics.nhs_number for source in sources}
        return any(
            other != person
            for number in numbers
            if number
            for other in self._tracer.by_number(reading, number, viewer.user)
        )


def nobody(audit: AuditWriter, at: datetime, viewer: Viewer, action: Action, decided: Decided | None) -> Audited[Never]:
    """The same words for whoever is absent and whoever may not be known of; the audit tells them apart."""
    outcome: AuditOutcome = "nothing" if decided is None else "refused"
    event = asked(at, viewer, action, outcome, person=decided.person if decided else None, decided=decided)
    return audit.refuse(NotFound("There is nobody you can open here."), [event])


def known_as(sources: Sequence[people.TracedSource]) -> people.Demographics:
    """What the oldest source that knows the NHS number says of a person, else the oldest; last what was replaced."""

    def rank(source: people.TracedSource) -> tuple[bool, bool, int]:
        return not source.replaced, bool(source.demographics.nhs_number), -source.number

    return max(sources, key=rank).demographics


def place_of(encounter: Mapping[str, Any]) -> str:
    """ "Majors 7": the words of the stay's present location."""
    now = [entry for entry in children(encounter, "location") if not child(entry, "period").get("end")]
    if not now:
        return ""
    place = string(child(now[-1], "location"), "display")
    on_the_way = string(now[-1], "status") == "planned" and "start" in child(now[-1], "period")
    return f"on the way to {place}" if place and on_the_way else place


def _first_name(source: people.TracedSource) -> str:
    """Folded, as written before the first space: "Margaret Ann" and "Margaret" begin alike."""
    return fold(source.demographics.shown_name.partition(", ")[2].partition(" ")[0])


def _years(born: datetime, now: datetime) -> str:
    first, today = born.astimezone(LONDON).date(), now.astimezone(LONDON).date()
    years = today.year - first.year - ((today.month, today.day) < (first.month, first.day))
    return f"{years}y"


def spaced(number: str) -> str:
    return f"{number[:3]} {number[3:6]} {number[6:]}" if number else "not traced"
