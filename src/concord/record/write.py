"""The only writer of items, index and facts: from submissions to rows, all of it in one transaction."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from concord.audit import AuditEvent, AuditWriter
from concord.base import Busy, Clock, IdSource, Incorrect, Keys, OdsCode, PersonId
from concord.governance import Directory, SourceSystem
from concord.governance.labels import Sensitivity
from concord.identity import Assurance
from concord.record.model import Change, Deletion, Original, Outcome, Receipt, Submission
from concord.record.prepare import Context
from concord.record.staged import Staged
from concord.record.staging import Staging
from concord.record.transaction import Transaction
from concord.store import Store, Writing, body, originals, people, registers

_TRIES = 4


class _ConditionChangedError(Exception):
    """Between staging and committing somebody wrote what a condition asks for."""


class _RolledBackError(Exception):
    """An entry of an all-or-nothing write was rejected."""


class _Message(NamedTuple):
    """What is kept beside the changes that it makes."""

    receipt: Receipt | None
    sent: Sequence[Original]


class Writer:
    """Writes what source systems submit. One is enough for a process; the store gives each transaction its turn."""

    def __init__(self, store: Store, keys: Keys, ids: IdSource, clock: Clock, audit: AuditWriter) -> None:
        self._store = store
        self._keys = keys
        self._ids = ids
        self._clock = clock
        self._audit = audit
        self._codec = body.Codec()

    def write(
        self,
        changes: Sequence[Change],
        *,
        by: SourceSystem,
        directory: Directory,
        sensitivity: Sensitivity,
        atomic: bool,
        assurance: Assurance,
        receipt: Receipt | None = None,
        sent: Sequence[Original] = (),
    ) -> list[Outcome]:
        """Carry out changes; an outcome for each in their order, then one for each item that this admitted.

        `atomic`: all or nothing. Deletions come first, then Patients, then the rest, in whatever order they were sent.
        An item equal to what is held is left unchanged; one whose Patient is not held waits. The `receipt` of the
        message that says all this is kept in the same transaction, unless something of it is rejected; and the messages
        that were `sent` are, with whomever they tell of that is held.
        """
        context = self._context(by.organisation, directory, sensitivity)
        with self._store.reading() as reading:
            staging = Staging(reading, changes, context, self._ids, self._codec)
        for _ in range(_TRIES):
            with self._store.reading() as reading:
                staging.resolve(reading)
            if atomic and any(entry.outcome for entry in staging.entries):
                return _nothing_stored(staging.entries)
            try:
                return self._commit(staging, by, context, atomic, assurance, _Message(receipt, sent))
            except _ConditionChangedError:
                continue
            except _RolledBackError:
                return _nothing_stored(staging.entries)
        raise Busy("The same conditional request is being written too often at once. Try again.")

    def _context(self, organisation: OdsCode, directory: Directory, sensitivity: Sensitivity) -> Context:
        if organisation not in directory.organisations:
            raise Incorrect(
                f"No organisation {organisation} in the directory. "
                "Add it with `concord organisations add`, then load again."
            )
        return Context(keys=self._keys, organisation=organisation, directory=directory, sensitivity=sensitivity)

    def _commit(
        self,
        staging: Staging,
        by: SourceSystem,
        context: Context,
        atomic: bool,
        assurance: Assurance,
        message: "_Message",
    ) -> list[Outcome]:
        """Everything was prepared before; here rows are looked up and written."""
        now = body.microseconds(self._clock.now())
        wanted = [(entry, entry.prepared) for entry in staging.entries if entry.wanted and entry.prepared is not None]
        wanted.sort(key=lambda each: each[0].type != "Patient")
        doomed = [each for each in staging.entries if isinstance(each.change, Deletion) and each.outcome is None]
        doomed.sort(key=lambda each: each.type == "Patient")
        with self._store.writing() as writing:
            if not staging.still_true(writing):
                raise _ConditionChangedError
            transaction = Transaction(writing, context, assurance=assurance, ids=self._ids, codec=self._codec, now=now)
            transaction.look_up({name for entry, prepared in wanted for name in (*prepared.names, *entry.targets)})
            for entry in doomed:
                if reason := transaction.delete(entry.type, entry.id, entry.held):
                    entry.reject(reason, "conflict")
            kept = [(entry, transaction.keep(prepared, moves=_moves(entry.change))) for entry, prepared in wanted]
            for entry, each in kept:
                if each.status == "rejected":
                    entry.reject(each.reason, "conflict")
            if atomic and any(entry.outcome is not None for entry in (*doomed, *(entry for entry, _ in kept))):
                raise _RolledBackError
            transaction.finish()
            refused = {entry.name for entry in staging.entries if entry.outcome is not None}
            self._keep_originals(writing, transaction, context, message.sent, refused, now)
            receipt = message.receipt
            if receipt is not None and all(entry.outcome is None for entry in staging.entries):
                registers.receive(writing, by.organisation, receipt.message, receipt.content, now)
            self._audit.append(writing, self._events(writing, transaction, by))
        for entry, each in kept:
            if entry.outcome is None:
                entry.outcome = transaction.outcome(each, entry.position, entry.targets)
        return [_outcome(entry) for entry in staging.entries] + [
            transaction.outcome(each, "admitted") for each in transaction.admitted
        ]

    def _keep_originals(
        self,
        writing: Writing,
        transaction: Transaction,
        context: Context,
        kept: Sequence[Original],
        refused: Collection[str],
        now: int,
    ) -> None:
        """A message with each source patient of whom anything is held by now; what is found under its items with each
        of those, but for what was refused of it, which lies in quarantine."""
        rows = [
            (each, originals.OriginalRow(each.kind, each.feed, now, each.place, each.content), _named(each, context))
            for each in kept
        ]
        transaction.look_up({name for _, _, names in rows for name in names})
        for each, row, names in rows:
            if each.name:
                under = [(source, each.name) for source in sorted(transaction.sources_of(names))]
                if originals.keep(writing, [(row, under)], self._codec):
                    originals.count_unmapped(writing, each.feed, each.unmapped)
        lies_with = transaction.lies_with
        alone = [
            (row, [(source, name) for name in sorted(names - set(refused)) for source in lies_with(name)])
            for each, row, names in rows
            if not each.name
        ]
        originals.keep(writing, alone, self._codec)

    def _events(self, writing: Writing, transaction: Transaction, by: SourceSystem) -> list[AuditEvent]:
        """One row a person touched, or one row in all when nobody was."""
        touched: dict[PersonId | None, int] = {}
        persons = people.persons_of(writing, transaction.touched)
        for source, count in transaction.touched.items():
            person = persons.get(source)
            touched[person] = touched.get(person, 0) + count
        now = self._clock.now()
        return [
            AuditEvent(
                at=now, action="write", outcome="done", who=by.author, person=person,
                context=by.claims, detail={"items": count},
            )
            for person, count in (touched or {None: 0}).items()
        ]  # fmt: skip


def _outcome(entry: Staged) -> Outcome:
    """What became of an entry once the others are settled: a condition that found something changes nothing."""
    if entry.outcome is not None:
        return entry.outcome
    if isinstance(entry.change, Deletion):
        return Outcome(status="deleted", position=entry.position, type=entry.type)
    if entry.twin is not None:
        first = _outcome(entry.twin)
        if first.status == "rejected":
            entry.reject(f"It repeats the condition of {first.position}, which was rejected.", retry=first.retry)
            assert entry.outcome is not None
            return entry.outcome
    id_ = entry.name.partition("/")[2]
    return Outcome(status="unchanged", position=entry.position, type=entry.type, id=id_)


def _named(original: Original, context: Context) -> set[str]:
    """What it tells of, by "Type/id"."""
    of = context.organisation
    return {f"{type_}/{context.keys.logical_id(of, type_, id_)}" for type_, id_ in original.tells_of}


def _moves(change: Change) -> bool:
    return isinstance(change, Submission) and change.moves


def _nothing_stored(staged: Sequence[Staged]) -> list[Outcome]:
    """Outcomes of an all-or-nothing write that failed: the guilty with their reasons, the rest with theirs."""
    guilty = [entry.outcome for entry in staged if entry.outcome is not None]
    reason = f"Nothing of this transaction was stored, because of {guilty[0].position}."
    retry = all(outcome.retry for outcome in guilty)
    return [
        entry.outcome
        or Outcome(status="rejected", position=entry.position, type=entry.type, reason=reason, retry=retry)
        for entry in staged
    ]
