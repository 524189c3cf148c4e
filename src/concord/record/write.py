"""The only writer of items, index and facts: from submissions to rows, all of it in one transaction."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl

from concord.audit import AuditEvent, AuditWriter
from concord.base import Busy, Clock, IdSource, Incorrect, Keys, OdsCode, PersonId
from concord.fhir import Criterion, Survey, index_keys, matches, parse, parse_search, survey
from concord.governance import Directory, Duty, SourceSystem, permit_duty, permit_source
from concord.identity import Assurance, link_source_patient
from concord.record.model import Outcome, Submission
from concord.record.prepare import UNINDEXED, Context, Prepared, fact_rows, index_of, mention_value, prepare
from concord.record.wire import as_sent, tail_to_resource, version_id
from concord.store import Reading, SqliteStore, Writing, body, facts, items, people, registers

MATCHING = permit_duty(Duty(name="matching"))
_LOGICAL_ID = re.compile(r"[a-z2-7]{24}")
_RELATIVE = re.compile(r"([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?")
_CONDITIONAL = re.compile(r"([A-Z][A-Za-z]+)\?(.+)")


class _ConditionChanged(Exception):
    """Between staging and committing somebody wrote what a condition asks for."""


class _RolledBack(Exception):
    """An entry of an all-or-nothing write was rejected."""


@dataclass(slots=True)
class _Staged:
    """A submission on its way: its logical id, the references as they were sent, and what became of it so far."""

    submission: Submission
    type: str = ""
    id: str = ""
    survey: Survey | None = None
    sent: Sequence[tuple[dict[str, Any], str]] = ()
    existing: str | None = None
    prepared: Prepared | None = None
    outcome: Outcome | None = None
    literal: set[str] = field(default_factory=set)

    def reject(self, reason: str, *, retry: bool = False) -> None:
        self.outcome = Outcome(
            status="rejected", position=self.submission.position, type=self.type, reason=reason, retry=retry
        )


class Writer:
    """Writes what source systems submit. One is enough for a process; the store gives each transaction its turn."""

    def __init__(self, store: SqliteStore, keys: Keys, ids: IdSource, clock: Clock, audit: AuditWriter) -> None:
        self._store = store
        self._keys = keys
        self._ids = ids
        self._clock = clock
        self._audit = audit
        self._codec = body.Codec()
        self._resolved: dict[tuple[OdsCode, str], str] = {}

    def write(
        self,
        submissions: Sequence[Submission],
        *,
        by: SourceSystem,
        directory: Directory,
        atomic: bool,
        assurance: Assurance,
    ) -> list[Outcome]:
        """Keep submissions; an outcome for each in their order, then one for each item that this admitted.

        `atomic`: all or nothing. An item equal to what is held is left unchanged; one whose Patient is not held waits.
        """
        context = self._context(by.organisation, directory)
        staged = [self._survey(submission, context) for submission in submissions]
        _refuse_twins(staged)
        for _ in range(4):
            with self._store.reading() as reading:
                self._resolve_conditions(reading, staged, context)
                self._rename(reading, staged, context)
            if atomic and any(entry.outcome for entry in staged):
                return _nothing_stored(staged)
            try:
                return self._commit(staged, by, context, atomic, assurance)
            except _ConditionChanged:
                continue
            except _RolledBack:
                return _nothing_stored(staged)
        raise Busy("The same conditional request is being written too often at once. Try again.")

    # -- before the transaction ------------------------------------------------------------------------------------------

    def _context(self, organisation: OdsCode, directory: Directory) -> Context:
        if organisation not in directory.organisations:
            raise Incorrect(
                f"No organisation {organisation} in the directory. Add it with `concord organisations add`, then load again."
            )
        return Context(keys=self._keys, organisation=organisation, directory=directory)

    def _survey(self, submission: Submission, context: Context) -> _Staged:
        entry = _Staged(submission)
        resource = submission.resource
        found = survey(resource)
        if found.breaches:
            entry.type = resource["resourceType"] if isinstance(resource.get("resourceType"), str) else ""
            entry.reject("; ".join(f"{breach.path}: {breach.message}" for breach in found.breaches[:3]))
            return entry
        entry.type, entry.survey = resource["resourceType"], found
        entry.sent = [(dict_, dict_["reference"]) for dict_ in found.references if isinstance(dict_.get("reference"), str)]
        entry.id = self._logical_id(entry.type, submission.source_id, context)
        return entry

    def _logical_id(self, type_: str, source_id: str | None, context: Context) -> str:
        """What a source calls an item becomes a keyed hash; an id of ours that it was told is taken as it is."""
        if source_id is None:
            return self._ids.fresh()
        if _LOGICAL_ID.fullmatch(source_id):
            with self._store.reading() as reading:
                place = items.locate(reading, type_, source_id)
                if place and items.read_one(reading, _own(context), place):
                    return source_id
        return self._keys.logical_id(context.organisation, type_, source_id)

    def _resolve_conditions(self, reading: Reading, staged: Sequence[_Staged], context: Context) -> None:
        for entry in staged:
            query = entry.submission.if_none_exist
            if query is None or entry.survey is None or (entry.outcome and not entry.outcome.retry):
                continue
            entry.existing, entry.outcome = None, None
            try:
                found = self._matching(reading, entry.type, query, context)
            except Incorrect as error:
                entry.reject(f"The condition of this conditional create cannot be used: {error.message}")
                continue
            if len(found) > 1:
                entry.reject(f"The condition of this conditional create matches {len(found)} items; it must match one or none.")
            elif found:
                entry.existing = found[0]

    def _matching(self, reading: Reading, type_: str, query: str, context: Context) -> list[str]:
        """Ids of what this organisation contributed and a query describes."""
        pairs = parse_qsl(query, keep_blank_values=True)
        search = parse_search(type_, pairs)
        if not search.criteria:
            raise Incorrect("it names nothing to search for.")
        own = _own(context)
        found = []
        values = _index_values(search.criteria, type_, context)
        candidates = [item for value in values or [None] for item in items.read(reading, own, types=[type_], value=value)]
        for item in candidates:
            resource = as_sent(type_, item, self._codec)
            if all(matches(resource, criterion) for criterion in search.criteria):
                found.append(item.id)
        return found

    def _rename(self, reading: Reading, staged: Sequence[_Staged], context: Context) -> None:
        """Put every resource under its logical id and rewrite its references."""
        here: dict[str, str] = {}
        for entry in staged:
            if entry.survey is not None:
                name = f"{entry.type}/{entry.existing or entry.id}"
                url = entry.submission.full_url
                if url:
                    here[url] = name
                    if url.startswith("http") and (relative := _RELATIVE.fullmatch("/".join(url.split("/")[-2:]))):
                        here[f"{relative[1]}/{relative[2]}"] = name
        for entry in staged:
            if entry.survey is None or entry.existing or (entry.outcome and not entry.outcome.retry):
                continue
            entry.outcome, entry.literal = None, set()
            for reference, sent in entry.sent:
                problem = self._rewrite(reading, reference, sent, here, entry, context)
                if problem:
                    entry.reject(*problem[:1], retry=problem[1])
                    break
            else:
                resource = entry.submission.resource
                resource["id"] = entry.id
                entry.prepared = prepare(
                    resource, entry.survey, entry.id, entry.submission.service, context, self._codec
                )

    def _rewrite(
        self,
        reading: Reading,
        reference: dict[str, Any],
        sent: str,
        here: Mapping[str, str],
        entry: _Staged,
        context: Context,
    ) -> tuple[str, bool] | None:
        """Rewrite one reference in place; or why it cannot be, and whether later input may mend it."""
        if sent in here:
            reference["reference"] = here[sent]
        elif sent.startswith("#"):
            pass
        elif sent.startswith("urn:"):
            return f"A reference to {_shortened(sent)} names no entry of the same bundle.", False
        elif relative := _RELATIVE.fullmatch(sent):
            target = f"{relative[1]}/{self._logical_id(relative[1], relative[2], context)}"
            reference["reference"] = target
            entry.literal.add(target)
        elif conditional := _CONDITIONAL.fullmatch(sent):
            return self._rewrite_conditional(reading, reference, conditional, context)
        return None

    def _rewrite_conditional(
        self, reading: Reading, reference: dict[str, Any], conditional: re.Match[str], context: Context
    ) -> tuple[str, bool] | None:
        key = (context.organisation, conditional[0])
        if key not in self._resolved:
            try:
                found = self._matching(reading, conditional[1], conditional[2], context)
            except Incorrect as error:
                return f"A conditional reference to {conditional[1]} cannot be used: {error.message}", False
            if len(found) != 1:
                return f"A conditional reference to {conditional[1]} matches {len(found)} items; it must match one.", True
            self._resolved[key] = f"{conditional[1]}/{found[0]}"
        reference["reference"] = self._resolved[key]
        return None

    # -- the transaction -------------------------------------------------------------------------------------------------

    def _commit(
        self, staged: Sequence[_Staged], by: SourceSystem, context: Context, atomic: bool, assurance: Assurance
    ) -> list[Outcome]:
        admitted: list[Outcome] = []
        with self._store.writing() as writing:
            for entry in staged:
                if entry.submission.if_none_exist is not None and entry.outcome is None:
                    found = self._matching(writing, entry.type, entry.submission.if_none_exist, context)
                    if (found[0] if found else None) != entry.existing:
                        raise _ConditionChanged
            transaction = Transaction(self, writing, context, assurance, self._clock, self._codec, self._ids)
            patients_first = sorted(staged, key=lambda entry: entry.type != "Patient")
            for entry in patients_first:
                if entry.existing:
                    entry.outcome = Outcome(
                        status="unchanged", position=entry.submission.position, type=entry.type, id=entry.existing
                    )
                elif entry.prepared is not None and entry.outcome is None:
                    entry.outcome = transaction.keep(entry.prepared, entry.submission.position, entry.literal)
                    if atomic and entry.outcome.status == "rejected":
                        raise _RolledBack
            admitted = transaction.finish()
            self._audit.append(writing, self._events(writing, transaction, by))
        return [entry.outcome for entry in staged if entry.outcome] + admitted

    def _events(self, writing: Writing, transaction: "Transaction", by: SourceSystem) -> list[AuditEvent]:
        """One row a person touched, or one row in all when nobody was."""
        touched: dict[PersonId | None, int] = {}
        for source_patient, count in transaction.touched.items():
            person = people.person_of(writing, source_patient)
            touched[person] = touched.get(person, 0) + count
        now = self._clock.now()
        return [
            AuditEvent(
                at=now, action="write", outcome="done", who=f"system:{by.organisation}", person=person,
                detail={"organisation": by.organisation, "items": count},
            )
            for person, count in (touched or {None: 0}).items()
        ]  # fmt: skip


class Transaction:
    """Keeping rows inside one open transaction."""

    def __init__(
        self,
        writer: Writer,
        writing: Writing,
        context: Context,
        assurance: Assurance,
        clock: Clock,
        codec: body.Codec,
        ids: IdSource,
    ) -> None:
        self._writing = writing
        self._context = context
        self._assurance = assurance
        self._codec = codec
        self._ids = ids
        self._now = body.microseconds(clock.now())
        self._sources: dict[str, tuple[int, int] | None] = {}
        self._numbers: dict[tuple[int, int], int] = {}
        self._admitted: list[Outcome] = []
        self._held: dict[str, bool] = {}
        self.touched: dict[int, int] = {}

    def keep(self, prepared: Prepared, position: str, literal: set[str]) -> Outcome:
        """Store, update, leave or let wait one prepared item."""
        row = prepared.row
        place = items.locate(self._writing, row.type, row.id)
        if place is not None:
            return self._update(place, prepared, position, literal)
        if row.type == "Patient":
            source = self._new_source(prepared)
        elif prepared.patients:
            found = self._source_of(prepared.patients[0])
            if found is None:
                return self._wait(prepared, position)
            source = found
        else:
            source = self._shelf()
        number = self._numbers.get(source) or items.last_number(self._writing, *source)
        self._numbers[source] = number + 1
        place = items.Place(*source, number + 1)
        labels = self._flow(place, prepared)
        items.insert(self._writing, source, place.item, replace(row, labels=labels, stored_at=self._now))
        items.index(self._writing, place, prepared.index)
        self._after(place, prepared, new=True)
        return self._outcome("stored", prepared, 1, position, literal)

    def finish(self) -> list[Outcome]:
        """Note that the organisation was heard; what was admitted from waiting."""
        registers.hear(self._writing, self._context.organisation, self._now)
        return self._admitted

    def _update(self, place: items.Place, prepared: Prepared, position: str, literal: set[str]) -> Outcome:
        before = items.read_one(self._writing, _own(self._context), place)
        row = prepared.row
        if before is None:
            return _rejected(prepared, position, "This id is held for another organisation.")
        if row.type != "Patient" and prepared.patients:
            source = self._source_of(prepared.patients[0])
            if source != (place.home, place.source_patient):
                reason = "It names another Patient than the version held. Send the version held as entered in error first."
                return _rejected(prepared, position, reason)
        service = self._writing.word(row.service) if row.service else 0
        tail = self._codec.decompress(before.body)
        if tail == prepared.tail and service == before.service:
            return self._outcome("unchanged", prepared, before.version, position, literal)
        old = index_of(parse(tail_to_resource(row.type, row.id, tail)), self._context)
        items.unindex(self._writing, place, old - prepared.index)
        items.index(self._writing, place, prepared.index - old)
        labels = self._flow(place, prepared)
        version = items.replace(self._writing, place, replace(row, labels=labels, stored_at=self._now))
        self._after(place, prepared, new=False)
        return self._outcome("updated", prepared, version, position, literal)

    def _after(self, place: items.Place, prepared: Prepared, *, new: bool) -> None:
        """What follows from an item: facts, the other people it names, and for a Patient link and admission."""
        facts.replace_facts(self._writing, place, fact_rows(prepared), new=new)
        if prepared.row.several or not new:
            others = [source for patient in prepared.patients[1:] if (source := self._source_of(patient))]
            items.name_others(self._writing, place, others)
        self.touched[place.source_patient] = self.touched.get(place.source_patient, 0) + 1
        if prepared.demographics is not None:
            link_source_patient(
                self._writing, MATCHING, place.source_patient, prepared.demographics, self._assurance, self._ids
            )
            people.describe(self._writing, place.source_patient, prepared.demographics)
            if new:
                self._admit(prepared.row.id)

    def _admit(self, patient: str) -> None:
        """Let in what waited for this Patient, in its transaction."""
        for waiting in registers.take_waiting(self._writing, patient):
            resource = parse(waiting.body)
            prepared = prepare(resource, survey(resource), waiting.id, waiting.service, self._context, self._codec)
            self._admitted.append(self.keep(prepared, "admitted", set()))

    def _wait(self, prepared: Prepared, position: str) -> Outcome:
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
        return Outcome(status="waiting", position=position, type=row.type, id=row.id)

    def _flow(self, place: items.Place, prepared: Prepared) -> int:
        """Labels of an item with those that flow along content references, one step, both ways."""
        own = prepared.row.own_labels
        labels = own
        neighbours = [
            target
            for mention in prepared.mentions
            if (target := items.locate(self._writing, *mention.split("/", 1))) is not None
        ]
        itself = f"{prepared.row.type}/{prepared.row.id}"
        neighbours += items.found_under(
            self._writing, mention_value(self._context.keys, self._context.organisation, itself)
        )
        for neighbour in neighbours:
            theirs, all_theirs = items.labels_at(self._writing, neighbour)
            labels |= theirs
            if all_theirs | own != all_theirs:
                items.relabel(self._writing, neighbour, all_theirs | own)
        return labels

    def _new_source(self, prepared: Prepared) -> tuple[int, int]:
        assert prepared.demographics is not None
        number = prepared.demographics.nhs_number
        keys = self._context.keys
        home = keys.placement("nhs", number) if number else keys.placement("id", prepared.row.id)
        source = home, people.new_source_patient(self._writing, home, self._context.organisation, prepared.row.id)
        self._sources[prepared.row.id] = source
        return source

    def _source_of(self, patient: str) -> tuple[int, int] | None:
        if self._sources.get(patient) is None:
            place = items.locate(self._writing, "Patient", patient)
            self._sources[patient] = None if place is None else (place.home, place.source_patient)
        return self._sources[patient]

    def _shelf(self) -> tuple[int, int]:
        """Where what names no person lies: under its contributor."""
        organisation = self._context.organisation
        found = self._sources.get("") or people.shelf(self._writing, organisation)
        if found is None:
            home = self._context.keys.placement("organisation", organisation)
            found = home, people.new_source_patient(self._writing, home, organisation, None)
        self._sources[""] = found
        return found

    def _outcome(self, status: Any, prepared: Prepared, version: int, position: str, literal: set[str]) -> Outcome:
        row = prepared.row
        return Outcome(
            status=status,
            position=position,
            type=row.type,
            id=row.id,
            version=version_id(self._context.keys, row.id, version),
            unresolved=sorted(target for target in literal if not self._is_held(target)),
        )

    def _is_held(self, target: str) -> bool:
        if not self._held.get(target):
            self._held[target] = items.locate(self._writing, *target.split("/", 1)) is not None
        return self._held[target]


def _own(context: Context) -> Any:
    return permit_source(SourceSystem(organisation=context.organisation))


def _index_values(criteria: Sequence[Criterion], type_: str, context: Context) -> list[int]:
    """Index values that narrow a search, of the first criterion that has any."""
    for criterion in criteria:
        if criterion.name not in UNINDEXED and (keys := index_keys(criterion)):
            return [items.index_value(context.keys, context.organisation, type_, criterion.name, key) for key in keys]
    return []


def _rejected(prepared: Prepared, position: str, reason: str) -> Outcome:
    return Outcome(status="rejected", position=position, type=prepared.row.type, reason=reason)


def _refuse_twins(staged: Sequence[_Staged]) -> None:
    seen: dict[tuple[str, str], str] = {}
    for entry in staged:
        if entry.outcome is not None or entry.submission.source_id is None:
            continue
        first = seen.setdefault((entry.type, entry.id), entry.submission.position)
        if first != entry.submission.position and entry.submission.full_url is not None:
            entry.reject(f"The same {entry.type} id stands at {first} already.")


def _nothing_stored(staged: Sequence[_Staged]) -> list[Outcome]:
    """Outcomes of an all-or-nothing write that failed: the guilty with their reasons, the rest with theirs."""
    guilty = [entry for entry in staged if entry.outcome and entry.outcome.status == "rejected"]
    where = guilty[0].submission.position if guilty else ""
    retry = all(entry.outcome and entry.outcome.retry for entry in guilty)
    return [
        entry.outcome
        if entry in guilty and entry.outcome
        else Outcome(
            status="rejected",
            position=entry.submission.position,
            type=entry.type,
            reason=f"Nothing of this transaction was stored, because of {where}.",
            retry=retry,
        )
        for entry in staged
    ]


def _shortened(reference: str) -> str:
    return reference if len(reference) <= 60 else reference[:57] + "..."
