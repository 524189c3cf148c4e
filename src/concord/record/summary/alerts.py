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
    found += _resuscitation(plans)
    for result in (*results.laboratory, *results.measured):
        urgent = [mark.text for mark in result.marks if mark.tone == "bad"]
        if urgent:
            title = f"{urgent[0]}: {joined(result.test, joined(result.value, result.unit, by=' '), by=' ')}"
            detail = joined(result.when, "marked by the laboratory", by=", ")
            found.append(_alert(title, detail, "bad", result.anchor, result.sources))
    found += [_risk(each) for each in risks.entries if each.sources[0].heading in _WARNINGS]
    disagreeing = [each for each in medications.current if each.disagrees]
    if disagreeing:
        found.append(_medicines(disagreeing))
    return tuple(found)


def _alert(title: str, detail: str, tone: Tone, anchor: str, sources: Sequence[Source]) -> Alert:
    chips = tuple(dict.fromkeys(source.chip for source in sources))
    return Alert(title=title, detail=detail, tone=tone, anchor=anchor, chips=chips)


def _allergy(entry: Entry) -> Alert:
    words = [mark.text for mark in entry.marks if mark.tone not in ("fact", "ok")]
    if entry.against:
        words.append("≠ Contradicted")
    return _alert(
        f"Allergy: {joined(entry.title, entry.detail)}", joined(*words, by=" · "), "bad", entry.anchor, entry.sources
    )


def _resuscitation(plans: Card) -> list[Alert]:
    """One box for each organisation that says something about resuscitation: its clearest words, not every form."""
    speaking: dict[str, list[Entry]] = {}
    for entry in plans.entries:
        if is_resuscitation(f"{entry.title} {entry.detail}"):
            speaking.setdefault(entry.sources[0].organisation, []).append(entry)
    found = []
    for entries in speaking.values():
        clearest = max(entries, key=lambda each: ("CPR" in each.title, bool(each.detail)))
        words = [*(mark.text for mark in clearest.marks), *clearest.meta]
        found.append(_alert(clearest.title, _dated(clearest, words), "plan", clearest.anchor, clearest.sources))
    return found


def _risk(entry: Entry) -> Alert:
    words = [*(mark.text for mark in entry.marks), entry.detail]
    return _alert(entry.title, _dated(entry, words), "care", entry.anchor, entry.sources)


def _dated(entry: Entry, words: Sequence[str]) -> str:
    when = next((source.when for source in entry.sources if source.when), "")
    return joined(*words, when, by=" · ")


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
