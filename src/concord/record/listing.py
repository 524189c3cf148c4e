"""The lists of people that a viewer's relationships make."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from concord.audit import Audited, AuditWriter
from concord.base import Clock, NotFound, PersonId
from concord.governance import Decided, Gate, Relationship, RelationshipKind, Viewer
from concord.identity import tested_person, tested_sources
from concord.record.asking import asked
from concord.record.dates import when
from concord.record.faces import ListName, ListRow, Worklists
from concord.record.finding import known_as, place_of, spaced
from concord.record.reading import ItemReader
from concord.record.scopes import Scope
from concord.record.tracing import TRACING
from concord.store import Reading, Store, items, people

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
_AROUND = timedelta(days=1)  # an appointment is in the list of the day before and of the day after


class Lists:
    def __init__(self, store: Store, gate: Gate, audit: AuditWriter, clock: Clock, reader: ItemReader) -> None:
        self._store = store
        self._gate = gate
        self._audit = audit
        self._clock = clock
        self._reader = reader

    def show(self, viewer: Viewer, key: str | None) -> Audited[Worklists]:
        """The viewer's lists, and the rows of one. In them: whoever's record is open."""
        if key is not None and all(key != name for name, _, _, _ in _LISTS):
            raise NotFound("You have no such list.")
        with self._store.reading() as reading:
            lists = self._persons(reading, viewer)
            names = [
                ListName(key=name, title=title, count=len(lists[name])) for name, title, _, _ in _LISTS if lists[name]
            ]
            shown = next((name for name in names if key is None or name.key == key), None)
            listed = lists[shown.key] if shown else []
            rows = [self._row(reading, viewer, decided, place) for decided, place in listed]
        rows.sort(key=lambda row: (row.where, row.name, row.person))
        empty = next(text for name, _, _, text in _LISTS if name == (key or "caseload"))
        now = self._clock.now()
        events = [asked(now, viewer, "list", "shown", person=each.person, decided=each) for each, _ in listed]
        answer = Worklists(names=names, shown=shown, rows=rows, empty=empty)
        return self._audit.record(answer, events or [asked(now, viewer, "list", "nothing")])

    def _persons(self, reading: Reading, viewer: Viewer) -> dict[str, list[tuple[Decided, items.Place]]]:
        """Who is in which list, once, and the item that says so."""
        now = self._clock.now()
        decisions: dict[PersonId, Decided | None] = {}
        lists: dict[str, dict[PersonId, tuple[Decided, items.Place]]] = {name: {} for name, _, _, _ in _LISTS}
        for person, relationship, place in self._related(reading, viewer):
            name = next((name for name, _, kinds, _ in _LISTS if relationship.kind in kinds), None)
            if name is None or person in lists[name] or not _is_open(relationship, now):
                continue
            if person not in decisions:
                decisions[person] = self._gate.decide(reading, viewer, person)
            decided = decisions[person]
            if decided is not None and not decided.refused:
                lists[name][person] = decided, place
        return {name: list(listed.values()) for name, listed in lists.items()}

    def _related(self, reading: Reading, viewer: Viewer) -> Iterator[tuple[PersonId, Relationship, items.Place]]:
        """What is held, and then what is only tested by the viewer, of whoever those would be."""
        yield from self._gate.relationships_of(reading, viewer, within=_AROUND)
        for relationship, place in self._gate.relationships_tested(reading, viewer, within=_AROUND):
            person = tested_person(reading, TRACING, viewer.user, place.source)
            if person is not None:
                yield person, relationship, place

    def _row(self, reading: Reading, viewer: Viewer, decided: Decided, place: items.Place) -> ListRow:
        known = known_as(
            people.of_person(reading, TRACING, decided.person)
            or tested_sources(reading, TRACING, viewer.user, decided.person)
        )
        born = when(known.born_on)
        stay = items.read_one(reading, decided.permitted, place) if decided.locates else None
        scope = Scope(decided.permitted, decided.person, decided)
        return ListRow(
            where="" if stay is None else place_of(self._reader.resource(reading, stay, scope)),
            person=decided.person,
            name=known.shown_name or "Name not known",
            born=born.text if born else "not known",
            nhs_number=spaced(known.nhs_number or ""),
        )


def _is_open(relationship: Relationship, now: datetime) -> bool:
    """Whether it belongs in a list of now: begun and not ended; an appointment, within a day."""
    start, end = relationship.start_at, relationship.end_at
    if relationship.kind is RelationshipKind.APPOINTMENT:
        return start is not None and abs(start - now) <= _AROUND
    return (start is None or start <= now) and (end is None or now < end)
