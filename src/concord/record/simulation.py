"""What a simulation found, and the page that tells it, with such counts alone as may leave (`disclosed`)."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from concord.base import OdsCode
from concord.governance import ClauseName, Directory, roles
from concord.governance.agreements import SMALL_NUMBERS, Page, Section, Table, disclosed

_HEADS = ("Accesses", "The same", "Refused", "Fewer items", "More items", "Fewer and more")
_MORE = (
    "More items can be told of whole records that were opened, and of records that stayed shut; of a search or of one "
    "item it is told only what it would not have shown."
)
_Counts = tuple[str, tuple[str, ...]]


class Change(StrEnum):
    """What a draft would have made of an access. REFUSED: nothing of what was shown would have been."""

    SAME = "same"
    REFUSED = "refused"
    NARROWED = "narrowed"
    WIDENED = "widened"
    BOTH = "narrowed and widened"


class Why(StrEnum):
    """Why a row cannot be judged again."""

    NO_DECISION = "no agreement decided it: it shows nothing but who was found, or nothing at all"
    ERASED = "its details were erased by rule"
    POLICY = "the policy that decided is not held, or cannot be read any longer"
    TABLES = "a table that comes with Concord has changed since, and decides otherwise"
    FACTS = "what was known of the person then cannot be told any longer"


@dataclass(frozen=True, kw_only=True, slots=True)
class Simulation:
    """What became of the accesses since an instant, each access counted once in `changes`.

    The counts are exact, and not for a page: `page` tells them as they may leave. `changes`: by (organisation, role,
    change). `closing`, `opening`: how many accesses would lose, or gain, items that a clause opens. `guessed`: how
    many of all were judged by a relationship as it is held now. `unjudged`: by why.
    """

    since: datetime
    until: datetime
    drafts: Sequence[str]
    changes: Mapping[tuple[OdsCode, str, Change], int]
    closing: Mapping[ClauseName, int]
    opening: Mapping[ClauseName, int]
    guessed: int
    unjudged: Mapping[Why, int]
    directory: Directory

    def page(self) -> Page:
        """The same to read on a screen or on paper."""
        changed = [(code, role) for code, role, change in self.changes if change is not Change.SAME]
        by_role = [(_titled(role), self._told(role=role)) for role in dict.fromkeys(role for _, role in changed)]
        by_place = [
            (self.directory.name(code), self._told(organisation=code))
            for code in dict.fromkeys(code for code, _ in changed)
        ]
        span = f"{self.since:%-d %B %Y} to {self.until:%-d %B %Y}"
        return Page(
            title=f"Simulation of {' and '.join(self.drafts)}",
            lead=f"Accesses from {span}, judged again as if the draft had been in force, by the facts of their day.",
            sections=tuple(
                each
                for each in (
                    _section("", "", [("All", self._told())]),
                    _section("By role", "Role", by_role),
                    _section("By organisation", "Organisation", by_place),
                    self._by_clause(),
                    Section(title="How it was counted", sentences=tuple(self._caveats())),
                )
                if each.sentences or any(table.rows for table in each.tables)
            ),
        )

    def _told(self, *, role: str | None = None, organisation: OdsCode | None = None) -> tuple[str, ...]:
        told = Counter[Change]()
        for (code, as_role, change), number in self.changes.items():
            if role in (None, as_role) and organisation in (None, code):
                told[change] += number
        return disclosed(told.total()), *(disclosed(told[change]) for change in Change)

    def _by_clause(self) -> Section:
        rows = [(str(name).rstrip("."), disclosed(count), "0") for name, count in self.closing.items()]
        rows += [(str(name).rstrip("."), "0", disclosed(count)) for name, count in self.opening.items()]
        head = ("Clause", "Accesses that lose items it opens", "Accesses that gain items it opens")
        return Section(title="By clause", tables=(Table(title="", head=head, rows=tuple(sorted(rows))),))

    def _caveats(self) -> Iterator[str]:
        yield "For roles and organisations that are not named, every access would have been the same."
        yield SMALL_NUMBERS
        yield _MORE
        if self.guessed:
            yield f"{disclosed(self.guessed)} were judged by a relationship that nobody asked for then, as held now."
        for why, count in self.unjudged.items():
            yield f"{disclosed(count)} could not be judged: {why}."


def _titled(role: str) -> str:
    title = roles()[role].title if role in roles() else role
    return f"{title[0].upper()}{title[1:]}"


def _section(title: str, head: str, rows: Sequence[_Counts]) -> Section:
    table = Table(title="", head=(head, *_HEADS), rows=tuple((name, *counts) for name, counts in rows))
    return Section(title=title, tables=(table,))
