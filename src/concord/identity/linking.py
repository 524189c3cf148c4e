"""Linking a source patient to a person when its Patient arrives or changes."""

from concord.base import IdSource, NhsNumber, PersonId
from concord.identity.matching import Assurance, compare
from concord.store import Permitted, Reading, Writing, people


def link_source_patient(
    writing: Writing,
    duty: Permitted,
    source: people.Source,
    demographics: people.Demographics,
    assurance: Assurance,
    ids: IdSource,
) -> PersonId:
    """Link the source patient `source`, which `demographics` describe; the person it now belongs to.

    A link once made stays while number and date of birth stay (people change their names). Else, and whenever what is
    held for review changes, it is judged anew. Whoever has only this source patient stays the person they were, with
    all that the audit knows of them. `demographics` must not have been stored yet.
    """
    before = people.described(writing, duty, source)
    own_before = before.base if before else None
    if before is not None and own_before is not None and not _judged_anew(before, demographics):
        return own_before
    nhs_number = demographics.nhs_number
    same_number = [] if nhs_number is None else _linked_under(writing, duty, nhs_number, but=source)
    verdict = compare(demographics, [source.demographics for source in same_number], assurance)
    founder = same_number[0].base if same_number else None
    if verdict.decision == "link" and founder is not None:
        people.link(writing, source, founder, verdict.why)
        return founder
    alone = own_before is not None and people.count_linked(writing, own_before) == 1
    own = own_before if own_before is not None and alone else PersonId(ids.fresh())
    people.link(writing, source, own, verdict.why, held_for=founder if verdict.decision == "hold" else None)
    return own


def _judged_anew(before: people.TracedSource, now: people.Demographics) -> bool:
    known = before.demographics
    if before.held:
        return known != now
    return known.nhs_number != now.nhs_number or known.born_on != now.born_on


def persons_with_number(reading: Reading, duty: Permitted, number: NhsNumber) -> list[PersonId]:
    """The persons under a number: one, unless source patients under it are held for review."""
    found = people.with_nhs_number(reading, duty, number)
    return list(dict.fromkeys(source.person for source in found if source.person is not None))


def _linked_under(
    writing: Writing, duty: Permitted, nhs_number: NhsNumber, *, but: people.Source
) -> list[people.TracedSource]:
    """The source patients that stand linked under a number: those held for review do not count."""
    found = people.with_nhs_number(writing, duty, nhs_number)
    return [source for source in found if (source.home, source.number) != but and not source.held]
