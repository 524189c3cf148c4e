"""What the laws of the decision ask of it, case by case, and what they change of a case."""

from dataclasses import replace

from concord.base import OdsCode
from concord.governance import Decision, PersonFacts, decide
from concord.governance.model import Choice, ChoiceKind, Relationship, RelationshipKind
from concord.terminology import label_mask
from tests.properties.decision_cases import (
    DAY,
    EVERY_ITEM,
    NOW,
    Case,
)
from tests.properties.decision_reference import Item, Verdict

OPEN = {"shown", "override", "own-access", "proxy-access"}


def decision_of(case: Case) -> Decision:
    return decide(case.viewer, case.person, case.policy(), NOW)


def opened(decision: Decision, person: PersonFacts) -> set[Item]:
    """Every item of the vocabulary that the cells open, in whichever of an organisation's source patients."""
    contributor = {(source.home, source.number): source.organisation for source in person.sources}
    return {
        item
        for cell in decision.openings
        for item in EVERY_ITEM
        if item.organisation == contributor[cell.home, cell.source_patient]
        and cell.service in (None, item.service)
        and cell.headings >> item.heading.bit & 1
        and label_mask(item.labels) & ~cell.labels == 0
    }


def shown(case: Case) -> set[Item]:
    """What the decision shows by explaining one by one, whether or not the person has such a source."""
    decision = decision_of(case)
    return {item for item in EVERY_ITEM if explained(decision, item).step in OPEN}


def explained(decision: Decision, item: Item) -> Verdict:
    reason = decision.explain(item.organisation, item.service, item.heading, label_mask(item.labels))
    assert reason.shown == (reason.step in OPEN)
    clause = f"{reason.clause.agreement}/{reason.clause.clause}" if reason.clause else None
    return Verdict(step=reason.step.value, by=reason.bar or (reason.choice and reason.choice.value) or clause)


def choosing(case: Case, *choices: Choice) -> Case:
    return replace(case, person=replace(case.person, choices=[*case.person.choices, *choices]))


def choice_of(kind: ChoiceKind, contributor: OdsCode, organisation: OdsCode | None, *, given: bool) -> Choice:
    return Choice(
        kind=kind,
        given=given,
        contributor=contributor,
        organisation=organisation,
        silent=False,
        start_at=None,
        end_at=None,
    )


def relationship_of(case: Case, kind: RelationshipKind, *, ended: bool = False) -> Relationship:
    return Relationship(
        kind=kind,
        organisation=case.viewer.organisation,
        service=None,
        team=None,
        user=None,
        start_at=NOW - DAY,
        end_at=NOW if ended else None,
    )
