"""Why something is shown or withheld, and what may be told of that: the words of a decision's answers."""

from dataclasses import dataclass
from enum import StrEnum

from concord.base import OdsCode
from concord.governance.model import ChoiceKind
from concord.governance.policy import ClauseName
from concord.terminology import Label


class Step(StrEnum):
    """What decides about an item. From UNSIGNED on, in the order in which a covering clause is tried.

    SHOWN, OVERRIDE and OWN_ACCESS show it; OVERRIDE what no clause would open but for an override in force, OWN_ACCESS
    by right and no clause. OWN_RECORD withholds what is the viewer's own.
    """

    SHOWN = "shown"
    OVERRIDE = "override"
    OWN_ACCESS = "own-access"
    PROXY_ACCESS = "proxy-access"
    OWN_RECORD = "own-record"
    NOT_FOR_PROXIES = "not-for-proxies"
    BAR = "bar"
    LOCATION = "location"
    CHOICE = "choice"
    NO_AGREEMENT = "no-agreement"
    UNSIGNED = "unsigned"
    NOT_IN_FORCE = "not-in-force"
    RELATIONSHIP = "relationship"
    LABELS = "labels"
    CONSENT = "consent"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """Why an item is shown or withheld, in a sentence, with what decided it by name.

    A reason for withholding may tell a label, a bar or a silent choice: it is for those who answer for the
    agreement and for the privacy officer, never for the viewer, who gets notices and the refusal.
    """

    shown: bool
    step: Step
    sentence: str
    clause: ClauseName | None = None
    bar: str | None = None
    choice: ChoiceKind | Label | None = None

    def __str__(self) -> str:
        return self.sentence if self.clause is None else f"{self.sentence} {self.clause}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """Why nothing at all is open, and what the viewer can do: safe to show to whoever may find people."""

    step: Step
    sentence: str
    remedy: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """Something that the page says about what it does not show. `organisation` None: it concerns the whole record."""

    kind: str  # "withheld" | "relationship"
    sentence: str
    organisation: OdsCode | None = None
