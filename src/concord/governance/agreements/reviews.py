"""When agreements fall due: the days on which somebody has to do something, as a page and as a calendar file."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from concord.governance.agreement import Agreement
from concord.governance.agreements.pages import Page, Section, Table
from concord.governance.directory import Directory

WARNED_BEFORE = (90, 30, 7)
"""Days before a review or an end on which those who answer for the agreement are warned."""


def reviews_page(agreements: Iterable[Agreement], directory: Directory) -> Page:
    """Every day on which something is due, in order, with all to which it applies."""
    due: dict[tuple[date, str], list[str]] = {}
    for agreement in agreements:
        for day, what in (*_due(agreement, directory), *_warned(agreement, directory)):
            due.setdefault((day, what), []).append(f"{agreement.title}, version {agreement.version}")
    rows = tuple((f"{day:%-d %B %Y}", what, "; ".join(names)) for (day, what), names in sorted(due.items()))
    return Page(
        title="Review calendar",
        lead="An agreement stops sharing by itself at the end of its last day. Review it and sign the next before.",
        sections=(Section(title="", tables=(Table(title="", head=("Day", "What is due", "Agreements"), rows=rows),)),),
    )


def reviews_calendar(agreements: Iterable[Agreement], directory: Directory) -> str:
    """The same as an iCalendar file (RFC 5545): one event a day on which something is due, alarms before it."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Concord//Agreements//EN", "CALSCALE:GREGORIAN"]
    for agreement in agreements:
        for number, (day, what) in enumerate(_due(agreement, directory)):
            lines += [
                "BEGIN:VEVENT",
                f"UID:{agreement.agreement}-{agreement.version}-{number}@concord.example",
                f"DTSTAMP:{agreement.from_on:%Y%m%d}T000000Z",
                f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
                f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
                f"SUMMARY:{_escaped(f'{agreement.title}, version {agreement.version}: {what}')}",
                "TRANSP:TRANSPARENT",
                *(line for days in WARNED_BEFORE for line in _alarm(days, agreement)),
                "END:VEVENT",
            ]
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _due(agreement: Agreement, directory: Directory) -> Iterator[tuple[date, str]]:
    yield agreement.review_on, "Review"
    yield agreement.until_on, "Last day"
    for party in sorted(agreement.parties):
        succession = directory.successions.get(party)
        if succession is not None and succession.from_on <= agreement.until_on:
            names = f"{directory.name(party)} is succeeded by {directory.name(succession.successor)}"
            yield succession.from_on, f"Review: {names}, whose own signature is wanted"


def _warned(agreement: Agreement, directory: Directory) -> Iterator[tuple[date, str]]:
    for day, what in _due(agreement, directory):
        for days in WARNED_BEFORE:
            if day - timedelta(days=days) >= agreement.from_on:
                yield day - timedelta(days=days), f"{days} days to go: {what[0].lower()}{what[1:]}"


def _alarm(days: int, agreement: Agreement) -> Iterator[str]:
    yield "BEGIN:VALARM"
    yield "ACTION:DISPLAY"
    yield f"TRIGGER:-P{days}D"
    yield f"DESCRIPTION:{_escaped(agreement.title)}: {days} days to go"
    yield "END:VALARM"


def _escaped(text: str) -> str:
    """RFC 5545, section 3.3.11."""
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """Lines of at most 75 octets, the rest after a space (RFC 5545, section 3.1); never within a character."""
    part = ""
    for character in line:
        if len((part + character).encode()) > 75:
            yield part
            part = " "
        part += character
    yield part
