"""The strip at the top: what can harm tonight, worst first. Every box leads to the entry that it speaks of."""

from collections.abc import Sequence

from concord.record.summary.medications import CURRENT_OR_STOPPED
from concord.record.summary.model import Alert, Card, Entry, Medications, Medicine, Results, Source, Tone
from concord.record.summary.plans import is_resuscitation
from concord.record.summary.words import joined
from concord.terminology import Heading

_WARNINGS = {Heading.SAFEGUARDING, Heading.RISKS, Heading.ALERTS}
_COUNTS = {1: "One medicine disagrees", 2: "Two medicines disagree", 3: "Three medicines disagree"}


def alerts(
    severe: Sequence[Entry], plans: Card, risks: Card, results: Results, medications: Medications
) -> tuple[Alert, ...]:
    found = [_allergy(each) for each in severe]
    found += [_of_entry(each, "plan") for each in plans.entries if _forbids_or_asks(each)]
    found += [_of_entry(each, "care") for each in risks.entries if each.sources[0].heading in _WARNINGS]
    for result in (*results.laboratory, *results.measured):
        urgent = [mark.text for mark in result.marks if mark.tone == "bad"]
        if urgent:
            title = f"{urgent[0]}: {joined(result.test, joined(result.value, result.unit, by=' '), by=' ')}"
            detail = joined(result.when, "marked by the laboratory", by=", ")
            found.append(_alert(title, detail, "bad", result.anchor, result.sources))
    disagreeing = [each for each in medications.current if each.disagrees]
    if disagreeing:
        found.append(_medicines(disagreeing))
    return tuple(found)


def _alert(title: str, detail: str, tone: Tone, anchor: str, sources: Sequence[Source]) -> Alert:
    chips = tuple(dict.fromkeys(source.chip for source in sources))
    return Alert(title=title, detail=detail, tone=tone, anchor=anchor, chips=chips)


def _allergy(entry: Entry) -> Alert:
    words = [mark.text for mark in entry.marks if mark.tone != "fact"]
    if entry.against:
        words.append("≠ Contradicted")
    return _alert(
        f"Allergy: {joined(entry.title, entry.detail)}", joined(*words, by=" · "), "bad", entry.anchor, entry.sources
    )


def _forbids_or_asks(entry: Entry) -> bool:
    return is_resuscitation(f"{entry.title} {entry.detail}")


def _of_entry(entry: Entry, tone: Tone) -> Alert:
    words = [*(mark.text for mark in entry.marks), entry.detail, *entry.meta]
    when = next((source.when for source in entry.sources if source.when), "")
    return _alert(entry.title, joined(*words, when, by=" · "), tone, entry.anchor, entry.sources)


def _medicines(disagreeing: Sequence[Medicine]) -> Alert:
    def words(medicine: Medicine) -> str:
        stopped = CURRENT_OR_STOPPED in medicine.marks
        return f"{medicine.name} {'current or stopped' if stopped else 'dose'}"

    count = len(disagreeing)
    title = f"≠ {_COUNTS.get(count, f'{count} medicines disagree')}"
    sources = [source for medicine in disagreeing for source in medicine.sources]
    return _alert(
        title, joined(*(words(each) for each in disagreeing), by="; "), "care", disagreeing[0].anchor, sources
    )
