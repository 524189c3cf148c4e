"""What choices come to, where they contradict each other."""

from dataclasses import replace

import pytest

from concord.base import OdsCode
from concord.governance.directory import Directory
from concord.governance.model import Choice, ChoiceKind
from concord.governance.wishes import wishes_for, wishes_in_words, wishes_of_words
from tests.spec.governance.northfield import DAY, NOW, choice

HOSPITAL, PRACTICE = OdsCode("ZZA"), OdsCode("ZZP01")
DIRECTORY = Directory(organisations={})


def consents(*choices: Choice) -> tuple[bool, bool]:
    wishes = wishes_for(HOSPITAL, choices, NOW, DIRECTORY)
    return wishes.consented_out(PRACTICE), wishes.consented_in


def test_a_refusal_outweighs_a_consent_beside_it() -> None:
    given = [choice("share-out", given=True), choice("share-in", given=True, about="ZZA")]
    assert consents(*given) == (True, True)
    assert consents(*given, choice("share-out")) == (False, True)
    assert consents(*given, choice("share-in", by="ZZL")) == (True, False)
    assert consents(*given, choice("share-out", by="ZZL"), choice("share-in", about="ZZL")) == (True, True)


def test_only_a_consent_to_share_in_is_one() -> None:
    """Not a permission that says something else, nor a refusal."""
    for other in (choice("organisation-prohibited", given=True, about="ZZA"), choice("share-in", about="ZZA")):
        assert not wishes_for(HOSPITAL, [other], NOW, DIRECTORY).given_in
    assert wishes_for(HOSPITAL, [choice("share-in", given=True, about="ZZA")], NOW, DIRECTORY).given_in


def test_what_has_ended_or_not_begun_says_nothing() -> None:
    refusal = choice("share-out")
    over, coming = replace(refusal, end_at=NOW), replace(refusal, start_at=NOW + DAY)
    assert wishes_for(HOSPITAL, [over, coming], NOW, DIRECTORY).withholds_from(PRACTICE, HOSPITAL) is None
    lasting = replace(refusal, start_at=NOW, end_at=NOW + DAY)
    assert wishes_for(HOSPITAL, [lasting], NOW, DIRECTORY).withholds_from(PRACTICE, HOSPITAL) is ChoiceKind.SHARE_OUT


@pytest.mark.parametrize(("contributor", "kind"), [(PRACTICE, ChoiceKind.SHARE_IN), (HOSPITAL, None)])
def test_share_in_does_not_speak_about_ones_own_record(contributor: OdsCode, kind: ChoiceKind | None) -> None:
    wishes = wishes_for(HOSPITAL, [choice("share-in", about="ZZA")], NOW, DIRECTORY)
    assert wishes.withholds_from(contributor, HOSPITAL) is kind


def test_a_prohibited_organisation_sees_not_even_its_own() -> None:
    wishes = wishes_for(HOSPITAL, [choice("organisation-prohibited", about="ZZA")], NOW, DIRECTORY)
    assert wishes.withholds_from(HOSPITAL, HOSPITAL) is ChoiceKind.ORGANISATION_PROHIBITED


def test_silence_of_one_source_does_not_silence_another() -> None:
    silent, told = choice("objection", silent=True), choice("objection", by="ZZL")
    assert not wishes_for(HOSPITAL, [silent], NOW, DIRECTORY).told_objection
    assert wishes_for(HOSPITAL, [silent, told], NOW, DIRECTORY).told_objection


def test_a_refusal_is_kept_as_a_refusal_and_a_consent_as_a_consent() -> None:
    """In the words that the audit keeps; where both were said, both."""

    def kept(*choices: Choice) -> list[str]:
        return list(wishes_in_words(wishes_for(HOSPITAL, choices, NOW, DIRECTORY)))

    refusal, consent = choice("share-out"), choice("share-out", given=True)
    assert kept(refusal) == ["share-out refused ZZP01"]
    assert kept(consent) == ["share-out given ZZP01"]
    assert kept(consent, refusal) == ["share-out refused ZZP01", "share-out given ZZP01"]


def test_what_is_kept_names_organisations_in_order() -> None:
    """So that one decision is always kept in the same words."""
    codes = [f"ZZ{letter}" for letter in "ABCDEFG"]
    choices = [choice("share-out", given=given, by=code) for code in codes for given in (True, False)]
    kept = list(wishes_in_words(wishes_for(HOSPITAL, choices, NOW, DIRECTORY)))
    assert kept == [f"share-out {said} {code}" for said in ("refused", "given") for code in codes]


FIRM = replace(choice("objection"), firm=True)
SHARING = [choice("share-out"), choice("share-out", given=True), choice("share-in"), choice("organisation-prohibited")]


@pytest.mark.parametrize(
    "choices",
    [(), SHARING, [choice("objection")], [FIRM], [choice("unknown")], [choice("objection"), choice("unknown")],
     [choice("share-in", given=True, about="ZZA"), choice("share-out", given=True, by="ZZL")]],
)  # fmt: skip
def test_what_is_kept_says_the_same_when_it_is_read(choices: list[Choice]) -> None:
    """All but what may be told, of which it says nothing."""
    wishes = wishes_for(HOSPITAL, choices, NOW, DIRECTORY)
    untold = replace(wishes, told_objection=False, told_firm_objection=False, told_refused_out=frozenset())
    assert wishes_of_words(list(wishes_in_words(wishes))) == untold
