"""Who asks, as the audit names them."""

from typing import Any

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
