"""What an audit row says."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, cast

import msgspec

from concord.audit.formerly import gone_by
from concord.base import PersonId
from concord.store import Reading, audit_rows, body

Action = Literal[
    "open", "read", "search", "find", "list", "write", "look-at-audit", "sign-in", "sign-out", "issue-token", "export",
    "import", "back-up", "assert", "end-assertion", "review", "draft", "link", "sign", "publish",
    "choose", "explain", "trial", "count", "label", "original",
]  # fmt: skip
AuditOutcome = Literal["shown", "refused", "nothing", "done"]


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditEvent:
    """One thing done: by whom, about whom, with which outcome and which facts decided.

    `who` is a user's name, `system:<ODS code>` or `duty:<name>`. `context` is what many rows of one user share: name,
    role, organisation and purpose at that time, from where, and what decided. `detail` is of this row alone: what was
    asked in kind, how much was shown, and which versions of which items, by number; never a clinical fact and never
    what was typed.
    """

    at: datetime
    action: Action
    outcome: AuditOutcome
    who: str
    person: PersonId | None = None
    context: Mapping[str, Any] = field(default_factory=dict)
    detail: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.who:
            raise ValueError("an audit event without an author")


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """An event as it was kept. `chain` and `link` say where its proof lies; None for a row older than chains.

    `position` continues a list behind this row. `erased`: it had details, which were erased by rule.
    """

    number: int
    event: AuditEvent
    chain: int | None
    link: int | None
    erased: bool

    @property
    def position(self) -> tuple[int, int]:
        return body.microseconds(self.event.at), self.number


def looks(
    reading: Reading,
    *,
    most: int,
    person: PersonId | None = None,
    who: str | None = None,
    action: Action | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    behind: tuple[int, int] | None = None,
    oldest: bool = False,
) -> list[Kept]:
    """The newest events that meet all that is given, newest first; from `since`, before `until`, after `behind`; or the
    `oldest` first. Of a person: under whatever id their records had then."""
    rows = audit_rows.found(
        reading,
        most=most,
        spans=None if person is None else gone_by(reading, person),
        who=who,
        action=action,
        since=None if since is None else body.microseconds(since),
        until=None if until is None else body.microseconds(until),
        before=behind,
        oldest=oldest,
    )
    return [_kept(row) for row in rows]


def looks_at(
    reading: Reading,
    person: PersonId,
    *,
    most: int,
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
) -> list[tuple[int, Kept]]:
    """Looks at a person's records, under whatever id these had then, newest first, each with its place among all of
    them (from 1); no source's writes.

    The place tells nothing of rows that are not looks; `before` gives those of lower places.
    """
    rows = audit_rows.looks_at(
        reading,
        gone_by(reading, person),
        most=most,
        since=None if since is None else body.microseconds(since),
        until=None if until is None else body.microseconds(until),
        before=before,
    )
    return [(nth, _kept(row)) for nth, row in rows]


def looks_since(reading: Reading, since: datetime, actions: Sequence[Action]) -> Iterator[Kept]:
    """What users did about persons since an instant, of some actions: person by person, each in the order of time."""
    return map(_kept, audit_rows.looks_since(reading, body.microseconds(since), actions))


def count_since(reading: Reading, since: datetime) -> int:
    """How many events about persons there are since an instant, of whatever kind."""
    return audit_rows.count_since(reading, body.microseconds(since))


def every(reading: Reading) -> Iterator[Kept]:
    """Every event, in the order in which they were kept."""
    return map(_kept, audit_rows.in_order(reading))


def look_with(reading: Reading, number: int) -> Kept | None:
    """The event of one row; None when there is no such row."""
    row = audit_rows.row_with(reading, number)
    return None if row is None else _kept(row)


def _kept(row: audit_rows.AuditRow) -> Kept:
    detail = msgspec.json.decode(row.detail) if row.detail else {}
    context = msgspec.json.decode(row.context_text) if row.context_text else {}
    if row.chain is None:  # of layout 1, which kept both together
        context = detail
    return Kept(
        number=row.number,
        event=AuditEvent(
            at=body.instant(row.at),
            action=cast("Action", row.action),
            outcome=cast("AuditOutcome", row.outcome),
            who=row.who,
            person=None if row.person is None else PersonId(row.person),
            context=context,
            detail=detail,
        ),
        chain=row.chain,
        link=row.link,
        erased=row.digest is not None and not row.detail,
    )
