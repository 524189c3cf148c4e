"""What the audit says of somebody's asking."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from concord.audit import Action, AuditEvent, AuditOutcome
from concord.base import PersonId
from concord.governance import Asker, Decided


def grounds(decided: Decided) -> dict[str, Any]:
    """What decided, so that it can be judged again by the facts of its day: policy, clauses, relationships, choices,
    and what they opened of each organisation's data."""
    told = {
        "policy": decided.policy_version,
        "policy_hash": decided.decision.policy.version,
        "clauses": decided.clauses,
        "agreements": decided.agreement_hashes,
        "held": decided.held,
        "choices": decided.choices,
        "protected": decided.facts.protected,
        "own": decided.own or decided.own_but_shut,
        "cells": decided.cells,
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
        at=at, action=action, outcome=outcome, who=asker.author, person=person,
        context=asker.claims | ({} if decided is None else grounds(decided)), detail=detail or {},
    )  # fmt: skip
