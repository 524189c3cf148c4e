"""Reports: what they conclude, and which of them are panels that only gather results, or documents."""

from collections.abc import Iterable, Mapping

from concord.record.summary.given import DATED_IN_THE_FUTURE, Dated, Given, latest_first, same
from concord.record.summary.model import Entry, Mark
from concord.record.summary.readings import Reading
from concord.record.summary.words import children, codes, concept, concepts, string

PROVISIONAL = Mark(text="Provisional", tone="fact")


def told_in_words(given: Given, readings: Iterable[Reading]) -> Mapping[str, Reading]:
    """By id of a report: its one result, where that is plain words (a culture, a scan), and so its conclusion."""
    words = {
        f"Observation/{each.dated.item.id}": each
        for each in readings
        if "valueString" in each.dated.resource and "interpretation" not in each.dated.resource
    }
    told = {}
    for report in given.of("DiagnosticReport"):
        references = [string(one, "reference") for one in children(report.resource, "result")]
        if len(references) == 1 and references[0] in words:
            told[report.item.id] = words[references[0]]
    return told


def is_document(each: Dated) -> bool:
    """A report that is only a text: it stands among the documents."""
    resource = each.resource
    return bool(children(resource, "presentedForm")) and not (
        children(resource, "result") or string(resource, "conclusion") or codes(resource, "category") & {"LAB", "RAD"}
    )


def reports(given: Given, told: Mapping[str, Reading]) -> list[Entry]:
    """Reports by name, with the latest's conclusion."""
    entries = []
    telling = [
        each
        for each in given.of("DiagnosticReport", "ImagingStudy")
        if not is_document(each) and (not _is_panel(each) or each.item.id in told)
    ]
    for group in same(latest_first(telling), "code", _report_name):
        ordered = latest_first(group)
        first = next((each for each in ordered if not given.in_future(each.when)), ordered[0])
        conclusion = string(first.resource, "conclusion") or concepts(first.resource, "conclusionCode")
        conclusion = conclusion or (told[first.item.id].text if first.item.id in told else "")
        marks = [PROVISIONAL] if string(first.resource, "status") in ("preliminary", "partial", "registered") else []
        if given.in_future(first.when):
            marks.append(DATED_IN_THE_FUTURE)
        sources = [
            given.source(each, string(each.resource, "conclusion") if each is not first else "") for each in ordered
        ]
        # The result itself says no more than its report, and lies behind its `Why?`.
        sources += [given.source(told[each.item.id].dated) for each in ordered if each.item.id in told]
        entries.append(
            given.entry("reports", _report_name(first), sources, detail=conclusion, marks=marks, at=first.when)
        )
    return entries


def panels(given: Given, told: Mapping[str, Reading]) -> list[Entry]:
    """The panels in which results came, by name."""
    gathering = [
        each
        for each in given.of("DiagnosticReport")
        if _is_panel(each) and not is_document(each) and each.item.id not in told
    ]
    groups = same(latest_first(gathering), "code", _report_name)
    return [
        given.entry("panels", _report_name(group[0]), [given.source(each) for each in latest_first(group)])
        for group in groups
    ]


def _is_panel(each: Dated) -> bool:
    """A report that says nothing beyond its results, which stand for themselves."""
    resource = each.resource
    return bool(children(resource, "result")) and not (
        string(resource, "conclusion") or children(resource, "conclusionCode") or children(resource, "presentedForm")
    )


def _report_name(each: Dated) -> str:
    resource = each.resource
    name = concept(resource.get("code")) or string(resource, "description") or concepts(resource, "procedureCode")
    return name or "Report not named"
