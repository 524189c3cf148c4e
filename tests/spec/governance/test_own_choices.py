"""What each choice of a person changes, and what it does not, as the page tells it before they choose; and that it is
told so that most people can read it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from concord.base import Incorrect, NhsNumber, OdsCode
from concord.fhir import survey
from concord.governance import (
    OwnChoice,
    PersonFacts,
    Policy,
    RelationshipKind,
    Viewer,
    choice_of,
    decide,
    offered_choices,
    own_choice,
)
from concord.governance.model import BrokenGlass, Choice, Relationship, SourcePatient
from concord.governance.reasons import Step
from concord.portals.person.choice_words import OWN, THEIRS, WORDS, Voice
from concord.terminology import Heading
from tests.small_system import NHS_NUMBER
from tests.spec.governance.northfield import AGREEMENT, NOW, agreement, policy
from tests.spec.governance.readability import grade

# Every exception that a clause can name, so that what holds in spite of them is seen to.
LIFTS = "    override: {roles: [doctor], lifts: [relationship, objection, consent, flagged-seals], for: 4h}"
EXCEPTION = "    objection: {except: [safeguarding]}"
POLICY = policy(agreement(AGREEMENT.replace(EXCEPTION, f"{EXCEPTION}\n{LIFTS}", 1)))
ED_DOCTOR = Viewer(
    user="ada", name="Ada", title="Doctor", staff_id="1", organisation=OdsCode("ZZA"), service="emergency",
    role="doctor", teams=frozenset(), purpose="direct-care",
)  # fmt: skip
GP = replace(ED_DOCTOR, user="gwen", organisation=OdsCode("ZZP01"), service=None, role="gp")

# What is chosen | of which organisation | who looks | whose item | the same after breaking the glass | is it seen?
TABLE = [
    ("nothing", "", "ED doctor", "ZZP01", "", "seen"),
    ("objection", "", "ED doctor", "ZZP01", "", "withheld"),
    ("objection", "", "ED doctor", "ZZP01", "safeguarding", "seen"),
    ("objection", "", "ED doctor", "ZZP01", "breaks the glass", "seen"),
    ("share-out", "ZZP01", "ED doctor", "ZZP01", "", "withheld"),
    ("share-out", "ZZP01", "ED doctor", "ZZP01", "safeguarding", "withheld"),
    ("share-out", "ZZP01", "ED doctor", "ZZP01", "breaks the glass", "withheld"),
    ("share-out", "ZZP01", "GP", "ZZP01", "", "seen"),
    ("share-out", "ZZA", "ED doctor", "ZZP01", "", "seen"),
    ("share-in", "ZZA", "ED doctor", "ZZP01", "", "withheld"),
    ("share-in", "ZZA", "ED doctor", "ZZP01", "breaks the glass", "withheld"),
    ("share-in", "ZZP01", "GP", "ZZP01", "", "seen"),
    ("organisation-prohibited", "ZZA", "ED doctor", "ZZP01", "", "withheld"),
    ("organisation-prohibited", "ZZA", "ED doctor", "ZZP01", "breaks the glass", "withheld"),
    ("organisation-prohibited", "ZZP01", "GP", "ZZP01", "", "withheld"),
    ("organisation-prohibited", "ZZP01", "ED doctor", "ZZP01", "", "seen"),
    ("national-data-opt-out", "", "ED doctor", "ZZP01", "", "seen"),
    ("national-data-opt-out", "", "GP", "ZZP01", "", "seen"),
    ("proxy-access", "", "ED doctor", "ZZP01", "", "seen"),
]


@pytest.mark.parametrize(("chosen", "organisation", "who", "whose", "besides", "told"), TABLE)
def test_what_a_choice_changes(chosen: str, organisation: str, who: str, whose: str, besides: str, told: str) -> None:
    viewer = {"ED doctor": ED_DOCTOR, "GP": GP}[who]
    choices = [] if chosen == "nothing" else [refused(chosen, organisation).choice]
    heading = Heading.SAFEGUARDING if besides == "safeguarding" else Heading.MEDICATIONS
    facts = PersonFacts(
        sources=[SourcePatient(home=1, number=1, organisation=OdsCode(whose))],
        relationships=[related(viewer)],
        choices=choices,
        protected=False,
        overrides=[
            BrokenGlass(
                user=viewer.user, organisation=viewer.organisation, role=viewer.role, start_at=NOW,
                end_at=NOW + timedelta(hours=1),
            )
        ] if besides == "breaks the glass" else [],
    )  # fmt: skip
    asking = replace(viewer, with_overrides=True)
    reason = decide(asking, facts, POLICY, NOW).explain(OdsCode(whose), None, heading, 0)
    assert ("seen" if reason.shown else "withheld") == told, reason
    if not reason.shown:
        assert (reason.step, reason.choice) == (Step.CHOICE, chosen), "whoever explains it names the person's choice"


def related(viewer: Viewer) -> Relationship:
    kind = RelationshipKind.REGISTERED if viewer is GP else RelationshipKind.ATTENDING
    return Relationship(
        kind=kind, organisation=viewer.organisation, service=None, team=None, user=None, start_at=None, end_at=None
    )


def refused(kind: str, organisation: str = "", *, silent: bool = False, by: str = "") -> OwnChoice:
    return chosen_under(POLICY, kind, organisation, silent=silent, by=by)


def chosen_under(policy: Policy, kind: str, organisation: str, *, silent: bool = False, by: str = "") -> OwnChoice:
    return own_choice(
        kind, organisation, silent=silent, number=NhsNumber(NHS_NUMBER), reference="r" * 24, at=NOW, policy=policy,
        by=by,
    )  # fmt: skip


@pytest.mark.parametrize("kind", [kind for kind in WORDS if " " not in kind])
def test_a_choice_is_a_consent_of_the_persons_that_says_it_all(kind: str) -> None:
    for silent in (False, True):
        made = refused(kind, "ZZA", silent=silent)
        consent = dict(made.consent)
        assert survey(consent).breaches == []
        assert choice_of(consent, None) == made.choice
        assert choice_of(consent | {"status": "inactive"}, None) is None
        assert (made.choice.kind, made.choice.given, made.choice.silent) == (kind, False, silent)


def test_whoever_names_no_organisation_of_the_directory_has_chosen_nothing() -> None:
    for kind, organisation in (("share-out", ""), ("share-in", "ZZQ"), ("unknown", ""), ("", "ZZA")):
        with pytest.raises(Incorrect):
            refused(kind, organisation)


@pytest.mark.parametrize("voice", [OWN, THEIRS])
def test_the_words_of_the_choices_can_be_read_by_most(voice: Voice) -> None:
    said = [
        sentence.format(at="the hospital", **voice)
        for words in WORDS.values()
        for sentence in (words.asks + ".", words.says, *words.changes, *words.keeps, words.for_you)
    ]
    assert grade(said) <= 6


# What the clause asks for | what is chosen | of which organisation | is the practice's item seen in the hospital?
CONSENT_TABLE = [
    ("", "", "", "seen"),
    ("share-out", "", "", "withheld"),
    ("share-out", "share-out given", "ZZP01", "seen"),
    ("share-out", "share-out given", "ZZA", "refused: not asked"),
    ("share-out", "share-in given", "ZZA", "refused: not asked"),
    ("share-in", "share-in given", "ZZA", "seen"),
    ("share-in", "share-in given", "ZZP01", "refused: not asked"),
    ("", "share-in given", "ZZA", "refused: not asked"),
    ("share-out", "objection given", "", "refused: not asked"),
]


@pytest.mark.parametrize(("asked", "chosen", "organisation", "told"), CONSENT_TABLE)
def test_a_consent_opens_where_an_agreement_in_force_asks_for_one(
    asked: str, chosen: str, organisation: str, told: str
) -> None:
    under = policy(agreement(asking_for(asked)))
    if told.startswith("refused"):
        with pytest.raises(Incorrect):
            chosen_under(under, chosen, organisation)
        return
    choices = [chosen_under(under, chosen, organisation, silent=True).choice] if chosen else []
    assert not any(each.silent for each in choices), "a yes withholds nothing that could be told"
    against = [refused(chosen.removesuffix(" given"), organisation).choice] if chosen else []
    for more, seen in ((list[Choice](), told), (against, "withheld" if chosen else told)):
        facts = PersonFacts(
            sources=[SourcePatient(home=1, number=1, organisation=OdsCode("ZZP01"))],
            relationships=[related(ED_DOCTOR)],
            choices=[*choices, *more],
            protected=False,
        )
        reason = decide(ED_DOCTOR, facts, under, NOW).explain(OdsCode("ZZP01"), None, Heading.MEDICATIONS, 0)
        assert ("seen" if reason.shown else "withheld") == seen, "a no counts for more than a yes"


def asking_for(consent: str) -> str:
    asks = f"    consent: {{{consent}: explicit}}\n" if consent else ""
    return AGREEMENT.replace(f"{EXCEPTION}\n", f"{EXCEPTION}\n{asks}", 1)


def test_no_consent_is_asked_for_before_an_agreement_is_in_force() -> None:
    under = policy(agreement(asking_for("share-in")))
    assert offered_choices(under, NOW, in_place=False)["share-in given"] == ["ZZA", "ZZX"]
    for never in (
        offered_choices(replace(under, signatures=()), NOW, in_place=False),
        offered_choices(under, NOW + timedelta(days=5_000), in_place=False),
    ):
        assert set(never) == {kind for kind in WORDS if " " not in kind}


def test_what_is_chosen_in_somebodys_place_says_by_whom() -> None:
    made = refused("objection", by="Janet Price, attorney for health and welfare")
    assert survey(dict(made.consent)).breaches == []
    assert (made.made_by, refused("objection").made_by) == ("Janet Price, attorney for health and welfare", "")
    with pytest.raises(Incorrect):
        refused("proxy-access", by="Janet Price, attorney for health and welfare")
