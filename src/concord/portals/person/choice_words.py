"""The choices that people can make, in words that anybody understands: what each changes, what it does not, what it
means for them. What they say is held to the decision by tests/spec/governance/test_own_choices.py.

Each is said to the person, and to who chooses in their place: `{you}` is "you" or "they", and so on (`OWN`, `THEIRS`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from concord.governance import Choice, ChoiceKind

Voice = Mapping[str, str]
OWN: Voice = {
    "I": "I", "me": "me", "my": "my", "You": "You", "you": "you", "them": "you", "your": "your", "said_there":
    "“Who can see what” says by whom.",
}  # fmt: skip
THEIRS: Voice = {
    "I": "They", "me": "them", "my": "their", "You": "They", "you": "they", "them": "them", "your": "their",
    "said_there": "Their GP practice can say by whom.",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class ChoiceWords:
    """`asks` offers it, `says` is it once made; `{at}` is an organisation. `for_you`: what it means for their care."""

    asks: str
    says: str
    changes: tuple[str, ...]
    keeps: tuple[str, ...]
    for_you: str


_THEIR_OWN = "The organisations that care for {them} still write and keep their own records. They still use those."
_LAW = "Sometimes the law says that something must be told, to keep a child or an adult safe. This does not stop that."
_NOT_IN_AN_EMERGENCY = "This holds in an emergency too: staff cannot open it then."
_SLOWER = "Staff may not know what {you} take, what {you} are allergic to, or what is planned. They may ask again."
_STILL_CARED_FOR = "Staff see it only while they look after {them}, and only what their job needs."
_NO_OUTWEIGHS = "A no counts for more than a yes. If there is also a no, nothing is shown until it is taken back."
_KNOWN = "Staff who look after {them} can see more. Without a yes {you} will be cared for all the same."

WORDS: Mapping[str, ChoiceWords] = {
    ChoiceKind.OBJECTION: ChoiceWords(
        asks="{I} do not want a shared record",
        says="{You} do not want a shared record.",
        changes=("Staff no longer see {your} shared record, but for what is said below.",),
        keeps=(
            _THEIR_OWN,
            "Some things are shared all the same, to keep {them} or others safe. {said_there}",
            "Some organisations also look at their own records of {them} here. {said_there}",
            "Staff may be allowed to open it in an emergency. {You} would see who did, and why.",
            _LAW,
        ),
        for_you=_SLOWER,
    ),
    ChoiceKind.SHARE_OUT: ChoiceWords(
        asks="What one organisation writes about {me} must not be shown to others",
        says="What {at} writes about {them} is not shown to others.",
        changes=("Other organisations no longer see here what {at} has written about {them}.",),
        keeps=("Staff of {at} still see it.", _NOT_IN_AN_EMERGENCY, _LAW),
        for_you=_SLOWER,
    ),
    ChoiceKind.SHARE_IN: ChoiceWords(
        asks="One organisation must not see what others write about {me}",
        says="{at} does not see what others write about {them}.",
        changes=("Staff of {at} no longer see here what other organisations have written about {them}.",),
        keeps=("Staff of {at} still see what they have written themselves.", _NOT_IN_AN_EMERGENCY, _LAW),
        for_you=_SLOWER,
    ),
    ChoiceKind.ORGANISATION_PROHIBITED: ChoiceWords(
        asks="One organisation must not see anything of {my} record here",
        says="{at} sees nothing of {your} record here.",
        changes=("Staff of {at} see nothing of {your} record here, not even what they have written themselves.",),
        keeps=("{at} still keeps its own records, and its staff use those.", _NOT_IN_AN_EMERGENCY, _LAW),
        for_you=_SLOWER,
    ),
    ChoiceKind.PROXY_ACCESS: ChoiceWords(
        asks="Nobody must see {my} record in {my} place",
        says="Nobody sees {your} record in {your} place.",
        changes=("Whoever acts for {them}, such as a parent, no longer sees {your} record here.",),
        keeps=("Staff see what they saw before.", "What whoever acts for {them} may do besides does not change.", _LAW),
        for_you="It changes nothing in {your} own care. Whoever acts for {them} may ask those who care for {them}.",
    ),
    ChoiceKind.NATIONAL_OPT_OUT: ChoiceWords(
        asks="{I} must not be counted for research and planning",
        says="{You} are not counted here for research and planning.",
        changes=("{You} are left out when people are counted here for research, or to plan services.",),
        keeps=(
            "The care itself does not change. Staff see what they saw before.",
            "This is {your} choice for this record only. To tell the whole NHS, use the NHS App.",
        ),
        for_you="It changes nothing in {your} own care.",
    ),
    "share-out given": ChoiceWords(
        asks="What one organisation writes about {me} may be shown to others",
        says="What {at} writes about {them} may be shown to others.",
        changes=("Where the rules ask for {your} yes, others can now see here what {at} has written about {them}.",),
        keeps=(_STILL_CARED_FOR, _NO_OUTWEIGHS),
        for_you=_KNOWN,
    ),
    "share-in given": ChoiceWords(
        asks="One organisation may see what others write about {me}",
        says="{at} may see what others write about {them}.",
        changes=("Where the rules ask for {your} yes, {at} can now see here what others have written about {them}.",),
        keeps=(_STILL_CARED_FOR, _NO_OUTWEIGHS),
        for_you=_KNOWN,
    ),
}
"""By the kind that is chosen (`concord.governance.offered_choices`)."""
# What the person has told a source that may be, and what is not asked here.
_AGREED: Mapping[ChoiceKind, str] = {
    ChoiceKind.OBJECTION: "{You} do not mind a shared record.",
    ChoiceKind.ORGANISATION_PROHIBITED: "{at} may see {your} record here.",
    ChoiceKind.PROXY_ACCESS: "Whoever acts for {them}, such as a parent, may see {your} record here.",
    ChoiceKind.NATIONAL_OPT_OUT: "{You} may be counted here for research and planning.",
}
_UNKNOWN = "A choice is recorded that is not understood here. Until it is, most of {your} record is kept from staff."


def said(choice: Choice, at: str, voice: Voice = OWN) -> str:
    """A choice in a sentence; `at` is the organisation that it names, or that recorded it."""
    if choice.kind is ChoiceKind.UNKNOWN:
        words = _UNKNOWN
    elif choice.given and choice.kind in _AGREED:
        words = _AGREED[choice.kind]
    else:
        words = WORDS[choice.kind + (" given" if choice.given else "")].says
    return words.format(at=at, **voice)
