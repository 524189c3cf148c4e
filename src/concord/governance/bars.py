"""Legal bars, as data: what may never be shown, whatever an agreement says. The table itself is `bars.yaml`."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from concord.base import Entry, read_entry
from concord.terminology import Label


@dataclass(frozen=True, kw_only=True, slots=True)
class LegalBar:
    """One bar: its statute, the labels it covers, what it says, and when disclosure is lawful all the same."""

    bar: str
    statute: str
    labels: frozenset[Label]
    says: str
    lawful: str


@cache
def legal_bars() -> tuple[LegalBar, ...]:
    """The bars in force, in the order of the table."""
    text = files("concord.governance").joinpath("bars.yaml").read_text(encoding="utf-8")
    return parse_bars(text, filename="bars.yaml")


def parse_bars(text: str, *, filename: str) -> tuple[LegalBar, ...]:
    """Raises FileRefused with line and column."""
    return tuple(_bar(entry) for entry in read_entry(text, filename=filename).entries("the table of legal bars"))


def _bar(entry: Entry) -> LegalBar:
    fields = entry.fields("a legal bar", required=["bar", "statute", "labels", "says", "lawful"])
    return LegalBar(
        bar=fields["bar"].slug("bar"),
        statute=fields["statute"].text("statute"),
        labels=frozenset(Label(word) for word in fields["labels"].each_of("label", list(Label))),
        says=fields["says"].text("says"),
        lawful=fields["lawful"].text("lawful"),
    )
