"""Allergies and reactions. The dangerous reading is the headline; "no known allergies" is only ever quoted."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from concord.record.summary.given import DATED_IN_THE_FUTURE, Dated, Given, latest_first, same
from concord.record.summary.model import Card, Entry, Mark, Source
from concord.record.summary.words import children, codes, concept, concepts, counted, joined, notes, string
from concord.terminology import Heading

AGREE = Mark(text="= Agree", tone="ok")
_CONTRADICTED = Mark(text="≠ Contradicted", tone="care")
_EARLIER = Mark(text="Recorded before it", tone="fact")
_SEVERITIES = {"severe": Mark(text="Severe", tone="bad"), "moderate": Mark(text="Moderate", tone="care")}
_MILD = Mark(text="Mild", tone="fact")
_HIGH_RISK = Mark(text="High risk", tone="bad")

# SNOMED CT: no known allergy, ... drug allergy, ... food allergy, ... environmental allergy; and the plain word
_NONE_KNOWN_CODES = {"716186003", "409137002", "429625007", "428607008", "no-known-allergies"}
_NONE_KNOWN = re.compile(r"^(nka|nkda|nil known|no known (\w+ )?allerg|no allerg)", re.IGNORECASE)
_AROUND_SUBSTANCE = re.compile(
    r"^(allergy to|allergic to|hypersensitivity to|adverse reaction to|intolerance to)\s+"
    r"|\s+(allergy|hypersensitivity|intolerance|sensitivity)\b"
    r"|\s*\([^)]*\)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Allergies:
    """The card, and those of its entries that belong in the alerts."""

    card: Card
    severe: tuple[Entry, ...]


def allergies(given: Given) -> Allergies:
    recorded = [each for each in given.of("AllergyIntolerance") if not _says_none(each)]
    none_known = [each for each in given.of("AllergyIntolerance") if _says_none(each)]
    none_known += [each for each in given.of("List") if _is_empty_allergy_list(each)]
    standing, past, severe, contradicted = [], [], [], 0
    groups = [latest_first(group) for group in same(recorded, "code", _key)]
    groups.sort(key=lambda group: (all(given.in_future(each.when) for each in group), -_danger(group)))
    denials = _denials(none_known, groups)
    for place, group in enumerate(groups):
        active = [each for each in group if _is_active(each)]
        if not active:
            past.append(_entry(given, group, group, ()))
            continue
        others = {each.item.organisation for each in active}
        against = [
            given.source(each, _status_words(each), (_CONTRADICTED,))
            for each in group
            if not _is_active(each) and each.item.organisation not in others
        ]
        against += [given.source(each, _substance(each), (_against(each, active),)) for each in denials.get(place, ())]
        contradicted += any(_CONTRADICTED in source.marks for source in against)
        standing.append(_entry(given, active, [each for each in group if each not in active], against))
        if _danger(active) >= 3:
            severe.append(standing[-1])
    standing += [_none_known_entry(given, group) for group in _by_words(denials.get(None, ()))]
    future = sum(DATED_IN_THE_FUTURE in each.marks for each in standing)
    lead = joined(
        f"{len(groups) - len(past) - future} recorded" if groups else "",
        counted(contradicted, "contradicted", "contradicted"),
        f"{future} dated in the future" if future else "",
        by=" · ",
    )
    card = Card(lead=lead, entries=tuple(standing), more_title="Resolved or refuted", more=tuple(past))
    return Allergies(card=card, severe=tuple(severe))


def _denials(none_known: Sequence[Dated], groups: Sequence[Sequence[Dated]]) -> dict[int | None, list[Dated]]:
    """Each "no known allergies" under the worst allergy that it contradicts, else the worst that it speaks of.

    By place in `groups`; None: it speaks of none of them.
    """
    found: dict[int | None, list[Dated]] = {}
    for each in none_known:
        active = [(place, [one for one in group if _is_active(one)]) for place, group in enumerate(groups)]
        fitting = [(place, said) for place, said in active if said and _may_contradict(each, said)]
        denied = [place for place, said in fitting if _against(each, said) is _CONTRADICTED]
        place = next(iter([*denied, *(place for place, _ in fitting)]), None)
        found.setdefault(place, []).append(each)
    return found


def _entry(given: Given, said: Sequence[Dated], also: Sequence[Dated], against: Sequence[Source]) -> Entry:
    """One substance: the worst reaction recorded, then who says what. `also`: resolved entries of the same sources."""
    worst = max(said, key=_severity_rank)
    title, detail = _substance(worst), _reaction(worst)
    marks = [mark] if (mark := _severity(worst)) else []
    if len({each.item.organisation for each in said}) > 1 and all(_is_active(each) for each in said):
        marks.append(AGREE)
    if all(_code(each, "verificationStatus") == "unconfirmed" for each in said):
        marks.append(Mark(text="Unconfirmed", tone="fact"))
    if all(not _is_active(each) for each in said):
        marks.append(Mark(text=_status_words(said[0]).capitalize(), tone="fact"))
    if all(given.in_future(each.when) for each in said):
        marks.append(DATED_IN_THE_FUTURE)
    headline = joined(title, detail)
    sources = [given.source(each, _own_words(each, headline)) for each in said]
    contradicting = {source.id for source in against}
    sources += [given.source(each, _status_words(each)) for each in also if each.item.id not in contradicting]
    text = "\n".join(dict.fromkeys(note for each in said if (note := notes(each.resource))))
    return given.entry("allergies", title, sources, detail=detail, marks=marks, text=text, against=against)


def _none_known_entry(given: Given, said: Sequence[Dated]) -> Entry:
    """An item like any other: somebody asked, and wrote it."""
    authors = [given.name_of(reference, each.resource) for each in said for reference in _recorders(each)]
    meta = [f"recorded by {joined(*authors)}"] if any(authors) else []
    return given.entry("allergies", _substance(said[0]), [given.source(each) for each in said], meta=meta)


def _recorders(each: Dated) -> list[dict[str, object]]:
    return [dict(one) for name in ("recorder", "asserter", "source") for one in children(each.resource, name)][:1]


def _by_words(items: Sequence[Dated]) -> list[list[Dated]]:
    groups: dict[str, list[Dated]] = {}
    for each in latest_first(items):
        groups.setdefault(_substance(each).lower(), []).append(each)
    return list(groups.values())


def _says_none(each: Dated) -> bool:
    code = each.resource.get("code")
    return bool(codes(each.resource, "code") & _NONE_KNOWN_CODES) or _NONE_KNOWN.match(concept(code)) is not None


def _is_empty_allergy_list(each: Dated) -> bool:
    return each.item.heading is Heading.ALLERGIES and "nilknown" in codes(each.resource, "emptyReason")


def _substance(each: Dated) -> str:
    if each.item.type == "List":
        return concept(each.resource.get("emptyReason"))
    reacted = (concept(reaction.get("substance")) for reaction in children(each.resource, "reaction"))
    return concept(each.resource.get("code")) or next((text for text in reacted if text), "Substance not named")


def _key(each: Dated) -> str:
    """The substance without what is said around it: "Allergy to penicillins" and "Penicillin" are one."""
    text = _AROUND_SUBSTANCE.sub("", _substance(each).strip()).strip().lower()
    return text[:-1] if text.endswith("s") and len(text) > 4 else text


def _reaction(each: Dated) -> str:
    return joined(*(_manifestation(reaction) for reaction in children(each.resource, "reaction")))


def _manifestation(reaction: object) -> str:
    return concepts(reaction, "manifestation") or string(reaction, "description")


def _code(each: Dated, name: str) -> str:
    return next(iter(sorted(codes(each.resource, name))), "")


def _own_words(each: Dated, headline: str) -> str:
    """What this source says, where the headline does not already say it; its own description before the codes."""
    described = joined(*(string(reaction, "description") for reaction in children(each.resource, "reaction")))
    reaction = described or _reaction(each)
    certainty = "unconfirmed" if _code(each, "verificationStatus") == "unconfirmed" else ""
    if joined(_substance(each), reaction) == headline:
        return certainty
    return joined("" if headline.startswith(_substance(each)) else _substance(each), reaction, certainty)


def _is_active(each: Dated) -> bool:
    """Unless the source says that it is over or was wrong."""
    return not codes(each.resource, "clinicalStatus") & {"inactive", "resolved"} and not (
        codes(each.resource, "verificationStatus") & {"refuted", "entered-in-error"}
    )


def _status_words(each: Dated) -> str:
    if codes(each.resource, "verificationStatus") & {"refuted", "entered-in-error"}:
        return "refuted"
    return _code(each, "clinicalStatus") or "not active"


def _severity_rank(each: Dated) -> int:
    """4 anaphylaxis, 3 severe or of high risk, 2 moderate, 1 mild, 0 not said."""
    severities = {string(reaction, "severity") for reaction in children(each.resource, "reaction")}
    if "anaphyla" in _reaction(each).lower():
        return 4
    if "severe" in severities or string(each.resource, "criticality") == "high":
        return 3
    return 2 if "moderate" in severities else 1 if "mild" in severities else 0


def _danger(group: Sequence[Dated]) -> int:
    return max(_severity_rank(each) for each in group)


def _severity(each: Dated) -> Mark | None:
    severities = {string(reaction, "severity") for reaction in children(each.resource, "reaction")}
    for word, mark in _SEVERITIES.items():
        if word in severities:
            return mark
    if string(each.resource, "criticality") == "high":
        return _HIGH_RISK
    return _MILD if "mild" in severities else None


def _may_contradict(none_known: Dated, active: Sequence[Dated]) -> bool:
    """ "No known drug allergies" does not contradict an allergy that every source files as food."""
    words = _substance(none_known).lower()
    categories = {each for item in active for each in _categories(item)}
    if not categories:
        return True
    if "drug" in words or "medic" in words or words.startswith("nkda"):
        return bool(categories & {"medication", "biologic"})
    if "food" in words:
        return "food" in categories
    return "environment" in categories if "environment" in words else True


def _categories(each: Dated) -> list[str]:
    value = each.resource.get("category")
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _against(none_known: Dated, active: Sequence[Dated]) -> Mark:
    """What was written before the allergy was known is history, not a contradiction."""
    dates = [each.when.low for each in active if each.when]
    if none_known.when and len(dates) == len(active) and none_known.when.high <= min(dates):
        return _EARLIER
    return _CONTRADICTED
