"""A person found, and a record opened on a page: what a professional does with it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from concord.audit import Audited, AuditWriter
from concord.base import Clock, OdsCode, PersonId
from concord.fhir import parse
from concord.governance import Decided, Gate, Policy, Viewer
from concord.record.asking import asked
from concord.record.asserting import asserted_now
from concord.record.faces import FoundPerson, OpenRecord, PersonQuery, ShutRecord
from concord.record.finding import LINKS, Finder, nobody
from concord.record.freshness import source_states
from concord.record.model import ClauseReference, Item
from concord.record.originals import names_in, told_of
from concord.record.reading import ItemReader
from concord.record.scopes import Scope, Timings
from concord.record.seen import Seen
from concord.record.summary import Organisation, summarise
from concord.store import Reading, Store, body, originals
from concord.store.people import Source
from concord.terminology import HEADINGS, Heading


class RecordOpener:
    """Every answer comes locked until its audit row is durable."""

    def __init__(
        self, store: Store, gate: Gate, audit: AuditWriter, clock: Clock, reader: ItemReader, finder: Finder
    ) -> None:
        self._store = store
        self._gate = gate
        self._audit = audit
        self._clock = clock
        self._reader = reader
        self._finder = finder

    def find(self, query: PersonQuery, viewer: Viewer) -> Audited[Sequence[FoundPerson]]:
        """Whom the query may mean. Nobody for a viewer who may not trace."""
        now = self._clock.now()
        with self._store.reading() as reading:
            persons = self._finder.sought(reading, query, viewer)
            found = [self._finder.face(reading, person, viewer) for person in persons]
        events = [asked(now, viewer, "find", "shown", person=person) for person in persons]
        return self._audit.record(found, events or [asked(now, viewer, "find", "nothing")])

    def open(self, person: PersonId, viewer: Viewer) -> Audited[OpenRecord | ShutRecord]:
        """The whole record as this viewer may see it, or why it is shut. NotFound for who may not even find it."""
        timings: Timings = {}
        now = self._clock.now()
        with self._store.reading() as reading:
            policy = self._gate.policy(reading)
            scope = self._reader.scope_of_person(reading, person, viewer, timings)
            decided = scope.decided if scope else None
            if scope is None or decided is None or not self._finder.may_know_of(reading, viewer, policy, decided):
                return nobody(self._audit, now, viewer, "open", decided)
            refusal = decided.decision.refusal
            if refusal is not None:
                found = self._finder.face(reading, person, viewer)
                shut = ShutRecord(
                    found=found,
                    because=refusal.sentence,
                    advice=[refusal.remedy],
                    may_assert=bool(decided.offers),
                    asserted=asserted_now(decided, now),
                )
                event = asked(now, viewer, "open", "refused", person=person, decided=decided)
                return self._audit.record(shut, [event], timings)
            seen = Seen()
            referred: dict[str, dict[str, Any]] = {}
            shown = list(self._items(reading, viewer, scope, decided, seen, referred))
            namesakes = self._finder.namesakes(reading, person, viewer)
            opened = OpenRecord(
                summary=summarise(shown, now=now, organisations=self._names(policy, decided), referred=referred),
                sources=source_states(reading, viewer, policy, now),
                link=_link_phrase(viewer, decided),
                closed=_closed(decided),
                agreements=decided.agreements,
                items=shown,
                withheld=any(notice.kind == "withheld" for notice in self._gate.notices(reading, decided)),
                namesakes=[namesake for namesake, _ in namesakes],
                shares_number=self._finder.shares_number(reading, person, viewer, policy),
                may_assert=bool(decided.offers),
                asserted=asserted_now(decided, now),
                may_choose=decided.may_choose,
            )
        detail = seen.facts() | {"headings": seen.headings}
        events = [asked(now, viewer, "open", "shown", person=person, decided=decided, detail=detail)]
        events += [asked(now, viewer, "list", "shown", person=other.person, decided=other) for _, other in namesakes]
        return self._audit.record(opened, events, timings)

    def _items(
        self,
        reading: Reading,
        viewer: Viewer,
        scope: Scope,
        decided: Decided,
        seen: Seen,
        referred: dict[str, dict[str, Any]],
    ) -> Iterator[Item]:
        """The open items; into `referred` go, by "Type/id", the unnamed things that they refer to without words."""
        clauses: dict[tuple[Any, ...], ClauseReference | None] = {}
        kept: dict[Source, frozenset[str]] = {}
        directory = self._gate.policy(reading).directory
        told_by = told_of(decided, viewer, directory, self._clock.now())
        for item in self._reader.rows(reading, scope):
            if item.lifecycle != 0:
                continue
            served = self._reader.serve(reading, item, scope)
            seen.add(item, served.wire)
            self._reader.add_referred(reading, scope, item, served.wire, referred)
            organisation = self._gate.organisation_of(reading, item.source)
            service = reading.words.text(reading, item.service) if item.service else None
            heading = HEADINGS[item.heading]
            cell = (organisation, service, heading, item.labels)
            if cell not in clauses:
                clauses[cell] = _clause(decided, organisation, service, heading, item.labels)
            if organisation in told_by and item.source not in kept:
                kept[item.source] = originals.held_of(reading, item.source)
            type_, resource = reading.words.text(reading, item.type), parse(served.wire)
            names = kept.get(item.source, frozenset())
            yield Item(
                type=type_,
                id=item.id,
                organisation=organisation,
                service=service,
                heading=heading,
                lifecycle="current",
                stored_at=body.instant(item.stored_at),
                resource=resource,
                clause=clauses[cell],
                original=bool(names) and not names.isdisjoint(names_in(type_, item.id, resource)),
            )

    def _names(self, policy: Policy, decided: Decided) -> Mapping[OdsCode, Organisation]:
        """Organisations in words; where a protected person's practice or school would locate them, only the kind."""
        return {
            code: Organisation(
                name=known.name if decided.locates else known.short,
                short=known.short,
                kind=known.kind,
                telephone=known.telephone if decided.locates else "",
                services={service.service: service.name for service in known.services} if decided.locates else {},
            )
            for code, known in policy.directory.organisations.items()
        }


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
    if decided.acting:
        return f"as {decided.acting}"
    purpose = viewer.purpose.replace("-", " ").capitalize()
    link = LINKS[decided.relationship].lower() if decided.relationship else ""
    if decided.decision.overriding:
        link = f"{link}, breaking the glass" if link else "breaking the glass"
    return f"{purpose}: {link}" if link else purpose
