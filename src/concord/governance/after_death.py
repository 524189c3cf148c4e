"""How long after a death a relationship still opens the record: the table `after_death.yaml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.resources import files

from concord.base import Entry, read_entry
from concord.governance.model import RelationshipKind


@dataclass(frozen=True, kw_only=True, slots=True)
class AfterDeath:
    """`lasts`: for how long after the death; `again`: one that begins after it counts in full."""

    lasts: timedelta
    again: bool


@cache
def after_death() -> Mapping[RelationshipKind, AfterDeath]:
    """A row for every kind of relationship."""
    text = files("concord.governance").joinpath("after_death.yaml").read_text(encoding="utf-8")
    return parse_after_death(text, filename="after_death.yaml")


def parse_after_death(text: str, *, filename: str) -> Mapping[RelationshipKind, AfterDeath]:
    """Raises FileRefused with line and column."""
    table = read_entry(text, filename=filename)
    rows = {
        RelationshipKind(key.one_of("kind of relationship", list(RelationshipKind))): _row(value)
        for key, value in table.pairs("the table of what lasts after a death")
    }
    for kind in RelationshipKind:
        if kind not in rows:
            raise table.refused(f'there is no row for "{kind}"')
    return rows


def _row(entry: Entry) -> AfterDeath:
    fields = entry.fields("a row", required=["for", "again", "why"])
    fields["why"].text("why")
    ends_at_once = fields["for"].text("for") == "none"
    return AfterDeath(
        lasts=timedelta() if ends_at_once else fields["for"].span("for"), again=fields["again"].yes_or_no("again")
    )
