"""Linking a source patient to a person when its Patient arrives or changes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from concord.base import IdSource, NhsNumber, PersonId
from concord.identity.judging import Alike, judge
from concord.identity.likeness import Scorer
from concord.identity.matching import Assurance, compare
from concord.identity.traits import blocks
from concord.identity.weighing import weights_in_force
from concord.store import Permitted, Reading, Writing, beside, items, people, ties

_MOST_ALIKE = 200  # what more than so many share tells nobody from anybody


@dataclass(frozen=True, kw_only=True, slots=True)
class Linked:
    """`base`: what the rules link the source patient to. `unsettled`: others whose link fell into doubt by it, and to
    whom they belonged before."""

    base: PersonId
    unsettled: Mapping[people.Source, PersonId] = field(default_factory=dict)


def link_source_patient(
    writing: Writing,
    duty: Permitted,
    source: people.Source,
    demographics: people.Demographics,
    assurance: Assurance,
    ids: IdSource,
    *,
    superseded: Sequence[NhsNumber] = (),
    scorer: Scorer | None = None,
) -> Linked:
    """Link the source patient `source`, which `demographics` describe, by the rules; `scorer` has the weights in force,
    for whoever has read them in this transaction.

    Where its number stands in the place of another's (`superseded`), or another's in the place of its own, a human is
    asked besides, if nothing else is: the source of a number's end is not always right.
    """
    near = beside.beside(writing, duty, source, demographics.nhs_number, blocks(demographics), _MOST_ALIKE)
    linked = _by_rules(writing, duty, source, demographics, assurance, ids, near=near, scorer=scorer)
    others = [each for number in superseded for each in linked_under(writing, duty, number, but=source)]
    if demographics.nhs_number is not None and near.superseding:
        others += people.that_supersede(writing, duty, demographics.nhs_number)  # as they are linked by now
    if others:
        _ask_whether_one(writing, duty, source, others)
    return linked


def _ask_whether_one(
    writing: Writing, duty: Permitted, source: people.Source, others: Iterable[people.TracedSource]
) -> None:
    known = people.described(writing, duty, source)
    if known is None or known.held:
        return
    theirs = {known.person, *kept_apart(writing, known.patient)}
    for other in others:
        if other.base is not None and other.base != known.base and other.person not in theirs:
            people.hold(writing, source, other.base, "one NHS number is said to stand in the place of the other")
            return


def kept_apart(reading: Reading, patient: str) -> set[PersonId]:
    """The persons of whom a reviewer has said that the Patient is not theirs."""
    last = {(one, other): says for one, other, says in ties.words(reading, patient)}
    named = {f"Patient/{each}" for pair, says in last.items() if says == "apart" for each in pair if each != patient}
    places = items.locate_many(reading, sorted(named)).values()
    found = (people.person_of(reading, place.source) for place in places)
    return {person for person in found if person is not None}


def _by_rules(
    writing: Writing,
    duty: Permitted,
    source: people.Source,
    demographics: people.Demographics,
    assurance: Assurance,
    ids: IdSource,
    *,
    near: beside.Beside,
    scorer: Scorer | None,
) -> Linked:
    """Link the source patient `source`, which `demographics` describe.

    Its NHS number decides; who has none, or one that nobody else bears, is compared with those who are alike.

    A link once made stays while number and date of birth stay (people change their names). Else, and whenever what is
    held for review or stands alone changes, it is judged anew. Whoever has only this source patient stays the person
    they were, with all that the audit knows of them. Of one that is linked, `demographics` must not have been stored.
    """
    before = near.itself
    own_before = before.base if before else None
    alone = own_before is not None and people.count_linked(writing, own_before) == 1
    if before is not None and own_before is not None and not _judged_anew(before, demographics, alone=alone):
        return Linked(base=own_before)
    nhs_number = demographics.nhs_number
    same_number = _standing(near.bearing, but=source)
    verdict = compare(demographics, [other.demographics for other in same_number], assurance)
    founder = same_number[0].base if same_number else None
    judged = judge(
        people.contributor(writing, source) if before is None else before.organisation,
        demographics,
        [each for each in near.alike if not each.replaced],
        scorer or weights_in_force(writing)[1],
        lambda person: [each for each in people.of_person(writing, duty, person) if each.source != source],
    )
    if verdict.decision == "link" and founder is not None:
        people.link(writing, source, founder, verdict.why)
        sure = [each for each in judged.alike if not each.obstacle and each.base != founder]
        return Linked(base=founder, unsettled=_wait(writing, sure, founder, verdict.why, ids, numbered=True)[1])
    if judged.base is not None and founder in (None, judged.base):
        people.link(writing, source, judged.base, judged.why)
        return Linked(base=judged.base)
    own = own_before if own_before is not None and alone else PersonId(ids.fresh())
    if founder is not None:
        people.link(writing, source, own, verdict.why, held_for=founder)
        return Linked(base=own)
    why = verdict.why if judged.decision == "apart" else judged.why
    held_for, unsettled = _wait(writing, judged.alike, own, why, ids, numbered=nhs_number is not None)
    people.link(writing, source, own, why, held_for)
    return Linked(base=own, unsettled=unsettled)


def _wait(
    writing: Writing, alike: Sequence[Alike], own: PersonId, why: str, ids: IdSource, *, numbered: bool
) -> tuple[PersonId | None, Mapping[people.Source, PersonId]]:
    """The base that a source patient of the base `own` waits for, if it waits; and those in doubt from now on.

    Beside one that has a number, the ones without wait, so that whatever else bears the number finds it free: whoever
    stands alone, and whoever was linked to somebody else though surely this one too. Now nobody can tell.
    """
    waits_for, unsettled = None, {}
    for known, person, base, _, obstacle in alike:
        if not numbered or known.demographics.nhs_number is not None:
            waits_for = waits_for or base
        elif known.held:
            continue
        elif people.count_linked(writing, base) == 1:
            people.hold(writing, known.source, own, why)
            unsettled[known.source] = person
        elif not obstacle:
            people.link(writing, known.source, PersonId(ids.fresh()), why, held_for=base)
            unsettled[known.source] = person
    return waits_for, unsettled


def _judged_anew(before: people.TracedSource, now: people.Demographics, *, alone: bool) -> bool:
    known = before.demographics
    if before.held and before.held_for != before.base:
        return True  # what is said of its number may have changed
    if before.held or alone:
        return known != now
    return known.nhs_number != now.nhs_number or known.born_on != now.born_on


def persons_with_number(reading: Reading, duty: Permitted, number: NhsNumber) -> list[PersonId]:
    """The persons under a number: one, unless source patients under it are held for review."""
    found = people.with_nhs_number(reading, duty, number)
    return list(dict.fromkeys(source.person for source in found if source.person is not None))


def linked_under(
    reading: Reading, duty: Permitted, nhs_number: NhsNumber, *, but: people.Source
) -> list[people.TracedSource]:
    """The source patients that stand linked under a number: not those that wait because of that number."""
    return _standing(people.with_nhs_number(reading, duty, nhs_number), but=but)


def _standing(bearing: Sequence[people.TracedSource], *, but: people.Source) -> list[people.TracedSource]:
    under = {source.base for source in bearing} - {None}
    return [each for each in bearing if each.source != but and each.held_for not in under]


def alike_with(
    reading: Reading, duty: Permitted, demographics: people.Demographics, *, but: people.Source
) -> list[people.TracedSource]:
    """Those among whom one who may be the same human is looked for."""
    found = beside.alike(reading, duty, blocks(demographics), _MOST_ALIKE)
    return [each for each in found if each.source != but and not each.replaced]
