"""Facts about people as the store keeps them, read as the nouns of a decision."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from concord.base import OdsCode, PersonId
from concord.governance.assertions import AssertionKind
from concord.governance.model import (
    BrokenGlass,
    Choice,
    ChoiceKind,
    Death,
    PersonFacts,
    Relationship,
    RelationshipKind,
    SourcePatient,
)
from concord.governance.spans import instant_of
from concord.store import Reading, assertions, body, census, facts, own_choices

_AT_ONCE = 5_000  # source patients


def facts_of(
    reading: Reading,
    sources: Sequence[tuple[int, int, OdsCode]],
    asserted: Sequence[assertions.AssertionRow],
    *,
    with_numbers: bool = False,
) -> PersonFacts:
    """What is held about a person with these source patients, and of `asserted` what bears on a decision."""
    places = [(home, number) for home, number, _ in sources]
    described = facts.described(reading, places)
    numbers = frozenset(number for number, _, _ in described if number is not None and with_numbers)
    return PersonFacts(
        sources=[SourcePatient(home=home, number=number, organisation=code) for home, number, code in sources],
        relationships=[
            *(relationship_of(row) for row in facts.relationship_rows(reading, places)),
            *(_claimed(row) for row in asserted if row.kind == AssertionKind.SELF_CLAIM),
        ],
        choices=[
            *(choice_from(row) for row in facts.choice_rows(reading, places)),
            *(choice_from(row) for row in own_choices.facts_of(reading, places)),
        ],
        protected=facts.protected(reading, places),
        death=_death(died_on for _, _, died_on in described),
        overrides=[_broken_glass(row) for row in asserted if row.kind == AssertionKind.OVERRIDE],
        nhs_numbers=numbers,
        number_shared=facts.number_shared(reading, numbers, places),
    )


def everybody(reading: Reading) -> Iterator[tuple[census.Portion, Mapping[PersonId, PersonFacts]]]:
    """The facts about everybody who is held, portion by portion; what users have asserted plays no part."""
    after = ""
    while (last := census.last_of_portion(reading, after, _AT_ONCE)) is not None:
        portion = after, last
        sources: dict[PersonId, list[SourcePatient]] = {}
        for person, home, number, organisation in census.sources(reading, portion):
            code = OdsCode(reading.words.text(reading, organisation))
            source = SourcePatient(home=home, number=number, organisation=code)
            sources.setdefault(PersonId(person), []).append(source)
        related: dict[str, list[Relationship]] = {}
        for person, *row in census.relationships(reading, portion):
            related.setdefault(person, []).append(relationship_of(row))
        chosen: dict[str, list[Choice]] = {}
        for person, *row in census.choices(reading, portion):
            chosen.setdefault(person, []).append(choice_from(row))
        protected = census.protected(reading, portion)
        died: dict[str, list[str]] = {}
        for person, died_on in census.died(reading, portion):
            died.setdefault(person, []).append(died_on)
        yield (
            portion,
            {
                person: PersonFacts(
                    sources=of_one,
                    relationships=related.get(person, ()),
                    choices=chosen.get(person, ()),
                    protected=person in protected,
                    death=_death(died.get(person, ())),
                )
                for person, of_one in sources.items()
            },
        )
        after = last


def relationship_of(row: Sequence[object]) -> Relationship:
    """Of (kind, organisation, service, team, holder, starts_at, ends_at)."""
    kind, organisation, service, team, holder, starts_at, ends_at = row
    return Relationship(
        kind=RelationshipKind(str(kind)),
        organisation=None if organisation is None else OdsCode(str(organisation)),
        service=_text(service),
        team=_text(team),
        user=_text(holder),
        start_at=_instant(starts_at),
        end_at=_instant(ends_at),
    )


def _claimed(row: assertions.AssertionRow) -> Relationship:
    return Relationship(
        kind=RelationshipKind.SELF_CLAIMED,
        organisation=OdsCode(row.organisation),
        service=None,
        team=None,
        user=row.staff_id,
        start_at=body.instant(row.starts_at),
        end_at=body.instant(row.ends_at),
    )


def _broken_glass(row: assertions.AssertionRow) -> BrokenGlass:
    return BrokenGlass(
        user=row.holder,
        organisation=OdsCode(row.organisation),
        role=row.role,
        start_at=body.instant(row.starts_at),
        end_at=body.instant(row.ends_at),
    )


def choice_from(row: Sequence[object]) -> Choice:
    kind, given, contributor, organisation, silent, starts_at, ends_at, firm = row
    return Choice(
        kind=ChoiceKind(str(kind)),
        given=bool(given),
        contributor=None if contributor is None else OdsCode(str(contributor)),
        organisation=None if organisation is None else OdsCode(str(organisation)),
        silent=bool(silent),
        firm=bool(firm),
        start_at=_instant(starts_at),
        end_at=_instant(ends_at),
    )


def _death(said: Iterable[str | None]) -> Death | None:
    """Of `died_on` as each source has it: the day that a FHIR dateTime names, or words that name none."""
    told = [each for each in said if each]
    return Death(at=max((at for each in told if (at := _over(each))), default=None)) if told else None


def _over(died_on: str) -> datetime | None:
    try:
        return instant_of(died_on, end=True)
    except (ValueError, OverflowError):
        return None


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _instant(value: object) -> datetime | None:
    return body.instant(value) if isinstance(value, int) else None
