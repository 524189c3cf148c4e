"""Who asks, as the audit names them, and what the audit says of their asking."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from concord.audit import Action, AuditEvent, AuditOutcome
from concord.base import PersonId
from concord.governance import Asker, Decided, SourceSystem


def author(asker: Asker) -> str:
    return f"system:{asker.organisation}" if isinstance(asker, SourceSystem) else asker.user


def event_detail(asker: Asker, decided: Decided | None) -> dict[str, Any]:
    """Name, role, organisation and purpose at this time, and what decided."""
    detail: dict[str, Any] = {"organisation": asker.organisation}
    if not isinstance(asker, SourceSystem):
        detail |= {"name": asker.name, "role": asker.role, "purpose": asker.purpose}
    if decided is not None:
        detail |= {"clauses": decided.clauses, "held": decided.held, "policy": decided.policy_version}
    return detail


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
        at=at, action=action, outcome=outcome, who=author(asker), person=person,
        detail={**event_detail(asker, decided), **(detail or {})},
    )  # fmt: skip
