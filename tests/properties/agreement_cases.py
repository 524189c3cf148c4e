"""Random versions of agreements and random questions about them, from the vocabulary of the decision's laws."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from hypothesis import strategies as st

from concord.governance import Policy, Viewer
from concord.governance.agreement import Agreement, Outside, Promise, Unless, When
from concord.governance.agreements.reach import ItemClass, Reach
from concord.governance.directory import roles
from concord.governance.situations import ANY_DAY, Held, Situation, as_signed, someone
from concord.terminology import Heading, Label, label_mask, labels_of
from tests.properties.decision_cases import (
    DAY,
    DIRECTORY,
    HEADINGS,
    ORGANISATIONS,
    SERVICES,
    TAIL,
    WINDOW,
    Dice,
    T,
    _agreement,
    _clause,
)
from tests.properties.decision_reference import Item, Rules, judge

LABELS = (Label.MENTAL_HEALTH, Label.HIV, Label.RESTRICTED, Label.UNKNOWN, Label.GENDER_HISTORY)
WORDS = tuple(When)
# On, just before and just after every span that the agreements name, and well inside.
AGES = (timedelta(), DAY, 3 * DAY, WINDOW - timedelta(1), WINDOW, TAIL - timedelta(seconds=1), TAIL, 60 * DAY)


@dataclass(frozen=True, kw_only=True)
class Question:
    """May this viewer see this item of a person in this situation?"""

    viewer: Viewer
    item: ItemClass
    situation: Situation

    def answer(self, policy: Policy) -> bool:
        """By the reference interpreter, which shares no reasoning with the room."""
        rules = Rules(
            agreements=policy.agreements,
            signatures=policy.signatures,
            directory=policy.directory,
            bars=policy.bars,
        )
        item = Item(
            organisation=self.item.contributor,
            service=self.item.service,
            heading=self.item.heading,
            labels=labels_of(self.item.labels),
        )
        facts = self.situation.facts(self.viewer.organisation, ORGANISATIONS, ANY_DAY)
        return judge(item, self.viewer, facts, rules, ANY_DAY).step in ("shown", "override")


@dataclass(frozen=True, kw_only=True)
class Versions:
    """Two versions of some agreements, as signed; a promise; and the dice for asking."""

    before: Policy
    after: Policy
    promise: Promise
    dice: Dice


def versions() -> st.SearchStrategy[Versions]:
    return st.integers(0, 2**48).map(lambda seed: _versions(Dice(seed)))


def _versions(dice: Dice) -> Versions:
    viewer = _viewer(dice)
    before = [_spanned(dice, _agreement(dice, name, viewer)) for name in ("alpha", "beta")[: dice.randint(1, 2)]]
    after = [_edited(dice, agreement, viewer) for agreement in before]
    return Versions(
        before=as_signed(before, DIRECTORY),
        after=as_signed(after if dice.percent(95) else after[:1], DIRECTORY),
        promise=promise(dice),
        dice=dice,
    )


def _spanned(dice: Dice, agreement: Agreement) -> Agreement:
    """With spans of other lengths here and there."""
    return replace(
        agreement,
        clauses=tuple(
            replace(
                clause,
                when=tuple(
                    replace(each, span=dice.choice([3 * DAY, WINDOW, TAIL])) if each.span else each
                    for each in clause.when
                ),
            )
            for clause in agreement.clauses
        ),
    )


def _edited(dice: Dice, agreement: Agreement, viewer: Viewer) -> Agreement:
    """With some clauses changed in one respect or two, as an editor would, or written anew."""
    clauses = []
    for clause in agreement.clauses:
        other = _clause(dice, clause.id, viewer)
        changed = dice.sample(
            ["headings", "roles", "when", "allows", "explicit_out", "despite_objection", "override"], 2
        )
        edited = replace(clause, **{name: getattr(other, name) for name in changed})
        clauses.append(dice.choice([clause, edited, edited, other]))
    locating = dice.some(["doctor", "nurse"], 60) if dice.percent(30) else agreement.locating_roles
    return _spanned(dice, replace(agreement, clauses=tuple(clauses), locating_roles=locating))


def _viewer(dice: Dice) -> Viewer:
    organisation = dice.choice(ORGANISATIONS)
    return someone(
        dice.choice(["doctor", "doctor", "nurse", "receptionist"]),
        organisation,
        dice.choice([*SERVICES[organisation], "another"]),
        dice.choice(["direct-care"] * 18 + ["safeguarding", "research"]),
    )


def questions(dice: Dice, number: int, likely: Sequence[Reach]) -> list[Question]:
    """Questions of which many lie within what is `likely` to differ, the rest anywhere."""
    return [_question(dice, dice.choice(likely) if likely and dice.percent(60) else None) for _ in range(number)]


def _question(dice: Dice, reach: Reach | None) -> Question:
    viewer, contributor = _viewer(dice), dice.choice(ORGANISATIONS)
    service, heading = dice.choice([*SERVICES[contributor], "another"]), dice.choice([*HEADINGS, Heading.UNCLASSIFIED])
    held, objects, protected = _held(dice), dice.percent(35), dice.percent(35)
    overrides = dice.percent(40)
    if reach is not None:
        recipient = _of(dice, reach.recipients)
        places = [*reach.contributors.others - {recipient}, *([recipient] if reach.contributors.own else [])]
        viewer = someone(_of(dice, reach.roles), recipient, reach.services.example, reach.purpose)
        contributor = _of(dice, places) if places else contributor
        service, heading = reach.contributing.example, _of(dice, reach.headings)
        related, said = _of(dice, reach.related), _of(dice, reach.said)
        first = () if related.example is None else (related.example,)
        held = (*first, *(held if dice.percent(20) else ()))
        objects, protected = said.objects, said.protected
        overrides = _of(dice, reach.broken)
    labels = frozenset(label for label in LABELS if dice.percent(15 if label is not Label.MENTAL_HEALTH else 35))
    return Question(
        viewer=viewer,
        item=ItemClass(contributor=contributor, service=service, heading=heading, labels=label_mask(labels)),
        situation=Situation(
            held=held,
            objects=objects,
            protected=protected,
            overrides=overrides,
            share_out=dice.choice([None, True, True, True, False]),
            share_in=dice.choice([None, True, True, True, False]),
        ),
    )


def _held(dice: Dice) -> tuple[Held, ...]:
    return tuple(Held(word=dice.choice(WORDS), ago=dice.choice(AGES)) for _ in range(dice.randint(0, 3)))


def _of(dice: Dice, some: Sequence[T] | frozenset[T]) -> T:
    return dice.choice(sorted(some, key=str))


def promise(dice: Dice) -> Promise:
    organisations = [None, None, frozenset(dice.some(ORGANISATIONS, 40))]
    but = dice.some(["doctor", "nurse"], 30) if dice.percent(15) else None
    named = dice.choice([None, dice.some(["doctor", "nurse", "receptionist"], 30)])
    return Promise(
        line=1,
        column=1,
        id="promise",
        roles=frozenset(roles()) - but if but else named,
        but_roles=but,
        at=dice.choice(organisations),
        contributors=dice.choice(organisations),
        headings=dice.choice([None, dice.some(HEADINGS, 25)]),
        labels=dice.choice([None, dice.some(LABELS, 20), dice.some(LABELS, 20)]),
        outside=dice.choice([None, *Outside, *Outside]),
        objects=dice.percent(40),
        protected=dice.percent(30),
        unless=frozenset(each for each in Unless if dice.percent(25)),
        says="So we think",
    )


def speaks_of(promise: Promise, question: Question) -> bool:
    """Whether the promise says that this is not seen; from the text of the reference page, on one case."""
    viewer, item, situation = question.viewer, question.item, question.situation
    same = viewer.organisation == item.contributor
    several = len(DIRECTORY.services_of(item.contributor)) > 1
    outside = {
        None: True,
        Outside.ORGANISATION: not same,
        Outside.SERVICE: not same or (several and (viewer.service is None or viewer.service != item.service)),
    }
    return (
        (promise.roles is None or viewer.role in promise.roles)
        and (promise.at is None or viewer.organisation in promise.at)
        and (promise.contributors is None or item.contributor in promise.contributors)
        and (promise.headings is None or item.heading in promise.headings)
        and (promise.labels is None or bool(promise.labels & labels_of(item.labels)))
        and outside[promise.outside]
        and (situation.objects or not promise.objects)
        and (situation.protected or not promise.protected)
        and not (Unless.SHARE_OUT in promise.unless and situation.share_out)
        and not (Unless.SHARE_IN in promise.unless and situation.share_in)
        and not (Unless.OVERRIDE in promise.unless and situation.overrides)
    )
