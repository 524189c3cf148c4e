"""What a viewer is told of what is not shown: the refusal, the notices, the sources."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from concord.base import NhsNumber, OdsCode
from concord.governance import Decision, Step, decide, sources, wording
from concord.governance.model import Choice, Death, Relationship
from concord.governance.policy import Policy
from concord.terminology import Heading, Label
from tests.spec.governance.northfield import (
    AGREEMENT,
    DAY,
    NOW,
    agreement,
    choice,
    person,
    policy,
    relationship,
    viewer,
)

DOCTOR = viewer("doctor", "ZZA", "emergency")
ATTENDING = relationship("attending", "ZZA")
WITHHELD = "Something in this record is withheld from you."


def decision(
    *facts: Relationship | Choice, role: str = "doctor", at: str = "ZZA", rules: Policy | None = None
) -> Decision:
    return decide(viewer(role, at), person(*facts), rules or policy(), NOW)


def test_without_a_relationship_one_reads_why_and_what_to_do() -> None:
    refusal = decision().refusal
    assert refusal is not None
    assert refusal.step is Step.RELATIONSHIP
    assert refusal.sentence == (
        "This record opens to a doctor at Northfield General only while the person is attending there, is in hospital "
        "there, was discharged from there less than 14 days ago or has an appointment there within 7 days."
    )
    assert refusal.remedy == (
        "It opens by itself when the system of the organisation concerned says so; ask for that to be recorded, or "
        "telephone the organisation that you need."
    )


@pytest.mark.parametrize(
    ("role", "at", "sentence"),
    [
        ("receptionist", "ZZP01", "No agreement opens a record to a receptionist at Millbrook Surgery."),
        (
            "social-worker-adults",
            "ZZL",
            "No agreement opens a record to a social worker for adults at Northfield Council.",
        ),
        ("gp", "ZZP02", "No agreement that opens this record to Hilltop Surgery has been signed yet."),
        (
            "astronaut",
            "ZZA",
            "Concord does not know your role or organisation, and no agreement covers what it does not know.",
        ),
    ],
)
def test_where_no_agreement_stands_one_reads_that(role: str, at: str, sentence: str) -> None:
    refusal = decision(relationship("registered", at), role=role, at=at).refusal
    assert refusal is not None
    assert (refusal.sentence, refusal.remedy) == (sentence, "Ask your organisation's information governance lead.")


def test_an_agreement_past_its_end_stops_sharing_by_itself() -> None:
    ended = agreement(
        AGREEMENT.replace("review: 2027-04-01, until: 2028-03-31", "review: 2026-11-21, until: 2026-11-21")
    )
    refusal = decision(ATTENDING, rules=policy(ended)).refusal
    assert refusal is not None
    assert refusal.step is Step.NOT_IN_FORCE
    assert (refusal.sentence, refusal.remedy) == (wording.NONE_IN_FORCE, wording.ASK_IG_LEAD)
    reason = decision(ATTENDING, rules=policy(ended)).explain(OdsCode("ZZP01"), None, Heading.PROBLEMS, 0)
    assert str(reason).startswith(wording.NOT_IN_FORCE)
    last_day = agreement(
        AGREEMENT.replace("review: 2027-04-01, until: 2028-03-31", "review: 2026-11-22, until: 2026-11-22")
    )
    still = decision(ATTENDING, rules=policy(last_day))
    assert still.refusal is None
    assert still.valid_until == NOW.replace(hour=0, minute=0) + DAY


SILENT = [
    (),
    (choice("objection", silent=True),),
    (choice("share-out", silent=True),),
    (choice("share-in", about="ZZA"),),
    (choice("share-in"),),
    (choice("organisation-prohibited", about="ZZA"),),
    (choice("unknown"),),
]


@pytest.mark.parametrize("choices", SILENT)
def test_what_may_not_be_told_reads_like_a_record_in_which_nothing_is(choices: tuple[Choice, ...]) -> None:
    """It opens, and shows nothing more than a record that nobody has written in."""
    silent = decision(ATTENDING, *choices)
    assert silent.refusal is None
    assert silent.notices(flagged_seal=False) == ()


@pytest.mark.parametrize("told", [choice("objection"), choice("objection", by="ZZL"), choice("share-out")])
def test_what_may_be_told_is_told_once_and_without_particulars(told: Choice) -> None:
    everybody = policy(signed_by="ZZP01 ZZP02 ZZA ZZL ZZX")
    notices = decision(ATTENDING, told, rules=everybody).notices(flagged_seal=False)
    assert [notice.sentence for notice in notices] == [WITHHELD]
    assert notices[0].organisation is None


def test_a_flagged_seal_is_told_in_the_same_words() -> None:
    assert decision(ATTENDING).notices(flagged_seal=True) == decision(ATTENDING, choice("objection")).notices(
        flagged_seal=False
    )


def test_a_refusal_by_the_person_that_closes_everything_says_so() -> None:
    plain = agreement(AGREEMENT.replace("    objection: {except: [safeguarding]}\n", ""))
    refusal = decision(ATTENDING, choice("objection"), rules=policy(plain)).refusal
    assert refusal is not None
    assert refusal.step is Step.CHOICE
    assert (refusal.sentence, refusal.remedy) == ("This record is withheld from you.", wording.ASK_PERSON)
    silent = decision(ATTENDING, choice("objection", silent=True), rules=policy(plain))
    assert silent.openings == ()
    assert silent.refusal is None


def test_a_refusal_to_let_data_leave_that_closes_everything_says_so() -> None:
    refusal = decision(ATTENDING, choice("share-out")).refusal
    assert refusal is not None
    assert (refusal.step, refusal.sentence) == (Step.CHOICE, "This record is withheld from you.")


def test_what_stays_in_its_organisation_is_not_told_as_withheld_there() -> None:
    registered = relationship("registered", "ZZP01")
    at_home = decision(registered, choice("share-out"), role="gp", at="ZZP01")
    assert at_home.refusal is None
    assert WITHHELD not in [notice.sentence for notice in at_home.notices(flagged_seal=False)]


def test_an_objection_that_excepts_all_that_is_shared_is_not_told() -> None:
    alone = "    shares: [safeguarding]\n    with: {organisations: hospital"
    excepted = agreement(AGREEMENT.replace("    shares: [gp-core]\n    with: {organisations: hospital", alone))
    assert decision(ATTENDING, choice("objection"), rules=policy(excepted)).notices(flagged_seal=False) == ()


def test_a_refusal_by_an_organisation_that_shares_nothing_with_the_viewer_is_not_told() -> None:
    assert decision(ATTENDING, choice("share-out", by="ZZL")).notices(flagged_seal=False) == ()


def test_a_refusal_at_an_organisation_that_has_not_signed_is_not_told() -> None:
    """Hilltop Surgery gives nothing yet, so nothing of it can be withheld."""
    assert decision(ATTENDING, choice("share-out", by="ZZP02")).notices(flagged_seal=False) == ()
    signed = policy(signed_by="ZZP01 ZZP02 ZZA ZZL ZZX")
    told = decision(ATTENDING, choice("share-out", by="ZZP02"), rules=signed).notices(flagged_seal=False)
    assert [notice.sentence for notice in told] == [WITHHELD]


def test_a_clause_holds_when_it_is_signed_and_its_relationship_is_held() -> None:
    for facts, rules, held in (((ATTENDING,), policy(), {"ZZP01"}), ((), policy(), set()),
                               ((ATTENDING,), policy(signed_by="ZZA"), set())):  # fmt: skip
        made = decision(*facts, rules=rules)
        assert {of for of, flows in made.flows.items() for flow in flows if made.holds(flow)} == held


NUMBER = NhsNumber("9990003114")


@pytest.mark.parametrize(
    ("purpose", "death", "told"),
    [
        ("own-access", None, None),
        ("direct-care", None, (wording.OWN_RECORD, wording.ASK_IN_PERSON)),
        ("own-access", Death(at=NOW - DAY), (wording.OWN_ENDED, wording.ASK_THE_PRACTICE)),
    ],
)
def test_what_is_said_of_ones_own_record(purpose: str, death: Death | None, told: tuple[str, str] | None) -> None:
    """It opens by right of access; at work, or in the name of somebody who has died, one is told what to do instead."""
    herself = replace(DOCTOR, nhs_number=NUMBER, purpose=purpose)
    facts = replace(person(ATTENDING), nhs_numbers=frozenset({NUMBER}), death=death)
    made = decide(herself, facts, policy(), NOW)
    assert made.flows == {}, "a clause opens nobody their own record"
    refusal = made.refusal
    assert (None if refusal is None else (refusal.sentence, refusal.remedy)) == told
    assert refusal is None or refusal.step is Step.OWN_RECORD


def test_a_source_that_shares_under_another_relationship_says_which() -> None:
    """A GP sees the hospital's record of her own patients; of a former patient she sees nothing at all."""
    text = AGREEMENT.replace(
        "    when: [registered]\n    allows_labels: [sexual-health]", "    when: [referred]"
    ).replace("    when: [registered]\n    allows_labels: [mental-health]\n", "    when: [referred]\n")
    notices = decision(
        relationship("registered", "ZZP01"), role="gp", at="ZZP01", rules=policy(agreement(text))
    ).notices(flagged_seal=False)
    assert [(notice.kind, notice.organisation, notice.sentence) for notice in notices] == [
        (
            "relationship",
            "ZZA",
            "Northfield General shares with your role only while the person has been referred to Millbrook Surgery.",
        )
    ]


def test_a_source_of_which_one_clause_opens_is_not_told_as_one_that_shares_otherwise() -> None:
    text = AGREEMENT.replace("    when: [registered]\n    allows_labels: [sexual-health]", "    when: [referred]")
    registered = relationship("registered", "ZZP01")
    made = decision(registered, role="gp", at="ZZP01", rules=policy(agreement(text)))
    assert made.notices(flagged_seal=False) == ()


def test_sources_that_share_otherwise_are_told_in_the_order_of_their_codes() -> None:
    """Not of the clauses by which they do."""
    text = AGREEMENT.replace(
        "when: [attending, inpatient, {discharged-within: 14d}, {appointment-within: 7d}]", "when: [referred]"
    )
    for clause, contributor, when in (("l", "council", "referred"), ("x", "pharmacy", "attending")):
        text += (
            f"  - id: hospital-sees-{clause}\n    from: {{organisations: {contributor}}}\n    shares: [problems]\n"
            f"    with: {{organisations: hospital, roles: [doctor]}}\n    when: [{when}]\n"
        )
    notices = decision(ATTENDING, rules=policy(agreement(text))).notices(flagged_seal=False)
    assert [notice.organisation for notice in notices] == ["ZZL", "ZZP01"]


def test_a_bar_of_several_labels_shuts_what_carries_one_of_them() -> None:
    both = replace(policy().bars[0], labels=frozenset({Label.ADOPTION, Label.GENDER_HISTORY}))
    barred = replace(policy(), bars=(both,))
    for label in both.labels:
        reason = decision(ATTENDING, rules=barred).explain(OdsCode("ZZP01"), None, Heading.PROBLEMS, label.mask)
        assert (reason.step, reason.bar) == (Step.BAR, both.bar)


def told_sources(role: str, at: str, rules: Policy | None = None) -> dict[str, str]:
    found = sources(viewer(role, at), rules or policy(), NOW)
    return {source.organisation: source.sharing.value for source in found}


def test_the_list_of_sources_is_the_agreements() -> None:
    assert told_sources("doctor", "ZZA") == {"ZZP01": "shared", "ZZP02": "not-sharing-yet"}
    assert told_sources("gp", "ZZP01") == {"ZZP01": "shared", "ZZA": "shared"}
    assert told_sources("receptionist", "ZZP01") == {"ZZP01": "not-shared-with-role", "ZZA": "not-shared-with-role"}
    assert told_sources("gp", "ZZP02") == {"ZZP02": "not-sharing-yet", "ZZA": "not-sharing-yet"}
    assert told_sources("hospital-pharmacist", "ZZA") == {"ZZP01": "not-shared-with-role", "ZZP02": "not-sharing-yet"}
    assert told_sources("doctor", "ZZA", policy(signed_by="ZZP01 ZZP02")) == dict.fromkeys(
        ("ZZP01", "ZZP02"), "not-sharing-yet"
    )


def test_a_role_whose_own_agreement_is_unsigned_is_told_not_yet() -> None:
    other = agreement(
        AGREEMENT.replace("northfield-direct-care", "pharmacists").replace("[doctor, nurse]", "[hospital-pharmacist]")
    )
    unsigned = Policy(agreements=[agreement(), other], signatures=policy().signatures, directory=policy().directory)
    assert told_sources("hospital-pharmacist", "ZZA", unsigned)["ZZP01"] == "not-sharing-yet"
    assert told_sources("receptionist", "ZZP01", unsigned)["ZZA"] == "not-shared-with-role"


def test_a_source_names_its_headings_and_agreement() -> None:
    (first, _) = sources(DOCTOR, policy(), NOW)
    shared = {heading for heading in Heading if first.headings >> heading.bit & 1}
    assert shared == {"alerts", "allergies", "medications", "problems", "safeguarding"}
    assert (first.agreement, first.version) == ("Northfield direct care", 3)


def test_a_protected_person_is_located_for_the_roles_named_alone() -> None:
    sheltered = person(ATTENDING, relationship("registered", "ZZP01"), protected=True)
    kept = decide(DOCTOR, sheltered, policy(), NOW)
    assert not kept.locates
    assert kept.explain(OdsCode("ZZP01"), None, Heading.GP_PRACTICE, 0).sentence == (
        "Withheld because it says where this person can be found, which is kept from all but the roles named."
    )
    assert decide(viewer("gp", "ZZP01"), sheltered, policy(), NOW).locates
    assert decision(ATTENDING).locates
    other = agreement(
        AGREEMENT.replace("northfield-direct-care", "other").replace("location_protected: {roles: [gp]}\n", "")
    )
    both = policy(agreement(), other)
    assert not decide(viewer("gp", "ZZP01"), sheltered, both, NOW).locates


@pytest.mark.parametrize(
    ("facts", "until"),
    [
        ((ATTENDING,), None),
        ((relationship("attending", "ZZA", ended=timedelta(days=-1)),), NOW + DAY),
        ((relationship("attending", "ZZA", ended=DAY),), NOW + 13 * DAY),
        ((relationship("appointment", "ZZA", began=-9 * DAY, ended=-9 * DAY),), NOW + 2 * DAY),
        ((relationship("attending", "ZZL", ended=-DAY),), None),
    ],
)
def test_a_decision_says_how_long_it_holds(facts: tuple[Relationship, ...], until: object) -> None:
    end_of_agreement = NOW.replace(year=2028, month=3, day=31, hour=23, minute=0)
    assert decision(*facts).valid_until == (until or end_of_agreement)


def test_where_nothing_is_agreed_nothing_changes_by_itself() -> None:
    nothing = Policy(agreements=[], signatures=[], directory=policy().directory)
    assert decision(rules=nothing).valid_until == datetime.max.replace(tzinfo=UTC)


def test_what_is_held_is_named_for_the_audit() -> None:
    held = decision(ATTENDING, relationship("inpatient", "ZZA", ended=DAY)).relationships_held
    assert [str(each) for each in held] == ["attending", "discharged-within 14 days"]


def test_clauses_that_decide_are_named_by_agreement_and_version() -> None:
    reason = decision(ATTENDING).explain(OdsCode("ZZP01"), None, Heading.ALERTS, 0)
    assert reason.clause is not None
    assert (reason.clause.agreement, reason.clause.version, reason.clause.clause) == (
        "northfield-direct-care",
        3,
        "hospital-sees-gp-core",
    )
