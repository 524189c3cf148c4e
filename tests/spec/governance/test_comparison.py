"""What an IG lead reads when two versions are compared, and when an agreement is explained."""

from collections.abc import Mapping

import pytest

from concord.base import OdsCode
from concord.governance import Held, Policy, Situation, When
from concord.governance.agreements import Question, agreement_page, compare, comparison_page, explanation
from concord.governance.agreements.pages import Page
from concord.terminology import Heading, Label
from tests.spec.governance.northfield import AGREEMENT, DAY, agreement, directory, policy


def changed(*edits: tuple[str, str]) -> Policy:
    text = AGREEMENT
    for written, instead in edits:
        assert written in text
        text = text.replace(written, instead, 1)
    return policy(agreement(text))


def told(after: Policy) -> Mapping[str, tuple[str, ...]]:
    return {section.title: section.sentences for section in comparison_page(policy(), after).sections}


GP_CORE = "alerts, safeguarding, problems, allergies and medications"
HOSPITAL = "Doctors and nurses at Northfield General"
PRACTICES = "Millbrook Surgery and Hilltop Surgery"
# What is edited | opens | closes
EDITS = [
    ([], (), ()),
    (
        [("shares: [medications, allergies]", "shares: [medications, allergies, problems]")],
        (
            (
                f"Community pharmacists at Canal Pharmacy would see problems of {PRACTICES}, while "
                "the person has nominated "
                "that pharmacy, where consent to share out is recorded and where consent to share in is recorded."
            ),
        ),
        (),
    ),
    (
        [("share-in: explicit", "share-in: implied")],
        (
            (
                f"Community pharmacists at Canal Pharmacy would see allergies and medications of "
                f"{PRACTICES}, while the "
                "person has nominated that pharmacy, where consent to share out is recorded and "
                "where consent to share in "
                "is not recorded."
            ),
        ),
        (),
    ),
    (
        [("{discharged-within: 14d}", "{discharged-within: 7d}")],
        (),
        (
            (
                f"{HOSPITAL} would no longer see {GP_CORE} of {PRACTICES}, also those labelled "
                "mental health, while the "
                "person was discharged from there 7 days to 14 days ago."
            ),
            (
                f"{HOSPITAL} would no longer see safeguarding of {PRACTICES}, also those labelled "
                "mental health, while the "
                "person was discharged from there 7 days to 14 days ago, if they object."
            ),
        ),
    ),
    (
        [("discharge-details]\n    with: {organisations: council", "safeguarding]\n    with: {organisations: council")],
        (
            (
                "Social workers for adults at Northfield Council (Adults' social care) would see "
                "safeguarding of Northfield "
                "General (Emergency department), while the person is on their caseload."
            ),
        ),
        (
            (
                "Social workers for adults at Northfield Council (Adults' social care) would no "
                "longer see discharge details "
                "of Northfield General (Emergency department), while the person is on their caseload."
            ),
        ),
    ),
    (
        [("services: [emergency]}", "services: [emergency, sexual-health]}")],
        (
            (
                "Social workers for adults at Northfield Council (Adults' social care) would see "
                "admission details and "
                "discharge details of Northfield General (Sexual health clinic), while the person is on their caseload."
            ),
        ),
        (),
    ),
    (
        [("allows_labels: [sexual-health]", "allows_labels: [sexual-health, mental-health]")],
        (
            (
                "GPs at Millbrook Surgery and Hilltop Surgery would see discharge details of "
                "Northfield General, only those "
                "labelled mental health, while the person is registered there."
            ),
            (
                "GPs at Millbrook Surgery and Hilltop Surgery would see problems of Northfield "
                "General, only those labelled "
                "mental health and sexual health, while the person is registered there."
            ),
        ),
        (),
    ),
]


@pytest.mark.parametrize(("edits", "opens", "closes"), EDITS)
def test_what_opens_and_what_closes(
    edits: list[tuple[str, str]], opens: tuple[str, ...], closes: tuple[str, ...]
) -> None:
    found = told(changed(*edits))
    assert found.get("Opens", ()) == opens
    assert found.get("Closes", ()) == closes


def test_two_versions_that_decide_alike_say_so_however_they_are_written() -> None:
    split = AGREEMENT.replace(
        "  - id: practice-sees-its-own\n",
        "  - id: nurses-see-medicines\n    from: {organisations: [ZZP02, ZZP01]}\n    shares: [medications]\n"
        "    with: {organisations: hospital, roles: [nurse]}\n    when: [{discharged-within: 13d}]\n"
        "  - id: practice-sees-its-own\n",
    )
    after = policy(agreement(split))
    assert compare(policy(), after).is_nothing
    page = comparison_page(policy(), after)
    assert page.lead == "Nobody sees more or less."
    assert page.sections == ()


def test_what_else_the_text_says_otherwise_is_listed() -> None:
    after = changed(
        ("version: 3", "version: 4"),
        ("until: 2028-03-31", "until: 2029-03-31"),
        ("confidence: [implied-consent, reasonable-expectation]", "confidence: [explicit-consent]"),
        ("location_protected: {roles: [gp]}", "location_protected: {roles: [gp, doctor, nurse]}"),
    )
    found = told(after)
    assert found["Terms"] == (
        "Northfield direct care: version was 3, becomes 4.",
        (
            "Northfield direct care: basis in confidence was implied-consent, reasonable-expectation, becomes "
            "explicit-consent."
        ),
        "Northfield direct care: in force until was 31 March 2028, becomes 31 March 2029.",
        "Northfield direct care: who may see where a protected person is was GP, becomes doctor, nurse, GP.",
    )
    assert found["Protected people"] == (
        "Doctors and nurses at Northfield General may now see where a protected person is.",
    )
    assert "Opens" not in found


def test_a_comparison_names_the_promise_that_the_draft_breaks() -> None:
    promise = (
        "promises:\n  - {id: p, never: {roles: [community-pharmacist], headings: [problems]}, says: No problems}\n"
    )
    draft = (
        AGREEMENT.replace("shares: [medications, allergies]", "shares: [medications, allergies, problems]") + promise
    )
    found = told(policy(agreement(draft)))
    assert found["Terms"] == (
        "Northfield direct care: promise p is given: No community pharmacist ever sees problems.",
    )
    assert found["Promises broken"] == (
        (
            "p: No community pharmacist ever sees problems. A community pharmacist at Canal "
            "Pharmacy would see problems of "
            "Millbrook Surgery while the person has nominated that pharmacy. Clause "
            "pharmacy-sees-medicines, Northfield "
            "direct care, version 3."
        ),
    )


def test_an_agreement_that_comes_or_goes() -> None:
    nothing = Policy(agreements=(), signatures=(), directory=directory())
    came, went = comparison_page(nothing, policy()), comparison_page(policy(), nothing)
    assert came.sections[-1].sentences == ("Northfield direct care is new.",)
    assert went.sections[-1].sentences == ("Northfield direct care is no longer there.",)
    opened, closed = came.sections[0].sentences, went.sections[0].sentences
    assert [each.replace("would see", "would no longer see") for each in opened] == list(closed)


def explained(question: Question, *, lay: bool = False) -> Page:
    return explanation(policy(), question, lay=lay)


def test_what_a_role_sees() -> None:
    (section,) = explained(Question(role="community-pharmacist")).sections
    assert section.sentences == (
        (
            f"Community pharmacists at Canal Pharmacy see allergies and medications of {PRACTICES}, "
            "while the person has "
            "nominated that pharmacy, where consent to share out is recorded and where consent to share in is recorded."
        ),
    )


def test_the_same_in_words_for_the_person() -> None:
    (section,) = explained(Question(role="community-pharmacist"), lay=True).sections
    assert section.sentences == (
        (
            f"Community pharmacists at Canal Pharmacy can see your allergies and your medicines, "
            f"held by {PRACTICES}, while "
            "you chose that pharmacy, if you have agreed."
        ),
    )


def test_who_sees_an_item() -> None:
    question = Question(heading=Heading.PROBLEMS, contributor=OdsCode("ZZA"), labels=frozenset({Label.MENTAL_HEALTH}))
    (section,) = explained(question).sections
    assert section.sentences == (
        (
            "GPs at Millbrook Surgery and Hilltop Surgery see problems of Northfield General, also "
            "those labelled mental "
            "health, or those labelled sexual health, each by itself, while the person is registered there."
        ),
    )


DOCTOR = Question(role="doctor", organisation=OdsCode("ZZA"), contributor=OdsCode("ZZP01"), heading=Heading.MEDICATIONS)


@pytest.mark.parametrize(
    ("situation", "labels", "why", "lines"),
    [
        (
            Situation(held=(Held(word=When.INPATIENT),)),
            frozenset(),
            (
                "Shown because you are a doctor at Northfield General and this person is in hospital there now. "
                "Clause hospital-sees-gp-core, Northfield direct care, version 3."
            ),
            1,
        ),
        (
            Situation(held=(Held(word=When.DISCHARGED_WITHIN, ago=14 * DAY),)),
            frozenset(),
            (
                "Withheld because the clause opens it only while this person is attending at "
                "Northfield General, is in "
                "hospital at Northfield General, was discharged from Northfield General less than "
                "14 days ago or has an "
                "appointment at Northfield General within 7 days. Clause hospital-sees-gp-core, "
                "Northfield direct care, "
                "version 3."
            ),
            0,
        ),
        (
            None,
            frozenset({Label.HIV}),
            (
                "Withheld because it is marked as more private than the clause opens. Clause "
                "hospital-sees-gp-core, "
                "Northfield direct care, version 3."
            ),
            0,
        ),
        (
            None,
            frozenset({Label.ADOPTION}),
            (
                "Withheld because the law forbids showing it, whatever an agreement says (Adoption "
                "and Children Act 2002, "
                "sections 56 to 65)."
            ),
            0,
        ),
        (
            Situation(held=(Held(word=When.INPATIENT),), objects=True),
            frozenset(),
            "Withheld because the person objects to the shared record.",
            0,
        ),
    ],
)
def test_why_one_viewer_sees_one_item_or_does_not(
    situation: Situation | None, labels: frozenset[Label], why: str, lines: int
) -> None:
    question = Question(
        role=DOCTOR.role,
        organisation=DOCTOR.organisation,
        contributor=DOCTOR.contributor,
        heading=DOCTOR.heading,
        labels=labels,
        situation=situation,
    )
    page = explained(question)
    assert page.sections[0].sentences == (why,)
    assert sum(len(section.sentences) for section in page.sections[1:]) == lines
    assert bool(page.lead) == (lines == 0)


def test_what_nobody_sees() -> None:
    page = explained(Question(role="receptionist"))
    assert page.sections == ()
    assert page.lead == "No agreement opens this to anybody asked about: it is withheld."


def test_an_agreement_reads_out() -> None:
    page = agreement_page(agreement(), directory())
    glance, *_, clauses = page.sections
    assert page.title == "Northfield direct care, version 3"
    assert {row[0]: row[1] for row in glance.tables[0].rows}["In force"] == "1 April 2026 to 31 March 2028"
    words = {row[0]: row[1] for row in clauses.tables[0].rows}
    assert words["hospital-sees-gp-core"] == (
        f"Doctors and nurses at Northfield General see {GP_CORE} of {PRACTICES}, while the "
        "person is attending there, is "
        "in hospital there, was discharged from there less than 14 days ago or has an "
        "appointment there within 7 days. "
        "Also items labelled mental health, and no other label. An objection to the shared "
        "record closes it, but for "
        "safeguarding."
    )
    assert words["pharmacy-sees-medicines"] == (
        f"Community pharmacists at Canal Pharmacy see allergies and medications of {PRACTICES}, "
        "while the person has "
        "nominated that pharmacy. Nothing that carries a label. Only where the person's consent "
        "to share out and to "
        "share in is recorded as given. An objection to the shared record closes it."
    )
    assert words["practice-sees-its-own"].endswith("An objection to the shared record does not close it.")
