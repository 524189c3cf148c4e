"""What an audit row says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import msgspec

from concord.base import PersonId
from concord.store import Reading, Writing, body, registers

Action = Literal[
    "open", "read", "search", "find", "list", "write", "look-at-audit", "sign-in", "sign-out", "issue-token", "export",
    "import", "back-up",
]  # fmt: skip
AuditOutcome = Literal["shown", "refused", "nothing", "done"]


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditEvent:
    """One thing done: by whom, about whom, with which outcome and which facts decided.

    `who` is a user's name, `system:<ODS code>` or `duty:<name>`. `detail` holds role, organisation and purpose at that
    time, the clauses that opened, counts and what was asked in kind; never a clinical fact and never what was typed.
    """

    at: datetime
    action: Action
    outcome: AuditOutcome
    who: str
    person: PersonId | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.who:
            raise ValueError("an audit event without an author")

    def row(self) -> tuple[int, str, str, str, str | None, str]:
        detail = msgspec.json.encode(self.detail).decode()
        return body.microseconds(self.at), self.action, self.outcome, self.who, self.person, detail


def append(writing: Writing, events: list[AuditEvent]) -> None:
    """Write events in the transaction of what they tell of."""
    registers.append_audit(writing, [event.row() for event in events])


def looks(reading: Reading, person: PersonId, most: int = 500) -> list[AuditEvent]:
    """The newest events about a person, newest first."""
    return [
        AuditEvent(
            at=body.instant(at),
            action=action,
            outcome=outcome,
            who=who,
            person=person,
            detail=msgspec.json.decode(detail),
        )
        for at, action, outcome, who, detail in registers.audit_of_person(reading, person, most)
    ]
