"""Figures in words: a page that may leave for the organisation that it is about, and the same as CSV.

Every count goes through `disclosed`, and no share of few is told; what few items say stands here under no name, so that
one item more or less does not show. The examples are made up.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from io import StringIO

from concord.governance.agreements import LARGEST_SMALL, SMALL_NUMBERS, Page, Section, Table, disclosed
from concord.ingest.quality.figures import Figures, OfHeading
from concord.ingest.quality.judging import (
    BEFORE_BIRTH,
    BROKEN,
    EXCUSED,
    FUTURE,
    NO_UCUM,
    NO_UNIT,
    NONE,
    STATED,
    TRACED,
    TWICE,
    TWO_PATIENTS,
    UNTRACED,
    WORDS_ALONE,
)
from concord.ingest.quality.measuring import Measured
from concord.ingest.quality.standard import STANDARD
from concord.terminology import Heading

_FEWEST = 20  # of less no share is told: one item more or less would show in it
_MOST_NAMES = 12
_FORMULA = ("=", "+", "-", "@", "\t")  # what a spreadsheet takes a cell for that begins with one
STATUSES = (TRACED, STATED, UNTRACED, BROKEN, EXCUSED, NONE)
KINDS: Mapping[str, tuple[str, str]] = {
    FUTURE: (
        'Seen on 3 March 2026: "onsetDateTime": "2062-03-01". The digits of the year were changed over.',
        "Let the screen refuse a day that has not come, where something is recorded as having happened.",
    ),
    BEFORE_BIRTH: (
        'Born in 1984: "effectiveDateTime": "1900-01-01". Where the day was not known, a day was put in its place.',
        "Send the part of the date that is known (a year alone is a FHIR date), or none.",
    ),
    TWICE: (
        'Two Conditions with the same code and onset, "id": "c-17" and "c-17-copy": one export was added to another.',
        "Send each item under the id that it always had; then it is one, however often it is sent.",
    ),
    NO_UCUM: (
        '"valueQuantity": {"value": 5.5, "unit": "mmol/l"} and no code. Written so it cannot be compared or drawn.',
        'Add "system": "http://unitsofmeasure.org" and "code": "mmol/L".',
    ),
    NO_UNIT: (
        '"valueQuantity": {"value": 72}: of a weight nobody can tell kilograms from pounds.',
        "Send the unit with each number; of a number without one, the code 1.",
    ),
    WORDS_ALONE: (
        '"code": {"text": "asthma"}. It is shown, but found by no search, and checked against nothing.',
        "Send the code that the words were chosen by, and its system, beside the words.",
    ),
    TWO_PATIENTS: (
        "Patient 41 and Patient 1107 of one system with one NHS number: registered twice, or one number is wrong.",
        "Look at the pairs in your own system, and merge or mend them there; send the merge.",
    ),
}


def page(measured: Measured, name: str, earlier: Sequence[Measured]) -> Page:
    """What is to be told of an organisation of this `name`; `earlier`: its days before, newest first."""
    figures = measured.figures
    return Page(
        title=f"Data quality: {name}",
        lead=f"What {name} had contributed by {day_in_words(measured.day)}, held against the Core Information "
        f"Standard. {SMALL_NUMBERS} Shares of fewer than {_FEWEST} are not told. Examples are made up.",
        sections=(
            Section(title="At a glance", tables=(_glance(figures),)),
            Section(title="What to look at", tables=(_findings(figures),)),
            Section(title="NHS numbers", tables=(_numbers(figures),)),
            Section(
                title="Headings of the standard",
                sentences=("An element that is missing may not be held, or not be sent: only you can tell.",),
                tables=(_headings(figures), _elements(figures)),
            ),
            Section(title="Codes", tables=(_systems(figures),)),
            Section(title="Units", tables=(_units(figures),)),
            Section(title="Day by day", tables=(_trend([measured, *earlier]),)),
        ),
    )


def as_csv(measured: Measured) -> str:
    """The same as CSV, a figure a line, for a spreadsheet to open: no cell of it is a formula."""
    written = StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(("figure", "of", "where", "count", "share"))
    writer.writerows([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row] for row in _rows(measured))
    return written.getvalue()


def _rows(measured: Measured) -> list[tuple[str, ...]]:
    figures = measured.figures
    found: list[tuple[str, ...]] = [
        ("people", "", "", disclosed(figures.people), ""),
        ("items", "", "", disclosed(figures.items), ""),
    ]
    for status in STATUSES:
        count = figures.numbers[status]
        found.append(("NHS number", status, "", disclosed(count), share(count, figures.numbers.total())))
    for kind in KINDS:
        count = figures.found(kind)
        found.append(("finding", kind, "", disclosed(count), share(count, figures.looked[kind])))
        found += [("finding", kind, path, disclosed(n), "") for path, n in _where(figures, kind)]
    for heading, of in _by_heading(figures):
        found.append(("heading", heading, "people", disclosed(of.people), share(of.people, figures.people)))
        for says, looked in of.looked.items():
            found.append(("element", heading, says, disclosed(of.there[says]), share(of.there[says], looked)))
    for at, systems in sorted(figures.systems.items()):
        found += [("code system", at, name, told, "") for name, told in _named(systems)]
    found += [("unit", name, "", told, "") for name, told in _named(figures.units)]
    return found


def share(part: int, of: int) -> str:
    """ "85%", to the nearest 5; in words where one item more or less would show, or where so round a figure would say
    that nothing, or everything, is there."""
    if of < _FEWEST:
        return "too few to tell"
    rounded = 5 * round(20 * part / of)
    if part <= LARGEST_SMALL or rounded == 0:
        return "few"
    return "nearly all" if of - part <= LARGEST_SMALL or rounded == 100 else f"{rounded}%"


def _glance(figures: Figures) -> Table:
    there, looked = figures.complete
    traced = sum(figures.numbers[status] for status in (TRACED, UNTRACED, STATED))
    return Table(
        title="",
        head=("", ""),
        rows=(
            ("People", disclosed(figures.people)),
            ("Items", disclosed(figures.items)),
            ("People with an NHS number", share(traced, figures.numbers.total())),
            ("Elements of the standard that are there", share(there, looked)),
            ("Coded elements with a code", _but(figures, WORDS_ALONE)),
            ("Measurements with a UCUM unit", _but(figures, NO_UCUM, NO_UNIT)),
        ),
    )


def _but(figures: Figures, *kinds: str) -> str:
    looked = figures.looked[kinds[0]]
    return share(looked - sum(figures.found(kind) for kind in kinds), looked)


def _findings(figures: Figures) -> Table:
    def lines() -> Iterator[tuple[str, ...]]:
        for kind, (example, remedy) in KINDS.items():
            where = ", ".join(path for path, _ in _where(figures, kind)[:5])
            yield kind[0].upper() + kind[1:], disclosed(figures.found(kind)), where, example, remedy

    head = ("What", "How many", "Where", "For example", "What to do")
    return Table(title="", head=head, rows=tuple(lines()))


def _numbers(figures: Figures) -> Table:
    total = figures.numbers.total()
    told = tuple((each, disclosed(figures.numbers[each]), share(figures.numbers[each], total)) for each in STATUSES)
    return Table(title="", head=("The number is", "Patients", "Share"), rows=told)


def _headings(figures: Figures) -> Table:
    told = tuple(
        (
            _title(heading),
            disclosed(of.items),
            share(of.people, figures.people),
            share(of.there.total(), of.looked.total()),
        )
        for heading, of in _by_heading(figures)
    )  # fmt: skip
    return Table(title="What is sent", head=("Heading", "Items", "People with any", "Elements there"), rows=told)


def _elements(figures: Figures) -> Table:
    mandatory = {
        (heading.value, each.says) for heading, of in STANDARD.items() for some in of.values() for each in some
        if each.mandatory
    }  # fmt: skip
    told = [
        (
            _title(heading),
            says,
            "mandatory" if (heading, says) in mandatory else "required",
            share(of.there[says], looked),
        )
        for heading, of in _by_heading(figures)
        for says, looked in of.looked.items()
    ]
    head = ("Heading", "Element", "In the standard", "There")
    return Table(title="Element by element", head=head, rows=tuple(told))


def _title(heading: str) -> str:
    return heading.replace("-", " ").capitalize()


def _systems(figures: Figures) -> Table:
    told = tuple((at, *named) for at, systems in sorted(figures.systems.items()) for named in _named(systems))
    return Table(title="", head=("Element", "Code system", "Items"), rows=told)


def _units(figures: Figures) -> Table:
    return Table(title="", head=("Unit as written", "Measurements"), rows=tuple(_named(figures.units)))


def _trend(days: Sequence[Measured]) -> Table:
    told = [
        (day_in_words(each.day), disclosed(each.figures.people), disclosed(each.figures.items), *(
            value for _, value in _glance(each.figures).rows[2:]
        ))
        for each in days
    ]  # fmt: skip
    head = ("Day", "People", "Items", "NHS numbers", "Elements there", "With a code", "UCUM units")
    return Table(title="", head=head, rows=tuple(told))


def _by_heading(figures: Figures) -> Iterator[tuple[str, OfHeading]]:
    """In the order of the standard, those under which more than a few items stand."""
    for heading in Heading:
        of = figures.headings.get(heading.value)
        if of is not None and of.items > LARGEST_SMALL:
            yield heading.value, of


def _where(figures: Figures, kind: str) -> list[tuple[str, int]]:
    """Where more than a few of a kind were found, the commonest first."""
    return [(path, n) for path, n in _sorted(figures.findings.get(kind, {})) if n > LARGEST_SMALL]


def _named(counted: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """The commonest by name; what few items say has none here, since it may be one person's words."""
    common = [(name, n) for name, n in _sorted(counted) if n >= _FEWEST][:_MOST_NAMES]
    for name, n in common:
        yield name or "words alone", disclosed(n)
    yield "others", disclosed(sum(counted.values()) - sum(n for _, n in common))


def _sorted(counted: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counted.items(), key=lambda each: (-each[1], each[0]))


def day_in_words(day: str) -> str:
    """Such as "22 November 2026"."""
    on = date.fromisoformat(day)
    return f"{on.day} {on:%B %Y}"
