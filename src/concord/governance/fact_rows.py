"""Facts about people as the store keeps them, read as the nouns of a decision."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from concord.base import OdsCode, PersonId
from concord.governance.assertions import AssertionKind
from concord.governance.model import (
    BrokenGlass,
    Choice,
    ChoiceKind,
    Death,
    PersonFacts,
    Proxy,
    Relationship,
    RelationshipKind,
    SourcePatient,
)
from concord.governance.spans import instant_of
from concord.store import Reading, assertions, body, census, facts, own_choices, people

_AT_ONCE = 5_000  # source patients


class Known(NamedTuple):
    """All that a decision about a person hangs on, as it lies in one snapshot: equal rows make equal facts.

    `asserted`: what users have asserted about the person that has not ended. `described`: (NHS number, born on, died
    on), as each source says. `numbers` and `proxies`: for a viewer whose own number is known.
    """

    sources: Sequence[tuple[int, int, OdsCode]]
    asserted: Sequence[assertions.AssertionRow]
    relationships: Sequence[Sequence[object]]
    choices: Sequence[Sequence[object]]
    own_choices: Sequence[Sequence[object]]
    described: Sequence[Sequence[str | None]]
    protected: bool
    numbers: frozenset[str]
    number_shared: bool
    proxies: Sequence[Sequence[object]]


def known_of(
    reading: Reading,
    person: PersonId,
    since: datetime,
    *,
    tested: Iterable[people.TracedSource] = (),
    number: str | None = None,
) -> Known:
    """What is held about a person, and of what was asserted about them what lasted at `since` or later.

    `number`: the own NHS number of the viewer who is decided about, if it is known.

    `tested`: source patients that are the person's to who asks, and to nobody else.
    """
    on_trial = list(tested)
    sources = people.linked(reading, person) + [(each.home, each.number, each.organisation) for each in on_trial]
    places = [(home, number) for home, number, _ in sources]
    described = facts.described(reading, places)
    numbers = frozenset(each for each, _, _ in described if each is not None and number is not None)
    return Known(
        sources=sources,
        asserted=assertions.lasting(reading, person, body.microseconds(since)),
        relationships=facts.relationship_rows(reading, places),
        choices=facts.choice_rows(reading, places),
        own_choices=own_choices.facts_of(reading, places),
        described=described,
        protected=any(each.demographics.protected for each in on_trial) or facts.protected(reading, places),
        numbers=numbers,
        number_shared=facts.number_shared(reading, numbers, places),
        proxies=[] if number is None else facts.proxy_rows(reading, places, number),
    )


def facts_of(known: Known) -> PersonFacts:
    """The same in the words of a decision, and of what was asserted what bears on one. Pure."""
    return PersonFacts(
        sources=[SourcePatient(home=home, number=number, organisation=code) for home, number, code in known.sources],
        relationships=[
            *map(relationship_of, known.relationships),
            *(_claimed(row) for row in known.asserted if row.kind == AssertionKind.SELF_CLAIM),
        ],
        choices=[*map(choice_from, known.choices), *map(choice_from, known.own_choices)],
        protected=known.protected,
        death=_death(died_on for _, _, died_on in known.described),
        overrides=[_broken_glass(row) for row in known.asserted if row.kind == AssertionKind.OVERRIDE],
        nhs_numbers=known.numbers,
        number_shared=known.number_shared,
        proxies=[*map(_proxy, known.proxies)],
        born_on=sorted({born_on for _, born_on, _ in known.described if born_on}),
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


def _proxy(row: Sequence[object]) -> Proxy:
    nhs_number, kind, given, contributor, starts_at, ends_at = row
    return Proxy(
        nhs_number=str(nhs_number),
        kind=str(kind),
        given=bool(given),
        contributor=OdsCode(str(contributor)),
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
