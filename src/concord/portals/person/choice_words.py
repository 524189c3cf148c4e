"""The choices that people can make, in words that anybody understands: what each changes, what it does not, what it
means for them. What they say is held to the decision by tests/spec/governance/test_own_choices.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from concord.governance import Choice, ChoiceKind


@dataclass(frozen=True, kw_only=True, slots=True)
class ChoiceWords:
    """`asks` offers it, `says` is it once made; `{at}` is an organisation. `for_you`: what it means for their care.
    `agrees`: the same where the person has said that it may be."""

    asks: str
    says: str
    changes: tuple[str, ...]
    keeps: tuple[str, ...]
    for_you: str
    agrees: str


_THEIR_OWN = "The organisations that care for you still write and keep their own records. They still use those."
_LAW = "Sometimes the law says that something must be told, to keep a child or an adult safe. This does not stop that."
_NOT_IN_AN_EMERGENCY = "This holds in an emergency too: staff cannot open it then."
_SLOWER = "Staff may not know what you take, what you are allergic to, or what you have planned. They may ask again."

WORDS: Mapping[ChoiceKind, ChoiceWords] = {
    ChoiceKind.OBJECTION: ChoiceWords(
        asks="I do not want a shared record",
        says="You do not want a shared record.",
        changes=("Staff no longer see your shared record, but for what is said below.",),
        agrees="You do not mind a shared record.",
        keeps=(
            _THEIR_OWN,
            "Some things are shared all the same, to keep you or others safe. “Who can see what” says by whom.",
            "Some organisations also look at their own records of you here. “Who can see what” says so.",
            "Staff may be allowed to open it in an emergency. You would see that they did, and why.",
            _LAW,
        ),
        for_you=_SLOWER,
    ),
    ChoiceKind.SHARE_OUT: ChoiceWords(
        asks="What one organisation writes about me must not be shown to others",
        says="What {at} writes about you is not shown to others.",
        changes=("Other organisations no longer see here what {at} has written about you.",),
        agrees="What {at} writes about you may be shown to others.",
        keeps=("Staff of {at} still see it.", _NOT_IN_AN_EMERGENCY, _LAW),
        for_you=_SLOWER,
    ),
    ChoiceKind.SHARE_IN: ChoiceWords(
        asks="One organisation must not see what others write about me",
        says="{at} does not see what others write about you.",
        changes=("Staff of {at} no longer see here what other organisations have written about you.",),
        agrees="{at} may see what others write about you.",
        keeps=("Staff of {at} still see what they have written themselves.", _NOT_IN_AN_EMERGENCY, _LAW),
        for_you=_SLOWER,
    ),
    ChoiceKind.ORGANISATION_PROHIBITED: ChoiceWords(
        asks="One organisation must not see anything of my record here",
        says="{at} sees nothing of your record here.",
        changes=("Staff of {at} see nothing of your record here, not even what they have written themselves.",),
        agrees="{at} may see your record here.",
        keeps=("{at} still keeps its own records, and its staff use those.", _NOT_IN_AN_EMERGENCY, _LAW),
        for_you=_SLOWER,
    ),
    ChoiceKind.PROXY_ACCESS: ChoiceWords(
        asks="Nobody must see my record in my place",
        says="Nobody sees your record in your place.",
        changes=("Whoever acts for you, such as a parent, no longer sees your record here.",),
        agrees="Whoever acts for you, such as a parent, may see your record here.",
        keeps=("Staff see what they saw before.", "What whoever acts for you may do besides does not change.", _LAW),
        for_you="It changes nothing in your own care. Whoever acts for you may ask you, or those who care for you.",
    ),
    ChoiceKind.NATIONAL_OPT_OUT: ChoiceWords(
        asks="I must not be counted for research and planning",
        says="You are not counted here for research and planning.",
        changes=("You are left out when people are counted here for research, or to plan services.",),
        agrees="You may be counted here for research and planning.",
        keeps=(
            "Your own care does not change. Staff see what they saw before.",
            "This is your choice for this record only. To tell the whole NHS, use the NHS App.",
        ),
        for_you="It changes nothing in your own care.",
    ),
}
_UNKNOWN = "A choice is recorded that is not understood here. Until it is, most of your record is kept from staff."


def said(choice: Choice, at: str) -> str:
    """A choice in a sentence to the person; `at` is the organisation that it names, or that recorded it."""
    if choice.kind is ChoiceKind.UNKNOWN:
        return _UNKNOWN
    words = WORDS[choice.kind]
    return (words.agrees if choice.given else words.says).format(at=at)
