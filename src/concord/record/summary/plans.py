"""Plans and advance decisions (pinned), alerts and risks, and the care and equipment that a person has."""

import re
from collections.abc import Sequence

from concord.record.dates import When, when
from concord.record.summary.contacts import is_residence
from concord.record.summary.documents import document_text, document_title
from concord.record.summary.given import DATED_IN_THE_FUTURE, Dated, Given, latest_first, same
from concord.record.summary.model import Card, Entry, Mark
from concord.record.summary.words import (
    Json,
    child,
    children,
    codes,
    concept,
    concepts,
    counted,
    folded,
    joined,
    notes,
    sentence_case,
    string,
)
from concord.terminology import Heading

_PINNED = {Heading.END_OF_LIFE_CARE, Heading.CONTINGENCY_PLANS, Heading.LEGAL_INFORMATION}
_PLAN_TYPES = ("CarePlan", "Consent", "Flag", "DocumentReference", "Composition")
_CARE_HEADINGS = {Heading.SERVICES_AND_CARE, Heading.CARE_AND_SUPPORT_PLAN, Heading.ADDITIONAL_SUPPORT_PLANS}
_EQUIPMENT = ("Device", "DeviceUseStatement", "DeviceRequest", "SupplyDelivery", "SupplyRequest", "VisionPrescription")

_IN_FORCE = Mark(text="In force", tone="plan")
_REVIEW_PASSED = Mark(text="! Review date passed", tone="care")
_ON_HOLD = Mark(text="On hold", tone="care")
_SAFEGUARDING = Mark(text="Safeguarding", tone="care")
_RISK = Mark(text="Risk", tone="care")
_GENERIC_CATEGORIES = {"assess-plan", "Assessment and Plan of Treatment"}
_OVER = {"completed", "finished", "revoked", "superseded", "inactive", "rejected", "cancelled"}
# ReSPECT only as the form is spelt: "respect" is an ordinary word of plans
_RESUSCITATION = re.compile(r"\b(?:(?i:cpr|dnacpr|dnar|resuscitat\w*)|ReSPECT|RESPECT)\b")


def plans(given: Given) -> Card:
    """What is in force, latest first, with what the person wants in the plan's own words."""
    standing: list[Dated] = []
    over: list[Dated] = []
    for each in latest_first(given.of(*_PLAN_TYPES)):
        if each.item.heading in _PINNED:
            (standing if _stands(given, each) else over).append(each)
    standing.sort(
        key=lambda each: (
            given.in_future(each.when),
            not is_resuscitation(_plan_words(each)),
            each.item.type != "CarePlan",  # the decision in words before the form and the flag
        )
    )
    entries = tuple(_plan(given, each) for each in standing)
    ended = tuple(_plan(given, each) for each in over)
    lead = f"{len(entries)} in force" if entries else ""
    return Card(lead=lead, entries=entries, more_title="No longer in force", more=ended)


def is_resuscitation(text: str) -> bool:
    """Whether it speaks about attempting cardiopulmonary resuscitation."""
    return _RESUSCITATION.search(text) is not None


def _plan_words(each: Dated) -> str:
    return f"{_title(each)} {string(each.resource, 'description')}"


def _stands(given: Given, each: Dated) -> bool:
    """A plan past its review is still the last word, and says so; one past a period of care is over."""
    if string(each.resource, "status") in _OVER:
        return False
    return each.item.type != "Flag" or not given.is_past(_end(each.resource))


def _end(resource: Json) -> When | None:
    found = when(child(resource, "period").get("end"))
    return found or when(child(child(resource, "provision"), "period").get("end"))


def _plan(given: Given, each: Dated) -> Entry:
    resource, end = each.resource, _end(each.resource)
    marks = []
    if given.in_future(each.when):
        marks.append(DATED_IN_THE_FUTURE)
    elif given.is_past(end):
        marks.append(_REVIEW_PASSED)
    elif string(resource, "status") in ("active", "current", "final", "amended"):
        marks.append(_IN_FORCE)
    if word := _state_word(resource):
        marks.append(word)
    title, detail = _title(each), " ".join(string(resource, "description").split())
    if each.item.type == "DocumentReference":
        detail = concept(resource.get("type"))
    text = joined(document_text(each), _steps(resource), notes(resource), by="\n")
    meta = [_signed(given, each), f"review {end.text}" if end else ""]
    detail = detail if folded(detail) != folded(title) else ""
    return given.entry("plans", title, [given.source(each)], detail=detail, marks=marks, meta=meta, text=text)


def _title(each: Dated) -> str:
    resource = each.resource
    if each.item.type in ("DocumentReference", "Composition"):
        return document_title(each)
    if each.item.type in ("Consent", "Flag"):
        return concept(resource.get("code")) or concepts(resource, "category") or concept(resource.get("scope"))
    categories = [concept(one) for one in children(resource, "category")]
    telling = [one for one in categories if one and one not in _GENERIC_CATEGORIES]
    return string(resource, "title") or joined(*telling) or string(resource, "description") or each.item.heading.value


def _signed(given: Given, each: Dated) -> str:
    names = [
        given.name_of(reference, each.resource)
        for field in ("author", "performer")
        for reference in children(each.resource, field)
    ]
    return joined(*names)


def _steps(resource: Json) -> str:
    """The activities of a plan, a line each."""
    details = [child(activity, "detail") for activity in children(resource, "activity")]
    lines = (joined(concept(each.get("code")), string(each, "description"), by=": ") for each in details)
    return "\n".join(dict.fromkeys(line for line in lines if line))


def _state_word(resource: Json) -> Mark | None:
    status = string(resource, "status")
    if status in ("on-hold", "onhold"):
        return _ON_HOLD
    plain = status in ("active", "current", "final", "amended", "")
    return None if plain else Mark(text=sentence_case(status.replace("-", " ")), tone="fact")


def risks(given: Given) -> Card:
    """Safeguarding first, then risks, then alerts; each once with all who raise it."""
    found = [each for each in given.of("Flag") if each.item.heading not in _PINNED]
    found += given.of("RiskAssessment", "DetectedIssue", "AdverseEvent")
    standing: list[tuple[int, Entry]] = []
    over: list[tuple[int, Entry]] = []
    for group in same(latest_first(found), "code", lambda each: joined(each.item.heading.value, _risk_title(each))):
        active = [each for each in group if _is_raised(given, each)]
        entry = _risk(given, active or group)
        (standing if active else over).append((_rank(group[0]), entry))
    standing.sort(key=lambda each: each[0])
    lead = f"{len(standing)} raised" if standing else ""
    entries = tuple(entry for _, entry in standing)
    return Card(lead=lead, entries=entries, more_title="No longer raised", more=tuple(entry for _, entry in over))


def _rank(each: Dated) -> int:
    order = {Heading.SAFEGUARDING: 0, Heading.RISKS: 1}
    return order.get(each.item.heading, 2)


def _is_raised(given: Given, each: Dated) -> bool:
    return string(each.resource, "status") not in _OVER and not given.is_past(_end(each.resource))


def _risk_title(each: Dated) -> str:
    """What is raised by its coded name; the words around it follow as detail."""
    resource = each.resource
    coded = (string(one, "display") for one in children(child(resource, "code"), "coding"))
    outcomes = (concept(one.get("outcome")) for one in children(resource, "prediction"))
    named = next((text for text in coded if text), "") or concept(resource.get("code"))
    told = named or concept(resource.get("event")) or joined(*outcomes)
    return told or string(resource, "detail") or concepts(resource, "category") or "Not described"


def _risk(given: Given, said: Sequence[Dated]) -> Entry:
    first = said[0]
    marks = [mark] if (mark := {0: _SAFEGUARDING, 1: _RISK}.get(_rank(first))) else []
    if all(given.in_future(each.when) for each in said):
        marks.append(DATED_IN_THE_FUTURE)
    elif word := _state_word(first.resource):
        marks.append(word)
    title = _risk_title(first)
    detail = _risk_detail(first)
    end = _end(first.resource)
    meta = [*(_signed(given, each) for each in said), f"until {end.text}" if end else ""]
    text = joined(*(notes(each.resource) for each in said), string(first.resource, "mitigation"), by="\n")
    sources = [given.source(each, words if (words := _risk_detail(each)) != detail else "") for each in said]
    return given.entry("risks", title, sources, detail=detail, marks=marks, meta=meta, text=text)


def _risk_detail(each: Dated) -> str:
    text = string(child(each.resource, "code"), "text")
    return text if folded(text) != folded(_risk_title(each)) else ""


def care(given: Given) -> Card:
    """Packages and plans of care, services that hold the person on a caseload, equipment; what has ended is folded."""
    planned = [each for each in given.of("CarePlan") if each.item.heading in _CARE_HEADINGS]
    episodes = [each for each in given.of("EpisodeOfCare") if not _stands_elsewhere(each)]
    standing: list[Entry] = []
    over: list[Entry] = []
    for each in latest_first([*planned, *episodes]):
        ended = string(each.resource, "status") in _OVER or given.is_past(_end(each.resource))
        (over if ended else standing).append(_care(given, each))
    equipment: list[Entry] = []
    for group in same(latest_first(given.of(*_EQUIPMENT)), "type", _equipment_name):
        current = [each for each in group if string(each.resource, "status") not in _OVER - {"completed"}]
        (equipment if current else over).append(_equipment(given, group))
    lead = joined(counted(len(standing), "service or plan", "services and plans"), _pieces(len(equipment)), by=" · ")
    return Card(lead=lead, entries=(*standing, *equipment), more_title="Ended", more=tuple(over))


def _pieces(count: int) -> str:
    return f"{count} of equipment" if count else ""


def _stands_elsewhere(each: Dated) -> bool:
    """A residence stands under where the person is."""
    return is_residence(each) and string(each.resource, "status") == "active"


def _care(given: Given, each: Dated) -> Entry:
    resource, end = each.resource, _end(each.resource)
    organisation = given.organisation(each.item.organisation)
    service = given.service_name(each.item.organisation, each.item.service or "")
    episode = concepts(resource, "type") or service.replace("-", " ")
    title = _title(each) if each.item.type == "CarePlan" else sentence_case(episode) or organisation.name
    detail = string(resource, "description")
    marks = [mark] if (mark := _state_word(resource)) else []
    if given.in_future(each.when):
        marks.append(DATED_IN_THE_FUTURE)
    start = when(child(resource, "period").get("start")) or each.when
    contributors = (given.name_of(one, resource) for one in children(resource, "contributor"))
    meta = [f"since {start.text}" if start else "", f"until {end.text}" if end else "", _signed(given, each)]
    return given.entry(
        "care",
        title,
        [given.source(each)],
        detail=detail if folded(detail) != folded(title) else "",
        marks=marks,
        meta=[*meta, *contributors],
        text=joined(steps if folded(steps := _steps(resource)) != folded(title) else "", notes(resource), by="\n"),
    )


def _equipment_name(each: Dated) -> str:
    resource = each.resource
    names = (string(one, "name") for one in children(resource, "deviceName"))
    supplied = child(resource, "suppliedItem").get("itemCodeableConcept") or resource.get("itemCodeableConcept")
    told = (concept(resource.get("type")), concept(supplied), concept(resource.get("codeCodeableConcept")), *names)
    return next((text for text in told if text), "") or string(child(resource, "device"), "display")


def _equipment(given: Given, said: Sequence[Dated]) -> Entry:
    first = said[0]
    device = given.target(child(first.resource, "device"), first.resource)
    title = _equipment_name(first) or concept(device.get("type")) or "Equipment not named"
    reason = concepts(first.resource, "reasonCode")
    text = notes(first.resource)
    marks = [Mark(text="Requested", tone="fact")] if "Request" in first.item.type else []
    if codes(first.resource, "status") & {"inactive"}:
        marks.append(Mark(text="Inactive", tone="fact"))
    return given.entry("care", title, [given.source(each) for each in said], detail=reason, marks=marks, text=text)
