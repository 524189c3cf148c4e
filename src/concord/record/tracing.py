"""Finding people: which persons a name, a date of birth or a number may mean, and whose care a viewer shares."""

from collections.abc import Iterable, Sequence

from concord.base import NHS_NUMBER_SYSTEM, NhsNumber, PersonId, nhs_number
from concord.fhir import Criterion, index_keys
from concord.governance import Duty, Gate, Viewer, permit_duty
from concord.identity import persons_with_number
from concord.record.prepare import fold
from concord.store import Reading, facts, people

TRACING = permit_duty(Duty(name="tracing"))


class Tracer:
    """Reads narrow rows only, under the duty of tracing; location-protected people are not among them."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def by_number(self, reading: Reading, number: NhsNumber) -> list[PersonId]:
        return self._findable(reading, persons_with_number(reading, TRACING, number))

    def by_name(
        self, reading: Reading, family: str, given: str, born_on: str, *, begins: bool = False
    ) -> list[PersonId]:
        """Those of this birth date whose family name is this, or `begins` so, and whose first name begins alike."""
        first = fold(given)
        found = people.with_name(reading, TRACING, born_on, fold(family), begins=begins)
        alike = [source for source in found if not first or source.demographics.given.startswith(first[:3])]
        persons = [source.person for source in alike if source.person is not None]
        return self._findable(reading, persons)

    def by_criteria(self, reading: Reading, criteria: Sequence[Criterion]) -> list[PersonId] | None:
        """The same for the criteria of a FHIR search; None when they are too few to look anybody up."""
        asked = {criterion.name: criterion for criterion in criteria if not criterion.modifier}
        if "identifier" in asked:
            numbers = [
                nhs_number(value.code or "") if value.system in (None, NHS_NUMBER_SYSTEM) else None
                for value in asked["identifier"].values
            ]
            if None not in numbers:
                return _each_once(person for number in numbers if number for person in self.by_number(reading, number))
        if "family" in asked and "birthdate" in asked and (days := index_keys(asked["birthdate"])):
            return _each_once(
                person
                for family in asked["family"].values
                for born_on in days
                for person in self.by_name(reading, family.text, "", born_on, begins=True)
            )
        return None

    def related(self, reading: Reading, viewer: Viewer) -> list[PersonId]:
        """Persons with whom the viewer holds a relationship, or once did: the decision says whether it still counts."""
        return _each_once(person for person, _, _ in self._gate.relationships_of(reading, viewer))

    def finds(self, reading: Reading, person: PersonId) -> bool:
        """Whether tracing would find this person by what it knows of them."""
        sources = people.of_person(reading, TRACING, person)
        return bool(sources) and not facts.protected(reading, [(source.home, source.number) for source in sources])

    def _findable(self, reading: Reading, persons: Iterable[PersonId]) -> list[PersonId]:
        return [person for person in _each_once(persons) if self.finds(reading, person)]


def _each_once(persons: Iterable[PersonId]) -> list[PersonId]:
    return list(dict.fromkeys(persons))
