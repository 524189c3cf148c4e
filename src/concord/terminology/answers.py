"""What terminology answers, and how it says that it cannot."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from concord.base import Incorrect

Subsumption = Literal["equivalent", "subsumes", "subsumed-by", "not-subsumed"]


class NotKnown(Incorrect):
    """A code system, value set, map or code that is neither carried nor loaded here."""


class TooCostly(Incorrect):
    """More codes than one answer holds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Concept:
    """A code of a system. `display` None: it is known here by its code alone. `detail` as its CodeSystem has it:
    definition, designation, property."""

    system: str
    code: str
    display: str | None = None
    active: bool = True
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """All that it is called."""
        said = [self.display] if self.display else []
        return said + [each["value"] for each in self.detail.get("designation", ()) if "value" in each]


@dataclass(frozen=True, kw_only=True, slots=True)
class Lookup:
    """`name` is the code system's; `version` None: not known."""

    concept: Concept
    name: str
    version: str | None
    parents: Sequence[str] = ()
    children: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """Whether a code is one, called as was said; `message` says why not."""

    result: bool
    display: str | None = None
    message: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Expanded:
    """A part of a value set's members, of `total` in all, as they are now. `definition`: its URL, version and names."""

    definition: dict[str, Any]
    members: Sequence[Concept]
    total: int
    offset: int
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Mapped:
    """One target of a map; `code` empty: there is none, as `equivalence` says."""

    map: str
    equivalence: str
    system: str
    code: str
    display: str
