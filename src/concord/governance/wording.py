"""The sentences of a decision. They name organisations, roles and relationships; never a person, label or number."""

from collections.abc import Sequence

from concord.base import OdsCode
from concord.governance.agreement import Condition, When, spell_span
from concord.governance.bars import LegalBar
from concord.governance.directory import Directory, purposes, roles
from concord.governance.model import ChoiceKind, Viewer
from concord.governance.policy import Flow
from concord.governance.proxies import ProxyKind
from concord.terminology import Label

WITHHELD = "Something in this record is withheld from you."
WITHHELD_ALL = "This record is withheld from you."
NONE_IN_FORCE = "The agreement that would open this record to you is not in force today."
NOT_COVERED = "No agreement covers this."
NOT_IN_FORCE = "Withheld because the agreement is not in force today."
LOCATES = "Withheld because it says where this person can be found, which is kept from all but the roles named."
LABELLED = "Withheld because it is marked as more private than the clause opens."
NO_CONSENT = "Withheld because the clause asks for a consent that is not recorded."
OWN_RECORD = "This is your own record: it does not open to you as a member of staff."
OWN_SHUT = "Withheld because this is your own record, which does not open to you as a member of staff."
OWN_ENDED = "This record says that its person has died, so it is not shown here any longer."
OWN_WITHHELD_ENDED = "Withheld because a source says that the person has died, and the right to see it ended then."
OWN_SHOWN = "Shown because this is your own record, which you have a right to see."
OWN_WITHHELD = "Withheld because it may be about somebody else too, or is not for this page. Ask whoever cares for you."
ASK_IN_PERSON = "You have a right to see it as a patient: ask your GP practice, or whoever cares for you."
WITHHELD_FROM_PROXIES = "Withheld because it is not for whoever acts for this person."
ASK_THE_PRACTICE = "If that is wrong, tell the GP practice at once."
ASK_IG_LEAD = "Ask your organisation's information governance lead."
ASK_PERSON = "Ask the person, or telephone the organisation that cares for them."

_HELD = {
    When.REGISTERED: "this person is registered there",
    When.ATTENDING: "this person is attending there now",
    When.INPATIENT: "this person is in hospital there now",
    When.DISCHARGED_WITHIN: "this person left there less than {span} ago",
    When.REFERRED: "this person has been referred there",
    When.ON_CASELOAD: "this person is on your caseload",
    When.CARE_TEAM: "you are in this person's care team",
    When.APPOINTMENT_WITHIN: "this person has an appointment there within {span} of now",
    When.RESIDENT: "this person lives there",
    When.NOMINATED_PHARMACY: "this person has nominated that pharmacy",
    When.SELF_CLAIMED: "you said less than {span} ago why you care for this person",
}
_WANTED = {
    When.REGISTERED: "is registered {at}",
    When.ATTENDING: "is attending {at}",
    When.INPATIENT: "is in hospital {at}",
    When.DISCHARGED_WITHIN: "was discharged {from} less than {span} ago",
    When.REFERRED: "has been referred {to}",
    When.ON_CASELOAD: "is on your caseload",
    When.CARE_TEAM: "has you in their care team",
    When.APPOINTMENT_WITHIN: "has an appointment {at} within {span}",
    When.RESIDENT: "lives {at}",
    When.NOMINATED_PHARMACY: "has nominated that pharmacy",
    When.SELF_CLAIMED: "is in your care by your own word of less than {span} ago",
}
_CHOICES = {
    Label.SEALED_LOCKED: "Withheld because it is sealed and locked.",
    Label.SEALED_FLAGGED: "Withheld because it is sealed.",
    ChoiceKind.ORGANISATION_PROHIBITED: "Withheld because the person does not let your organisation see the record.",
    ChoiceKind.SHARE_IN: "Withheld because the person does not let others share with your organisation.",
    ChoiceKind.SHARE_OUT: "Withheld because the person does not let the organisation that wrote it share it.",
    ChoiceKind.OBJECTION: "Withheld because the person objects to the shared record.",
    ChoiceKind.UNKNOWN: "Withheld because a choice of the person is recorded that Concord does not understand.",
}


def shown(contributor: OdsCode, viewer: Viewer, held: Condition, directory: Directory) -> str:
    """`Shown because you are a doctor at Northfield General and this person is attending there now.`"""
    you = f"you are {role_with_article(viewer.role)} at {directory.name(viewer.organisation)}"
    wrote = ", which contributed it," if contributor == viewer.organisation else ""
    return f"Shown because {you}{wrote} and {_spelled(_HELD, held)}."


def shown_by_override(viewer: Viewer, directory: Directory) -> str:
    """`Shown because you are a doctor at Northfield General and have broken the glass.`"""
    you = f"you are {role_with_article(viewer.role)} at {directory.name(viewer.organisation)}"
    return f"Shown because {you} and have broken the glass on this record."


def shown_to_proxy(kind: ProxyKind) -> str:
    """`Shown because you act for this person as somebody with parental responsibility.`"""
    return f"Shown because you act for this person as {kind.words}."


def barred(bar: LegalBar) -> str:
    return f"Withheld because the law forbids showing it, whatever an agreement says ({bar.statute})."


def withheld_by_choice(choice: ChoiceKind | Label) -> str:
    return _CHOICES[choice]


def unsigned(flow: Flow, directory: Directory) -> str:
    names = _listed([directory.name(party) for party in flow.unsigned], "and")
    if not names:
        return "Withheld because the signatures under the agreement do not count now."
    return f"Withheld because {names} {'has' if len(flow.unsigned) == 1 else 'have'} not signed the agreement."


def unrelated(flow: Flow, viewer: Viewer, directory: Directory) -> str:
    wanted = relationships_wanted(flow.clause.when, directory.name(viewer.organisation))
    return f"Withheld because the clause opens it only while this person {wanted}."


def no_relationship(viewer: Viewer, wanted: Sequence[Condition], directory: Directory) -> tuple[str, str]:
    """Why a record is shut to someone without a relationship; and what opens it."""
    wants = relationships_wanted(wanted, None)
    sentence = f"This record opens to {role_with_article(viewer.role)} at {directory.name(viewer.organisation)} "
    remedy = "It opens by itself when the system of the organisation concerned says so; ask for that to be recorded"
    return f"{sentence}only while the person {wants}.", f"{remedy}, or telephone the organisation that you need."


def shares_only_while(contributor: OdsCode, viewer: Viewer, wanted: Sequence[Condition], directory: Directory) -> str:
    wants = relationships_wanted(wanted, directory.name(viewer.organisation))
    return f"{directory.name(contributor)} shares with your role only while the person {wants}."


def not_signed_by_viewer(viewer: Viewer, directory: Directory) -> str:
    return f"No agreement that opens this record to {directory.name(viewer.organisation)} has been signed yet."


def no_agreement_for_viewer(viewer: Viewer, directory: Directory) -> str:
    if viewer.role not in roles() or viewer.organisation not in directory.organisations:
        return "Concord does not know your role or organisation, and no agreement covers what it does not know."
    purpose = purposes().get(viewer.purpose)
    if purpose is not None and not purpose.shows_records:
        return f"For {viewer.purpose.replace('-', ' ')} people are counted, and no record opens."
    return f"No agreement opens a record to {role_with_article(viewer.role)} at {directory.name(viewer.organisation)}."


def relationships_wanted(wanted: Sequence[Condition], place: str | None) -> str:
    """`is in hospital at Northfield General or has been referred to Northfield General`; None: `there`."""
    places = {word: "there" if place is None else f"{word} {place}" for word in ("at", "to")}
    places["from"] = f"from {place or 'there'}"
    return _listed([_spelled(_WANTED, condition).format(**places) for condition in wanted], "or")


def role_with_article(role: str) -> str:
    """`a doctor`, `an occupational therapist`."""
    title = roles()[role].title
    return f"{'an' if title[0].lower() in 'aeiou' else 'a'} {title}"


def _spelled(table: dict[When, str], condition: Condition) -> str:
    span = spell_span(condition.span) if condition.span is not None else ""
    return table[condition.word].replace("{span}", span)


def _listed(parts: Sequence[str], joined_by: str) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {joined_by} {parts[-1]}"
