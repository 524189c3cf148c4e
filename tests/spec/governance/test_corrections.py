"""What people say of an item's labels: what comes of it, and what cannot be said."""

import pytest

from concord.base import Incorrect
from concord.governance.labels import Correction, Ground, Says, corrected, refuse_correction
from concord.terminology import Label, labels_of

CODE = Ground("code", "urn:codes", "F32", Label.MENTAL_HEALTH.mask, "an illness of the mind")
OTHER_CODE = Ground("code", "urn:codes", "F33", Label.MENTAL_HEALTH.mask, "an illness of the mind")
MARK = Ground("tag", "urn:marks", "PSY", Label.MENTAL_HEALTH.mask, "the source says so")
CLINIC = Ground("service", "", "sexual-health", Label.SEXUAL_HEALTH.mask, "everything of the clinic carries it")
SEAL = Ground("tag", "urn:seals", "locked", Label.SEALED_LOCKED.mask, "sealed by the person")
BARRED = Ground("code", "urn:codes", "Z", Label.ADOPTION.mask, "names it")


def adds(label: Label) -> Correction:
    return Correction(label=label, says=Says.CARRIES)


def removes(label: Label, *grounds: Ground, mistake: bool = False) -> Correction:
    return Correction(label=label, says=Says.LACKS, mistake=mistake, grounds=frozenset(each.key for each in grounds))


def takes_back(label: Label) -> Correction:
    return Correction(label=label, says=Says.AS_LABELLED)


MINDS = Label.MENTAL_HEALTH
# (what happens, the grounds that the item has by now, what was said, the labels that it carries then)
EXAMPLES: list[tuple[str, list[Ground], list[Correction], str]] = [
    ("nobody said anything", [CODE, CLINIC], [], "mental-health sexual-health"),
    ("one was missing: added", [], [adds(Label.HIV)], "hiv"),
    ("added beside what there is", [CODE], [adds(Label.HIV)], "mental-health hiv"),
    ("a code was wrong: removed", [CODE], [removes(MINDS, CODE)], ""),
    ("removed, and another stays", [CODE, CLINIC], [removes(MINDS, CODE)], "sexual-health"),
    ("removed, then another code comes", [CODE, OTHER_CODE], [removes(MINDS, CODE)], "mental-health"),
    ("removed, then the source marks it", [CODE, MARK], [removes(MINDS, CODE)], "mental-health"),
    ("the source's mark, without its mistake", [MARK], [removes(MINDS, MARK)], "mental-health"),
    ("the source's mark, by its mistake", [MARK], [removes(MINDS, MARK, mistake=True)], ""),
    ("by mistake, then a code comes", [MARK, CODE], [removes(MINDS, MARK, mistake=True)], "mental-health"),
    ("what the clinic gives", [CLINIC], [removes(Label.SEXUAL_HEALTH, CLINIC)], ""),
    ("removed, then added", [CODE], [removes(MINDS, CODE), adds(MINDS)], "mental-health"),
    ("added, then removed", [], [adds(MINDS), removes(MINDS)], ""),
    ("removed, then left to the tables", [CODE], [removes(MINDS, CODE), takes_back(MINDS)], "mental-health"),
    ("added, then left to the tables", [], [adds(MINDS), takes_back(MINDS)], ""),
    ("a seal is not theirs to lift", [SEAL], [removes(Label.SEALED_LOCKED, SEAL, mistake=True)], "sealed-locked"),
    ("nor to lay", [], [adds(Label.SEALED_FLAGGED)], ""),
    ("a bar is the law's", [BARRED], [removes(Label.ADOPTION, BARRED)], "adoption"),
    ("what nobody knows, when somebody does", [], [adds(Label.UNKNOWN), removes(Label.UNKNOWN)], ""),
]


@pytest.mark.parametrize(("what", "grounds", "said", "labels"), EXAMPLES, ids=[each[0] for each in EXAMPLES])
def test_what_comes_of_it(what: str, grounds: list[Ground], said: list[Correction], labels: str) -> None:
    assert {str(label) for label in labels_of(corrected(grounds, said))} == set(labels.split())


@pytest.mark.parametrize(
    ("correction", "grounds", "told"),
    [
        (removes(MINDS, MARK), [MARK], "only where the source set the mark by mistake"),
        (removes(Label.SEALED_FLAGGED), [], "the person's own choice, or the law's"),
        (adds(Label.SEALED_LOCKED), [], "the person's own choice, or the law's"),
        (adds(Label.GENDER_HISTORY), [], "the person's own choice, or the law's"),
        (removes(Label.ADOPTION, BARRED), [BARRED], "the person's own choice, or the law's"),
    ],
)
def test_what_cannot_be_said(correction: Correction, grounds: list[Ground], told: str) -> None:
    with pytest.raises(Incorrect, match=told):
        refuse_correction(correction, grounds)


def test_what_is_said_of_a_label_takes_no_other_away() -> None:
    """Whatever is said of one label, the others are as they were."""
    for says in Says:
        for label in Label:
            mistaken = Correction(label=label, says=says, mistake=True, grounds=frozenset({CODE.key, CLINIC.key}))
            with_it = corrected([CODE, CLINIC, SEAL, BARRED], [mistaken])
            assert (with_it ^ corrected([CODE, CLINIC, SEAL, BARRED], [])) & ~label.mask == 0
