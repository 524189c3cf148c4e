"""What became of a load: counted while it runs, reported at its end."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from concord.base import NHS_NUMBER_SYSTEM, nhs_number
from concord.ingest.model import Refusal, Remark, Sent, Withdrawn
from concord.ingest.naming import INVALID_NHS_NUMBER
from concord.record import Outcome


@dataclass(frozen=True, kw_only=True, slots=True)
class Reject:
    """What was rejected and why. `entry` counts within the file from 1; None: the file as a whole."""

    file: str
    entry: int | None
    position: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Unresolved:
    """A literal reference to something that is not held: how often, and where first."""

    target: str
    references: int
    file: str
    position: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadReport:
    """Items by what became of them: `read` is the sum of the other six.

    `by_type`: resource type -> status -> items. `held`: message type -> messages that wait in quarantine for a
    later version (they count as waiting). `findings`: data quality, kind -> items. `passed_over`:
    what nothing was made of (HL7 v2 segments without a mapping, Bundle entries that only ask), name -> how many.
    """

    files: int
    read: int
    stored: int
    updated: int
    unchanged: int
    waiting: int
    deleted: int
    rejected: int
    rejects: Sequence[Reject]
    by_type: Mapping[str, Mapping[str, int]]
    held: Mapping[str, int]
    unresolved: Sequence[Unresolved]
    findings: Mapping[str, int]
    passed_over: Mapping[str, int]

    @property
    def exit_code(self) -> int:
        """0 when all was taken in (waiting is no failure), 3 when something was rejected."""
        return 3 if self.rejected else 0

    def as_json(self) -> dict[str, Any]:
        """The report in plain dicts, lists, strings and integers."""
        return {
            "files": self.files,
            "read": self.read,
            "stored": self.stored,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "waiting": self.waiting,
            "deleted": self.deleted,
            "rejected": self.rejected,
            "rejects": [
                {"file": one.file, "entry": one.entry, "position": one.position, "reason": one.reason}
                for one in self.rejects
            ],
            "by_type": {type_: dict(statuses) for type_, statuses in self.by_type.items()},
            "held": dict(self.held),
            "unresolved": [
                {"target": one.target, "references": one.references, "file": one.file, "position": one.position}
                for one in self.unresolved
            ],
            "findings": dict(self.findings),
            "passed_over": dict(self.passed_over),
        }


class Tally:
    """Counts what is settled. Nothing is counted twice: what is to be tried again is counted when it is settled."""

    def __init__(self) -> None:
        self.files = 0
        self.rejects: list[Reject] = []
        self._by_type: dict[str, Counter[str]] = {}
        self._unreadable = 0
        self._held: Counter[str] = Counter()
        self._waiting: Counter[tuple[str, str | None]] = Counter()
        self._unresolved: dict[str, Unresolved] = {}
        self._findings: Counter[str] = Counter()
        self._passed_over: Counter[str] = Counter()

    @property
    def settled(self) -> int:
        return sum(self._statuses().values()) + self._unreadable + self._held.total()

    @property
    def taken_in(self) -> int:
        """Items stored or updated so far: whether anything has changed."""
        statuses = self._statuses()
        return statuses["stored"] + statuses["updated"]

    def withdrawn(self, file: str, withdrawn: Withdrawn, outcome: Outcome) -> None:
        self._by_type.setdefault(outcome.type, Counter())[outcome.status] += 1
        if outcome.status == "rejected":
            self.rejects.append(
                Reject(file=file, entry=withdrawn.entry, position=outcome.position, reason=outcome.reason)
            )

    def refused(self, file: str, refusal: Refusal) -> None:
        if refusal.held:
            self._held[refusal.held] += 1
            return
        self._unreadable += 1
        self.rejects.append(Reject(file=file, entry=refusal.entry, position=refusal.position, reason=refusal.reason))

    def remarked(self, remark: Remark) -> None:
        self._passed_over.update(remark.passed_over)

    def came_of(self, file: str, sent: Sent, outcome: Outcome) -> None:
        submission = sent.submission
        type_ = outcome.type or str(submission.resource.get("resourceType", ""))
        self._by_type.setdefault(type_, Counter())[outcome.status] += 1
        if outcome.status == "rejected":
            self.rejects.append(
                Reject(file=file, entry=sent.entry, position=submission.position, reason=outcome.reason)
            )
            return
        if outcome.status == "waiting":
            self._waiting[type_, outcome.id] += 1
        self._unresolved.pop(f"{type_}/{outcome.id}", None)
        for target in outcome.unresolved:
            first = self._unresolved.get(target)
            self._unresolved[target] = Unresolved(
                target=target,
                references=first.references + 1 if first else 1,
                file=first.file if first else file,
                position=first.position if first else submission.position,
            )
        if type_ == "Patient" and _invalid_number(submission.resource):
            self._findings["NHS number fails the modulus 11 check"] += 1

    def admitted(self, outcome: Outcome) -> None:
        """What waited is stored now. What had waited since an earlier run was not read in this one."""
        times = self._waiting.pop((outcome.type, outcome.id), 0)
        if times:
            self._by_type[outcome.type]["waiting"] -= times
            self._by_type[outcome.type][outcome.status] += times
            self._unresolved.pop(f"{outcome.type}/{outcome.id}", None)

    def report(self) -> LoadReport:
        statuses = self._statuses()
        return LoadReport(
            files=self.files,
            read=self.settled,
            stored=statuses["stored"],
            updated=statuses["updated"],
            unchanged=statuses["unchanged"],
            waiting=statuses["waiting"] + self._held.total(),
            deleted=statuses["deleted"],
            rejected=statuses["rejected"] + self._unreadable,
            rejects=tuple(self.rejects),
            by_type={type_: +counts for type_, counts in sorted(self._by_type.items())},
            held=dict(self._held.most_common()),
            unresolved=tuple(self._unresolved.values()),
            findings=dict(self._findings),
            passed_over=dict(self._passed_over.most_common()),
        )

    def _statuses(self) -> Counter[str]:
        return sum(self._by_type.values(), Counter[str]())


def _invalid_number(patient: Mapping[str, Any]) -> bool:
    identifiers: Iterable[Any] = patient.get("identifier") or ()
    return any(
        one.get("system") == INVALID_NHS_NUMBER
        or (one.get("system") == NHS_NUMBER_SYSTEM and nhs_number(str(one.get("value", ""))) is None)
        for one in identifiers
        if isinstance(one, dict)
    )
