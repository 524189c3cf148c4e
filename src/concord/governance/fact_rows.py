"""Facts about people as the store keeps them, read as the nouns of a decision."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

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
from concord.store import Reading, assertions, body, census, facts, people
from concord.store.facts import Told

Row = Sequence[Any]
_AT_ONCE = 5_000  # source patients
_SOURCE_NUMBER = itemgetter(2)


Tested = Callable[[Reading, str, PersonId], Iterable[people.TracedSource]]
"""Source patients of organisations on trial that would be a person's, as a user tests them; to anybody else, none."""


class Known(NamedTuple):
    """All that a decision about a person hangs on, as it lies in one snapshot: equal rows make equal facts.

    The rows are those of `facts.about`, by what they tell; `asserted`: what users have asserted about the person that
    has not ended. `number`: the viewer's own NHS number, if it is known. `protected_on_trial`: by a test of theirs.
    """

    policy: tuple[int, int, int]
    sources: Sequence[Row]
    codes: Sequence[OdsCode]
    relationships: Sequence[Row]
    choices: Sequence[Row]
    namesakes: Sequence[Row]
    proxies: Sequence[Row]
    asserted: Sequence[assertions.AssertionRow]
    number: str | None
    protected_on_trial: bool


def known_of(
    reading: Reading,
    person: PersonId,
    since: datetime,
    *,
    number: str | None = None,
    user: str = "",
    tested: Tested | None = None,
) -> Known:
    """What is held about a person, and of what was asserted about them what lasted at `since` or later.

    `number`: the own NHS number of the viewer who is decided about, if it is known. What is tested by `user` is the
    person's too, as far as `tested` says so.
    """
    since_micros = body.microseconds(since)
    told = _told(facts.about(reading, person, since=since_micros, user=user, number=number))
    protected = False
    if tested is not None and told[Told.TESTS]:
        on_trial = list(tested(reading, user, person))
        protected = any(each.demographics.protected for each in on_trial)
        more = [each.source for each in on_trial]
        told = _told(facts.about(reading, person, since=since_micros, user=user, number=number, more=more))
    sources = sorted(told[Told.SOURCE], key=_SOURCE_NUMBER)
    ((_, *policy, _, _, _, _, _, _, _),) = told[Told.POLICY]
    return Known(
        policy=(policy[0], policy[1], policy[2]),
        sources=sources,
        codes=[OdsCode(reading.words.text(reading, row[3])) for row in sources],
        relationships=told[Told.RELATIONSHIP],
        choices=told[Told.CHOICE],
        namesakes=told[Told.NAMESAKE],
        proxies=told[Told.PROXY],
        asserted=assertions.lasting(reading, person, since_micros) if told[Told.ASSERTED] else (),
        number=number,
        protected_on_trial=protected,
    )


def _told(rows: Iterable[Row]) -> Sequence[list[Row]]:
    """The rows by what they tell."""
    told: Sequence[list[Row]] = [[] for _ in Told]
    for row in rows:
        told[row[0]].append(row)
    return told


def facts_of(known: Known) -> PersonFacts:
    """The same in the words of a decision, and of what was asserted what bears on one. Pure."""
    places = {(row[1], row[2]) for row in known.sources}
    numbers = {row[6] for row in known.sources if row[6] is not None} if known.number is not None else set()
    return PersonFacts(
        sources=[
            SourcePatient(home=row[1], number=row[2], organisation=code)
            for row, code in zip(known.sources, known.codes, strict=True)
        ],
        relationships=[
            *(relationship_of((*row[6:], row[1], row[2])) for row in known.relationships),
            *(_claimed(row) for row in known.asserted if row.kind == AssertionKind.SELF_CLAIM),
        ],
        choices=[_choice(row) for row in known.choices],
        protected=known.protected_on_trial or any(row[4] for row in (*known.sources, *known.namesakes)),
        death=_death(row[8] for row in known.sources),
        overrides=[_broken_glass(row) for row in known.asserted if row.kind == AssertionKind.OVERRIDE],
        nhs_numbers=frozenset(numbers),
        number_shared=known.number is not None and any((row[1], row[2]) not in places for row in known.namesakes),
        proxies=[_proxy(row) for row in known.proxies],
        born_on=sorted({row[7] for row in known.sources if row[7]}),
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


def _choice(row: Row) -> Choice:
    _, starts_at, ends_at, given, silent, firm, kind, contributor, organisation, _, _ = row
    return choice_from((kind, given, contributor, organisation, silent, starts_at, ends_at, firm))


def _proxy(row: Row) -> Proxy:
    _, starts_at, ends_at, given, _, _, nhs_number, kind, contributor, _, _ = row
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
