"""What no card shows, by heading: nothing that was sent disappears silently."""

from concord.record.summary.given import DATED_IN_THE_FUTURE, Dated, Given, latest_first, same
from concord.record.summary.model import Elsewhere, Entry
from concord.record.summary.readings import value_text
from concord.record.summary.words import (
    Json,
    child,
    children,
    codes,
    concept,
    concepts,
    joined,
    notes,
    sentence_case,
    string,
)
from concord.terminology import HEADINGS, Heading

_NAMED_BY = (
    "code",
    "vaccineCode",
    "type",
    "medicationCodeableConcept",
    "category",
    "serviceType",
    "relationship",
    "substance",
)
_VACCINATION_PROCEDURE = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-VaccinationProcedure"
_WORDS = ("title", "description", "name", "summary", "questionnaire", "detail")


def elsewhere(given: Given) -> tuple[Elsewhere, ...]:
    """Called last: everything that no source on the page names yet, grouped by what it is called."""
    left: dict[Heading, list[Dated]] = {}
    for each in given.everything():
        if (each.item.type, each.item.id) not in given.named:
            left.setdefault(each.item.heading, []).append(each)
    return tuple(
        Elsewhere(heading=heading, title=_heading_title(heading), entries=_entries(given, left[heading]))
        for heading in HEADINGS
        if heading in left
    )


def _heading_title(heading: Heading) -> str:
    return "Not filed under a heading" if heading is Heading.UNCLASSIFIED else sentence_case(heading.replace("-", " "))


def _entries(given: Given, items: list[Dated]) -> tuple[Entry, ...]:
    groups = same(latest_first(items), "code", lambda each: joined(each.item.type, _title(each)))
    return tuple(_entry(given, group) for group in groups)


def _entry(given: Given, said: list[Dated]) -> Entry:
    timely = [each for each in said if not given.in_future(each.when)]
    first = (timely or said)[0]
    marks = [] if timely else [DATED_IN_THE_FUTURE]
    detail = _detail(first)
    sources = [given.source(each, words if (words := _detail(each)) != detail else "") for each in said]
    text, title = notes(first.resource), _title(first)
    if first.item.heading is Heading.UNCLASSIFIED:
        title = joined(_type_words(first.item.type), title, by=": ")
    return given.entry("elsewhere", title, sources, detail=detail, marks=marks, text=text, at=first.when)


def _title(each: Dated) -> str:
    resource = each.resource
    if vaccinated := _vaccination(resource):
        return vaccinated
    for name in _NAMED_BY:
        if name in resource and (text := concept(resource[name]) or concepts(resource, name)):
            return text
    for name in _WORDS:
        if name in resource and (text := string(resource, name)):
            return text
    return _type_words(each.item.type)


def _vaccination(resource: Json) -> str:
    """GP systems record the procedure, and the vaccine only as unknown."""
    if "UNK" not in codes(resource, "vaccineCode"):
        return ""
    procedures = (each for each in children(resource, "extension") if string(each, "url") == _VACCINATION_PROCEDURE)
    return next((concept(each.get("valueCodeableConcept")) for each in procedures), "")


def _type_words(type_: str) -> str:
    """`FamilyMemberHistory` as `Family member history`."""
    spaced = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in type_).strip()
    return sentence_case(spaced)


def _detail(each: Dated) -> str:
    """What it says, in a line: a value, findings, a description, answers, or its status."""
    resource = each.resource
    if each.item.type == "FamilyMemberHistory":
        return joined(*(concept(one.get("code")) for one in children(resource, "condition")))
    if each.item.type == "QuestionnaireResponse":
        return joined(*_answers(resource, 0), by="; ")
    detail = value_text(resource)
    if not detail and "description" in resource:
        detail = concept(resource["description"])
    if not detail and "reasonCode" in resource:
        detail = concepts(resource, "reasonCode")
    where = concepts(resource, "bodySite") if "bodySite" in resource else concept(resource.get("site"))
    return joined(detail if detail != _title(each) else "", where, concept(resource.get("outcome")))


def _answers(resource: object, depth: int) -> list[str]:
    """`question: answer` of each item that was answered."""
    found = []
    for item in children(resource, "item"):
        values = [value_text(answer) or concept(child(answer, "valueCoding")) for answer in children(item, "answer")]
        said = joined(*values)
        if said:
            found.append(joined(string(item, "text"), said, by=": "))
        if depth < 5:
            found += _answers(item, depth + 1)
    return found
