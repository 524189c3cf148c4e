"""Judging source patients anew by the weights in force: what would be linked, what a human should look at.

Only likeness is judged: what a number or a human has decided stays. Nothing that is linked is parted; what is linked by
likeness, and is no longer alike enough even to be looked at, is put before a human, linked as it is.
"""

from typing import Literal, NamedTuple

from concord.base import PersonId
from concord.identity.judging import judge
from concord.identity.linking import alike_with, kept_apart, linked_under
from concord.identity.traits import traits
from concord.identity.weighing import weights_in_force
from concord.store import Permitted, Reading, people, ties


class Anew(NamedTuple):
    """What follows of a source patient: `link` it to `base`; let it `wait` for a human to say whether it is that
    base's; or `doubt` that it is `base`'s, to which it is linked. `why` names what was compared, never a value."""

    decision: Literal["link", "wait", "doubt"]
    base: PersonId
    why: str


def judge_anew(reading: Reading, duty: Permitted, source: people.Source) -> Anew | None:
    """Judge a source patient as if it came now, as far as likeness tells; None: it stays as it is."""
    known = people.described(reading, duty, source)
    if known is None or known.base is None or known.replaced:
        return None
    others = [each for each in ties.members(reading, duty, known.base) if each.source != source]
    if others:
        return None if known.held else _doubted(reading, duty, known, known.base, others)
    return _alone(reading, duty, known)


def _alone(reading: Reading, duty: Permitted, known: people.TracedSource) -> Anew | None:
    number = known.demographics.nhs_number
    same_number = [] if number is None else linked_under(reading, duty, number, but=known.source)
    founder = same_number[0].base if same_number else None
    theirs = {known.person, *kept_apart(reading, known.patient)}
    judged = judge(
        known.organisation,
        known.demographics,
        [each for each in alike_with(reading, duty, known.demographics, but=known.source) if each.person not in theirs],
        weights_in_force(reading)[1],
        lambda person: [each for each in people.of_person(reading, duty, person) if each.source != known.source],
    )
    if judged.base is not None and founder in (None, judged.base):
        return Anew("link", judged.base, judged.why)
    if known.held or founder is not None:
        return None
    # Beside one that has a number the one without waits, and is judged itself.
    numbered = (each.base for each in judged.alike if number is None or each.known.demographics.nhs_number is not None)
    base = next(numbered, None)
    return None if base is None else Anew("wait", base, judged.why)


def _doubted(
    reading: Reading, duty: Permitted, known: people.TracedSource, base: PersonId, others: list[ties.Member]
) -> Anew | None:
    """Of those who are linked without a number all but the first can be in doubt: by that others are found."""
    first = min(each.number for each in others) > known.number
    if known.demographics.nhs_number is not None or (first and all(each.nhs_number is None for each in others)):
        return None
    patients = {each.patient for each in others}
    if any(says == "same" and {one, other} & patients for one, other, says in ties.words(reading, known.patient)):
        return None
    scorer, own = weights_in_force(reading)[1], traits(known.demographics)
    beside = [people.described(reading, duty, each.source) for each in others]
    bits = [scorer.weigh(own, traits(each.demographics)).bits for each in beside if each is not None]
    if not bits or max(bits) >= scorer.weights.review:
        return None
    return Anew("doubt", base, "linked by likeness; no longer alike")
