"""Who asks, as the audit names them, and what the audit says of their asking."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from concord.audit import Action, AuditEvent, AuditOutcome
from concord.base import PersonId
from concord.governance import Asker, Decided, SourceSystem


def author(asker: Asker) -> str:
    return f"system:{asker.organisation}" if isinstance(asker, SourceSystem) else asker.user


def claims(asker: Asker) -> dict[str, Any]:
    """Name, role, organisation and purpose at this time."""
    if isinstance(asker, SourceSystem):
        return {"organisation": asker.organisation}
    told = {"organisation": asker.organisation, "name": asker.name, "role": asker.role, "purpose": asker.purpose}
    return told if asker.service is None else told | {"service": asker.service}


def grounds(decided: Decided) -> dict[str, Any]:
    """What decided, so that it can be judged again by the facts of its day: policy, clauses, relationships, choices,
    and what they opened of each organisation's data ([service, headings, labels], stored sets)."""
    cells = {
        organisation: sorted({(each.service or "", each.headings, each.labels) for each in openings})
        for organisation, openings in decided.openings_by_organisation.items()
    }
    told = {
        "policy": decided.policy_version,
        "policy_hash": decided.decision.policy.version,
        "clauses": decided.clauses,
        "agreements": decided.agreement_hashes,
        "held": decided.held,
        "choices": decided.choices,
        "protected": decided.facts.protected,
        "cells": cells,
    }
    if decided.decision.overriding:
        told["override"] = decided.asserted[-1].reason
    return {name: value for name, value in told.items() if value}


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
        context=claims(asker) | ({} if decided is None else grounds(decided)), detail=detail or {},
    )  # fmt: skip
