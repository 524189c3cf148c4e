"""What the audit says of somebody's asking."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from concord.audit import Action, AuditEvent, AuditOutcome
from concord.base import PersonId
from concord.governance import Asker, Decided


def asked(
    at: datetime,
    asker: Asker,
    action: Action,
    outcome: AuditOutcome,
    *,
    person: PersonId | None = None,
    decided: Decided | None = None,
    detail: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """The row that tells of one request, about one person or nobody. `detail`: what more it says."""
    return AuditEvent(
        at=at, action=action, outcome=outcome, who=asker.author, person=person,
        context=asker.claims | ({} if decided is None else decided.grounds), detail=detail or {},
    )  # fmt: skip
