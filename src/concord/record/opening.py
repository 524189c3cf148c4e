"""A person found, opened on a page, listed, and looked up in the audit: what a professional does with a record."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from concord.audit import Audited, AuditEvent, AuditWriter, looks
from concord.base import Clock, Keys, NotFound, OdsCode, PersonId
from concord.fhir import parse
from concord.governance import Decided, Gate, Policy, Relationship, RelationshipKind, Viewer, may_audit, may_trace, roles
from concord.record.asking import author, event_detail
from concord.record.dates import LONDON, day_text, when
from concord.record.faces import (
    FoundPerson,
    ListName,
    ListRow,
    Look,
    Looks,
    OpenRecord,
    PersonQuery,
    ShutRecord,
    Worklists,
)
from concord.record.freshness import source_states
from concord.record.model import ClauseReference, Item
from concord.record.reading import ItemReader, Scope
from concord.record.summary import summarise
from concord.record.summary.words import child, children, string
from concord.record.tracing import TRACING, Tracer
from concord.store import Reading, SqliteStore, body, items, people
from concord.store.items import StoredItem
from concord.terminology import HEADINGS, Heading

_MOST_LOOKS = 200
_SEXES = {"male": "Male", "female": "Female", "other": "Other"}
_NOBODY = "There is nobody you can open here."
_LISTS: Sequence[tuple[str, str, frozenset[RelationshipKind], str]] = (
    ("attending", "Attending now", frozenset({RelationshipKind.ATTENDING}), "Nobody is attending your service now."),
    ("inpatients", "In a bed now", frozenset({RelationshipKind.INPATIENT}), "Nobody is admitted to your service now."),
    (
        "caseload",
        "My caseload",
        frozenset({RelationshipKind.ON_CASELOAD, RelationshipKind.CARE_TEAM}),
        "You have no caseload. People appear here when a team adds them to you.",
    ),
    ("residents", "Residents", frozenset({RelationshipKind.RESIDENT}), "Nobody lives here now."),
    ("appointments", "Appointments", frozenset({RelationshipKind.APPOINTMENT}), "No appointments near today."),
    ("referred", "Referred to us", frozenset({RelationshipKind.REFERRED}), "Nobody is referred to your service now."),
)
_LINKS = {
    RelationshipKind.ATTENDING: "Attending your organisation",
    RelationshipKind.INPATIENT: "In a bed of your organisation",
    RelationshipKind.ON_CASELOAD: "On your caseload",
    RelationshipKind.CARE_TEAM: "You are in the care team",
    RelationshipKind.REGISTERED: "Registered with your practice",
    RelationshipKind.REFERRED: "Referred to your organisation",
    RelationshipKind.APPOINTMENT: "Has an appointment with your organisation",
    RelationshipKind.RESIDENT: "Lives in your home",
    RelationshipKind.NOMINATED_PHARMACY: "Has chosen your pharmacy",
}


class RecordOpener:
    """Every answer comes locked until its audit row is durable."""

    def __init__(
        self, store: SqliteStore, gate: Gate, audit: AuditWriter, clock: Clock, reader: ItemReader
    ) -> None:
        self._store = store
        self._gate = gate
        self._audit = audit
        self._clock = clock
        self._reader = reader
        self._tracer = Tracer(gate)

    # -- finding ---------------------------------------------------------------------------------------------------------

    def find(self, query: PersonQuery, viewer: Viewer) -> Audited[Sequence[FoundPerson]]:
        """Whom the query may mean. Nobody for a viewer who may not trace."""
        with self._store.reading() as reading:
            policy = self._gate.policy(reading)
            persons: list[PersonId] = []
            if may_trace(viewer, policy):
                if query.nhs_number is not None:
                    persons = self._tracer.by_number(reading, query.nhs_number)
                elif query.born_on is not None:
                    persons = self._tracer.by_name(reading, query.family, query.given, query.born_on.isoformat())
            found = [self._found(reading, person, viewer) for person in persons]
        events = [self._event(viewer, "find", "shown", person, None, {}) for person in persons]
        return self._audit.record(found, events or [self._event(viewer, "find", "nothing", None, None, {})])

    def _found(self, reading: Reading, person: PersonId, viewer: Viewer) -> FoundPerson:
        sources = people.of_person(reading, TRACING, person)
        best = max(sources, key=lambda source: (bool(source.demographics.nhs_number), -source.number)).demographics
        protected = any(source.demographics.protected for source in sources)
        died = next((source.demographics.died_on for source in sources if source.demographics.died_on), None)
        born = when(best.born_on)
        decided = self._gate.decide(reading, viewer, person)
        held = decided.relationship if decided is not None and not decided.refused else None
        return FoundPerson(
            person=person,
            name=best.shown_name or "Name not known",
            born=born.text if born else "not known",
            age="" if died or born is None else _years(born.low, self._clock.now()),
            sex=_SEXES.get(best.sex, "Not known"),
            nhs_number=_spaced(best.nhs_number or ""),
            address="" if protected else best.address,
            died="" if not died else f"Died {day.text}" if (day := when(died)) else "Died",
            link="" if held is None else _LINKS[held],
            where="" if protected or decided is None else self._where(reading, decided),
        )

    def _where(self, reading: Reading, decided: Decided) -> str:
        """The ward and bed of an open stay, as far as the stay itself is open to the viewer."""
        for item in items.read(reading, decided.permitted, types=["Encounter"], current_only=True):
            resource = self._reader.resource(reading, item, Scope(decided.permitted, whole=False, decided=decided))
            if resource.get("status") in ("arrived", "triaged", "in-progress") and (text := _place(resource)):
                return text
        return ""

    # -- opening ---------------------------------------------------------------------------------------------------------

    def open(self, person: PersonId, viewer: Viewer) -> Audited[OpenRecord | ShutRecord]:
        """The whole record as this viewer may see it, or why it is shut. NotFound for who may not even find it."""
        timings: dict[str, float] = {}
        with self._store.reading() as reading:
            policy = self._gate.policy(reading)
            scope = self._reader.scope_of_person(reading, person, viewer, timings)
            decided = scope.decided if scope else None
            if scope is None or decided is None or (decided.refused and not self._findable(reading, person, viewer, policy)):
                self._audit.record(None, [self._event(viewer, "open", "nothing", None, None, {})]).wait()
                raise NotFound(_NOBODY)
            if decided.refused:
                shut = ShutRecord(
                    found=self._found(reading, person, viewer),
                    because=decided.decision.refusal.sentence,
                    advice=[decided.decision.refusal.remedy],
                )
                events = [self._event(viewer, "open", "refused", person, decided, {})]
                return self._audit.record(shut, events, timings)
            shown = list(self._items(reading, scope, decided))
            opened = OpenRecord(
                summary=summarise(shown, now=self._clock.now(), organisations=self._names(policy, decided)),
                sources=source_states(reading, viewer, policy, self._clock.now()),
                link=_link_phrase(viewer, decided),
                closed=_closed(decided),
                agreements=decided.agreements,
                items=shown,
                withheld=any(notice.kind == "withheld" for notice in decided.notices),
            )
        detail = {"count": len(shown), "headings": sorted({item.heading for item in shown})}
        return self._audit.record(opened, [self._event(viewer, "open", "shown", person, decided, detail)], timings)

    def _findable(self, reading: Reading, person: PersonId, viewer: Viewer, policy: Policy) -> bool:
        sources = people.of_person(reading, TRACING, person)
        return may_trace(viewer, policy) and not any(source.demographics.protected for source in sources)

    def _items(self, reading: Reading, scope: Scope, decided: Decided) -> Iterator[Item]:
        clauses: dict[tuple[Any, ...], ClauseReference | None] = {}
        for item in self._reader.rows(reading, scope):
            if item.lifecycle != 0:
                continue
            organisation = self._gate.organisation_of(reading, item.source_patient)
            service = reading.words.text(reading, item.service) if item.service else None
            heading = HEADINGS[item.heading]
            cell = (organisation, service, heading, item.labels)
            if cell not in clauses:
                clauses[cell] = _clause(decided, organisation, service, heading, item.labels)
            yield Item(
                type=reading.words.text(reading, item.type),
                id=item.id,
                organisation=organisation,
                service=service,
                heading=heading,
                lifecycle="current",
                stored_at=body.instant(item.stored_at),
                resource=self._reader.resource(reading, item, scope),
                clause=clauses[cell],
            )

    def _names(self, policy: Policy, decided: Decided) -> Mapping[OdsCode, tuple[str, str, str]]:
        """Names of organisations; where a protected person's practice or school would locate them, only its kind."""
        return {
            code: (
                organisation.name if decided.locates else organisation.short,
                organisation.short,
                organisation.kind,
            )
            for code, organisation in policy.directory.organisations.items()
        }

    # -- lists -----------------------------------------------------------------------------------------------------------

    def lists(self, viewer: Viewer, key: str | None) -> Audited[Worklists]:
        """The lists that the viewer's relationships make, and the rows of one. Shown: whoever's record is open."""
        with self._store.reading() as reading:
            now = self._clock.now()
            rows: dict[str, dict[PersonId, ListRow]] = {name: {} for name, _, _, _ in _LISTS}
            decisions: dict[PersonId, Decided | None] = {}
            for person, relationship, place in self._gate.relationships_of(reading, viewer):
                if not _is_open(relationship, now):
                    continue
                name = next((name for name, _, kinds, _ in _LISTS if relationship.kind in kinds), None)
                if name is None or person in rows[name]:
                    continue
                if person not in decisions:
                    decisions[person] = self._gate.decide(reading, viewer, person)
                decided = decisions[person]
                if decided is not None and not decided.refused:
                    rows[name][person] = self._row(reading, person, decided, place)
            names = [
                ListName(key=name, title=title, count=len(rows[name])) for name, title, _, _ in _LISTS if rows[name]
            ]
            shown = next((name for name in names if key is None or name.key == key), None)
            if key is not None and shown is None and key not in rows:
                raise NotFound("You have no such list.")
        empty = next(text for name, _, _, text in _LISTS if name == (key or "caseload"))
        listed = sorted(rows[shown.key].values(), key=lambda row: (row.where, row.name)) if shown else []
        answer = Worklists(names=names, shown=shown, rows=listed, empty=empty)
        events = [self._event(viewer, "list", "shown", row.person, decisions[row.person], {}) for row in listed]
        return self._audit.record(answer, events or [self._event(viewer, "list", "nothing", None, None, {})])

    def _row(self, reading: Reading, person: PersonId, decided: Decided, place: items.Place) -> ListRow:
        sources = people.of_person(reading, TRACING, person)
        known = max(sources, key=lambda source: (bool(source.demographics.nhs_number), -source.number)).demographics
        born = when(known.born_on)
        where = ""
        if decided.locates:
            stay = items.read_one(reading, decided.permitted, place)
            if stay is not None:
                where = _place(self._reader.resource(reading, stay, Scope(decided.permitted, whole=False, decided=decided)))
        return ListRow(
            where=where,
            person=person,
            name=known.shown_name or "Name not known",
            born=born.text if born else "not known",
            nhs_number=_spaced(known.nhs_number or ""),
        )

    # -- who looked ------------------------------------------------------------------------------------------------------

    def who_looked(self, person: PersonId, viewer: Viewer) -> Audited[Looks]:
        """Every look by a user, latest first. NotFound also for who may not audit."""
        with self._store.reading() as reading:
            policy = self._gate.policy(reading)
            if not may_audit(viewer, policy) or not people.linked(reading, person):
                self._audit.record(None, [self._event(viewer, "look-at-audit", "nothing", None, None, {})]).wait()
                raise NotFound(_NOBODY)
            events = looks(reading, person, _MOST_LOOKS + 1)
            answer = Looks(
                found=self._found(reading, person, viewer),
                looks=[_look(event, policy) for event in events[:_MOST_LOOKS] if event.action != "write"],
                complete=len(events) <= _MOST_LOOKS,
            )
        return self._audit.record(answer, [self._event(viewer, "look-at-audit", "shown", person, None, {})])

    def _event(
        self, viewer: Viewer, action: Any, outcome: Any, person: PersonId | None, decided: Decided | None, more: Any
    ) -> AuditEvent:
        detail = {**event_detail(viewer, decided), **more}
        return AuditEvent(
            at=self._clock.now(), action=action, outcome=outcome, who=author(viewer), person=person, detail=detail
        )


_ACTIONS = {
    "open": "Opened the record", "read": "Read one item", "search": "Searched within the record",
    "find": "Found by search", "list": "Appeared in a list", "write": "Sent information",
    "look-at-audit": "Looked at who has looked",
}  # fmt: skip


def _look(event: AuditEvent, policy: Policy) -> Look:
    detail = event.detail
    role = roles().get(str(detail.get("role")))
    held = detail.get("held") or []
    headings = ", ".join(str(heading).replace("-", " ") for heading in detail.get("headings", ()))
    action = _ACTIONS.get(event.action, event.action)
    return Look(
        at=event.at,
        who=str(detail.get("name", event.who)),
        role=role.title if role else "Source system",
        organisation=policy.directory.name(OdsCode(str(detail.get("organisation", "")))),
        source="source system" if event.who.startswith("system:") else "Concord",
        why=f"{action}. Relationship: {', '.join(held)}." if held else f"{action}.",
        what=headings,
        outcome="refused" if event.outcome == "refused" else "shown",
    )


def _clause(
    decided: Decided, organisation: OdsCode, service: str | None, heading: Heading, labels: int
) -> ClauseReference | None:
    reason = decided.reason(organisation, service, heading, labels)
    if reason.clause is None:
        return None
    return ClauseReference(
        agreement=reason.clause.agreement,
        title=reason.clause.title,
        version=reason.clause.version,
        clause=reason.clause.clause,
        because=reason.sentence,
    )


def _closed(decided: Decided) -> frozenset[Heading]:
    return frozenset(heading for heading in HEADINGS if not decided.offered >> heading.bit & 1)


def _link_phrase(viewer: Viewer, decided: Decided) -> str:
    purpose = viewer.purpose.replace("-", " ").capitalize()
    link = _LINKS[decided.relationship].lower() if decided.relationship else ""
    return f"{purpose}: {link}" if link else purpose


def _is_open(relationship: Relationship, now: datetime) -> bool:
    """Whether it belongs in a list of now: begun and not ended; an appointment, within a day."""
    start, end = relationship.start_at, relationship.end_at
    if relationship.kind is RelationshipKind.APPOINTMENT:
        return start is not None and abs(start - now) <= timedelta(days=1)
    return (start is None or start <= now) and (end is None or now < end)


def _place(encounter: Mapping[str, Any]) -> str:
    """"Majors 7": the words of the stay's present location."""
    now = [entry for entry in children(encounter, "location") if not child(entry, "period").get("end")]
    return string(child(now[-1], "location"), "display") if now else ""


def _years(born: datetime, now: datetime) -> str:
    first, today = born.astimezone(LONDON).date(), now.astimezone(LONDON).date()
    years = today.year - first.year - ((today.month, today.day) < (first.month, first.day))
    return f"{years}y"


def _spaced(number: str) -> str:
    return f"{number[:3]} {number[3:6]} {number[6:]}" if number else "not traced"
