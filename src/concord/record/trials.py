"""The shadow period of an organisation: its data are in, tried by named testers, and change nothing for anybody else.

While it lasts its Patients are linked to nobody. So its items are in nobody's record, its relationships, choices and
protection bear on nobody, and no link hangs on them. Going live links them all.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from concord.audit import AuditEvent, AuditWriter, looks
from concord.base import Clock, Conflict, IdSource, Incorrect, Keys, OdsCode, PersonId
from concord.fhir import survey
from concord.governance import Duty, Gate, SourceSystem, permit_duty
from concord.identity import tested_sources
from concord.record.prepare import Context, prepare
from concord.record.transaction import Transaction
from concord.record.wire import as_sent
from concord.store import Reading, Store, Writing, body, items, people, trials

_DUTY = Duty(name="trial")
TRYING = permit_duty(_DUTY)
_LOOKS = ("open", "read", "search")
_MOST_LOOKS = 100  # of a tester that are gone through
_PORTION = 100  # Patients of one transaction: others write between


def tested(reading: Reading, user: str, person: PersonId) -> Sequence[people.TracedSource]:
    """What a user's tests add to a person's record."""
    return tested_sources(reading, TRYING, user, person)


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """`live_at` None: it lasts. `looked`: testers who have looked at any record since it began. `apart`: how many
    Patients of it are linked to nobody."""

    organisation: OdsCode
    testers: Sequence[str]
    looked: Sequence[str]
    begun_at: datetime
    live_at: datetime | None
    apart: int


class Trials:
    def __init__(
        self, store: Store, gate: Gate, audit: AuditWriter, *, keys: Keys, ids: IdSource, clock: Clock
    ) -> None:
        self._store = store
        self._gate = gate
        self._audit = audit
        self._keys = keys
        self._ids = ids
        self._clock = clock
        self._codec = body.Codec()

    def of(self, organisation: OdsCode) -> Trial | None:
        """The organisation's trial, whether it lasts or has ended; None when there never was one."""
        with self._store.reading() as reading:
            found = trials.of(reading, organisation)
            if found is None:
                return None
            begun_at = body.instant(found.begun_at)
            return Trial(
                organisation=organisation,
                testers=found.testers,
                looked=[each for each in found.testers if _has_looked(reading, each, begun_at)],
                begun_at=begun_at,
                live_at=None if found.ended_at is None else body.instant(found.ended_at),
                apart=trials.count_apart(reading, organisation),
            )

    def in_use_since(self, organisation: OdsCode) -> datetime | None:
        """When what an organisation sends first came into people's records, of one that never was on trial: when it was
        first written. None where nothing of it is in anybody's."""
        with self._store.reading() as reading:
            if not trials.is_linked(reading, organisation):
                return None
            who = SourceSystem(organisation=organisation).author
            first = looks(reading, most=1, who=who, action="write", oldest=True)
        return first[0].event.at if first else None

    def begin(self, organisation: OdsCode, testers: Iterable[str]) -> None:
        """Let in what an organisation sends for these users alone; or name the testers of a trial anew.

        Raises Incorrect without a tester or for an organisation that the directory lacks, Conflict for one whose data
        are in use already.
        """
        named = sorted(set(testers))
        if not named:
            raise Incorrect("A trial needs a tester: somebody must see what comes.")
        with self._store.writing() as writing:
            if organisation not in self._gate.policy(writing).directory.organisations:
                raise Incorrect(f"There is no organisation {organisation} in the directory.")
            if trials.is_linked(writing, organisation):
                raise Conflict(
                    f"What {organisation} sends is in people's records already. To try a further feed of it, write "
                    "`shadow: yes` in that feed's file"
                )
            trials.begin(writing, organisation, named, body.microseconds(self._clock.now()))
            self._tell(writing, organisation, {"step": "begun", "testers": named})

    def go_live(self, organisation: OdsCode, tell: Callable[[int], None]) -> int:
        """End the trial, and link every Patient that came in it: how many were linked now.

        What comes is linked from now on; what came, in portions, each whole and at once. `tell` hears after each how
        many are linked. Cut short it goes on when it is called again. Conflict when there is no trial.
        """
        with self._store.writing() as writing:
            found = trials.of(writing, organisation)
            if found is None:
                raise Conflict(f"{organisation} is not on trial: what it sends is seen as agreements say.")
            if found.ended_at is None:
                trials.end(writing, organisation, body.microseconds(self._clock.now()))
                self._tell(writing, organisation, {"step": "live"})
        done = 0
        while linked := self._link_some(organisation):
            done += linked
            tell(done)
        return done

    def _link_some(self, organisation: OdsCode) -> int:
        with self._store.writing() as writing:
            some = trials.apart_of(writing, TRYING, organisation, _PORTION)
            for assurance in sorted({each.assurance for each in some}):
                self._link(writing, organisation, [each for each in some if each.assurance == assurance])
            if some:
                self._tell(writing, organisation, {"step": "linked", "patients": len(some)})
        return len(some)

    def _link(self, writing: Writing, organisation: OdsCode, apart: Sequence[trials.Apart]) -> None:
        """Those of one assurance."""
        context = Context(
            keys=self._keys,
            organisation=organisation,
            directory=self._gate.policy(writing).directory,
            sensitivity=self._gate.sensitivity(writing),
        )
        transaction = Transaction(
            writing, context, assurance="traced" if apart[0].assurance == "traced" else "stated", ids=self._ids,
            codec=self._codec, now=body.microseconds(self._clock.now()),
        )  # fmt: skip
        for each in apart:
            place = items.locate(writing, "Patient", each.source.patient)
            item = None if place is None else items.read_one(writing, TRYING, place)
            assert place is not None
            assert item is not None, "a Patient that is set apart is held"
            service = writing.words.text(writing, item.service) if item.service else None
            resource = as_sent("Patient", item, self._codec)
            prepared = prepare(resource, survey(resource), item.id, service, context, self._codec)
            transaction.look_up(prepared.names)
            transaction.let_in(place, prepared)
        transaction.settle_persons()

    def _tell(self, writing: Writing, organisation: OdsCode, detail: dict[str, object]) -> None:
        event = AuditEvent(
            at=self._clock.now(), action="trial", outcome="done", who=f"duty:{_DUTY.name}",
            detail={"organisation": organisation, **detail},
        )  # fmt: skip
        self._audit.append(writing, [event])


def _has_looked(reading: Reading, user: str, since: datetime) -> bool:
    return any(kept.event.action in _LOOKS for kept in looks(reading, most=_MOST_LOOKS, who=user, since=since))
