"""Linking a source patient to a person when its Patient arrives or changes."""

from concord.base import IdSource, NhsNumber, PersonId
from concord.identity.matching import Assurance, compare
from concord.store import Permitted, Reading, Writing, people


def link_source_patient(
    writing: Writing,
    duty: Permitted,
    number: int,
    demographics: people.Demographics,
    assurance: Assurance,
    ids: IdSource,
) -> PersonId:
    """Link the source patient `number`, which `demographics` describe; the person it now belongs to.

    A link once made stays while number and date of birth stay (people change their names); else it is judged anew.
    `demographics` must not have been stored yet.
    """
    before = people.described(writing, duty, number)
    if before is not None and before.person is not None:
        known = before.demographics
        if known.nhs_number == demographics.nhs_number and known.born_on == demographics.born_on:
            return before.person
    same_number = [] if demographics.nhs_number is None else _linked_under(writing, duty, demographics.nhs_number, number)
    verdict = compare(demographics, [source.demographics for source in same_number], assurance)
    founder = same_number[0].person if same_number else None
    if verdict.decision == "link" and founder is not None:
        people.link(writing, number, founder, verdict.why)
        return founder
    own = PersonId(ids.fresh())
    people.link(writing, number, own, verdict.why, held_for=founder if verdict.decision == "hold" else None)
    return own


def persons_with_number(reading: Reading, duty: Permitted, number: NhsNumber) -> list[PersonId]:
    """The persons under a number: one, unless source patients under it are held for review."""
    found = people.with_nhs_number(reading, duty, number)
    return list(dict.fromkeys(source.person for source in found if source.person is not None))


def _linked_under(writing: Writing, duty: Permitted, nhs_number: NhsNumber, but: int) -> list[people.TracedSource]:
    """The source patients that stand linked under a number: those held for review do not count."""
    found = people.with_nhs_number(writing, duty, nhs_number)
    return [source for source in found if source.number != but and not source.held]
