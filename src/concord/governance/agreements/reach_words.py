"""Who sees what, in words: for those who answer for an agreement, and for the person in lay words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import product

from concord.base import OdsCode
from concord.governance import wording
from concord.governance.agreement import Condition, When, spell_span
from concord.governance.agreements.classes import Related, Services, Unrelated
from concord.governance.agreements.reach import Circumstance, Contributors, Reach, Region
from concord.governance.directory import Directory
from concord.governance.policy import OPEN_AT_WORK
from concord.governance.words import Words, listed, place_names, places, words
from concord.terminology import labels_of

# To a reader who is not the viewer, "your caseload" is nobody's.
_ANYBODY = "is in any relationship or none"
_UNRELATED = "is in no relationship that is asked for elsewhere"
_LAY_UNRELATED = "you need their help"
_BROKEN = {frozenset({True}): "after breaking the glass", frozenset({False}): "without breaking the glass"}
_THEIRS = {When.ON_CASELOAD: "is on their caseload", When.CARE_TEAM: "has them in the care team"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """The parts of a sentence about who sees what. `labelled` and `said` are empty where nothing is out of the usual:
    items without labels, of a person who does not object."""

    who: str
    what: str
    whose: str
    labelled: str
    related: str
    said: str

    def sentence(self, verb: str = "see") -> str:
        """`Nurses at Northfield General see allergies of all 4 GP practices, while the person is attending there.`"""
        labelled = f", {self.labelled}," if self.labelled else ","
        said = f", {self.said}" if self.said else ""
        return f"{self.who} {verb} {self.what} of {self.whose}{labelled} while the person {self.related}{said}."


def told(reach: Reach, directory: Directory) -> Told:
    """A reach for those who answer for the agreement."""
    known = words(lay=False)
    return Told(
        who=_who(reach, directory, known),
        what=known.of_headings(reach.headings),
        whose=whose(reach.contributors, reach.contributing, directory, viewing=reach.recipients),
        labelled=_labelled(reach.labels, known),
        related=while_words(reach.related),
        said=_said(reach),
    )


def told_to_the_person(reach: Reach, directory: Directory) -> str:
    """`Doctors at Northfield General can see your medicines held by ..., while you are in hospital there.`"""
    known = words(lay=True)
    labelled = _labelled(reach.labels, known, "about")
    held = whose(reach.contributors, reach.contributing, directory, viewing=reach.recipients)
    said = _said_to_the_person(reach)
    related = while_words_to_the_person(reach.related)
    return (
        f"{_who(reach, directory, known)} can see {known.of_headings(reach.headings)}, held by {held}"
        f"{f', {labelled}' if labelled else ''}, while {related}{f', {said}' if said else ''}."
    )


def while_words_to_the_person(related: Iterable[Related | Unrelated]) -> str:
    """`you are in hospital there or you left there less than 14 days ago`."""
    related = frozenset(related)
    asked = [_lay_while(each, words(lay=True)) for each in joined(related)]
    return _LAY_UNRELATED if _unrelated(related) else listed(asked, "or")


def _who(reach: Reach, directory: Directory, known: Words) -> str:
    who = known.of_roles(reach.roles)
    at = f"{places(reach.recipients, directory)}{service_words(reach.services, reach.recipients, directory)}"
    return f"{who[0].upper()}{who[1:]} at {at}"


def whose(contributors: Contributors, services: Services, directory: Directory, *, viewing: frozenset[OdsCode]) -> str:
    """`all 4 GP practices`, `their own organisation (Sexual health clinic)`: of those who view, their own."""
    parts = ["their own organisation"] if contributors.own else []
    parts += place_names(contributors.others, directory)
    at = contributors.others | (viewing if contributors.own else frozenset())
    return f"{listed(parts)}{service_words(services, at, directory)}"


def service_words(services: Services, at: Iterable[OdsCode], directory: Directory) -> str:
    """` (Adult social care)`, ` (all services but Sexual health clinic)`, or nothing for every service; as those
    organisations call them."""
    if services.every:
        return ""
    known = {each.service: each.name for code in sorted(at) for each in directory.services_of(code)}
    named = listed([known.get(name, name) for name in sorted(services.names)])
    return f" (all services but {named})" if services.other else f" ({named})"


def _labelled(region: Region, known: Words, word: str = "labelled") -> str:
    """`also those labelled mental health`; `only those labelled HIV`; nothing for items without labels."""
    masks = sorted(region, key=lambda pair: pair[0])
    also = [known.of_labels(labels_of(told)) for mask, below in masks if (told := mask & ~OPEN_AT_WORK) and not below]
    least = dict.fromkeys(each for mask, below in masks if below for each in least_sets(mask, below))
    parts = [f"also those {word} {f', or those {word} '.join(also)}"] if also else []
    if least:
        parts.append(f"only those {word} {listed([known.of_labels(labels_of(each), 'and') for each in least], 'or')}")
    return f"{' and '.join(parts)}{', each by itself' if len(also) > 1 else ''}"


def least_sets(mask: int, below: Iterable[int]) -> list[int]:
    """The smallest sets of labels within the mask and within none of those below, in a fixed order."""
    missing = [sorted(labels_of(mask & ~lower), key=lambda label: label.bit) for lower in below]
    sets = {sum(label.mask for label in set(chosen)) for chosen in product(*missing)}
    return sorted(each for each in sets if not any(other != each and other & ~each == 0 for other in sets))


def _unrelated(related: Iterable[Related | Unrelated]) -> Unrelated | None:
    return next((each for each in related if isinstance(each, Unrelated)), None)


def while_words(related: Iterable[Related | Unrelated]) -> str:
    """`is attending there or was discharged from there less than 14 days ago`."""
    related = frozenset(related)
    unrelated = _unrelated(related)
    if unrelated is not None and unrelated.besides <= related:
        return _ANYBODY
    parts = [_UNRELATED] if unrelated is not None else []
    for each in joined(related):
        if each.word in _THEIRS:
            parts.append(_THEIRS[each.word])
        elif not each.since:
            parts.append(wording.relationships_wanted([Condition(word=each.word, span=each.until)], None))
        elif each.word is When.DISCHARGED_WITHIN:
            parts.append(f"was discharged from there {_between(each)} ago")
        elif each.word is When.SELF_CLAIMED:
            parts.append(f"is in their care by their own word of {_between(each)} ago")
        else:
            parts.append(f"has an appointment there {_between(each)} away")
    return listed(parts, "or")


def _lay_while(each: Related, known: Words) -> str:
    span = ""
    if each.until is not None:
        span = _between(each) if each.since else f"less than {spell_span(each.until)}"
    return known.relationships[each.word].format(span=span)


def joined(related: Iterable[Related | Unrelated]) -> list[Related]:
    """The relationships among them in order, spans of one word that follow one another as one."""
    found: list[Related] = []
    asked = [each for each in related if isinstance(each, Related)]
    for each in sorted(asked, key=lambda one: (list(When).index(one.word), one.since)):
        last = found[-1] if found else None
        if last is not None and last.word is each.word and last.until == each.since != timedelta():
            found[-1] = Related(word=each.word, since=last.since, until=each.until)
        else:
            found.append(each)
    return found


def _between(related: Related) -> str:
    until = related.until or related.since
    return f"{spell_span(related.since)} to {spell_span(until)}"


def _said(reach: Reach) -> str:
    """What has to be known of the person's choices; nothing for one who does not object and is not protected. And
    whether the glass must be broken."""
    out, in_, objects, protected = _values(reach.said)
    parts = [_BROKEN[reach.broken]] if reach.broken in _BROKEN else []
    if out in ({True}, {False}):
        parts.append(f"where consent to share out is {'' if True in out else 'not '}recorded")
    if in_ in ({True}, {False}):
        parts.append(f"where consent to share in is {'' if True in in_ else 'not '}recorded")
    if True in objects:
        parts.append("even if they object" if False in objects else "if they object")
    if True in protected:
        who = "a person protected from being found"
        parts.append(f"of {who} too" if False in protected else f"of {who} alone")
    return listed(parts)


def _said_to_the_person(reach: Reach) -> str:
    out, in_, objects, _ = _values(reach.said)
    parts = ["in an emergency, for a reason that is checked"] if reach.broken == {True} else []
    if out == {True} or in_ == {True}:
        parts.append("if you have agreed")
    if True in objects:
        parts.append("even if you object")
    return listed(parts)


def _values(said: Iterable[Circumstance]) -> tuple[set[bool | None], set[bool | None], set[bool], set[bool]]:
    every = list(said)
    return (
        {each.share_out for each in every},
        {each.share_in for each in every},
        {each.objects for each in every},
        {each.protected for each in every},
    )
