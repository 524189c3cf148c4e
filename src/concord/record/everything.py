"""Everything of a person that an asker may have."""

from operator import attrgetter

from concord.audit import Audited, AuditWriter
from concord.base import Clock, Keys, NotFound
from concord.governance import Asker, Gate
from concord.record.asking import asked
from concord.record.paging import Key, Pager
from concord.record.reading import Found, ItemReader
from concord.record.rows import Rows
from concord.record.scopes import Timings
from concord.store import Store
from concord.store.items import StoredItem


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

    def of_patient(self, patient: str, asker: Asker, *, count: int | None, page: str | None) -> Audited[Found]:
        """All open items of a person, Patients first (for a system: of that source patient). NotFound as for `read`."""
        timings: Timings = {}
        with self._store.reading() as reading:
            scope = self._reader.scopes.of_patient(reading, patient, asker, timings)
            if scope is None:
                nothing = asked(self._clock.now(), asker, "open", "nothing")
                return self._audit.refuse(NotFound("There is no Patient with this id here."), [nothing])
            first = reading.words.number(reading, "Patient")

            def key(item: StoredItem) -> Key:
                return int(item.type != first), item.id

            found = sorted(self._rows.of(reading, scope), key=attrgetter("id"))
            found.sort(key=lambda item: item.type != first)
            query = f"everything/{patient}"
            shown, following = self._pager.page(found, key, count=count, token=page, query=query, asker=asker)
            served = [self._reader.serve(reading, item, scope) for item in shown]
        event = self._reader.shown(asker, "open", scope, shown)
        return self._audit.record(Found(served, (), len(found), following), [event], timings)
