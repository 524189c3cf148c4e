"""The record page as values: what a template needs, already in the words that stand on the screen.

Every string is finished text (dates `9 Nov 2026`, times `03:12`, Europe/London; no relative times) and "" where there
is nothing; nothing here is None unless it says so. A template loops and escapes, and decides nothing. An empty card
is empty: which of the six sentences for absence stands there is for whoever knows the sources.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from concord.base import OdsCode
from concord.fhir import Told
from concord.record.model import ClauseReference
from concord.terminology import Heading

Tone = Literal["bad", "care", "ok", "plan", "fact"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """A status word with its sign, such as `▲ High`, `= Agree`, `Severe`.

    `tone` is its third signal: bad (act or stop), care (look), ok (checked, good), plan (a plan, or now), fact.
    """

    text: str
    tone: Tone


@dataclass(frozen=True, kw_only=True, slots=True)
class Phone:
    """`text` as it is read ("01632 960114"), `href` what dials it ("tel:01632960114")."""

    text: str
    href: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One line of provenance: which item says so. It stands behind `Why?`.

    `chip`  short name of the contributing organisation ("GP", "Hospital"); `name` the whole ("Millbrook Surgery").
    `when`  when it was true, as precisely as the source says ("2019", "Jun 2019", "9 Nov 2026", "22 Nov 2026 01:20");
            "" when the source gives no date. `when_iso` is the same for `<time datetime>`.
    `words` the source's own words where they differ from the entry's title ("penicillin V, throat swelling"), else "".
    `marks` what is to be said of this line alone (`≠ Contradicted`, `? Dated in the future`).
    `type`, `id` name the item (FHIR type and logical id); `clause` opens it (None: nothing needed to). `told`: which
            messages have the words of which elements, where its source names them. `original`: what the item was made
            from is kept, and the viewer may be told of it.
    """

    organisation: OdsCode
    chip: str
    name: str
    when: str
    when_iso: str
    words: str
    marks: tuple[Mark, ...]
    type: str
    id: str
    heading: Heading
    clause: ClauseReference | None
    told: Sequence[Told] = ()
    original: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One thing that the record says, once, with all that say it.

    `anchor` unique on the page, an HTML id, so that an alert leads to its item.
    `when`   the leading date of a card that is read by date (contacts, appointments, documents), else "".
    `title`  the value, bold, in the source's words; `detail` follows it in plain type ("anaphylaxis", "sacrum").
    `marks`  status words, worst first. `meta` grey phrases, to be joined by " · " ("Dr S Rahman", "since 01:47").
    `phones` numbers that dial.
    `text`   longer plain text as sent (a note, a document's content), line breaks kept; to be unfolded.
    `sources` everything that says it, latest first; at least one.
    `against` what contradicts it, each with its `words` and `marks`; stands beneath, on its own line.
    """

    anchor: str
    when: str
    when_iso: str
    title: str
    detail: str
    marks: tuple[Mark, ...]
    meta: tuple[str, ...]
    phones: tuple[Phone, ...]
    text: str
    sources: tuple[Source, ...]
    against: tuple[Source, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """A list of entries. `lead` is its one line of numbers ("8 active · 21 past"), "" when empty; counts what is shown.

    `more` is folded away under `more_title` ("Past problems", "Earlier contacts").
    """

    lead: str
    entries: tuple[Entry, ...]
    more_title: str
    more: tuple[Entry, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Variant:
    """One reading of a fact about identity, with the source patients that give it. `phones` when it dials."""

    text: str
    phones: tuple[Phone, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Detail:
    """A labelled fact under the banner ("Address"). More than one variant: the sources disagree, `marks` says so."""

    label: str
    variants: tuple[Variant, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """The banner and the lines under it.

    `name`        "HOLROYD, Margaret (Mrs)"; "Name not known" when no source patient shown gives one.
    `spoken_name` "Margaret Holroyd", for headings and titles in running text.
    `born`        "14 Feb 1942", "1942" or "not known"; `age` "84y" (under 4 weeks "2 days", then "12 weeks",
                  "17 months" under two; "about 84y" when only the year is known; "" when dead or not known);
                  `born_iso` for `<time>`. `sex` "Female", "Male", "Other", "Not known".
    `nhs_number`  "999 000 3114", else "not traced".
    `now`         where the person is now ("ED, Majors 7"), else "".
    `died`        "" or the sentence's start: "Died 3 Mar 2025, aged 80", "Died 3 Mar 2025", "Died". A template adds
                  "† " and ". Nothing can be booked or prescribed."
    `warning`     "" or why the name, birth date, sex or number is doubtful ("Sources disagree on date of birth").
    `details`     known as, address, phone, GP, communication; then name, born, sex, number where sources disagree.
    `sources`     every source patient, the one whose name stands in the banner first.
    """

    name: str
    spoken_name: str
    born: str
    born_iso: str
    age: str
    sex: str
    nhs_number: str
    now: str
    died: str
    warning: str
    details: tuple[Detail, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert:
    """One box of the strip. `title` "Allergy: penicillin, anaphylaxis"; `detail` grey text ("Severe · both say so").

    `tone` bad, care or plan; `anchor` is that of the entry, medicine or result that it leads to; `chips` the short
    names of the organisations that say it.
    """

    title: str
    detail: str
    tone: Tone
    anchor: str
    chips: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """A stretch of text; `differs` asks for a `<mark>`. Pieces follow each other without further spaces."""

    text: str
    differs: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class MedicineCell:
    """What one organisation's list says about a medicine.

    `dose` the dose as sent ("2.5 mg twice a day"), with what differs marked; empty when the organisation's list does
    not hold the medicine, and then `absent` is "Not on this list". `meta` grey phrases ("issued 2 Nov 2026").
    """

    chip: str
    dose: tuple[Piece, ...]
    absent: str
    meta: tuple[str, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Medicine:
    """One medicine across the lists.

    `agreed` True: several lists say the same, show `dose` once across the columns, with all `sources`.
    `cells`  one for each column of `Medications.columns`, in that order, whether agreed or not.
    `marks`  one or more of `= Agree`, `≠ Dose differs`, `≠ Current or stopped?`, "GP only", `? May not be taken`,
             `? Dated in the future`. `disagrees` asks for the thick bar. `note` "GP record is later", else "".
    `sources` all items of all cells, latest first.
    """

    anchor: str
    name: str
    agreed: bool
    disagrees: bool
    dose: tuple[Piece, ...]
    cells: tuple[MedicineCell, ...]
    marks: tuple[Mark, ...]
    note: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class MedicineColumn:
    """One organisation's list. `title` "GP record"."""

    organisation: OdsCode
    chip: str
    title: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Medications:
    """The card of current medications. `lead` "9 current · 2 disagree · 1 not issued lately · 2 stopped in 90 days".

    `current`: disagreements first, `? May not be taken` last. `stopped`: entries, stopped in the last 90 days;
    `earlier`: everything older or not started, to be folded away.
    """

    lead: str
    columns: tuple[MedicineColumn, ...]
    current: tuple[Medicine, ...]
    stopped: tuple[Entry, ...]
    earlier: tuple[Entry, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """One measured value of a series. `value` in the unit of the result shown; `outside` asks for a red ring.

    `text` is the value with its unit as sent. Dates lie on the axis by `at` (UTC).
    """

    at: datetime
    value: Decimal
    text: str
    outside: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """The latest result of one test.

    `value` as sent ("5.9", "<5", "Positive", "120/80"); `unit` ("mmol/L") or "". `when` when the sample was taken.
    `range` "3.5 to 5.3", "over 60", "under 5" or ""; `low`, `high` the same as numbers, for the band.
    `previous` the value before ("5.1"), `previous_when` its date. `series` oldest first, at most two years back from
    the latest, this one included; empty for results that are not numbers. `sources` of this result (the same result in
    two feeds: both); `history` everything else of this test, latest first, to be unfolded.
    `note` what the laboratory added.
    """

    anchor: str
    test: str
    value: str
    unit: str
    marks: tuple[Mark, ...]
    when: str
    when_iso: str
    range: str
    low: Decimal | None
    high: Decimal | None
    previous: str
    previous_when: str
    series: tuple[Point, ...]
    note: str
    sources: tuple[Source, ...]
    history: tuple[Source, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Results:
    """The card of latest results. `lead` "8 tests · 3 out of range".

    `laboratory` and `measured` (vital signs and other measurements) are each: marked urgent first, then those of the
    last three days, then the rest; out of range before the others. `awaited`: asked for, or not final yet. `reports`:
    reports with their conclusion (imaging and the like). `panels`: those that say nothing beyond their results, to be
    folded away.
    """

    lead: str
    laboratory: tuple[Result, ...]
    measured: tuple[Result, ...]
    awaited: tuple[Entry, ...]
    reports: tuple[Entry, ...]
    panels: tuple[Entry, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Elsewhere:
    """Items of one heading that no card shows. `title` is the heading in words ("Family history")."""

    heading: Heading
    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Summary:
    """One person's record as this viewer may see it, at `as_at`.

    Every current item given stands behind some `Source` here, once or more: nothing disappears silently. Items
    entered in error or cancelled are not here at all. `by_heading` counts the items shown. `left_out`: what sources
    say that they left out of their lists. `alerts` is the strip, each
    leading to its entry; `risks` is the card of alerts, risks and safeguarding, where the flags themselves stand.
    """

    as_at: datetime
    identity: Identity
    left_out: tuple[Entry, ...]
    alerts: tuple[Alert, ...]
    risks: Card
    allergies: Card
    plans: Card
    where_now: Card
    medications: Medications
    results: Results
    problems: Card
    contacts: Card
    people: Card
    appointments: Card
    care: Card
    documents: Card
    elsewhere: tuple[Elsewhere, ...]
    by_heading: Mapping[Heading, int]
