"""Current medications: every list beside the others, what differs marked, and nothing chosen.

An item is current, stopped, or neither (planned, dated in the future, unknown to be taken). Entries of one medicine
from all lists make a row; one organisation's entries of it make a cell.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from concord.base import OdsCode
from concord.record.summary.dosing import comparable, strength_text, strengths, without_strength
from concord.record.summary.given import DATED_IN_THE_FUTURE, Given
from concord.record.summary.medicine_entries import MedicineEntry, by_medicine
from concord.record.summary.model import Entry, Mark, Medications, Medicine, MedicineCell, MedicineColumn, Piece, Source
from concord.record.summary.words import (
    codes,
    concept,
    concepts,
    counted,
    joined,
    notes,
    string,
)

AGREE = Mark(text="= Agree", tone="ok")
DOSE_DIFFERS = Mark(text="≠ Dose differs", tone="care")
CURRENT_OR_STOPPED = Mark(text="≠ Current or stopped?", tone="care")
MAY_NOT_BE_TAKEN = Mark(text="? May not be taken", tone="care")
_ON_HOLD = Mark(text="On hold", tone="care")
_STATUS_NOT_KNOWN = Mark(text="? Status not known", tone="care")

_NOT_ISSUED_FOR = timedelta(days=183)
_STOPPED_LATELY = timedelta(days=90)
# An older stop is no disagreement: the medicine has been started again since.
_A_STOP_COUNTS_FOR = timedelta(days=365)

_KIND_ORDER = {"gp-practice": 0, "acute-trust": 1}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Row:
    """One medicine that some list holds: who holds it, who stopped it, when each last issued it."""

    standing: Sequence[MedicineEntry]
    against: Sequence[MedicineEntry]
    issued: Mapping[OdsCode, datetime]

    def held_by(self, organisation: OdsCode) -> list[MedicineEntry]:
        return [each for each in self.standing if each.organisation == organisation]

    def stopped_by(self, organisation: OdsCode) -> list[MedicineEntry]:
        return [each for each in self.against if each.organisation == organisation]


def medications(given: Given) -> Medications:
    rows, stopped, earlier = [], [], []
    for group in by_medicine(given):
        standing = [each for each in group if each.state == "current"]
        if standing:
            against = _stopped_elsewhere(given, group, standing)
            rows.append(_Row(standing=standing, against=against, issued=_last_issues(given, group)))
            kept = {id(each) for each in (*standing, *against)}
            rest = [each for each in group if id(each) not in kept]
        else:
            lately = [each for each in group if _is_lately_stopped(given, each)]
            rest = [each for each in group if not _is_lately_stopped(given, each)]
            if lately:
                stopped.append(_stopped_entry(given, lately, "stopped"))
        if rest:
            earlier.append(_stopped_entry(given, rest, "earlier"))
    columns = _columns(given, rows)
    current = [_medicine(given, row, columns) for row in rows]
    current.sort(key=lambda each: (not each.disagrees, MAY_NOT_BE_TAKEN in each.marks, _all_future(each)))
    return Medications(
        lead=_lead(current, stopped),
        columns=columns,
        current=tuple(current),
        stopped=tuple(stopped),
        earlier=tuple(earlier),
    )


def _lead(current: Sequence[Medicine], stopped: Sequence[Entry]) -> str:
    future = sum(_all_future(each) for each in current)
    disagree = sum(each.disagrees for each in current)
    stale = sum(MAY_NOT_BE_TAKEN in each.marks for each in current)
    return joined(
        f"{len(current) - future} current" if current else "",
        counted(disagree, "disagrees", "disagree"),
        f"{stale} not issued lately" if stale else "",
        f"{future} dated in the future" if future else "",
        f"{len(stopped)} stopped in 90 days" if stopped else "",
        by=" · ",
    )


def _all_future(medicine: Medicine) -> bool:
    return DATED_IN_THE_FUTURE in medicine.marks


def _stopped_elsewhere(
    given: Given, group: Sequence[MedicineEntry], standing: Sequence[MedicineEntry]
) -> list[MedicineEntry]:
    """Entries of other lists that stopped, within a year, what a list still holds. A course completed is no stop."""
    holders = {each.organisation for each in standing}
    begun = [each.dated.when.low for each in standing if each.dated.when and not each.future]
    found = []
    for each in group:
        status = string(each.dated.resource, "status")
        if each.state != "stopped" or status == "completed" or each.organisation in holders:
            continue
        if each.stopped is not None and given.now - each.stopped.low > _A_STOP_COUNTS_FOR:
            continue
        started_later = each.stopped is not None and bool(begun) and min(begun) >= each.stopped.high
        if not started_later:
            found.append(each)
    return found


def _last_issues(given: Given, group: Sequence[MedicineEntry]) -> dict[OdsCode, datetime]:
    found: dict[OdsCode, datetime] = {}
    for each in group:
        if each.issued and not given.in_future(each.issued):
            found[each.organisation] = max(each.issued.low, found.get(each.organisation, each.issued.low))
    return found


def _is_lately_stopped(given: Given, each: MedicineEntry) -> bool:
    if each.state != "stopped" or each.stopped is None:
        return False
    return timedelta(0) <= given.now - each.stopped.low < _STOPPED_LATELY


def _columns(given: Given, rows: Iterable[_Row]) -> tuple[MedicineColumn, ...]:
    codes_ = {each.organisation for row in rows for each in (*row.standing, *row.against)}
    known = [(code, given.organisation(code)) for code in codes_]
    known.sort(key=lambda each: (_KIND_ORDER.get(each[1].kind, 2), each[1].name, each[0]))
    shorts = [organisation.short for _, organisation in known]
    return tuple(
        MedicineColumn(
            organisation=code,
            chip=organisation.short,
            title=f"{organisation.short if shorts.count(organisation.short) == 1 else organisation.name} record",
        )
        for code, organisation in known
    )


def _medicine(given: Given, row: _Row, columns: Sequence[MedicineColumn]) -> Medicine:
    names = list(dict.fromkeys(each.name for each in row.standing))
    one_strength = len({strengths(name) for name in names}) == 1
    name = names[0] if one_strength else without_strength(names[0])
    lists = [held for column in columns if (held := row.held_by(column.organisation))]
    differs = _doses_differ(lists)
    marks = _marks(given, row, lists, differs, several_columns=len(columns) > 1)
    cells = tuple(_cell(given, row, column, name, differs) for column in columns)
    agreed = AGREE in marks
    return Medicine(
        anchor=given.anchor("medicines"),
        name=name,
        agreed=agreed,
        disagrees=differs or bool(row.against),
        dose=next((cell.dose for cell in cells if cell.dose), ()) if agreed else (),
        cells=cells,
        marks=tuple(marks),
        note=_later(given, [*row.standing, *row.against]) if differs or row.against else "",
        sources=tuple(source for cell in cells for source in cell.sources),
    )


def _doses_differ(lists: Sequence[Sequence[MedicineEntry]]) -> bool:
    """Among the lists that give a dose. Dated in the future or not: both are shown, so both are compared."""
    said = [doses_ for held in lists if (doses_ := {comparable(each.name, each.dose) for each in held if each.dose})]
    return any(each != said[0] for each in said)


def _marks(
    given: Given, row: _Row, lists: Sequence[Sequence[MedicineEntry]], differs: bool, *, several_columns: bool
) -> list[Mark]:
    """The status words of a row."""
    marks = [CURRENT_OR_STOPPED] if row.against else []
    if differs:
        marks.append(DOSE_DIFFERS)
    elif len(lists) > 1 and not row.against:
        complete = all(any(each.dose for each in held) for held in lists)
        marks.append(AGREE if complete else Mark(text="Dose not on every list", tone="fact"))
    elif several_columns and not row.against:
        marks.append(Mark(text=f"{given.organisation(row.standing[0].organisation).short} only", tone="fact"))
    statuses = {string(each.dated.resource, "status") for each in row.standing}
    if all(each.future for each in row.standing):
        marks.append(DATED_IN_THE_FUTURE)
    elif all(_may_not_be_taken(given, row, held) for held in lists):
        marks.append(MAY_NOT_BE_TAKEN)
    if statuses == {"on-hold"}:
        marks.append(_ON_HOLD)
    if statuses <= {"unknown", ""}:
        marks.append(_STATUS_NOT_KNOWN)
    return marks


def _may_not_be_taken(given: Given, row: _Row, held: Sequence[MedicineEntry]) -> bool:
    """On this list, but the course is over, or it has not been issued for six months."""
    current = [each for each in held if not each.future]
    if current and all(given.is_past(each.stopped) for each in current):
        return True
    issued = row.issued.get(held[0].organisation)
    return bool(current) and issued is not None and given.now - issued > _NOT_ISSUED_FOR


def _cell(given: Given, row: _Row, column: MedicineColumn, name: str, differs: bool) -> MedicineCell:
    entries, ended = row.held_by(column.organisation), row.stopped_by(column.organisation)
    if not entries and not ended:
        return MedicineCell(chip=column.chip, dose=(), absent="Not on this list", meta=(), sources=())
    sources = tuple(_source(given, each) for each in (*entries, *ended))
    if not entries:
        day = f" {ended[0].stopped.text}" if ended[0].stopped else ""
        pieces = _without_empty(Piece(text="Stopped", differs=True), Piece(text=day, differs=False))
        return MedicineCell(chip=column.chip, dose=pieces, absent="", meta=_meta(given, ended[0]), sources=sources)
    texts = list(dict.fromkeys(_dose_text(each, name) for each in entries))
    meta = tuple(dict.fromkeys(part for each in entries for part in _meta(given, each)))
    pieces = _pieces(" and ".join(texts), differs)
    return MedicineCell(chip=column.chip, dose=pieces, absent="", meta=meta, sources=sources)


def _dose_text(each: MedicineEntry, shown_name: str) -> str:
    """The dose as sent; the strength from the source's name where the row's name no longer carries it."""
    strength = strength_text(each.name)
    lost = strength and not strengths(shown_name) and not strengths(each.dose)
    return joined(strength if lost else "", each.dose) or "Dose not given"


def _pieces(text: str, differs: bool) -> tuple[Piece, ...]:
    """Marks the amount, where there is one, else the whole."""
    if not differs:
        return (Piece(text=text, differs=False),)
    amount = strength_text(text).split(" / ")[0]
    if not amount:
        return (Piece(text=text, differs=True),)
    before, _, after = text.partition(amount)
    return _without_empty(
        Piece(text=before, differs=False), Piece(text=amount, differs=True), Piece(text=after, differs=False)
    )


def _without_empty(*pieces: Piece) -> tuple[Piece, ...]:
    return tuple(piece for piece in pieces if piece.text)


def _meta(given: Given, each: MedicineEntry) -> tuple[str, ...]:
    resource = each.dated.resource
    reason = concept(resource.get("statusReason")) or concepts(resource, "statusReason")
    moment = each.issued or each.dated.when
    parts = [
        f"issued {each.issued.text}" if each.issued and not each.future else "",
        f"ended {each.stopped.text}"
        if each.stopped and each.state == "current" and given.is_past(each.stopped)
        else "",
        f"\u201c{reason}\u201d" if reason else "",
        f"\u201c{note}\u201d" if (note := notes(resource).replace("\n", " ")) else "",
        "on hold" if "on-hold" in codes(resource, "status") else "",
        f"dated {moment.text}" if each.future and moment else "",
    ]
    return tuple(part for part in parts if part)


def _later(given: Given, entries: Sequence[MedicineEntry]) -> str:
    """Which list speaks later, by day; "" when they are level or one has no date."""
    latest: dict[OdsCode, datetime] = {}
    for each in entries:
        if each.latest is None or each.future:
            return ""
        latest[each.organisation] = max(each.latest, latest.get(each.organisation, each.latest))
    ordered = sorted(latest.items(), key=lambda one: one[1], reverse=True)
    if len(ordered) < 2 or ordered[0][1].date() == ordered[1][1].date():
        return ""
    return f"{given.organisation(ordered[0][0]).short} record is later"


def _source(given: Given, each: MedicineEntry) -> Source:
    """Dated by the last that its list says of it: a list read over last month is not as old as the medicine."""
    ended = each.stopped if each.state == "stopped" else None
    return given.source(each.dated, joined(each.name, each.dose), at=ended or each.issued or each.asserted)


def _stopped_entry(given: Given, entries: Sequence[MedicineEntry], card: str) -> Entry:
    first = entries[0]
    ended = first.stopped if first.state == "stopped" else None
    meta = [f"stopped {ended.text}" if ended else "", *_reasons(first)]
    status = string(first.dated.resource, "status")
    marks = [] if first.state == "stopped" or not status else [Mark(text=status.capitalize(), tone="fact")]
    sources = [given.source(each.dated, each.dose if each.dose != first.dose else "") for each in entries]
    return given.entry(card, first.name, sources, detail=first.dose, marks=marks, meta=meta)


def _reasons(each: MedicineEntry) -> list[str]:
    resource = each.dated.resource
    reason = concept(resource.get("statusReason")) or concepts(resource, "statusReason")
    return [reason, notes(resource).replace("\n", " ")]
