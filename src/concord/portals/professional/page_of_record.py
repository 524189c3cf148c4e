"""An opened record as its page shows it: which cards stand where, and which sentence stands for what is not there."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from concord.base import OdsCode
from concord.portals.ui import words
from concord.record import Card, Identity, OpenRecord, SourceState, Summary
from concord.terminology import Heading

_LISTS_THAT_FIT = 2  # columns of medicines beside the results
_NAMES_THAT_FIT = 3  # sources that a sentence names one by one
_LATE = {"late", "never-heard"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A card's place: the summary's `key`, its title, the headings it may hold, and what sources share in it.

    `holds` gives the parts of the card; it is empty when all are.
    """

    key: str
    title: str
    what: str  # "Every source that shares ... with your role is up to date"
    headings: frozenset[Heading]
    holds: Callable[[Summary], tuple[Sequence[object], ...]]
    tone: str = ""


def _card(key: str, title: str, what: str, *headings: Heading, tone: str = "") -> Place:
    """The place of a plain list of entries."""

    def holds(summary: Summary) -> tuple[Sequence[object], ...]:
        content: Card = getattr(summary, key)
        return content.entries, content.more

    return Place(key=key, title=title, what=what, headings=frozenset(headings), holds=holds, tone=tone)


_ALLERGIES = _card("allergies", "Allergies and reactions", "allergies", Heading.ALLERGIES, tone="danger")
_RISKS = _card("risks", "Alerts and risks", "alerts", Heading.ALERTS, Heading.RISKS, Heading.SAFEGUARDING)
_PLANS = _card(
    "plans",
    "Plans and advance decisions",
    "plans",
    Heading.CONTINGENCY_PLANS,
    Heading.END_OF_LIFE_CARE,
    Heading.LEGAL_INFORMATION,
    tone="plan",
)
_WHERE_NOW = _card(
    "where_now",
    "Where the person is now",
    "admissions",
    Heading.ADMISSION_DETAILS,
    Heading.CONTACTS_WITH_PROFESSIONALS,
)
_MEDICATIONS = Place(
    key="medications",
    title="Current medications",
    what="medications",
    headings=frozenset({Heading.MEDICATIONS}),
    holds=lambda summary: (summary.medications.current, summary.medications.stopped, summary.medications.earlier),
)
_RESULTS = Place(
    key="results",
    title="Latest results",
    what="results",
    headings=frozenset({Heading.INVESTIGATION_RESULTS, Heading.INVESTIGATIONS_REQUESTED, Heading.EXAMINATION_FINDINGS}),
    holds=lambda summary: (
        summary.results.laboratory,
        summary.results.measured,
        summary.results.awaited,
        summary.results.reports,
    ),
)
_PROBLEMS = _card("problems", "Problems", "problems", Heading.PROBLEMS)
_CONTACTS = _card(
    "contacts",
    "Recent contacts",
    "contacts",
    Heading.CONTACTS_WITH_PROFESSIONALS,
    Heading.ADMISSION_DETAILS,
    Heading.DISCHARGE_DETAILS,
)
_PEOPLE = _card(
    "people", "Who is involved", "contact details", Heading.PROFESSIONAL_CONTACTS, Heading.PERSONAL_CONTACTS
)
_APPOINTMENTS = _card("appointments", "Next appointments", "appointments", Heading.FUTURE_APPOINTMENTS)
_CARE = _card(
    "care",
    "Care and support",
    "care and support",
    Heading.SERVICES_AND_CARE,
    Heading.CARE_AND_SUPPORT_PLAN,
    Heading.ADDITIONAL_SUPPORT_PLANS,
)
_DOCUMENTS = _card("documents", "Documents", "documents", Heading.DOCUMENTS)

# Columns, with their width in twelfths, in the order of reading; what stands in one column is read downwards.
_COLUMNS: tuple[tuple[int, tuple[Place, ...]], ...] = (
    (4, (_ALLERGIES, _RISKS)),
    (5, (_PLANS,)),
    (3, (_WHERE_NOW,)),
    (7, (_MEDICATIONS,)),
    (5, (_RESULTS,)),
    (4, (_PROBLEMS,)),
    (4, (_CONTACTS,)),
    (4, (_PEOPLE, _APPOINTMENTS)),
    (4, (_CARE,)),
    (4, (_DOCUMENTS,)),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class PlacedCard:
    """A card in its place. `absence` stands for its entries when it has none, else ("", "")."""

    place: Place
    absence: tuple[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """Cards one under the other; `width` in twelfths."""

    width: int
    cards: Sequence[PlacedCard]


@dataclass(frozen=True, kw_only=True, slots=True)
class LateSource:
    name: str
    sentence: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Doubt:
    """A sentence of the banner's warning line, without its full stop, and what to do `then`."""

    text: str
    then: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordPage:
    """What the template of a record needs beside the summary itself.

    `warnings` stand in the banner, worst first. `as_of` says for an organisation that is late from when its items are.
    `not_shared` names the cards that are shut; `not_shared_by_others` those that the viewer's own organisation alone
    could fill, and has nothing for.
    """

    opened: OpenRecord
    summary: Summary
    identity: Identity
    title: str
    warnings: Sequence[Doubt]
    columns: Sequence[Column]
    late: Sequence[LateSource]
    up_to_date: int
    not_shared: Sequence[str]
    not_shared_by_others: Sequence[str]
    as_of: Mapping[OdsCode, str]

    @property
    def has_documents(self) -> bool:
        return any(card.place is _DOCUMENTS for column in self.columns for card in column.cards)


def page_of(opened: OpenRecord, own: OdsCode) -> RecordPage:
    """`own` is the organisation that the viewer works for."""
    summary = opened.summary
    late = [_late(source) for source in opened.sources if source.state in _LATE]
    empty = [place for _, places in _COLUMNS for place in places if not any(place.holds(summary))]
    shut = [place for place in empty if place.headings <= opened.closed]
    alone = [place for place in empty if place not in shut and _sharing(place, opened.sources) == {own}]
    columns: list[Column] = []
    for width, places in _COLUMNS:
        cards = [
            PlacedCard(place=place, absence=_absence(place, opened.sources) if place in empty else ("", ""))
            for place in places
            if place not in shut and place not in alone
        ]
        if cards:
            columns.append(Column(width=_width(summary, cards[0].place, width), cards=cards))
    return RecordPage(
        opened=opened,
        summary=summary,
        identity=summary.identity,
        title=summary.identity.name.partition(" (")[0],
        warnings=tuple(_warnings(opened)),
        columns=columns,
        late=late,
        up_to_date=sum(source.state == "up-to-date" for source in opened.sources),
        not_shared=[place.title for place in shut],
        not_shared_by_others=[place.title for place in alone],
        as_of=_as_of(opened),
    )


def _width(summary: Summary, first: Place, width: int) -> int:
    """Many lists of medicines need the whole width; the results, then, stand beneath them."""
    wide = len(summary.medications.columns) > _LISTS_THAT_FIT
    return 12 if wide and first in {_MEDICATIONS, _RESULTS} else width


def _warnings(opened: OpenRecord) -> Iterator[Doubt]:
    """Worst first. Of somebody else they tell name and birth date alone."""
    if opened.shares_number:
        yield Doubt(
            text="May hold another record under the same NHS number",
            then="Its details disagree, so it is kept apart: check the date of birth.",
        )
    if opened.summary.identity.warning:
        yield Doubt(text=opened.summary.identity.warning, then="Check with the person or the wristband.")
    for each in opened.namesakes:
        yield Doubt(text=f"Same name: another {each.name}, born {each.born}, is here now", then="Check the NHS number.")


def _sharing(place: Place, sources: Sequence[SourceState]) -> set[OdsCode]:
    return {source.organisation for source in sources if source.shares & place.headings}


def _absence(place: Place, sources: Sequence[SourceState]) -> tuple[str, str]:
    """Sentence 1 or 3 of the six: never "none", and the same whether there is nothing or something is locked.

    It speaks of the sources that share such things with the viewer's role, and of no other.
    """
    sharing = [source for source in sources if source.shares & place.headings]
    late = [source.name for source in sharing if source.state in _LATE]
    if late:
        others = "; the other sources have nothing to show" if len(late) < len(sharing) else ""
        return "Not known now.", f"{_listed(late)} {_is(late)} late{others}."
    unsigned = [source.name for source in sources if source.state == "not-sharing-yet"]
    besides = f" {_listed(unsigned)} {'share' if len(unsigned) > 1 else 'shares'} nothing yet." if unsigned else ""
    if len(sharing) == sum(bool(source.shares) for source in sources) or len(sharing) > _NAMES_THAT_FIT:
        return "Nothing to show.", f"Every source that shares {place.what} with your role is up to date.{besides}"
    names = [source.name for source in sharing]
    share = "share" if len(names) > 1 else "shares"
    told = f"Only {_listed(names)} {share} {place.what} with your role, and {_is(names)} up to date."
    return "Nothing to show.", told + besides


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _is(names: Sequence[str]) -> str:
    return "are" if len(names) > 1 else "is"


def _late(source: SourceState) -> LateSource:
    if source.heard_at is None:
        return LateSource(name=source.name, sentence="has not been heard yet")
    return LateSource(name=source.name, sentence=f"is late, last heard {words.moment(source.heard_at)}")


def _as_of(opened: OpenRecord) -> Mapping[OdsCode, str]:
    return {
        source.organisation: f"As of {words.lately(source.heard_at, opened.summary.as_at)}"
        for source in opened.sources
        if source.state == "late" and source.heard_at is not None
    }
