"""What whoever reviews labels is shown: items on lists, one item with its labels and why, and what was said of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from concord.base import PersonId
from concord.governance.labels import Ground, Says
from concord.record.cues import Found
from concord.record.label_counts import LabelCounts
from concord.terminology import Label


@dataclass(frozen=True, kw_only=True, slots=True)
class WhoseItem:
    """Whom an item is about, by what tells people apart."""

    person: PersonId
    name: str
    born: str
    nhs_number: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemLine:
    """An item on a list. `on` in words; `suggests`: labels that nobody has judged."""

    type: str
    id: str
    whose: WhoseItem
    title: str
    heading: str
    on: str
    labels: frozenset[Label]
    suggests: frozenset[Label]


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelTold:
    """A label and why the item carries it: its own `grounds`, the items that it flows `from` (one step). `by_mark`: the
    source marked it so."""

    label: Label
    grounds: Sequence[Ground]
    flows_from: Sequence[ItemLine]
    added: bool
    by_mark: bool

    @property
    def own(self) -> bool:
        return bool(self.grounds) or self.added


@dataclass(frozen=True, kw_only=True, slots=True)
class SaidOfLabel:
    """What somebody said of a label of an item, and why."""

    label: Label
    says: Says
    mistake: bool
    why: str
    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class CorrectedItem:
    """The last word on a label of an item."""

    line: ItemLine
    label: Label
    says: Says
    why: str
    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelOverview:
    """`corrected`: the newest first, and not all where there are many."""

    counts: Sequence[LabelCounts]
    corrected: Sequence[CorrectedItem]


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemInReview:
    """`lacks`: labels that somebody said it lacks, and by that it does; `may_add`: that it could be given."""

    line: ItemLine
    service: str
    labels: Sequence[LabelTold]
    lacks: Sequence[Label]
    may_add: Sequence[Label]
    cues: Sequence[Found]
    said: Sequence[SaidOfLabel]
