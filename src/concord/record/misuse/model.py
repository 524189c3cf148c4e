"""One user's looks at one person's record on one day, and what is known of the two."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Near(StrEnum):
    """How close the person's care was to the user at that time: to nobody near, to their service, or to them by name
    (or by team)."""

    NOT = "not"
    SERVICE = "service"
    NAMED = "named"


class Tie(StrEnum):
    """What the user and the person have in common, as far as names and addresses tell."""

    OWN = "own"
    FAMILY = "family"
    HOUSEHOLD = "household"
    FORMER_HOUSEHOLD = "former-household"
    COLLEAGUE = "colleague"
    SURNAME = "surname"
    NEIGHBOUR = "neighbour"
    PROTECTED = "protected"
    DIED = "died"


@dataclass(frozen=True, kw_only=True, slots=True)
class Access:
    """`at`: of the first look of the day; `looks`: how many.

    `related`: a relationship with the user's organisation opened the record. `contact`: that organisation recorded
    something about the person in the days around. `listed`: the person stood in a list of the user's that day.
    `own_word`: they broke the glass or claimed a relationship. `ties`: a surname is one only where it is rare.
    """

    user: str
    organisation: str
    service: str | None
    role: str
    person: str
    at: datetime
    looks: int
    near: Near
    related: bool
    contact: bool
    listed: bool
    own_word: bool
    ties: frozenset[Tie] = frozenset()
    on_shift: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What a reviewer made of an access that was ranked: `justified` or not; `whys` are the reasons it stood there."""

    user: str
    person: str
    justified: bool
    whys: frozenset[str]
