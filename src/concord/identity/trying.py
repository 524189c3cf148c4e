"""Whose the records of an organisation on trial would be: for its testers, and for nobody else.

Nothing that this says changes who anybody is. It goes by NHS number alone, as `compare` judges it; whoever would be
linked by likeness stands by themselves until the organisation is live.
"""

from collections.abc import Sequence
from typing import cast

from concord.base import NhsNumber, OdsCode, PersonId
from concord.identity.matching import Assurance, compare
from concord.store import Permitted, Reading, people, trials


def tested_sources(reading: Reading, duty: Permitted, user: str, person: PersonId) -> Sequence[people.TracedSource]:
    """Source patients set apart that would be this person's, of the organisations that the user tests."""
    tested = trials.tested_by(reading, user)
    if not tested:
        return ()
    linked = people.of_person(reading, duty, person)
    numbers = {number for source in linked if (number := source.demographics.nhs_number) is not None}
    apart = trials.apart_under(reading, duty, numbers) + trials.apart_as(reading, duty, person)
    theirs = {each.source.source: each for each in apart if each.source.organisation in tested}
    return [each.source for each in theirs.values() if _would_be(reading, duty, each) == person]


def tested_person(reading: Reading, duty: Permitted, user: str, source: people.Source) -> PersonId | None:
    """Whose a source patient set apart would be; None for who does not test its organisation."""
    tested = trials.tested_by(reading, user)
    apart = trials.apart_at(reading, duty, source) if tested else None
    return None if apart is None or apart.source.organisation not in tested else _would_be(reading, duty, apart)


def tested_under(reading: Reading, duty: Permitted, user: str, number: NhsNumber) -> Sequence[PersonId]:
    """The persons whom a user's tests bring under an NHS number; whoever is protected is not among them."""
    tested = trials.tested_by(reading, user)
    return _findable(reading, duty, tested, trials.apart_under(reading, duty, [number]) if tested else ())


def tested_named(reading: Reading, duty: Permitted, user: str, called: trials.Called) -> Sequence[PersonId]:
    """The same by what they are called."""
    tested = trials.tested_by(reading, user)
    return _findable(reading, duty, tested, trials.apart_named(reading, duty, called) if tested else ())


def _findable(
    reading: Reading, duty: Permitted, tested: Sequence[OdsCode], apart: Sequence[trials.Apart]
) -> Sequence[PersonId]:
    found = [each for each in apart if each.source.organisation in tested and not each.source.demographics.protected]
    return [_would_be(reading, duty, each) for each in found]


def _would_be(reading: Reading, duty: Permitted, apart: trials.Apart) -> PersonId:
    """The one person under its number, if all that is linked there agrees; else whoever it is by itself."""
    number = apart.source.demographics.nhs_number
    same = [] if number is None else people.with_nhs_number(reading, duty, number)
    persons = {source.person for source in same if source.person is not None}
    if len(persons) == 1:
        known = [source.demographics for source in same]
        if compare(apart.source.demographics, known, cast("Assurance", apart.assurance)).decision == "link":
            return persons.pop()
    return apart.itself
