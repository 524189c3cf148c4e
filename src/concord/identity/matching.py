"""Whether a source patient belongs to the person whom its NHS number names. Pure.

A number alone never links: the feed says how far it is to be trusted, and the demographics must agree with every
source patient already linked under that number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from concord.identity.names import another_name, same_family

Assurance = Literal["traced", "stated"]


class Demographics(Protocol):
    """What is compared: names and postcode folded to lower-case letters and digits, dates as FHIR dates."""

    @property
    def nhs_number(self) -> str | None: ...
    @property
    def family(self) -> str: ...
    @property
    def given(self) -> str: ...
    @property
    def born_on(self) -> str: ...
    @property
    def postcode(self) -> str: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """`link`, `hold` for a human, or keep `apart`; `why` names what was compared, never a value."""

    decision: Literal["link", "hold", "apart"]
    why: str


def compare(new: Demographics, linked: Sequence[Demographics], assurance: Assurance) -> Verdict:
    """Judge a source patient against those already linked under its NHS number (none: it founds the person).

    traced: date of birth and family name agree with every one.
    stated: date of birth, family name, and given name or postcode agree with every one.
    Either: no given name is another one altogether, since a twin's number is easily written down for one's own.
    """
    if new.nhs_number is None:
        return Verdict(decision="apart", why="no NHS number")
    for other in linked:
        if not new.born_on or new.born_on != other.born_on:
            return Verdict(decision="hold", why=f"{assurance} number; date of birth differs")
        if not same_family(new.family, other.family):
            return Verdict(decision="hold", why=f"{assurance} number; family name differs")
        if assurance == "stated" and not (_agree(new.given, other.given) or _agree(new.postcode, other.postcode)):
            return Verdict(decision="hold", why="stated number; neither given name nor postcode agrees")
        if another_name(new.given, other.given):
            return Verdict(decision="hold", why=f"{assurance} number; given name differs")
    return Verdict(decision="link", why=f"{assurance} number")


def _agree(one: str, other: str) -> bool:
    return bool(one) and one == other
