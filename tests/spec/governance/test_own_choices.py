"""What each choice of a person changes, and what it does not, as the page tells it before they choose; and that it is
told so that most people can read it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from concord.base import Incorrect, NhsNumber, OdsCode
from concord.fhir import survey
from concord.governance import OwnChoice, PersonFacts, RelationshipKind, Viewer, choice_of, decide, own_refusal
from concord.governance.model import BrokenGlass, Relationship, SourcePatient
from concord.governance.reasons import Step
from concord.portals.person.choice_words import WORDS
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


def refused(kind: str, organisation: str = "", *, silent: bool = False) -> OwnChoice:
    return own_refusal(
        kind, organisation, silent=silent, number=NhsNumber(NHS_NUMBER), reference="r" * 24, at=NOW,
        directory=POLICY.directory,
    )  # fmt: skip


@pytest.mark.parametrize("kind", WORDS)
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


def test_the_words_of_the_choices_can_be_read_by_most() -> None:
    said = [
        sentence.format(at="the hospital")
        for words in WORDS.values()
        for sentence in (words.asks + ".", words.says, words.agrees, *words.changes, *words.keeps, words.for_you)
    ]
    assert grade(said) <= 6
