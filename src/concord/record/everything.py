"""Everything of a person, or of one encounter, that an asker may have."""

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from operator import attrgetter

from concord.audit import Audited, AuditWriter
from concord.base import Clock, Keys, NotFound
from concord.fhir import relevant_time
from concord.governance import Asker, Gate, SourceSystem, permit_source
from concord.record.asking import asked
from concord.record.paging import Key, Pager
from concord.record.reading import Found, ItemReader, Served
from concord.record.references import NAMES_NO_PERSON
from concord.record.rows import Rows
from concord.record.scopes import Scope, Timings
from concord.record.seen import Seen
from concord.record.wire import as_sent
from concord.store import Reading, Store, body
from concord.store.items import Place, StoredItem

# Bodies are JSON of our own writing, without blanks; inside a JSON string the quotes would be escaped.
_REFERENCE = rb'"reference":"(%s)/([A-Za-z0-9.-]{1,64})["/]'
_TO_ANY = re.compile(_REFERENCE % b"[A-Z][A-Za-z]+")
_TO_NOBODY = re.compile(_REFERENCE % "|".join(sorted(NAMES_NO_PERSON)).encode())


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """The part that is wanted: of these types alone, stored at `since` or later, its time touching [`start`, `end`).

    Instants in microseconds since 1970 UTC; None does not narrow. What bears no date is inside every span.
    """

    types: frozenset[str] | None = None
    since: int | None = None
    start: int | None = None
    end: int | None = None

    def has_type(self, type_: str) -> bool:
        return self.types is None or type_ in self.types


ALL = Wanted()


class Everything:
    """One decision, one snapshot, one audit row."""

    def __init__(
        self, store: Store, gate: Gate, audit: AuditWriter, keys: Keys, clock: Clock, reader: ItemReader
    ) -> None:
        self._store = store
        self._audit = audit
        self._clock = clock
        self._reader = reader
        self._pager = Pager(keys, clock)
        self._rows = Rows(gate, keys)
        self._codec = body.Codec()

    def of(
        self, type_: str, id_: str, asker: Asker, wanted: Wanted, *, count: int | None, page: str | None
    ) -> Audited[Found]:
        """All open items of a Patient's person or of an Encounter, the asked-for first; then what these refer to.

        For a system: of that source patient. NotFound as for `read`.
        """
        timings: Timings = {}
        with self._store.reading() as reading:
            begun = self._scope(reading, type_, id_, asker, timings)
            if begun is None:
                nothing = asked(self._clock.now(), asker, "open", "nothing")
                return self._audit.refuse(NotFound(f"There is no {type_} with this id here."), [nothing])
            scope, encounter = begun
            answer = _Answer(reading, self._reader, scope, first=type_)
            rows = self._rows.of(reading, scope)
            around = rows if encounter is None else self._around(encounter, rows)
            own = list(around) if wanted == ALL else [item for item in around if self._meets(reading, item, wanted)]
            own.sort(key=attrgetter("id"))
            own.sort(key=answer.rank)
            matches = own if wanted.types is None else [item for item in own if wanted.has_type(answer.type(item))]

            def paged(found: Sequence[StoredItem]) -> tuple[Sequence[StoredItem], str | None]:
                query = repr((type_, id_, wanted))
                return self._pager.page(found, answer.key, count=count, token=page, query=query, asker=asker)

            shown, following = paged(matches)
            if following is None:  # what is referred to comes behind all that refers to it
                whole = encounter is None
                supporting = self._supporting(reading, answer, own, asker, wanted, nobodys=whole)
                answer.behind = {item.place for item in supporting}
                shown, following = paged([*matches, *supporting])
            served = [answer.served(item) for item in shown]
            matching = sum(item[:3] not in answer.behind for item in shown)
            found = Found(items=served[:matching], included=served[matching:], total=len(matches), next=following)
            seen = Seen((item, each.wire) for item, each in zip(shown, served, strict=True))
        return self._audit.record(found, [self._reader.shown(asker, "open", scope, seen)], timings)

    def _scope(
        self, reading: Reading, type_: str, id_: str, asker: Asker, timings: Timings
    ) -> tuple[Scope, StoredItem | None] | None:
        """Of the person (for a system: of the source patient), if the asker may see what is asked about.

        With it the encounter, if it is one.
        """
        if type_ == "Patient":
            whole = self._reader.scopes.of_patient(reading, id_, asker, timings)
            return None if whole is None else (whole, None)
        found = self._reader.scopes.of_item(reading, type_, id_, asker, timings)
        encounter = None if found is None else self._rows.one(reading, *found)
        if found is None or encounter is None:
            return None
        scope, place = found
        if isinstance(asker, SourceSystem):
            scope = Scope(permit_source(asker, (place.home, place.source_patient)), scope.person)
        return scope, encounter

    def _around(self, encounter: StoredItem, rows: Iterable[StoredItem]) -> Iterator[StoredItem]:
        """The encounter and, of its person's items, those that refer to it."""
        yield encounter
        name = f"Encounter/{encounter.id}".encode()
        refers = re.compile(rb'"reference":"%s["/]' % re.escape(name)).search
        for item in rows:
            if item.place != encounter.place and refers(self._codec.decompress(item.body)):
                yield item

    def _meets(self, reading: Reading, item: StoredItem, wanted: Wanted) -> bool:
        """Whether an item was stored late enough and lies in the span asked for."""
        if wanted.since is not None and item.stored_at < wanted.since:
            return False
        if item.starts_at is None or (wanted.start is None and wanted.end is None):
            return True
        if wanted.end is not None and item.starts_at >= wanted.end:
            return False
        if wanted.start is None or item.starts_at >= wanted.start:
            return True
        time = relevant_time(as_sent(reading.words.text(reading, item.type), item, self._codec))
        return time is None or time[1] > wanted.start

    def _supporting(
        self,
        reading: Reading,
        answer: "_Answer",
        own: Sequence[StoredItem],
        asker: Asker,
        wanted: Wanted,
        *,
        nobodys: bool,
    ) -> list[StoredItem]:
        """What the items refer to and is not among them, each once, as far as it is open by one that refers to it.

        `nobodys`: only of what names nobody; else of the same person, too.
        """
        already = {item[:3] for item in own}
        source = Scope(permit_source(asker)) if isinstance(asker, SourceSystem) else None
        found: dict[Place, StoredItem] = {}
        for (target, id_), referring in answer.references(own, _TO_NOBODY if nobodys else _TO_ANY).items():
            if not wanted.has_type(target):
                continue
            place = self._reader.scopes.locate(reading, target, id_, asker)
            if place is None or place in already or place in found:
                continue
            scope = source if source is not None and target in NAMES_NO_PERSON else answer.scope
            for item in referring:
                referred = self._rows.referred(reading, scope, place, by=item)
                if referred is not None:
                    found[place] = referred
                    break
        return sorted(found.values(), key=attrgetter("type", "id"))


class _Answer:
    """The items of one answer as they go out, each cut once, and the order in which they stand."""

    def __init__(self, reading: Reading, reader: ItemReader, scope: Scope, *, first: str) -> None:
        self.scope = scope
        self.behind: Set[tuple[int, int, int]] = frozenset()  # where lies what the others refer to
        self._reading = reading
        self._reader = reader
        self._first = reading.words.number(reading, first)
        self._served: dict[tuple[int, int, int], Served] = {}

    def type(self, item: StoredItem) -> str:
        return self._reading.words.text(self._reading, item.type)

    def served(self, item: StoredItem) -> Served:
        served = self._served.get(item[:3])  # its place; made a Place anew it would cost as much as the rest
        if served is None:
            served = self._served[item[:3]] = self._reader.serve(self._reading, item, self.scope)
        return served

    def rank(self, item: StoredItem) -> int:
        return int(item.type != self._first)

    def key(self, item: StoredItem) -> Key:
        """What was asked about, the rest, and what that refers to, each in the order of ids."""
        if item[:3] in self.behind:
            return 2, self.type(item), item.id
        return self.rank(item), item.id

    def references(
        self, items: Iterable[StoredItem], pattern: re.Pattern[bytes]
    ) -> dict[tuple[str, str], list[StoredItem]]:
        """(type, id) of what the items refer to as they go out, with those that do: of each cell of labels one."""
        cells: dict[tuple[int, ...], list[StoredItem]] = {}
        for item in items:
            cells.setdefault((item.source_patient, item.service, item.heading, item.labels), []).append(item)
        found: dict[tuple[str, str], list[StoredItem]] = {}
        for cell in cells.values():
            for target, id_ in set(pattern.findall(b"".join([self.served(item).wire for item in cell]))):
                found.setdefault((target.decode(), id_.decode()), []).append(cell[0])
        return found
