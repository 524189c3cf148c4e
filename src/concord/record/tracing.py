"""Finding people: which persons a name, a date of birth or a number may mean, and whose care a viewer shares."""

from collections.abc import Iterable, Mapping, Sequence

from concord.base import NHS_NUMBER_SYSTEM, NhsNumber, PersonId, nhs_number
from concord.fhir import Criterion, index_keys
from concord.governance import Duty, Gate, permit_duty
from concord.identity import persons_with_number, tested_named, tested_under
from concord.record.prepare import fold
from concord.store import Reading, facts, people
from concord.store.trials import Called

TRACING = permit_duty(Duty(name="tracing"))
FIRST_LETTERS = 3  # of a given name, by which it is told from others
_SHORTEST_POSTCODE = 5  # letters and digits, as of "M1 1AA"


class Tracer:
    """Reads narrow rows only, under the duty of tracing; location-protected people are not among them. A `user` who
    tests an organisation on trial finds besides whom that knows."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def by_number(self, reading: Reading, number: NhsNumber, user: str) -> list[PersonId]:
        """Those under a number, then those of whom a source says that it has been superseded: to find people by alone,
        since whoever says so may be wrong."""
        before = (source.person for source in people.that_supersede(reading, TRACING, number))
        found = [*persons_with_number(reading, TRACING, number), *(person for person in before if person is not None)]
        return self._findable(reading, found, tested_under(reading, TRACING, user, number))

    def by_name(
        self, reading: Reading, family: str, given: str, born_on: str, user: str, *, begins: bool = False
    ) -> list[PersonId]:
        """Those of this birth date whose family name is this, or `begins` so, and whose first name begins alike."""
        first = fold(given)[:FIRST_LETTERS]
        found = people.with_name(reading, TRACING, born_on, fold(family), begins=begins)
        alike = [source for source in found if not first or source.demographics.given.startswith(first)]
        persons = [source.person for source in alike if source.person is not None]
        called = Called(family=fold(family), given=first, begins=begins, born_on=[born_on])
        return self._findable(reading, persons, tested_named(reading, TRACING, user, called))

    def by_criteria(self, reading: Reading, criteria: Sequence[Criterion], user: str) -> list[PersonId] | None:
        """The same for the criteria of a FHIR search; None when they are too few to look anybody up."""
        asked = {criterion.name: criterion for criterion in criteria if not criterion.modifier}
        if "identifier" in asked:
            numbers = [
                nhs_number(value.code or "") if value.system in (None, NHS_NUMBER_SYSTEM) else None
                for value in asked["identifier"].values
            ]
            if None not in numbers:
                return _each_once(
                    person for number in numbers if number for person in self.by_number(reading, number, user)
                )
        if "family" in asked and "birthdate" in asked and (days := index_keys(asked["birthdate"])):
            return _each_once(
                person
                for family in asked["family"].values
                for born_on in days
                for person in self.by_name(reading, family.text, "", born_on, user, begins=True)
            )
        if "address-postalcode" in asked and ("family" in asked or "birthdate" in asked):
            return self._by_postcode(reading, asked, user)
        return None

    def _by_postcode(self, reading: Reading, asked: Mapping[str, Criterion], user: str) -> list[PersonId] | None:
        """Those who live there and have that family name, or were born on that day; of a whole postcode alone."""
        born = index_keys(asked["birthdate"]) if "birthdate" in asked else ()
        families = [fold(value.text) for value in asked["family"].values] if "family" in asked else [""]
        postcodes = [fold(value.text) for value in asked["address-postalcode"].values]
        if born is None or any(len(postcode) < _SHORTEST_POSTCODE for postcode in postcodes):
            return None
        at_all = [(postcode, family) for postcode in postcodes for family in families]
        found = [
            source.person
            for at in at_all
            for source in people.at_postcode(reading, TRACING, *at)
            if source.person is not None and (not born or source.demographics.born_on in born)
        ]
        tested = [
            person
            for postcode, family in at_all
            for person in tested_named(
                reading, TRACING, user, Called(family, begins=True, born_on=born, postcode=postcode)
            )
        ]
        return self._findable(reading, found, tested)

    def tested(self, reading: Reading, wanted: people.Demographics, user: str) -> list[PersonId]:
        """Whom trials bring under the number of whoever is wanted, or under their birth date and names."""
        number, given = wanted.nhs_number, wanted.given[:FIRST_LETTERS]
        under = () if number is None else tested_under(reading, TRACING, user, NhsNumber(number))
        called = Called(family=wanted.family, given=given, born_on=[wanted.born_on])
        return self._findable(reading, (), [*under, *tested_named(reading, TRACING, user, called)])

    def finds(self, reading: Reading, person: PersonId) -> bool:
        """Whether tracing would find this person by what it knows of them."""
        sources = people.of_person(reading, TRACING, person)
        return bool(sources) and not facts.protected(reading, [(source.home, source.number) for source in sources])

    def hides(self, reading: Reading, person: PersonId) -> bool:
        """Whether this is somebody whom tracing keeps back, and not only somebody whom it does not know."""
        return bool(people.of_person(reading, TRACING, person)) and not self.finds(reading, person)

    def _findable(self, reading: Reading, persons: Iterable[PersonId], tested: Iterable[PersonId]) -> list[PersonId]:
        """`tested`: whom trials bring; of them others may know nobody, but none whom another source protects."""
        known = [person for person in _each_once(persons) if self.finds(reading, person)]
        return _each_once([*known, *(person for person in tested if not self.hides(reading, person))])


def _each_once(persons: Iterable[PersonId]) -> list[PersonId]:
    return list(dict.fromkeys(persons))
