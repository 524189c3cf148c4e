"""How many people there are, of what kind, as far as clauses in force let somebody count them. Pure.

Counted is what a clause for the viewer's purpose covers: its contributor and service, heading, and labels within its
mask, of people whose choices leave it open. Left out are people who object to the shared record, who have opted out
nationally where the purpose is one to which that applies, whose whereabouts are protected, and who have died.

The tables have the same rows whoever is held, and tell no number below 8 and none exactly: so one person more or less
changes a number of a table by one step of five at most, and most often not at all. No more is promised: whoever knows
everybody else exactly may learn from such a step that somebody came or went.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from concord.base import OdsCode
from concord.governance.agreements.pages import Page, Section, Table
from concord.governance.agreements.reach import ItemClass
from concord.governance.agreements.small_numbers import LARGEST_SMALL, SMALL_NUMBERS, disclosed
from concord.governance.directory import purposes
from concord.governance.model import ChoiceKind, PersonFacts, Viewer
from concord.governance.policy import Flow, Policy
from concord.governance.relationships import spans
from concord.governance.wishes import wishes_for
from concord.governance.words import words
from concord.terminology import HEADINGS, Heading

MOST_ITEMS = 5
"""Of one person and heading no more items are counted, so that nobody's long record shows in a number."""
BANDS = (("0 to 15", 16), ("16 to 24", 25), ("25 to 44", 45), ("45 to 64", 65), ("65 to 74", 75), ("75 to 84", 85))
_OLDEST, _NO_AGE = "85 and over", "Age not known"
_SEXES = {"female": "Female", "male": "Male"}
_NO_SEX = "Other"
_LEFT_OUT = (
    "Nobody is counted who objects to the shared record, whose whereabouts are protected, or who has died; "
    "nor, of an organisation, what the person keeps from leaving it."
)
_OTHER = "“Other” are those who are described as neither female nor male, or not at all."
_ITEMS = f"Of one person no more than {MOST_ITEMS} items are counted under a heading; none are told of few people."
_OPTED_OUT = "Nobody is counted who has opted out nationally."


@dataclass(frozen=True, kw_only=True, slots=True)
class Described:
    """A person as one organisation describes them: FHIR `birthDate` and `gender`, or nothing."""

    organisation: OdsCode
    born_on: str
    sex: str


def counting_purposes(viewer: Viewer, policy: Policy, now: datetime) -> list[str]:
    """The purposes for which some clause in force lets the viewer count."""
    counts = [word for word, purpose in purposes().items() if not purpose.shows_records]
    return [word for word in counts if countable(replace(viewer, purpose=word), policy, now)]


def countable(viewer: Viewer, policy: Policy, now: datetime) -> Mapping[OdsCode, Sequence[Flow]]:
    """What the viewer may count, by contributor: the clauses in force."""
    flows = policy.counting(viewer, now).flows
    live = {code: [flow for flow in of_one if flow.is_live(now)] for code, of_one in flows.items()}
    return {code: of_one for code, of_one in live.items() if of_one}


class Headcount:
    """Counts people one by one for one viewer; exact inside, disclosed on the page."""

    def __init__(self, viewer: Viewer, policy: Policy, now: datetime) -> None:
        self._viewer = viewer
        self._policy = policy
        self._now = now
        self._flows = countable(viewer, policy, now)
        self._opt_out = purposes()[viewer.purpose].opt_out
        self._people: Counter[tuple[OdsCode, Heading]] = Counter()
        self._items: Counter[tuple[OdsCode, Heading]] = Counter()
        self._ages: Counter[tuple[str, str]] = Counter()

    def add(self, person: PersonFacts, held: Mapping[ItemClass, int], described: Iterable[Described]) -> None:
        """A person, how many current items of each class they have, and how each organisation describes them."""
        own = self._policy.directory.line(self._viewer.organisation, self._now)[-1]
        wishes = wishes_for(own, person.choices, self._now, self._policy.directory)
        objects = wishes.objection is not None
        if objects or person.protected or person.death is not None or self._has_opted_out(person):
            return
        open_by = {
            code: [flow for flow in flows if wishes.withholds_from(code, flow.recipient) is None]
            for code, flows in self._flows.items()
        }
        items: Counter[tuple[OdsCode, Heading]] = Counter()
        for item, number in held.items():
            if _counts(open_by.get(item.contributor, ()), item):
                items[item.contributor, item.heading] += number
        for cell, number in items.items():
            self._people[cell] += 1
            self._items[cell] += min(number, MOST_ITEMS)
        known = [each for each in described if (each.organisation, Heading.DEMOGRAPHICS) in items]
        if known:
            first = min(known, key=lambda each: each.organisation)
            self._ages[_band(first.born_on, self._now), _SEXES.get(first.sex, _NO_SEX)] += 1

    def _has_opted_out(self, person: PersonFacts) -> bool:
        """Nationally, where that applies to the purpose."""
        return self._opt_out and any(
            each.kind is ChoiceKind.NATIONAL_OPT_OUT
            and not each.given
            and spans((each.start_at, each.end_at), self._now)
            for each in person.choices
        )

    def page(self) -> Page:
        """The tables, in the same rows whoever is held."""
        directory, known = self._policy.directory, words(lay=False)
        sections = [
            Section(
                title=directory.name(code),
                tables=(
                    Table(
                        title="",
                        head=("What is filed", "People", "Items"),
                        rows=tuple(
                            self._row(code, heading, known.headings[heading]) for heading in self._headings(code)
                        ),
                    ),
                ),
            )
            for code in directory.organisations
            if code in self._flows
        ]
        how = (SMALL_NUMBERS, _ITEMS, _OTHER, _LEFT_OUT, *((_OPTED_OUT,) if self._opt_out else ()))
        return Page(
            title="Population counts",
            lead="How many people there are, as far as the agreements let you count them. It names nobody.",
            sections=(self._by_age(), *sections, Section(title="How it was counted", sentences=how)),
        )

    def _headings(self, code: OdsCode) -> list[Heading]:
        return [each for each in HEADINGS if any(flow.headings >> each.bit & 1 for flow in self._flows[code])]

    def _row(self, code: OdsCode, heading: Heading, name: str) -> tuple[str, str, str]:
        people = self._people[code, heading]
        items = "not told" if people <= LARGEST_SMALL else disclosed(self._items[code, heading])
        return f"{name[0].upper()}{name[1:]}", disclosed(people), items

    def _by_age(self) -> Section:
        sexes = (*_SEXES.values(), _NO_SEX)
        rows = tuple(
            (band, *(disclosed(self._ages[band, sex]) for sex in sexes))
            for band in (*(name for name, _ in BANDS), _OLDEST, _NO_AGE)
        )
        return Section(title="People by age and sex", tables=(Table(title="", head=("Age", *sexes), rows=rows),))


def _counts(flows: Sequence[Flow], item: ItemClass) -> bool:
    return any(flow.covers(item.service, item.heading.bit) and item.labels & ~flow.labels == 0 for flow in flows)


def _band(born_on: str, now: datetime) -> str:
    """By full years; of somebody of whom no day of birth is known, not known."""
    try:
        born = date.fromisoformat(born_on)
    except ValueError:
        return _NO_AGE
    today = now.date()
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return next((name for name, below in BANDS if age < below), _OLDEST) if age >= 0 else _NO_AGE
