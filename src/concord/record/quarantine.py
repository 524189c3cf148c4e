"""What could not be taken in, kept whole until somebody has looked at it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Literal, Protocol

from concord.audit import Audited, AuditEvent, AuditOutcome, AuditWriter
from concord.base import Clock, Keys, NotFound, OdsCode
from concord.governance import SourceSystem
from concord.record.model import Receipt
from concord.store import Store, body, quarantine_rows, registers

Ended = Literal["replayed", "discarded"]


class Reject(Protocol):
    """A reject on its way into quarantine. `original` is what was sent, byte for byte; `feed` the name of the feed by
    which it came, "" for none; `patient` the source's own id of the patient whose later messages wait behind it."""

    @property
    def feed(self) -> str: ...
    @property
    def file(self) -> str: ...
    @property
    def entry(self) -> int | None: ...
    @property
    def position(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def patient(self) -> str: ...
    @property
    def original(self) -> bytes: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """One line of the quarantine. `size` of the original in bytes; `patient` a keyed hash, "" for none."""

    number: int
    organisation: OdsCode
    feed: str
    kind: str
    file: str
    entry: str
    position: str
    reason: str
    held_at: datetime
    size: int
    patient: str


class Quarantine:
    """Who looks at an original, and what is held no more, leaves a row in the audit."""

    def __init__(self, store: Store, audit: AuditWriter, clock: Clock, keys: Keys) -> None:
        self._store = store
        self._audit = audit
        self._clock = clock
        self._keys = keys

    def hold(self, rejects: Sequence[Reject], by: SourceSystem, receipt: Receipt | None = None) -> None:
        """Keep rejects durably; the same bytes for the same reason once. The `receipt` of the message that they are
        comes with them, or neither does."""
        held_at = body.microseconds(self._clock.now())
        with self._store.writing() as writing:
            for reject in rejects:
                patient = self._patient(reject.patient, by.organisation) if reject.patient else ""
                entry = "" if reject.entry is None else str(reject.entry)
                quarantine_rows.keep(
                    writing,
                    (
                        by.organisation, reject.feed, reject.kind, reject.file, entry, reject.position, reject.reason,
                        patient, held_at, sha256(reject.original).hexdigest(), reject.original,
                    ),
                )  # fmt: skip
            if receipt is not None:
                registers.receive(writing, by.organisation, receipt.message, receipt.content, held_at)

    def held(self) -> list[Held]:
        """Everything in quarantine, oldest first; without the originals, which may name people."""
        with self._store.reading() as reading:
            return [_held(row) for row in quarantine_rows.held(reading)]

    def count_by_feed(self) -> Mapping[str, int]:
        """How much is held of each feed, by its name; under "" what came by none."""
        with self._store.reading() as reading:
            return quarantine_rows.count_by_feed(reading)

    def reasons_of(self, feed: str) -> Mapping[str, int]:
        """Why what is held of a feed is held, and how much for each."""
        return Counter(each.reason for each in self.held() if each.feed == feed)

    def one(self, number: int) -> tuple[Held, bytes]:
        """A reject and its original, as it was sent, byte for byte. NotFound when there is none of that number."""
        with self._store.reading() as reading:
            row = quarantine_rows.one(reading, number)
            ended = quarantine_rows.ended(reading, number) if row is None else None
        if row is not None:
            return _held(row), bytes(row[-1])
        became = f"{number} is held no more; {ended[1]}: {ended[2]}" if ended else f"Nothing is held under {number}."
        raise NotFound(f"{became} `concord quarantine list` lists what is.")

    def original(self, number: int) -> Audited[bytes]:
        """An original for somebody to read: it may name people. NotFound when there is none of that number."""
        _, sent = self.one(number)
        return self._audit.record(sent, [self._event("shown", number, "shown")])

    def holding_up(self, organisation: OdsCode, patient: str) -> list[int]:
        """The numbers of what is held and holds up the messages of a patient, by the source's own id, oldest first."""
        with self._store.reading() as reading:
            return quarantine_rows.of_patient(reading, organisation, self._patient(patient, organisation))

    def held_up_with(self, held: Held) -> list[int]:
        """The numbers of all that is held for the same patient in its order, oldest first; none where order is not
        kept."""
        if not held.patient:
            return []
        with self._store.reading() as reading:
            return quarantine_rows.of_patient(reading, held.organisation, held.patient)

    def of_original(self, organisation: OdsCode, original: bytes) -> list[int]:
        """The numbers under which these bytes are held."""
        with self._store.reading() as reading:
            return quarantine_rows.with_digest(reading, organisation, sha256(original).hexdigest())

    def is_held(self, number: int) -> bool:
        with self._store.reading() as reading:
            return quarantine_rows.one(reading, number) is not None

    def retell(self, number: int, position: str, reason: str) -> None:
        """Rejected anew, for another reason: it stays where it is in the order of its patient."""
        with self._store.writing() as writing:
            quarantine_rows.retell(writing, number, position, reason)

    def end(self, number: int, how: Ended, why: str) -> None:
        """It is held no more: a sentence says why. What it was stays; should it come again, it is held again."""
        with self._store.writing() as writing:
            quarantine_rows.end(writing, number, body.microseconds(self._clock.now()), how, why)
            self._audit.append(writing, [self._event("done", number, how)])

    def _event(self, outcome: AuditOutcome, number: int, step: str) -> AuditEvent:
        return AuditEvent(
            at=self._clock.now(), action="review", outcome=outcome, who="duty:quarantine",
            detail={"quarantine": number, "step": step},
        )  # fmt: skip

    def _patient(self, source_id: str, organisation: OdsCode) -> str:
        return self._keys.logical_id(organisation, "Patient", source_id)


def _held(row: Sequence[object]) -> Held:
    number, organisation, feed, kind, file, entry, position, reason, held_at, size, patient = row[:11]
    return Held(
        number=int(str(number)), organisation=OdsCode(str(organisation)), feed=str(feed), kind=str(kind),
        file=str(file), entry=str(entry), position=str(position), reason=str(reason),
        held_at=body.instant(int(str(held_at))), size=int(str(size)), patient=str(patient),
    )  # fmt: skip
