"""A record in parts that anybody understands, in the order in which people ask."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from concord.record import Entry, Source, Summary

# Of somebody else's record: what stands for what.
_OF_ANOTHER = (("Your ", "Their "), ("your ", "their "), ("you are", "they are"), ("you took", "they took"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One thing that the record says: `title` bold, `words` after it, and who says it since when. `item`: "Type/id"."""

    title: str
    words: str
    told: str
    item: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A part of the record under a title that anybody understands."""

    title: str
    lines: Sequence[Line]


def parts_of(summary: Summary, *, own: bool = True) -> Iterator[Part]:
    """Every part of the record that says something. `own` False: it is somebody else's than the reader's."""
    medicines = [
        Line(
            title=each.name,
            words="".join(piece.text for piece in each.dose or next((c.dose for c in each.cells if c.dose), ())),
            told=_told([source.name for source in each.sources], ""),
            item=_item(each.sources),
        )
        for each in summary.medications.current
    ]
    results = [
        Line(
            title=each.test,
            words=f"{each.value} {each.unit}",
            told=_told([s.name for s in each.sources], each.when),
            item=_item(each.sources),
        )
        for each in (*summary.results.laboratory, *summary.results.measured)
    ]
    parts: Sequence[tuple[str, Sequence[Line]]] = (
        ("Your allergies", _lines(summary.allergies.entries)),
        ("Your medicines", medicines),
        ("Your health conditions", _lines(summary.problems.entries)),
        ("Your results", results),
        ("Your appointments", _lines(summary.appointments.entries)),
        ("Your plans and wishes", _lines(summary.plans.entries)),
        ("Where you are being looked after", _lines(summary.where_now.entries)),
        ("Care and support", _lines(summary.care.entries)),
        ("Visits and calls", _lines((*summary.contacts.entries, *summary.contacts.more))),
        ("Who is involved in your care", _lines(summary.people.entries)),
        ("Letters and documents", _lines((*summary.documents.entries, *summary.documents.more))),
        ("Health conditions in the past", _lines(summary.problems.more)),
        ("Medicines that you took before", _lines((*summary.medications.stopped, *summary.medications.earlier))),
        ("Tests that are not finished", _lines(summary.results.awaited)),
        ("Reports", _lines(summary.results.reports)),
        ("Alerts", _lines(summary.risks.entries)),
        *((each.title, _lines(each.entries)) for each in summary.elsewhere),
    )
    yield from (Part(title=title if own else _of_another(title), lines=lines) for title, lines in parts if lines)


def _of_another(title: str) -> str:
    for ours, theirs in _OF_ANOTHER:
        title = title.replace(ours, theirs)
    return title


def _lines(entries: Iterable[Entry]) -> list[Line]:
    return [_line(entry) for entry in entries]


def _line(entry: Entry) -> Line:
    words = " · ".join(each for each in (entry.detail, *entry.meta, entry.text) if each)
    told = _told([s.name for s in entry.sources], entry.sources[0].when)
    return Line(title=entry.title, words=words, told=told, item=_item(entry.sources))


def _item(sources: Sequence[Source]) -> str:
    """The latest item that says it."""
    return f"{sources[0].type}/{sources[0].id}"


def _told(names: Sequence[str], when: str) -> str:
    """ "Millbrook Surgery and Northfield General, 9 Nov 2026"."""
    by = " and ".join(dict.fromkeys(names))
    return f"{by}, {when}" if when else by
