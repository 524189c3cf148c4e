"""What counts of people tell of one of them: nothing but, now and then, a step of five in a number not small."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from concord.governance.agreements import Headcount, ItemClass, Page
from concord.governance.model import ChoiceKind, PersonFacts
from concord.terminology import Heading, Label
from tests.spec.governance.test_headcount import ANALYST, DESCRIBED, HOSPITAL, NOW, PLAIN, PRACTICE, policy, refuses

POLICY = policy()
FEW = "7 or fewer"
Person = tuple[PersonFacts, dict[ItemClass, int], str, str]

_items = st.dictionaries(
    st.builds(
        ItemClass,
        contributor=st.sampled_from([PRACTICE, PRACTICE, PRACTICE, HOSPITAL]),
        service=st.none(),
        heading=st.sampled_from([Heading.DEMOGRAPHICS, Heading.PROBLEMS, Heading.PROBLEMS, Heading.ALLERGIES]),
        labels=st.sampled_from([0, 0, 0, Label.MENTAL_HEALTH.mask, Label.HIV.mask, Label.SEALED_LOCKED.mask]),
    ),
    st.integers(1, 400),
    max_size=4,
)
_people: st.SearchStrategy[Person] = st.tuples(
    st.builds(
        lambda kinds, protected: replace(PLAIN, choices=[refuses(kind) for kind in kinds], protected=protected),
        st.lists(st.sampled_from([each.value for each in ChoiceKind]), max_size=1),
        st.booleans(),
    )
    | st.just(PLAIN),
    _items,
    st.sampled_from(["1942-02-14", "2015-01-01", "1990-05-05", ""]),
    st.sampled_from(["female", "male", ""]),
)
_crowd = st.tuples(st.integers(0, 40), st.lists(_people, min_size=1, max_size=4))


def counted(people: Sequence[Person]) -> Page:
    headcount = Headcount(replace(ANALYST, purpose="public-health"), POLICY, NOW)
    for facts, held, born_on, sex in people:
        headcount.add(facts, held, [replace(DESCRIBED, born_on=born_on, sex=sex)])
    return headcount.page()


def crowd(times: int, kinds: Sequence[Person]) -> list[Person]:
    return [each for each in kinds for _ in range(times)]


def rows(page: Page) -> Iterator[tuple[str, ...]]:
    yield from ((section.title, *row) for section in page.sections for table in section.tables for row in table.rows)


def numbers(told: str) -> int:
    """The least that a cell may stand for, in steps of five; what is small or not told stands lowest."""
    return 5 if told in (FEW, "not told") else int(told.replace(",", ""))


@settings(deadline=None)
@given(_crowd, _people)
def test_one_person_changes_a_number_by_one_step_at_most(many: tuple[int, list[Person]], one: Person) -> None:
    before, after = counted(crowd(*many)), counted([*crowd(*many), one])
    assert [(row[0], row[1]) for row in rows(before)] == [(row[0], row[1]) for row in rows(after)], "the same rows"
    for was, now in zip(rows(before), rows(after), strict=True):
        for position, (one_cell, other) in enumerate(zip(was[2:], now[2:], strict=True)):
            items = position == 1 and was[0] != "People by age and sex"
            if items and "not told" in (one_cell, other):
                continue  # told from the eighth person on
            assert abs(numbers(other) - numbers(one_cell)) in (0, 5)


@settings(deadline=None)
@given(_people)
def test_whoever_is_alone_cannot_be_told_from_nobody(one: Person) -> None:
    assert counted([one]) == counted([])


@settings(deadline=None)
@given(_crowd)
def test_no_number_is_small_or_exact(many: tuple[int, list[Person]]) -> None:
    for row in rows(counted(crowd(*many))):
        for told in row[2:]:
            assert told in (FEW, "not told") or (numbers(told) >= 5 and numbers(told) % 5 == 0)


@settings(deadline=None)
@given(_crowd, _people)
def test_whoever_has_opted_out_changes_nothing(many: tuple[int, list[Person]], one: Person) -> None:
    facts, items, sex, born = one
    out = replace(facts, choices=[*facts.choices, refuses("national-data-opt-out")])
    assert counted([*crowd(*many), (out, items, sex, born)]) == counted(crowd(*many))
