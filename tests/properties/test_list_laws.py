"""Deciding about a list at once, by what its people have in common, is deciding about each of them alone."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from concord.base import PersonId
from concord.governance import Decision, PersonFacts, Policy, Relationship, Viewer, decide, permit_viewer
from concord.governance.lists import decide_list
from concord.governance.model import SourcePatient
from concord.store import Permitted, Store, Writing, across, body, facts, items, open_store, people
from concord.store.across import Match, Sought
from concord.terminology import label_mask
from tests.conftest import new_database
from tests.properties.decision_cases import EVERY_ITEM, HOSPITAL, NOW, ORGANISATIONS, Case, cases, succeeded_cases
from tests.properties.decision_reference import Item

EXAMPLES = 60
_ROW = items.NewRow(
    type="Condition", id="", service=None, heading=0, own_labels=0, starts_at=None, ends_at=None,
    lifecycle=0, plain=True, several=False, body=b"",
)  # fmt: skip
_VALUE = 5
_SOUGHT = Sought(type="Condition", under=[{each: [_VALUE] for each in ORGANISATIONS}], since=0, until=2)
_ITEMS = EVERY_ITEM[::3]


@given(st.one_of(cases(), succeeded_cases()))
def test_what_several_relationships_open_is_what_each_opens(case: Case) -> None:
    person = replace(case.person, choices=(), protected=False, death=None, overrides=())  # an override is begun by name
    decision = decide(case.viewer, person, case.policy(), NOW)
    parts = [
        part
        for part in decide_list(case.viewer, case.policy(), NOW).parts
        if any(condition in decision.relationships_held for condition in part.conditions)
    ]
    opened = {item for item in EVERY_ITEM if _is_open(item, person, decision)}
    event("something" if opened else "nothing")
    assert opened == {
        item
        for item in EVERY_ITEM
        if any(source.organisation == item.organisation for source in person.sources)
        and any(
            part.contributor == item.organisation
            and part.service in (None, item.service)
            and part.headings >> item.heading.bit & 1
            and label_mask(item.labels) & ~part.labels == 0
            for part in parts
        )
    }


def _is_open(item: Item, person: PersonFacts, decision: Decision) -> bool:
    of = {source.number: source.organisation for source in person.sources}
    return any(
        of[cell.source_patient] == item.organisation
        and cell.service in (None, item.service)
        and cell.headings >> item.heading.bit & 1
        and label_mask(item.labels) & ~cell.labels == 0
        for cell in decision.openings
    )


# -- and the database does as the decision says ------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def held(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with new_database(request.param, request, tmp_path_factory.mktemp("lists")) as where:
        store = open_store(where)
        yield store
        store.close()


class _Undo(Exception):
    """Each case sees an empty database."""


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(cases(), succeeded_cases()), min_size=1, max_size=5))
def test_the_database_finds_of_a_list_what_each_decision_opens(held: Store, several: list[Case]) -> None:
    viewer, policy = several[0].viewer, several[0].policy()
    with suppress(_Undo), held.writing() as writing:
        persons = {
            PersonId(f"person {number}"): _kept(writing, PersonId(f"person {number}"), case.person)
            for number, case in enumerate(several)
        }
        permitted = permit_viewer(decide_list(viewer, policy, NOW))
        ways: tuple[across.Way, ...] = ("index", "index on list", "time", "list")
        open_, alone = _expected(writing, viewer, policy, persons)
        for way in ways:
            found, to_decide, total = across.find(writing, permitted, _SOUGHT, by=way)
            assert sorted(match.place for match in found if match.place is not None) == sorted(open_)
            assert total == len(open_)
            assert {match.person for match in to_decide} >= alone
            assert not {match.person for match in to_decide} & _ordinary(persons)
            _in_parts(writing, permitted, way, found)
        event("some" if open_ else "none")
        raise _Undo


def _in_parts(writing: Writing, permitted: Permitted, way: across.Way, whole: Sequence[Match]) -> None:
    """Parts one behind the other are the whole in its order, and each tells how many there are in all."""
    behind: tuple[int | str, ...] | None = None
    ids: list[str] = []
    while True:
        part = across.Part(order=["-start"], most=7, behind=behind)
        some, _, total = across.find(writing, permitted, _SOUGHT, by=way, part=part)
        assert total == len(whole)
        if not some:
            break
        ids += [match.id for match in some]
        behind = (0, -1, ids[-1])
    assert ids == sorted(match.id for match in whole)


def _kept(writing: Writing, person: PersonId, known: PersonFacts) -> PersonFacts:
    """The person in the database, each source patient with an item of every kind; their facts as they lie there."""
    sources = []
    for place, source in enumerate(known.sources):
        home = 7 + place % 2  # sources of one person need not lie together
        number = people.new_source_patient(writing, home, source.organisation, f"{person} {place}")
        people.link(writing, (home, number), person, "test")
        sources.append(SourcePatient(home=home, number=number, organisation=source.organisation))
        if known.protected and place == 0:
            writing.run("UPDATE source_patient SET protected = 1 WHERE number = ?", (number,))
        if known.death is not None and place == 0:
            writing.run("UPDATE source_patient SET died_on = 'some day' WHERE number = ?", (number,))
    for source in sources:
        _keep_items(writing, source)
    for number, relationship in enumerate(known.relationships if sources else ()):
        lies = sources[number % len(sources)]
        at = items.Place(lies.home, lies.number, 100 + number)
        facts.keep_facts(writing, [(at, facts.FactRows(relationships=[_stored(relationship)]))])
    for number, choice in enumerate(known.choices if sources else ()):
        said = (
            choice.kind, int(choice.given), choice.contributor, choice.organisation, int(choice.silent), None, None,
            int(choice.firm),
        )  # fmt: skip
        at = items.Place(sources[-1].home, sources[-1].number, 200 + number)
        facts.keep_facts(writing, [(at, facts.FactRows(choice=said))])
    return replace(
        known, sources=sources, protected=known.protected and bool(sources), death=known.death if sources else None
    )


def _keep_items(writing: Writing, source: SourcePatient) -> None:
    """An item of every kind."""
    for number, item in enumerate((each for each in _ITEMS if each.organisation == source.organisation), 1):
        row = _ROW._replace(id=f"{source.number} {number}", service=item.service, heading=item.heading.bit,
                            starts_at=1, ends_at=2)  # fmt: skip
        at = items.Place(source.home, source.number, number)
        items.insert(writing, [(at, row, label_mask(item.labels))], 0)
        items.index(writing, [(_VALUE, at)])


def _stored(relationship: Relationship) -> tuple[object, ...]:
    start, end = relationship.start_at, relationship.end_at
    return (
        relationship.kind, relationship.organisation, relationship.service, relationship.team, relationship.user,
        None if start is None else body.microseconds(start), None if end is None else body.microseconds(end),
    )  # fmt: skip


def _ordinary(persons: dict[PersonId, PersonFacts]) -> set[PersonId | None]:
    return {
        person for person, known in persons.items() if not known.choices and not known.protected and known.death is None
    }


def _expected(
    writing: Writing, viewer: Viewer, policy: Policy, persons: dict[PersonId, PersonFacts]
) -> tuple[Sequence[items.Place], set[PersonId]]:
    """Places open of the ordinary, decided about one by one; and of whom else something is open."""
    open_: list[items.Place] = []
    alone = set()
    for person, known in persons.items():
        permitted = permit_viewer(decide(viewer, replace(known, overrides=()), policy, NOW))
        lying = [item.place for item in items.read(writing, permitted)]
        if person in _ordinary(persons):
            open_ += lying
        elif lying:
            alone.add(person)
    return open_, alone


def test_the_right_to_a_list_stands_alone() -> None:
    listed = across.Listed(organisations=(HOSPITAL,), service=None, teams=(), staff_id="1", now=0, shares=())
    with pytest.raises(ValueError, match="right to read"):
        Permitted(listed=listed, duty="x")
