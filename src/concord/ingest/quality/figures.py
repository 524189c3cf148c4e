"""What one organisation's data are like, as counts: nothing of any one person is in them."""

from collections import Counter
from dataclasses import dataclass, field

import msgspec


@dataclass(kw_only=True)
class OfHeading:
    """`people` have something under it. By element of the standard: in how many items it is `looked` for, and there."""

    items: int = 0
    people: int = 0
    looked: Counter[str] = field(default_factory=Counter)
    there: Counter[str] = field(default_factory=Counter)


@dataclass(kw_only=True)
class Figures:
    """Of current items. `numbers`: Patients by what is known of their NHS number. `systems`: of each coded element, the
    systems of its codes, "" of words alone. `units`: as written. `findings`: kind, then element path. `looked`: in how
    many items a kind was looked for.
    """

    people: int = 0
    items: int = 0
    headings: dict[str, OfHeading] = field(default_factory=dict)
    numbers: Counter[str] = field(default_factory=Counter)
    systems: dict[str, Counter[str]] = field(default_factory=dict)
    units: Counter[str] = field(default_factory=Counter)
    findings: dict[str, Counter[str]] = field(default_factory=dict)
    looked: Counter[str] = field(default_factory=Counter)

    @property
    def complete(self) -> tuple[int, int]:
        """Elements of the standard that are there, and that were looked for."""
        there = sum(each.there.total() for each in self.headings.values())
        return there, sum(each.looked.total() for each in self.headings.values())

    def found(self, kind: str) -> int:
        return self.findings.get(kind, Counter[str]()).total()

    def as_json(self) -> str:
        return msgspec.json.encode(self, order="deterministic").decode()


def read_figures(text: str) -> Figures:
    return msgspec.json.decode(text, type=Figures, dec_hook=lambda _, counted: Counter(counted))
