"""Changing items inside one open transaction: new ones gathered and written together, others one by one."""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from concord.base import IdSource
from concord.fhir import parse, survey
from concord.governance.labels import Correction
from concord.identity import Assurance
from concord.record.belongings import belongings
from concord.record.contributed import own
from concord.record.corrections import corrections_of
from concord.record.flow import labels_of_new, labels_with, neighbours, settle
from concord.record.linking import Linking
from concord.record.model import Outcome
from concord.record.newcomers import Before, Newcomers
from concord.record.prepare import Context, Prepared, index_set, mentioned, patients_of, prepare
from concord.record.wire import as_sent, tail_to_resource, version_id
from concord.store import Writing, body, facts, feed, items, labelling, originals, people, registers, trials, versions
from concord.store.items import Place, StoredItem

_NOTHING = b"}"  # the body of the version that says that an item was deleted


class Kept(NamedTuple):
    """What became of a prepared item. `stored_at`: when the version now held was stored; 0 when it is not held."""

    prepared: Prepared
    status: Literal["stored", "updated", "unchanged", "waiting", "rejected"]
    stored_at: int = 0
    reason: str = ""


class Transaction:
    """One write's rows. `finish` before it is committed; `admitted` then holds what had waited for its Patient."""

    def __init__(
        self,
        writing: Writing,
        context: Context,
        *,
        assurance: Assurance,
        ids: IdSource,
        codec: body.Codec,
        now: int,
    ) -> None:
        self._writing = writing
        self._context = context
        self._codec = codec
        self._now = now
        self._newcomers = Newcomers(writing, context)
        self._linking = Linking(writing, context.organisation, self._newcomers, assurance=assurance, ids=ids, now=now)
        self._come: dict[people.Source, Before] = {}
        self._held: dict[str, Place | None] = {}
        self._deleted: dict[str, list[Place]] = {}
        self._waiting: dict[str, str | None] = {}
        self._back: dict[Place, tuple[int, int]] = {}
        self._changes: list[feed.Change] = []
        self._last: dict[tuple[int, int], int] = {}
        self._shelf: tuple[int, int] | None = None
        self._new: list[tuple[Place, Prepared]] = []
        self.admitted: list[Kept] = []
        self.touched: dict[people.Source, int] = {}

    def look_up(self, names: Iterable[str]) -> None:
        """Find out at once where all that is named ("Type/id") lies, if it is held, or else lay or waits."""
        unknown = [name for name in names if name not in self._held]
        self._held |= dict.fromkeys(unknown)
        self._held |= items.locate_many(self._writing, unknown)
        self._deleted |= versions.locate_deleted(self._writing, unknown)
        self._waiting |= registers.waiting_services(self._writing, unknown)
        self._newcomers.expect(
            name.removeprefix("Patient/") for name in unknown if name.startswith("Patient/") and not self._held[name]
        )

    def keep(self, prepared: Prepared, *, moves: bool = False) -> Kept:
        """Store, update, leave or let wait one item whose own name and whose references were looked up.

        `moves`: it may be taken from the Patient that it was told of before, whoever that is.
        """
        place = self._held[prepared.name]
        if place is not None:
            return self._update(place, prepared, moves)
        prepared = self._as_before(prepared)
        source = self._source_for(prepared)
        if source is None:
            return self._wait(prepared)
        if prepared.name in self._waiting:
            registers.wait_no_more(self._writing, prepared.row.type, prepared.row.id)
            self._bring_originals([prepared.name], source)
        place = self._held[prepared.name] = self._place_for(prepared, source)
        self._new.append((place, prepared))
        version, stored_at = self._back.get(place, (1, self._now))
        self._tell(place, version, feed.CREATED)
        if prepared.demographics is not None:
            before = self._come.pop(source, None)
            self._linking.link(place, prepared, before)
            if before is None or before.waited_for:
                self._admit(prepared.row.id, source)
        return Kept(prepared, "stored", stored_at)

    def delete(self, type_: str, id_: str, item: StoredItem | None) -> str | None:
        """Take an item away, and all that follows from it; why not, if it cannot be. None held: nor shall it wait."""
        writing, name = self._writing, f"{type_}/{id_}"
        registers.wait_no_more(writing, type_, id_)  # an earlier one that names somebody else may wait beside it
        if item is None:
            if (shelf := people.shelf(writing, self._context.organisation)) is not None:
                originals.forget(writing, shelf, [name])
            return None
        place = item.place
        if type_ == "Patient" and not versions.lies_alone(writing, place):
            return "Other items of this Patient are held. Delete those first, or in the same transaction."
        old = as_sent(type_, item, self._codec)
        mentions = mentioned(survey(old))
        around = neighbours(writing, place, mentions, self._context.refers_to(name))
        items.unindex(writing, place, index_set(old, mentions, patients_of(old), self._context))
        facts.replace_facts(writing, place, facts.FactRows())
        items.name_others(writing, place, ())
        labelling.suggest(writing, self._context.organisation, place, (), self._now)
        versions.delete(writing, item, self._codec.compress(_NOTHING), self._after(item.stored_at))
        if type_ == "Patient":
            self._linking.unlink(place.source, id_)
        self._held[name] = None
        self._deleted.setdefault(name, []).append(place)
        self._tell(place, item.version + 1, feed.DELETED)
        for near in around:
            settle(writing, near, self._context, self._codec, self._changes)
        return None

    def let_in(self, place: Place, prepared: Prepared) -> None:
        """Link a Patient that was set apart while its organisation was on trial. `settle_persons` when all are."""
        trials.let_in(self._writing, place.source)
        self._linking.link_by_rules(place, prepared)

    def finish(self) -> None:
        """Write what is still gathered, settle who is who, note that the organisation was heard, tell the feed."""
        self.settle_persons()
        registers.hear(self._writing, self._context.organisation, self._now)
        feed.append(self._writing, self._changes, self._now)

    def sources_of(self, names: Iterable[str]) -> set[people.Source]:
        """The source patients with which what is named ("Type/id", looked up before) lies, as far as it is held; the
        organisation's shelf for no name."""
        of_none = () if (names := set(names)) else (self._shelf_of_organisation(),)
        return {place.source for name in names if (place := self._held[name]) is not None} | set(of_none)

    def lies_with(self, name: str) -> Sequence[people.Source]:
        """With whom that lies (looked up before), or lay before it was deleted; on the shelf, what waits."""
        if (place := self._held[name]) is not None:
            return [place.source]
        if name in self._waiting:
            return [self._shelf_of_organisation()]
        return [place.source for place in self._deleted.get(name, ())]

    def outcome(self, kept: Kept, position: str, targets: Iterable[str] = ()) -> Outcome:
        """`targets`: what it refers to ("Type/id"), each looked up before."""
        row, held = kept.prepared.row, self._held
        if kept.status == "rejected":
            return Outcome(status="rejected", position=position, type=row.type, reason=kept.reason)
        return Outcome(
            status=kept.status,
            position=position,
            type=row.type,
            id=row.id,
            version=version_id(self._context.keys, kept.stored_at) if kept.stored_at else None,
            unresolved=() if kept.status == "waiting" else sorted([each for each in targets if held[each] is None]),
        )

    # -- new items ---------------------------------------------------------------------------------------------------

    def _write_new(self) -> None:
        """Labels, rows, index and facts of the items gathered so far."""
        new, self._new = self._new, []
        if not new:
            return
        labels = labels_of_new(self._writing, new, self._held, self._changes)
        arrived = [(place, each.row, labels[place]) for place, each in new if place not in self._back]
        items.insert(self._writing, arrived, self._now)
        for place, each in new:
            if place in self._back:
                version, stored_at = self._back[place]
                items.insert(self._writing, [(place, each.row, labels[place])], stored_at, version=version)
                items.index(self._writing, ((value, place) for value in each.indexed))
        places = ((place, each) for place, each in new if place not in self._back)
        items.index(self._writing, ((value, place) for place, each in places for value in each.indexed), new=True)
        self._newcomers.indexed()
        facts.keep_facts(self._writing, ((place, each.facts) for place, each in new if each.facts is not None))
        cues = ((place, each.cues) for place, each in new)
        labelling.suggest_new(self._writing, self._context.organisation, cues, self._now)
        for place, each in new:
            if each.row.several:
                items.name_others(self._writing, place, self._others(each))

    def _source_for(self, prepared: Prepared) -> tuple[int, int] | None:
        """The source patient with which a new item lies; None when its Patient is not held."""
        if prepared.demographics is not None:
            if before := self._deleted.get(prepared.name):
                return before[0].home, before[0].source_patient
            return self._newcomer(prepared.row.id, prepared.demographics)
        return self._source_of(prepared.patients[0]) if prepared.patients else self._shelf_of_organisation()

    def _place_for(self, prepared: Prepared, source: tuple[int, int]) -> Place:
        """Where a new item lies: where it lay before it was deleted, if with the same source patient; else behind."""
        for place in self._deleted.get(prepared.name, ()):
            if (place.home, place.source_patient) == source:
                version, stored_at, _ = versions.last_version(self._writing, place)
                self._back[place] = version + 1, self._after(stored_at)
                versions.forget_deletion(self._writing, place)
                return place
        number = self._last[source] if source in self._last else items.last_number(self._writing, *source)
        self._last[source] = number + 1
        return Place(*source, number + 1)

    def _newcomer(self, patient: str, demographics: people.Demographics) -> tuple[int, int]:
        number, keys = demographics.nhs_number, self._context.keys
        home = keys.placement("nhs", number) if number else keys.placement("id", patient)
        told = None if self._linking.on_trial else demographics
        source = home, people.new_source_patient(self._writing, home, self._context.organisation, patient, told)
        self._last[source] = 0
        before = self._come[source] = self._newcomers.take(patient)
        for place in before.named_by:
            items.name_also(self._writing, place, source)  # it named this Patient too, who was not held then
        return source

    def _source_of(self, patient: str) -> tuple[int, int] | None:
        place = self._held.get(f"Patient/{patient}")
        return None if place is None else place.source

    def _shelf_of_organisation(self) -> tuple[int, int]:
        """Where what names no person lies: under its contributor."""
        if self._shelf is None:
            organisation = self._context.organisation
            self._shelf = people.shelf(self._writing, organisation)
            if self._shelf is None:
                home = self._context.keys.placement("organisation", organisation)
                self._shelf = home, people.new_source_patient(self._writing, home, organisation, None)
        return self._shelf

    def _others(self, prepared: Prepared) -> list[tuple[int, int]]:
        """The source patients, as far as they are held, whom an item names beside the one it lies with."""
        return [source for patient in prepared.patients[1:] if (source := self._source_of(patient)) is not None]

    def settle_persons(self) -> None:
        self._write_new()  # the Patients are found in the locator
        self._linking.settle()

    # -- items that wait for their Patient -----------------------------------------------------------------------------

    def _wait(self, prepared: Prepared) -> Kept:
        row = prepared.row
        waiting = registers.Waiting(
            patient=prepared.patients[0],
            organisation=self._context.organisation,
            type=row.type,
            id=row.id,
            service=row.service,
            body=tail_to_resource(row.type, row.id, prepared.tail),
        )
        registers.wait(self._writing, waiting)
        self._waiting[prepared.name] = row.service
        self._newcomers.wait(waiting.patient)
        return Kept(prepared, "waiting")

    def _admit(self, patient: str, source: people.Source) -> None:
        """Let in what waited for this Patient, who lies there."""
        waiting = [self._prepared(each) for each in registers.take_waiting(self._writing, patient)]
        self._bring_originals([each.name for each in waiting], source)
        self.look_up(name for each in waiting for name in each.names)
        self.admitted += [self.keep(each) for each in waiting]

    def _bring_originals(self, names: Sequence[str], source: people.Source) -> None:
        """What waits lies with nobody: what it was made from waits on its organisation's shelf."""
        if (shelf := people.shelf(self._writing, self._context.organisation)) not in (None, source):
            originals.move(self._writing, shelf, source, names)

    def _prepared(self, waiting: registers.Waiting) -> Prepared:
        resource = parse(waiting.body)
        return prepare(resource, survey(resource), waiting.id, waiting.service, self._context, self._codec)

    # -- items that are held already ---------------------------------------------------------------------------------

    def _update(self, place: Place, prepared: Prepared, moves: bool) -> Kept:
        self._write_new()  # the version held may be of this same write
        before = items.read_one(self._writing, own(self._context), place)
        row = prepared.row
        if before is None:
            return Kept(prepared, "rejected", reason="This id is held for another organisation.")
        source = self._source_of(prepared.patients[0]) if prepared.patients else None
        if row.type != "Patient" and prepared.patients and source != place.source:
            if source is not None and (moves or self._one_person(source, place.source)):
                return self._move(before, prepared)
            reason = "It names another Patient than the version held. Delete that one first, then send this."
            return Kept(prepared, "rejected", reason=reason)
        earlier = self._service_of(before)
        service_name = row.service or earlier
        held, _ = items.labels_at(self._writing, place)
        said = corrections_of(self._writing, row.type, row.id)
        stays = service_name is not None and service_name == earlier and not self._context.names_service(service_name)
        if said or stays or service_name != row.service:
            prepared = self._anew(prepared, service_name, held=held if stays else None, said=said)
            row = prepared.row
        service = self._writing.word(row.service) if row.service else 0
        same = row.body == before.body or prepared.tail == self._codec.decompress(before.body)
        # The same words may mean more by now: the directory has given the service a label, or the tables a code.
        meant = (row.heading, row.plain) == (before.heading, bool(before.plain)) and (row.own_labels == held)
        if same and meant and service == before.service:
            return Kept(prepared, "unchanged", before.stored_at)
        stored_at = self._after(before.stored_at)
        self._replace(place, before, prepared, stored_at)
        self._tell(place, before.version + 1, feed.UPDATED)
        if prepared.demographics is not None:
            self._linking.link(place, prepared)
        return Kept(prepared, "updated", stored_at)

    def _one_person(self, one: people.Source, other: people.Source) -> bool:
        self.settle_persons()
        person = people.person_of(self._writing, one)
        return person is not None and person == people.person_of(self._writing, other)

    def _move(self, before: StoredItem, prepared: Prepared) -> Kept:
        """Let an item lie with the Patient that its source now names; with an encounter goes all that refers to it.

        The versions that lay with the other one stay there, as of something deleted; should it come back, it lies
        where it lay.
        """
        type_, codec = prepared.row.type, self._codec
        follow = []
        if type_ == "Encounter":
            old, new = patients_of(as_sent(type_, before, codec))[0], prepared.patients[0]
            follow = list(belongings(self._writing, self._context, codec, before, old=old, new=new))
        going = [
            (item, prepare(resource, survey(resource), item.id, self._service_of(item), self._context, codec))
            for _, item, resource in follow
        ]
        for item, each in ((before, prepared), *going):
            self.look_up(each.names)
            self.delete(each.row.type, each.row.id, item)
        kept, *_ = [self.keep(each) for each in (prepared, *(each for _, each in going))]
        return kept._replace(status="updated")

    def _service_of(self, item: StoredItem) -> str | None:
        return self._writing.words.text(self._writing, item.service) if item.service else None

    def _as_before(self, prepared: Prepared) -> Prepared:
        """An item that is not held, under the service that it waits under or was deleted under, if it names none; with
        what people said of its labels before it was deleted."""
        service, said = prepared.row.service or self._waiting.get(prepared.name), list[Correction]()
        if places := self._deleted.get(prepared.name):
            _, _, number = max(
                (versions.last_version(self._writing, each) for each in places), key=lambda each: each[1]
            )
            service = service or (self._writing.words.text(self._writing, number) if number else None)
            said = corrections_of(self._writing, prepared.row.type, prepared.row.id)
        return self._anew(prepared, service, said=said) if said or service != prepared.row.service else prepared

    def _anew(
        self, prepared: Prepared, service: str | None, *, held: int | None = None, said: Sequence[Correction] = ()
    ) -> Prepared:
        """Prepared again by what was known of it: who may read hangs on the service, and a source that leaves that out
        has not taken it back."""
        row = prepared.row
        resource = parse(tail_to_resource(row.type, row.id, prepared.tail))
        return prepare(resource, survey(resource), row.id, service, self._context, self._codec, held=held, said=said)

    def _replace(self, place: Place, before: StoredItem, prepared: Prepared, stored_at: int) -> None:
        """A new version, and all that follows from it: index, facts, who else is named, labels near it."""
        row, writing = prepared.row, self._writing
        old = as_sent(row.type, before, self._codec)
        old_mentions = mentioned(survey(old))
        old_index = index_set(old, old_mentions, patients_of(old), self._context)
        items.unindex(writing, place, old_index - prepared.indexed)
        items.index(writing, ((value, place) for value in prepared.indexed - old_index))
        self._newcomers.indexed()
        facts.replace_facts(writing, place, prepared.facts or facts.FactRows())
        items.name_others(writing, place, self._others(prepared))
        labelling.suggest(writing, self._context.organisation, place, prepared.cues, self._now)
        old_own, _ = items.labels_at(writing, place)
        around = neighbours(writing, place, prepared.mentions, prepared.referred_to)
        items.replace(writing, place, row, labels_with(writing, row.own_labels, around), stored_at)
        if old_own != row.own_labels or old_mentions != prepared.mentions:
            for near in around | set(items.locate_many(writing, old_mentions - prepared.mentions).values()):
                settle(writing, near, self._context, self._codec, self._changes)

    # ------------------------------------------------------------------------------------------------------------------

    def _after(self, stored_at: int) -> int:
        """When a version is stored that follows one of `stored_at`: two of one item are never of one moment."""
        return max(self._now, stored_at + 1)

    def _tell(self, place: Place, version: int, kind: int) -> None:
        """Note a change for the feed, and for the audit whom it touched."""
        self._changes.append(feed.Change(place, version, kind))
        self.touched[place.source] = self.touched.get(place.source, 0) + 1
