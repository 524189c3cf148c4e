"""Latest results: of each test the last one, its flag as the laboratory words it, what came before, what is awaited."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from concord.record.dates import when
from concord.record.summary.given import DATED_IN_THE_FUTURE, Dated, Given, latest_first, same
from concord.record.summary.model import Entry, Mark, Point, Result, Results
from concord.record.summary.readings import Reading, read, with_unit
from concord.record.summary.reports import PROVISIONAL, panels, reports, told_in_words
from concord.record.summary.words import (
    Json,
    child,
    children,
    codes,
    codings,
    concept,
    concepts,
    counted,
    joined,
    notes,
    number,
    number_text,
    string,
    unit,
)
from concord.terminology import Heading

HIGH, LOW = Mark(text="▲ High", tone="care"), Mark(text="▼ Low", tone="care")
_FLAGS = {
    "HH": Mark(text="‼ Critically high", tone="bad"),
    "LL": Mark(text="‼ Critically low", tone="bad"),
    "HU": Mark(text="‼ Critically high", tone="bad"),
    "LU": Mark(text="‼ Critically low", tone="bad"),
    "AA": Mark(text="‼ Critically abnormal", tone="bad"),
    "H": HIGH,
    "HX": HIGH,
    "L": LOW,
    "LX": LOW,
    "A": Mark(text="! Abnormal", tone="care"),
    "POS": Mark(text="Positive", tone="fact"),
    "NEG": Mark(text="Negative", tone="fact"),
    "R": Mark(text="Resistant", tone="fact"),
    "S": Mark(text="Susceptible", tone="fact"),
    "I": Mark(text="Intermediate", tone="fact"),
}
_UNREMARKABLE = {"N", "NR", "ND"}
_CHANGED = {
    "corrected": Mark(text="Corrected", tone="fact"),
    "amended": Mark(text="Amended", tone="fact"),
}

_SHOWN = (Heading.INVESTIGATION_RESULTS, Heading.EXAMINATION_FINDINGS)
_SERIES = timedelta(days=731)
_FRESH = timedelta(days=3)

# What laboratories put around the name of what they measured
_AROUND_TEST = re.compile(
    r"\s*\[[^\]]*\]|\s+in serum(,? plasma)?( or plasma| or blood)*|\s+in plasma"
    r"|^(serum|plasma)\s+|\s+level$|\s+measurement$",
    re.IGNORECASE,
)


def results(given: Given) -> Results:
    observations = [each for each in given.of("Observation") if each.item.heading in _SHOWN]
    readings = {id(each): read(each) for each in observations}
    told = told_in_words(given, readings.values())
    within = {id(each.dated) for each in told.values()}
    valued = [each for each in observations if readings[id(each)].text and id(each) not in within]
    laboratory, measured = (
        _latest(given, [readings[id(each)] for each in valued if each.item.heading is heading]) for heading in _SHOWN
    )
    awaited = [each for each in observations if not readings[id(each)].text and _is_awaited(each)]
    flagged = sum(any(mark.tone in ("care", "bad") for mark in each.marks) for each in laboratory)
    lead = joined(counted(len(laboratory), "test"), f"{flagged} out of range" if flagged else "", by=" · ")
    return Results(
        lead=lead,
        laboratory=tuple(laboratory),
        measured=tuple(measured),
        awaited=tuple(_awaited(given, awaited)),
        reports=tuple(reports(given, told)),
        panels=tuple(panels(given, told)),
    )


def _latest(given: Given, readings: Sequence[Reading]) -> list[Result]:
    """A result a test: marked urgent first, then those of the last days; in each, out of range before the others."""
    by_item = {id(each.dated): each for each in readings}
    found = []
    for group in same([each.dated for each in readings], "code", _test_key, codes_tell_apart=True):
        ordered = _last_issued_first(latest_first(group))
        result = _result(given, [by_item[id(each)] for each in ordered])
        tones = {mark.tone for mark in result.marks}
        moment = ordered[0].when
        fresh = moment is not None and given.now - moment.low < _FRESH
        urgency = (0, 0) if "bad" in tones else (1 if fresh else 2, 0 if "care" in tones else 1)
        found.append((urgency, -moment.low.timestamp() if moment else 0.0, result.test, result.anchor, result))
    return [each[-1] for each in sorted(found, key=lambda each: each[:-1])]


def _last_issued_first(ordered: Sequence[Dated]) -> list[Dated]:
    """Of results of one time the last that was issued: an amended one stands before what it amends."""
    latest = ordered[0].when
    tied = [each for each in ordered if latest is not None and each.when is not None and each.when.low == latest.low]
    issued = {id(each): when(each.resource.get("issued")) for each in tied}
    tied.sort(key=lambda each: found.low.timestamp() if (found := issued[id(each)]) else 0.0, reverse=True)
    return [*tied, *ordered[len(tied) :]]


def _test_name(each: Dated) -> str:
    return concept(each.resource.get("code")) or "Test not named"


def _test_key(each: Dated) -> str:
    """Name and unit: the hospital's "Potassium" and the practice's "Serum potassium level" are one test."""
    amount = child(each.resource, "valueQuantity")
    return f"{_AROUND_TEST.sub('', _test_name(each))} {unit(amount)}"


def _result(given: Given, readings: Sequence[Reading]) -> Result:
    """`readings` of one test, latest first."""
    timely = [each for each in readings if not given.in_future(each.dated.when)]
    future = [each for each in readings if given.in_future(each.dated.when)]
    latest = (timely or future)[0]
    copies = [each for each in (timely or future) if _is_copy(each, latest)]
    copied = {id(each) for each in copies}
    before = next((each for each in timely if id(each) not in copied), None)
    low, high, text = _range(latest.dated.resource)
    marks = list(_marks(latest, low, high))
    if not timely:
        marks.append(DATED_IN_THE_FUTURE)
    moment = latest.dated.when
    return Result(
        anchor=given.anchor("results"),
        test=_test_name(latest.dated),
        value=latest.text,
        unit=latest.unit,
        marks=tuple(marks),
        when=moment.text if moment else "",
        when_iso=moment.iso if moment else "",
        range=text,
        low=low,
        high=high,
        previous=_previous(before, latest.unit),
        previous_when=before.dated.when.text if before and before.dated.when else "",
        series=_series(timely, latest, low, high),
        note=notes(latest.dated.resource),
        sources=tuple(given.source(each.dated) for each in copies),
        history=tuple(given.source(each.dated, with_unit(each)) for each in readings if id(each) not in copied),
    )


def _is_copy(each: Reading, latest: Reading) -> bool:
    """The same result in two feeds: equal value and unit, at the same time as far as the less precise of them says."""
    if each is latest:
        return True
    one, other = each.dated.when, latest.dated.when
    if one is None or other is None or one.low >= other.high or other.low >= one.high:
        return False
    same_value = each.amount == latest.amount if each.amount is not None else each.text == latest.text
    return same_value and each.unit == latest.unit


def _previous(before: Reading | None, unit_: str) -> str:
    if before is None:
        return ""
    return before.text if before.unit == unit_ else with_unit(before)


def _series(timely: Sequence[Reading], latest: Reading, low: Decimal | None, high: Decimal | None) -> tuple[Point, ...]:
    if latest.amount is None or latest.dated.when is None:
        return ()
    points: dict[datetime, Point] = {}
    for each in timely:
        moment = each.dated.when
        if each.amount is None or moment is None or each.unit != latest.unit:
            continue
        if latest.dated.when.low - moment.low > _SERIES or moment.low in points:
            continue
        outside = (low is not None and each.amount < low) or (high is not None and each.amount > high)
        points[moment.low] = Point(at=moment.low, value=each.amount, text=with_unit(each), outside=outside)
    return tuple(reversed(points.values()))


def _range(resource: Json) -> tuple[Decimal | None, Decimal | None, str]:
    """The laboratory's own range for this result: the one called normal, else the first."""
    ranges = children(resource, "referenceRange")
    normal = [each for each in ranges if not child(each, "type") or "normal" in codes(each, "type")]
    chosen = next(iter([*normal, *ranges]), {})
    low, high = (number(child(chosen, end).get("value")) for end in ("low", "high"))
    if low is not None and high is not None:
        return low, high, f"{number_text(low)} to {number_text(high)}"
    if low is not None:
        return low, None, f"over {number_text(low)}"
    if high is not None:
        return None, high, f"under {number_text(high)}"
    return None, None, string(chosen, "text")


def _marks(latest: Reading, low: Decimal | None, high: Decimal | None) -> list[Mark]:
    """The laboratory's flags; where it sent none, whether the value lies outside its range."""
    resource = latest.dated.resource
    marks = []
    interpretations = children(resource, "interpretation")
    for each in interpretations:
        known = [code for _, code in codings(each) if code in _FLAGS or code in _UNREMARKABLE]
        if known:
            marks += [_FLAGS[code] for code in known if code in _FLAGS][:1]
        elif text := concept(each):
            marks.append(Mark(text=text, tone="fact"))
    if not interpretations and latest.amount is not None and not latest.text.startswith(("<", ">")):
        if high is not None and latest.amount > high:
            marks.append(HIGH)
        elif low is not None and latest.amount < low:
            marks.append(LOW)
    status = string(resource, "status")
    if status in ("preliminary", "registered", "unknown"):
        marks.append(PROVISIONAL)
    if status in _CHANGED:
        marks.append(_CHANGED[status])
    return list(dict.fromkeys(marks))


def _awaited(given: Given, observations: Sequence[Dated]) -> list[Entry]:
    """Asked for and not answered, or answered without a value."""
    answered = {
        string(reference, "reference")
        for each in given.of("Observation", "DiagnosticReport")
        for reference in children(each.resource, "basedOn")
    }
    entries = []
    for each in latest_first(given.of("ServiceRequest")):
        waits = string(each.resource, "status") == "active" and f"ServiceRequest/{each.item.id}" not in answered
        if waits and each.item.heading is Heading.INVESTIGATIONS_REQUESTED:
            title = concept(each.resource.get("code")) or "Investigation not named"
            reason = concepts(each.resource, "reasonCode")
            entries.append(given.entry("awaited", title, [given.source(each)], detail=reason, at=each.when))
    for group in same(observations, "code", _test_name):
        ordered = latest_first(group)
        why = concept(ordered[0].resource.get("dataAbsentReason")) or notes(ordered[0].resource)
        sources = [given.source(each) for each in ordered]
        detail = why or "no value sent"
        entries.append(given.entry("awaited", _test_name(ordered[0]), sources, detail=detail, at=ordered[0].when))
    return entries


def _is_awaited(each: Dated) -> bool:
    """A finding that is final needs no value: its code says it all, and it stands under its heading."""
    final = string(each.resource, "status") in ("final", "amended", "corrected")
    return each.item.heading is Heading.INVESTIGATION_RESULTS or not final or "dataAbsentReason" in each.resource
