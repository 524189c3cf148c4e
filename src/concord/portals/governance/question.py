"""A question about who sees what, as a form asks it."""

from collections.abc import Mapping

from concord.base import Incorrect, OdsCode
from concord.governance import Directory, Held, Situation, When, roles
from concord.governance.agreements import Question
from concord.terminology import HEADINGS, Heading, Label

FIELDS = ("role", "at", "from", "heading", "label", "while", "person", "words")
_RELATED = {
    When.REGISTERED: "registered with them",
    When.ATTENDING: "attending now",
    When.INPATIENT: "in hospital there",
    When.REFERRED: "referred to them",
    When.ON_CASELOAD: "on the caseload",
    When.CARE_TEAM: "has them in the care team",
    When.RESIDENT: "lives there",
    When.NOMINATED_PHARMACY: "has nominated the pharmacy",
    When.DISCHARGED_WITHIN: "discharged today",
    When.APPOINTMENT_WITHIN: "has an appointment today",
    When.SELF_CLAIMED: "claimed by the user's own word today",
}
_PERSON = {"objects": "objects to the shared record", "protected": "is protected from being found"}
_WORDS = {"": "for those who answer for it", "lay": "for the person"}


def choices(directory: Directory) -> Mapping[str, Mapping[str, str]]:
    """For each field what can be chosen, and how it is written."""
    organisations = {str(code): each.name for code, each in directory.organisations.items()}
    return {
        "role": {name: _capital(each.title) for name, each in roles().items()},
        "at": organisations,
        "from": organisations,
        "heading": {str(each): _spelled(each) for each in HEADINGS if each is not Heading.UNCLASSIFIED},
        "label": {str(each): _spelled(each) for each in Label},
        "while": {str(word): _capital(told) for word, told in _RELATED.items()},
        "person": {name: _capital(told) for name, told in _PERSON.items()},
        "words": {name: _capital(told) for name, told in _WORDS.items()},
    }


def read_question(typed: Mapping[str, str], directory: Directory) -> Question | None:
    """None when nothing is asked. Raises Incorrect for a word that is no choice of its field."""
    known = choices(directory)
    for name, value in typed.items():
        if value and value not in known[name]:
            raise Incorrect("Choose from the lists")
    if not any(value for name, value in typed.items() if name != "words"):
        return None
    related, person = typed["while"], typed["person"]
    return Question(
        role=typed["role"] or None,
        organisation=OdsCode(typed["at"]) if typed["at"] else None,
        contributor=OdsCode(typed["from"]) if typed["from"] else None,
        heading=Heading(typed["heading"]) if typed["heading"] else None,
        labels=frozenset({Label(typed["label"])}) if typed["label"] else None,
        situation=Situation(
            held=(Held(word=When(related)),) if related else (),
            objects=person == "objects",
            protected=person == "protected",
        )
        if related or person
        else None,
    )


def _spelled(slug: str) -> str:
    return _capital(slug.replace("-", " "))


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
