"""One audit row in words for the person it is about: who, from where, why, what kind of information.

Pure: the row and the directory come in, a sentence goes out. It says nothing that the row does not keep.
"""

from collections.abc import Container, Mapping, Sequence
from typing import Any

from concord.audit import AuditEvent
from concord.base import OdsCode
from concord.governance import Directory, roles
from concord.record.dates import time_text

_DID = {
    "open": "opened your record", "read": "read one item of your record",
    "search": "looked something up in your record", "find": "found you by a search for your details",
    "list": "saw your name in a list", "write": "sent information about you",
    "look-at-audit": "looked at who has looked at your record",
    "assert": "opened more of your record by their own word", "end-assertion": "closed what they had so opened",
    "review": "asked why somebody had opened your record by their own word",
    "choose": "looked at the choices that were made for you",
    "explain": "asked who can see your record",
    "link": "looked at, or decided, whether records are yours",
    "label": "looked at, or decided, how private your information is marked",
    "original": "looked at a message about you, as it came",
}  # fmt: skip
_ASSERTED = {
    "override": "broke the glass on your record: they opened more of it than they may see otherwise",
    "self-claim": "said that they care for you, so that your record opened to them",
}  # fmt: skip
REASONS_IN_WORDS = {
    "emergency": "it was urgent, and you could not be asked",
    "asked-me-to": "you were with them, and asked them to look",
    "no-link-yet": "they care for you, and no system said so yet",
    "advice": "somebody who cares for you asked for their advice",
    "safety": "to keep you or somebody else from harm",
}  # fmt: skip
_TRIED = {
    "open": "tried to open your record", "look-at-audit": "tried to see who has looked at your record",
    "assert": "tried to open more of your record by their own word",
}  # fmt: skip
_SAW = {
    "find": "your name, birth date, NHS number and address", "list": "your name, birth date and NHS number, and where "
    "you were", "look-at-audit": "who has looked, and nothing of your care",
}  # fmt: skip
_BECAUSE = {
    "registered": "you are registered there", "attending": "you were attending there",
    "inpatient": "you were in hospital there", "discharged-within": "you had left there within {span}",
    "referred": "you were referred there", "on-caseload": "you were on the caseload",
    "care-team": "they were in your care team", "appointment-within": "you had an appointment there within {span}",
    "resident": "you live there", "nominated-pharmacy": "you had chosen that pharmacy",
    "self-claimed": "they had said that they care for you",
}  # fmt: skip


def in_words(event: AuditEvent, directory: Directory, kinds: Container[str]) -> str:
    """Two or three sentences: "On 22 Nov 2026 at 03:12 Dr Ada Nwosu (doctor, Northfield General) opened …".

    `kinds`: the headings of which the person is shown something. That there is anything under another is not told.
    """
    told = {**event.context, **event.detail}
    told["headings"] = [each for each in told.get("headings", ()) if each in kinds]
    day, _, time = time_text(event.at).rpartition(" ")
    sentences = [f"On {day} at {time} {_who(event, told, directory)} {_did(event, told)}{_why(told)}."]
    if reason := REASONS_IN_WORDS.get(str(told.get("reason", told.get("override")))):
        sentences.append(f"The reason that they gave: {reason}.")
    if event.outcome in ("refused", "nothing"):
        sentences.append("They were shown nothing.")
    elif event.action not in ("write", "assert", "end-assertion") and (saw := _saw(event, told)):
        sentences.append(f"They saw {saw}.")
    return " ".join(sentences)


def _who(event: AuditEvent, told: Mapping[str, Any], directory: Directory) -> str:
    if event.who.startswith("duty:"):
        return "those who run this system"
    place = directory.name(OdsCode(str(told.get("organisation", "")))) or "an organisation that is not known here"
    if event.who.startswith("system:"):
        return f"the computer system of {place}"
    if acting := told.get("acting"):
        return f"{told.get('name', 'somebody')}, who acts for you ({acting}),"
    role = roles().get(str(told.get("role")))
    return f"{told.get('name', 'somebody')} ({role.title if role else 'a role that is not known here'}, {place})"


def _did(event: AuditEvent, told: Mapping[str, Any]) -> str:
    if event.outcome in ("refused", "nothing"):
        return _TRIED.get(event.action, "tried to see something of your record")
    if event.action == "choose" and event.outcome == "done":
        return "took back a choice that was made for you" if "taken_back" in told else "made a choice for you"
    if event.action == "assert" and told.get("asserted") in _ASSERTED:
        return _ASSERTED[str(told["asserted"])]
    return _DID.get(event.action, "did something with your record")


def _why(told: Mapping[str, Any]) -> str:
    held = list(dict.fromkeys(_because(str(each)) for each in told.get("held", ())))
    broken = ", after breaking the glass" if told.get("override") else ""
    return f"{broken}, because {_and(held)}" if held else broken


def _because(held: str) -> str:
    """A relationship in a clause's words, "discharged-within 14 days", with the code of the predecessor that held it in
    brackets."""
    word, _, span = held.partition(" (")[0].partition(" ")
    return _BECAUSE.get(word, word.replace("-", " ")).format(span=span)


def _saw(event: AuditEvent, told: Mapping[str, Any]) -> str:
    """Kinds of information, never their content."""
    kinds = [str(each).replace("-", " ") for each in told.get("headings", ())]
    return f"these kinds of information: {_and(kinds)}" if kinds else _SAW.get(event.action, "")


def _and(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
