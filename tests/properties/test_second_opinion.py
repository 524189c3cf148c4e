"""Cedar as a second opinion: the same agreements written as its policies, asked about the same items.

The subset: all but overrides and successions, and whether rather than why. What holds at an instant (signatures, dates,
relationships, choices) stands in the context of a request, as the reference interpreter tells it; what Cedar judges is
how these combine: several clauses, the labels that one clause allows, and that what forbids outweighs what permits.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import cedarpy
import pytest
from hypothesis import event, given, settings

from concord.base import OdsCode
from concord.governance.agreement import Agreement, Clause, Condition
from concord.governance.directory import roles
from concord.governance.model import Choice
from concord.terminology import Label
from tests.properties.decision_cases import EVERY_ITEM, NOW, ORGANISATIONS, Case, Dice, case_of, cases
from tests.properties.decision_reference import (
    LOCATING,
    OPENS_RECORDS,
    UK,
    Item,
    goes_on,
    held,
    holds,
    in_effect,
    judge,
    may_locate,
    seats,
)

NO_SERVICE = ""
ONE_IN = 11  # of the items of the vocabulary, so many are asked about
_SEALS = {Label.UNKNOWN, Label.SEALED_FLAGGED, Label.SEALED_LOCKED}
_KEPT_FROM_THE_PERSON = {Label.THIRD_PARTY, Label.NOT_FOR_THE_PERSON}


@settings(max_examples=150)
@given(cases())
def test_cedar_agrees(case: Case) -> None:
    for item, cedar, mine in _opinions(case, _policies(case)):
        event("shown" if mine else "withheld")
        assert cedar == mine, item


@pytest.mark.parametrize(
    "forgotten",
    [
        "containsAll(context.labels)",
        "containsAny(context.related)",
        "context.barred",
        "context.prohibited",
        "context.refused_out",
    ],
)
def test_cedar_differs_where_a_condition_is_forgotten(forgotten: str) -> None:
    """So that its agreeing says something."""
    cases_of_it = (case_of(Dice(seed)) for seed in range(3_000))
    assert any(
        cedar != mine
        for case in cases_of_it
        for _, cedar, mine in _opinions(
            case, "\n".join(_without(forgotten, each) for each in _policies(case).splitlines())
        )
    )


def _without(condition: str, policy: str) -> str:
    head, _, rest = policy.partition(" { ")
    wanted = [each for each in rest.removesuffix(" };").split(" && ") if condition not in each]
    return f"{head} {{ {' && '.join(wanted) or 'false'} }};"


def _opinions(case: Case, policies: str) -> Iterator[tuple[Item, bool, bool]]:
    """(item, whether Cedar shows it, whether the reference does) of some items of the vocabulary."""
    case = replace(case, viewer=replace(case.viewer, with_overrides=False))
    items = [case.item, *EVERY_ITEM[::ONE_IN]]
    known = _known(case)
    answers = cedarpy.is_authorized_batch([_request(item, known) for item in items], policies, [])
    for item, answer in zip(items, answers, strict=True):
        assert not answer.diagnostics.errors
        yield item, answer.allowed, judge(item, case.viewer, case.person, case.rules, NOW).step == "shown"


# -- agreements as policies --------------------------------------------------------------------------------------------


def _policies(case: Case) -> str:
    permits = [_permit(each, clause) for each in case.rules.agreements for clause in each.clauses]
    return "\n".join([*permits, *map(_forbid, _FORBIDDEN)])


def _permit(agreement: Agreement, clause: Clause) -> str:
    name = _text(agreement.agreement)
    wanted = [
        f"context.purpose == {_text(agreement.purpose)}",
        f"{_set(clause.contributors)}.contains(context.contributor)",
        f"{_set(clause.headings)}.contains(context.heading)",
        f"{_set(clause.recipients)}.contains(context.recipient)",
        f"{_set(clause.roles)}.contains(context.role)",
        f"context.in_force.contains({name})",
        f"context.given_by.contains({name})",
        f"context.taken_by.contains({name})",
        f"{_set(map(_condition, clause.when))}.containsAny(context.related)",
        f"{_set(clause.allows - _SEALS | _KEPT_FROM_THE_PERSON)}.containsAll(context.labels)",
        f"({_set(clause.despite_objection)}.contains(context.heading) || !context.objects)",
    ]
    if clause.own:
        wanted.append("context.contributor == context.recipient")
    if clause.contributing_services is not None:
        wanted.append(f"{_set(clause.contributing_services)}.contains(context.service)")
    if clause.recipient_services is not None:
        wanted.append(f"{_set(clause.recipient_services)}.contains(context.employed_in)")
    if clause.explicit_out:
        wanted.append("context.consented_out")
    if clause.explicit_in:
        wanted.append("context.consented_in")
    return f"permit (principal, action, resource) when {{ {' && '.join(wanted)} }};"


_FORBIDDEN = (
    "context.barred",
    "!context.known",
    "context.prohibited",
    "context.refused_in && context.contributor != context.recipient",
    "context.refused_out && context.contributor != context.recipient",
    'context.heading == "unclassified"',
    "context.locating && !context.locates",
)


def _forbid(condition: str) -> str:
    return f"forbid (principal, action, resource) when {{ {condition} }};"


def _set(of: Iterable[str]) -> str:
    return f"[{', '.join(map(_text, sorted(of)))}]"


def _text(value: str) -> str:
    return json.dumps(str(value))


def _condition(condition: Condition) -> str:
    return f"{condition.word.value} {condition.span or ''}".strip()


# -- what holds, as the context of a request ---------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Known:
    """Of a case: the choices in effect, the agreements that each party has signed, and what all requests share."""

    case: Case
    choices: list[Choice]
    signed: dict[OdsCode, list[str]]
    context: dict[str, Any]


def _request(item: Item, known: _Known) -> dict[str, Any]:
    refused = [choice for choice in known.choices if not choice.given]
    out = [each.given for each in known.choices if each.kind == "share-out" and each.contributor == item.organisation]
    context = known.context | {
        "contributor": item.organisation,
        "service": item.service or NO_SERVICE,
        "heading": item.heading.value,
        "labels": [label.value for label in item.labels],
        "barred": any(bar.labels & item.labels for bar in known.case.rules.bars),
        "given_by": known.signed[item.organisation],
        "locating": item.heading in LOCATING,
        "consented_out": True in out and False not in out,
        "refused_out": any(each.kind == "share-out" and each.contributor == item.organisation for each in refused),
    }
    return {"principal": 'User::"viewer"', "action": 'Action::"see"', "resource": 'Item::"item"', "context": context}


def _known(case: Case) -> _Known:
    viewer, person, rules = case.viewer, case.person, case.rules
    choices = [choice for choice in person.choices if in_effect(choice.start_at, choice.end_at, NOW)]
    (seat,) = seats(viewer, rules.directory, NOW)
    mine = [each for each in person.relationships if held(each, viewer, seat) and goes_on(each, person.death, NOW)]
    conditions = {condition for each in rules.agreements for clause in each.clauses for condition in clause.when}
    signed = {party: _signed_by(party, case) for party in ORGANISATIONS}
    context = {
        "purpose": viewer.purpose,
        "recipient": viewer.organisation,
        "employed_in": viewer.service or NO_SERVICE,
        "role": viewer.role,
        "known": viewer.organisation in rules.directory.organisations
        and viewer.role in roles()
        and viewer.purpose in OPENS_RECORDS,
        "in_force": [each.agreement for each in rules.agreements if each.from_on <= _today() <= each.until_on],
        "taken_by": signed[viewer.organisation],
        "related": [_condition(each) for each in conditions if any(holds(each, relation, NOW) for relation in mine)],
        "locates": not person.protected or may_locate(viewer, rules, NOW),
        **_choices(choices, viewer.organisation),
    }
    return _Known(case=case, choices=choices, signed=signed, context=context)


def _choices(choices: list[Choice], recipient: OdsCode) -> dict[str, bool]:
    def of(kind: str, *, given: bool, named: tuple[OdsCode | None, ...]) -> bool:
        return any(each.kind == kind and each.given == given and each.organisation in named for each in choices)

    refused_in = of("share-in", given=False, named=(None, recipient))
    objects = any(each.kind == "objection" and not each.given for each in choices)
    return {
        "prohibited": of("organisation-prohibited", given=False, named=(None, recipient)),
        "refused_in": refused_in,
        "consented_in": of("share-in", given=True, named=(recipient,)) and not refused_in,
        "objects": objects or any(each.kind == "unknown" for each in choices),
    }


def _signed_by(party: OdsCode, case: Case) -> list[str]:
    """The agreements that a party has signed by today."""
    last = {
        (each.agreement, each.version): each.intent
        for each in sorted(case.rules.signatures, key=lambda each: each.number)
        if each.party == party and each.from_on <= _today()
    }
    return [each.agreement for each in case.rules.agreements if last.get((each.agreement, each.version)) == "sign"]


def _today() -> date:
    return NOW.astimezone(UK).date()
