"""Whatever is said of whose record is whose, in whatever order: the laws of joining."""

from random import Random
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from concord.identity.joining import Says, join, pair

PATIENTS = "abcdefgh"
NUMBERS = ("9990003114", "9990003203", None, None)


class Source(NamedTuple):
    patient: str
    number: int
    nhs_number: str | None
    base: str


@st.composite
def sources(draw: st.DrawFn) -> list[Source]:
    """Source patients; those of one base have one NHS number or none, as the rules see to it."""
    found: list[Source] = []
    number_of: dict[str, str | None] = {}
    for at, patient in enumerate(PATIENTS[: draw(st.integers(2, len(PATIENTS)))]):
        base = draw(st.sampled_from([f"base-{patient}", *{each.base for each in found}]))
        number = number_of.setdefault(base, draw(st.sampled_from(NUMBERS)))
        found.append(Source(patient, at, draw(st.sampled_from([number, None])), base))
    return found


pairs = st.tuples(st.sampled_from(PATIENTS), st.sampled_from(PATIENTS)).filter(lambda two: two[0] != two[1])
ties = st.lists(pairs.map(lambda two: pair(*two)), max_size=8)
kept_apart = st.lists(pairs.map(lambda two: pair(*two)), max_size=3)


@given(sources(), ties, kept_apart, st.randoms())
def test_the_order_of_sayings_does_not_matter(members: list[Source], said: list[tuple[str, str]],
                                              apart: list[tuple[str, str]], chance: Random) -> None:  # fmt: skip
    words = _kept(_of_different_bases(members, apart))
    first = join(members, words, said)
    shuffled, again = list(members), list(said)
    chance.shuffle(shuffled)
    chance.shuffle(again)
    assert join(shuffled, words, again) == first


@given(sources(), ties, kept_apart)
def test_a_saying_never_joins_two_numbers_nor_what_is_kept_apart(
    members: list[Source], said: list[tuple[str, str]], apart: list[tuple[str, str]]
) -> None:
    apart = _of_different_bases(members, apart)
    joined = join(members, _kept(apart), said)
    person = {each.patient: joined.persons[each.base] for each in members}
    for one, other in apart:
        assert person[one] != person[other]
    for who in set(person.values()):
        numbers = {each.nhs_number for each in members if person[each.patient] == who} - {None}
        assert len(numbers) <= 1


@given(sources(), ties)
def test_what_is_not_joined_is_held_with_its_reason(members: list[Source], said: list[tuple[str, str]]) -> None:
    joined = join(members, {}, said)
    base_of = {each.patient: each.base for each in members}
    for one, other in said:
        if one in base_of and other in base_of:
            together = joined.persons[base_of[one]] == joined.persons[base_of[other]]
            assert together != ((one, other) in joined.held)


@given(sources(), ties, st.data())
def test_a_reviewers_word_joins_whatever_the_numbers_are(
    members: list[Source], said: list[tuple[str, str]], data: st.DataObject
) -> None:
    one, other = data.draw(st.sampled_from(members)), data.draw(st.sampled_from(members))
    if one.patient != other.patient:
        joined = join(members, {pair(one.patient, other.patient): "same"}, said)
        assert joined.persons[one.base] == joined.persons[other.base]


def _kept(apart: list[tuple[str, str]]) -> dict[tuple[str, str], Says]:
    return dict.fromkeys(apart, "apart")


def _of_different_bases(members: list[Source], apart: list[tuple[str, str]]) -> list[tuple[str, str]]:
    base_of = {each.patient: each.base for each in members}
    return [(one, two) for one, two in apart if one in base_of and two in base_of and base_of[one] != base_of[two]]
