"""Those who act for somebody: parents, attorneys, whom the person has named; by the table `proxies.yaml`.

That somebody is a proxy arrives as a FHIR R4 RelatedPerson, what the person says to it as a Consent; both are facts of
the decision (docs/adr/0026-those-who-act-for-somebody.md). In doubt nobody is one. Pure.
"""

from calendar import isleap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, reduce
from importlib.resources import files
from operator import and_
from typing import Any

from concord.base import NHS_NUMBER_SYSTEM, Entry, OdsCode, nhs_number, read_entry
from concord.governance.directory import ORGANISATION_KINDS, OWN_ACCESS, Directory
from concord.governance.headings import heading_set
from concord.governance.model import ChoiceKind, PersonFacts, Proxy, Viewer
from concord.governance.relationships import spans
from concord.governance.spans import day_of, days_of, instant_of, start_of_day
from concord.terminology import HEADINGS, Heading, Label, label_mask

PROXY_SYSTEM = "https://concord.example/CodeSystem/proxy"


@dataclass(frozen=True, kw_only=True, slots=True)
class Ages:
    """From a birthday up to, not including, another (None: without end). `labels`: a stored set. `chooses`: they may
    choose about the sharing of the record in the person's place."""

    first: int
    last: int | None
    agreement: bool
    chooses: bool
    labels: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ProxyKind:
    """A row of the table. `never`: a stored set of headings."""

    kind: str
    words: str
    said_by: frozenset[str]
    dated: bool
    never: int
    ages: tuple[Ages, ...]

    def at(self, age: int) -> Ages | None:
        return next((row for row in self.ages if row.first <= age and (row.last is None or age < row.last)), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Acting:
    """What somebody who acts for a person may see of them: all but `never` (stored set), under these `labels`; and
    whether they may choose in their place."""

    kind: ProxyKind
    never: int
    labels: int
    chooses: bool


def acting_for(
    viewer: Viewer, facts: PersonFacts, directory: Directory, now: datetime
) -> tuple[Acting | None, list[datetime]]:
    """What the viewer sees as whoever acts for the person, if they do; and every instant at which that may change."""
    mine = [each for each in facts.proxies if each.nhs_number == viewer.nhs_number]
    if not mine or viewer.nhs_number is None or viewer.purpose != OWN_ACCESS:
        return None, []
    edges = [at for each in mine for at in (each.start_at, each.end_at) if at is not None]
    edges += _birthdays(facts.born_on)
    if _is_shut(facts, now):
        return None, edges
    ended = {each.kind for each in mine if not each.given}
    for kind in proxy_kinds().values():
        said = [each for each in mine if each.kind == kind.kind and _holds(each, kind, directory, now)]
        acting = _at_this_age(kind, facts, directory, now) if said and kind.kind not in ended else None
        if acting is not None:
            return acting, edges
    return None, edges


def _is_shut(facts: PersonFacts, now: datetime) -> bool:
    """To whoever acts for them: where they are must not be found out, who they are is in doubt, they have died, or a
    choice of theirs says no, or what nobody understands."""
    refusals = (ChoiceKind.PROXY_ACCESS, ChoiceKind.UNKNOWN)
    refused = any(
        each.kind in refusals and not each.given and spans((each.start_at, each.end_at), now) for each in facts.choices
    )
    doubtful = facts.number_shared or len(facts.nhs_numbers) > 1
    return refused or doubtful or facts.protected or facts.death is not None


def _holds(proxy: Proxy, kind: ProxyKind, directory: Directory, now: datetime) -> bool:
    dated = proxy.start_at is not None or not kind.dated
    holds = proxy.given and dated and spans((proxy.start_at, proxy.end_at), now)
    return holds and _counts(proxy.contributor, kind, directory)


def _counts(contributor: OdsCode | None, kind: ProxyKind, directory: Directory) -> bool:
    known = None if contributor is None else directory.organisations.get(contributor)
    return known is not None and known.kind in kind.said_by


def _at_this_age(kind: ProxyKind, facts: PersonFacts, directory: Directory, now: datetime) -> Acting | None:
    """Where sources differ about the birth, or name no day, every day that it may have been must allow it."""
    rows = [kind.at(age_of(born, now)) for born in _births(facts.born_on)]
    found = [row for row in rows if row is not None]
    if not rows or len(found) < len(rows):
        return None
    if any(row.agreement for row in found) and not _agreed(kind, facts, directory, now):
        return None
    return Acting(
        kind=kind,
        never=kind.never,
        labels=reduce(and_, (row.labels for row in found)),
        chooses=all(row.chooses for row in found),
    )


def _agreed(kind: ProxyKind, facts: PersonFacts, directory: Directory, now: datetime) -> bool:
    return any(
        each.kind is ChoiceKind.PROXY_ACCESS
        and each.given
        and spans((each.start_at, each.end_at), now)
        and _counts(each.contributor, kind, directory)
        for each in facts.choices
    )


def birthday(born: date, age: int) -> datetime:
    """When somebody is that old: at the beginning of the day (Family Law Reform Act 1969, section 9); who was born on
    29 February, on 1 March."""
    year = min(born.year + age, date.max.year)
    leap_day = (born.month, born.day) == (2, 29) and not isleap(year)
    return start_of_day(date(year, 3, 1) if leap_day else born.replace(year=year))


def age_of(born: date, now: datetime) -> int:
    """In years; below 0 before the birth."""
    years = day_of(now).year - born.year
    return years if birthday(born, years) <= now else years - 1


def _births(born_on: Sequence[str]) -> Iterator[date]:
    """The first and the last day that each source's word of the birth may mean; none for what is no date."""
    for text in born_on:
        with suppress(ValueError):
            yield from days_of(text)


def _birthdays(born_on: Sequence[str]) -> list[datetime]:
    bounds = {age for kind in proxy_kinds().values() for row in kind.ages for age in (row.first, row.last)}
    return [birthday(born, age) for born in set(_births(born_on)) for age in bounds if age is not None]


# -- as it arrives -----------------------------------------------------------------------------------------------------


def proxy_of(resource: Mapping[str, Any], contributor: OdsCode) -> Proxy | None:
    """What a RelatedPerson says of who acts for its patient; None for one that says nothing of it, or not plainly.

    Its identifier is the NHS number of whoever acts, by which their account is known. `active: false` ends it.
    """
    if resource.get("resourceType") != "RelatedPerson":
        return None
    numbers = {str(each.get("value", "")) for each in _of(resource, "identifier", NHS_NUMBER_SYSTEM)}
    concepts = resource.get("relationship", ())
    kinds = {str(each.get("code")) for concept in concepts for each in _of(concept, "coding", PROXY_SYSTEM)}
    number = nhs_number(numbers.pop()) if len(numbers) == 1 else None
    kind = kinds.pop() if len(kinds) == 1 else None
    if number is None or kind is None or kind not in proxy_kinds():
        return None
    period = resource.get("period", {})
    given = resource.get("active") is not False
    try:
        start = instant_of(period["start"], end=False) if "start" in period else None
        end = instant_of(period["end"], end=True) if "end" in period else None
    except (ValueError, OverflowError):
        start, end, given = None, None, False
    return Proxy(nhs_number=number, kind=kind, given=given, contributor=contributor, start_at=start, end_at=end)


def _of(parent: Mapping[str, Any], name: str, system: str) -> Iterator[Mapping[str, Any]]:
    return (each for each in parent.get(name, ()) if each.get("system") == system)


# -- the table ---------------------------------------------------------------------------------------------------------


@cache
def proxy_kinds() -> Mapping[str, ProxyKind]:
    """The kinds of proxy, in the order of the table."""
    text = files("concord.governance").joinpath("proxies.yaml").read_text(encoding="utf-8")
    return parse_proxies(text, filename="proxies.yaml")


def parse_proxies(text: str, *, filename: str) -> Mapping[str, ProxyKind]:
    """Raises FileRefused with line and column."""
    table = read_entry(text, filename=filename).pairs("the table of those who act for somebody")
    return {key.slug("kind"): _kind(key.slug("kind"), value) for key, value in table}


def _kind(kind: str, entry: Entry) -> ProxyKind:
    fields = entry.fields("a row", required=["is", "said_by", "dated", "never", "ages"])
    never = [Heading(word) for word in fields["never"].each_of("heading", list(HEADINGS))]
    return ProxyKind(
        kind=kind,
        words=fields["is"].text("is"),
        said_by=frozenset(fields["said_by"].each_of("kind of organisation", ORGANISATION_KINDS)),
        dated=fields["dated"].yes_or_no("dated"),
        never=heading_set(never),
        ages=tuple(_ages(each) for each in fields["ages"].entries("ages")),
    )


def _ages(entry: Entry) -> Ages:
    fields = entry.fields("an age", required=["agreement", "chooses", "labels"], optional=["from", "until"])
    return Ages(
        first=fields["from"].number("from") if "from" in fields else 0,
        last=fields["until"].number("until") if "until" in fields else None,
        agreement=fields["agreement"].yes_or_no("agreement"),
        chooses=fields["chooses"].yes_or_no("chooses"),
        labels=label_mask(Label(word) for word in fields["labels"].each_of("label", list(Label), empty=True)),
    )
