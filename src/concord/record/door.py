"""The one door to people's data: every read decided and audited, every write validated, placed, linked and audited."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from concord.audit import Audited, AuditWriter
from concord.base import Clock, IdSource, Incorrect, Keys, NhsNumber, OdsCode, PersonId
from concord.fhir import Criterion, Resource, Search
from concord.governance import Asker, Gate, SourceSystem, Viewer, permit_source
from concord.identity import Assurance
from concord.record.alerts import Alerts
from concord.record.alike import Alike
from concord.record.asserting import Assertions
from concord.record.audit_events import AuditEvents
from concord.record.auditing import Auditor
from concord.record.choosing import Choosing
from concord.record.counting import Counting
from concord.record.everything import ALL, Everything, Wanted
from concord.record.exporting import Exports
from concord.record.faces import Asking, Asserted, FoundPerson, Looks, OpenRecord, PersonQuery, ShutRecord, Worklists
from concord.record.finding import Finder
from concord.record.history import Historian, History, Past
from concord.record.jobs import Jobs
from concord.record.label_reviews import LabelReviews
from concord.record.labelling import Labelling
from concord.record.latest import Latest
from concord.record.links import ChangedLink, LinkChange, Links, changed_links, link_changes
from concord.record.listing import Lists
from concord.record.looking import Lookers
from concord.record.measuring import Measuring
from concord.record.model import Change, HeldLink, Original, Outcome, Receipt
from concord.record.opening import RecordOpener
from concord.record.originals import Originals
from concord.record.own import OwnRecords
from concord.record.paging import PageLinks
from concord.record.population import Population
from concord.record.prepare import FOLLOWS
from concord.record.quarantine import Held, Quarantine, Reject
from concord.record.reading import Found, ItemReader, Served
from concord.record.recognising import Recognised, Recogniser
from concord.record.rejudging import Rejudging
from concord.record.searching import Searcher
from concord.record.seers import Seers
from concord.record.simulating import Simulator
from concord.record.snapshots import Snapshots
from concord.record.standing import Standing, Standings
from concord.record.traffic import Arrival, Traffic
from concord.record.trials import Trials
from concord.record.verifying import Verified, Verifier
from concord.record.watching import Watch
from concord.record.wire import as_sent
from concord.record.write import Writer
from concord.store import Reading, Store, body, items, people, registers


class Records:
    """Safe to use from several threads. What is read comes locked until its audit row is durable."""

    def __init__(
        self, store: Store, gate: Gate, audit: AuditWriter, *, keys: Keys, ids: IdSource, clock: Clock,
        measured: Callable[[int], None] | None = None,
    ) -> None:  # fmt: skip
        """`measured` hears of each write how many submissions it has."""
        self._store = store
        self._measured = measured
        self._gate = gate
        self._keys = keys
        self._clock = clock
        self._codec = body.Codec()
        self._writer = Writer(store, keys, ids, clock, audit)
        self._reader = ItemReader(store, gate, audit, keys, clock)
        self._everything = Everything(store, gate, audit, keys, clock, self._reader)
        self._historian = Historian(store, gate, audit, keys, clock, self._reader)
        self._searcher = Searcher(store, gate, audit, keys, clock, self._reader)
        self._latest = Latest(store, gate, audit, keys, clock, self._reader)
        self._recogniser = Recogniser(store, gate, audit, keys, clock, self._reader)
        self.page_links = PageLinks(keys)
        finder = Finder(gate, clock, self._reader)
        self._opener = RecordOpener(store, gate, audit, clock, self._reader, finder)
        self._lists = Lists(store, gate, audit, clock, self._reader)
        self._auditor = Auditor(store, gate, audit, keys, clock)
        self._audit_events = AuditEvents(store, gate, audit, keys=keys, clock=clock, finder=finder)
        self._lookers = Lookers(store, gate, audit, clock, finder)
        self._assertions = Assertions(store, gate, audit, clock, ids, finder)
        self.own = OwnRecords(store, gate, audit, clock, self._opener, finder)
        self.choosing = Choosing(store, gate, audit, clock, ids, finder)
        self.seers = Seers(store, gate, audit, clock, self._reader)
        self.alerts = Alerts(store, gate, audit, clock, finder)
        self.links = Links(store, gate, audit, clock, ids)
        self.watch = Watch(store, audit, clock, ids)
        self.simulator = Simulator(store, gate, audit, clock)
        self.alike = Alike(store, audit, clock)
        self.counting = Counting(store, gate, audit, clock)
        self.population = Population(store, gate, audit, clock)
        self.originals = Originals(store, gate, audit, keys, clock, self._reader)
        self.rejects = Quarantine(store, audit, clock, keys)
        self.label_reviews = LabelReviews(store, gate, audit, keys, clock)
        self.labelling = Labelling(store, gate, audit, keys, clock)
        self.rejudging = Rejudging(store, audit, clock, ids)
        self.traffic = Traffic(store, clock)
        self.measuring = Measuring(store, audit, clock)
        self.trials = Trials(store, gate, audit, keys=keys, ids=ids, clock=clock)
        self._standings = Standings(store, keys, lambda type_, id_, own: self.read(type_, id_, own).wait())
        self._verifier = Verifier(gate, keys, ids)

    @property
    def waits(self) -> bool:
        """Whether even the shortest read waits for another process, so that it must leave an event loop free."""
        return self._store.waits

    # -- for programs --------------------------------------------------------------------------------------------------

    def read(self, type_: str, id_: str, asker: Asker) -> Audited[Served]:
        return self._reader.read(type_, id_, asker)

    def version(self, type_: str, id_: str, version: str, asker: Asker) -> Audited[Served]:
        return self._historian.version(type_, id_, version, asker)

    def history(
        self, type_: str, id_: str | None, asker: Asker, *, past: Past, count: int | None, page: str | None
    ) -> Audited[History]:
        """Of one item, or, for a source system, of all that it contributed of a type (`id_` None)."""
        if id_ is None:
            return self._historian.of_type(type_, asker, past=past, count=count, page=page)
        return self._historian.of_item(type_, id_, asker, past=past, count=count, page=page)

    def everything(
        self,
        id_: str,
        asker: Asker,
        *,
        type_: str = "Patient",
        wanted: Wanted = ALL,
        count: int | None = None,
        page: str | None = None,
    ) -> Audited[Found]:
        """All open items of a Patient's person, or (`type_` Encounter) of an encounter, and what they refer to."""
        return self._everything.of(type_, id_, asker, wanted, count=count, page=page)

    def latest(self, patient: str, criteria: Sequence[Criterion], asker: Asker, *, most: int) -> Audited[Found]:
        return self._latest.observations(patient, criteria, asker, most=most)

    def match(
        self, patient: Resource, asker: Asker, *, certain: bool = False, count: int | None = None
    ) -> Audited[list[Recognised]]:
        return self._recogniser.match(patient, asker, certain=certain, count=count)

    def search(self, search: Search, asker: Asker) -> Audited[Found]:
        if not isinstance(asker, SourceSystem) and self._audit_events.serves(search, asker):
            return self._audit_events.search(search, asker)
        return self._searcher.search(search, asker)

    def exports(self, jobs: Jobs) -> Exports:
        """Bulk export of what a source system contributed, carried out as jobs."""
        return Exports(self._store, self._gate, self._clock, self._reader, jobs)

    # -- for people at screens -----------------------------------------------------------------------------------------

    def find(self, query: PersonQuery, viewer: Viewer) -> Audited[Sequence[FoundPerson]]:
        return self._opener.find(query, viewer)

    def lists(self, viewer: Viewer, key: str | None) -> Audited[Worklists]:
        return self._lists.show(viewer, key)

    def open(self, person: PersonId, viewer: Viewer) -> Audited[OpenRecord | ShutRecord]:
        return self._opener.open(person, viewer)

    def who_looked(self, person: PersonId, viewer: Viewer) -> Audited[Looks]:
        return self._lookers.of(person, viewer)

    def may_assert(self, person: PersonId, viewer: Viewer) -> Audited[Asking]:
        return self._assertions.offered(person, viewer)

    def assert_access(self, person: PersonId, viewer: Viewer, kind: str, reason: str, words: str) -> Audited[Asserted]:
        """Break the glass ("override"), or claim to care for the person ("self-claim")."""
        return self._assertions.begin(person, viewer, kind, reason, words)

    def assert_by_number(
        self, number: NhsNumber, viewer: Viewer, kind: str, reason: str, words: str
    ) -> Audited[Asserted]:
        """The same for a program, which knows no person to name before they are open. NotFound for nobody."""
        return self.assert_access(self._numbered(number, viewer), viewer, kind, reason, words)

    def end_assertions_by_number(self, number: NhsNumber, viewer: Viewer) -> int:
        return self.end_assertions(self._numbered(number, viewer), viewer)

    def _numbered(self, number: NhsNumber, viewer: Viewer) -> PersonId:
        """Whom tracing finds by number; whoever is found by none is asked for all the same, so that it is audited."""
        found = self.find(PersonQuery(nhs_number=number), viewer).wait()
        return found[0].person if len(found) == 1 else PersonId("")

    def end_assertions(self, person: PersonId, viewer: Viewer) -> int:
        return self._assertions.end(person, viewer)

    def changed_links(self, viewer: Viewer) -> list[ChangedLink]:
        """Records that the viewer looked at lately, and that are linked otherwise since: opaque ids alone."""
        with self._store.reading() as reading:
            return changed_links(reading, viewer, self._clock.now())

    # -- for those who run the installation ----------------------------------------------------------------------------

    @property
    def audit(self) -> Auditor:
        return self._auditor

    # -- for source systems --------------------------------------------------------------------------------------------

    def write(
        self,
        changes: Sequence[Change],
        *,
        by: SourceSystem,
        atomic: bool,
        assurance: Assurance,
        receipt: Receipt | None = None,
        sent: Sequence[Original] = (),
    ) -> list[Outcome]:
        """Carry out what a source system says; see `Writer.write`. Incorrect for one that the directory lacks."""
        if self._measured is not None:
            self._measured(len(changes))
        with self._store.reading() as reading:
            directory, sensitivity = self._gate.policy(reading).directory, self._gate.sensitivity(reading)
        return self._writer.write(
            changes, by=by, directory=directory, sensitivity=sensitivity, atomic=atomic, assurance=assurance,
            receipt=receipt, sent=sent,
        )  # fmt: skip

    def services(self, organisation: OdsCode) -> frozenset[str]:
        """Those that the directory knows of an organisation. Raises Incorrect when it does not know that one."""
        with self._store.reading() as reading:
            known = self._gate.policy(reading).directory.organisations.get(organisation)
        if known is None:
            raise Incorrect(f"There is no organisation {organisation} in the directory.")
        return frozenset(each.service for each in known.services)

    def earlier(self, organisation: OdsCode) -> "Earlier":
        return Earlier(self._store, self._keys, self._codec, organisation)

    def quarantine(self, kept: Sequence[Reject], *, by: SourceSystem, receipt: Receipt | None = None) -> None:
        """Keep rejects whole, once each, with the receipt of the message that they are."""
        self.rejects.hold(kept, by, receipt)

    def holding_up(self, organisation: OdsCode, patient: str) -> list[int]:
        return self.rejects.holding_up(organisation, patient)

    def standing(self, organisation: OdsCode, type_: str, source_id: str) -> Standing:
        """Where something that a source sent stands now. Audited as a read of its source system's."""
        return self._standings.of(organisation, type_, source_id)

    def snapshots(self, organisation: OdsCode) -> Snapshots:
        return Snapshots(self._store, organisation)

    def arrived(self, arrival: Arrival) -> None:
        """Note durably that something came by a feed."""
        self.traffic.arrived(arrival)

    def received(self, message: bytes, *, by: SourceSystem) -> bytes | None:
        """The hash of the content that a message was taken in with; None when it was not."""
        with self._store.reading() as reading:
            return registers.received(reading, by.organisation, message)

    def quarantined(self) -> list[Held]:
        return self.rejects.held()

    def quarantined_original(self, number: int) -> bytes:
        return self.rejects.one(number)[1]

    def link_changes(self, since: datetime) -> list[LinkChange]:
        """Every change of a link since an instant; nobody is named."""
        with self._store.reading() as reading:
            return link_changes(reading, since)

    def verify(self, reading: Reading, *, whole: bool) -> Verified:
        """Whether index and facts are what the items say: of a sample, or of all (`whole`)."""
        return self._verifier.verify(reading, whole=whole)

    def held_for_review(self) -> list[HeldLink]:
        """The source patients whose link waits for a human, by the logical id of their Patient."""
        with self._store.reading() as reading:
            return [
                HeldLink(organisation=organisation, patient=patient, why=why)
                for organisation, patient, why in people.held_for_review(reading)
            ]


class Earlier:
    """What one organisation's system sent before, by its own ids: for messages that change what an earlier one made."""

    def __init__(self, store: Store, keys: Keys, codec: body.Codec, organisation: OdsCode) -> None:
        self._store = store
        self._keys = keys
        self._codec = codec
        self._organisation = organisation

    def resource(self, type_: str, source_id: str) -> dict[str, Any] | None:
        """The current resource that the source calls `source_id`, under logical ids; None when it is not held."""
        item = self._item(type_, source_id)
        return None if item is None else as_sent(type_, item, self._codec)

    def told_of_visit(self, visit: str, besides: Collection[tuple[str, str]]) -> list[tuple[str, dict[str, Any]]]:
        """(id, resource) of each that stands under the service of the visit that the source calls so, but for those
        `besides` (type and source id)."""
        own = permit_source(SourceSystem(organisation=self._organisation))
        name = f"Encounter/{self._keys.logical_id(self._organisation, 'Encounter', visit)}"
        value = items.index_value(self._keys, self._organisation, "", FOLLOWS, name)
        apart = {(type_, self._keys.logical_id(self._organisation, type_, id_)) for type_, id_ in besides}
        with self._store.reading() as reading:
            places = sorted({place for _, place in items.found_under(reading, [value])})
            held = [item for place in places if (item := items.read_one(reading, own, place)) is not None]
            named = [(reading.words.text(reading, item.type), item) for item in held]
        return [(item.id, as_sent(type_, item, self._codec)) for type_, item in named if (type_, item.id) not in apart]

    def since(self, type_: str, source_id: str, at: datetime) -> dict[str, Any] | None:
        """The same, if it was stored after `at`."""
        item = self._item(type_, source_id)
        later = item is not None and body.instant(item.stored_at) > at
        return as_sent(type_, item, self._codec) if later and item is not None else None

    def _item(self, type_: str, source_id: str) -> items.StoredItem | None:
        own = permit_source(SourceSystem(organisation=self._organisation))
        with self._store.reading() as reading:
            place = items.locate(reading, type_, self._keys.logical_id(self._organisation, type_, source_id))
            return items.read_one(reading, own, place) if place else None
