"""The right to read, as the store understands it.

A store function that returns anything about a person takes a `Permitted`. Only `governance` makes one (an
architecture test allows three makers there): for a viewer's decision, for a source system over what it
contributed, for a named duty.
"""

from dataclasses import dataclass

from concord.base import OdsCode
from concord.store.listed import Listed


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """A part of one source patient that may be read: a service (None: any), a set of headings, a mask of labels.

    `headings` and `labels` are stored sets (`Heading.bit`, `label_mask`). An item is open when its heading is in
    `headings` and each of its labels is in `labels`, of ONE opening; openings never add up.
    """

    home: int
    source_patient: int
    service: str | None
    headings: int
    labels: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Permitted:
    """What may be read, by one of the three: openings or a list (a viewer), contributor (a source system), duty.

    Empty openings permit nothing. `source_patient` (home, number) narrows a contributor to one source patient.
    Raises ValueError for a right that could be read in two ways.
    """

    openings: tuple[Opening, ...] = ()
    contributor: OdsCode | None = None
    duty: str | None = None
    source_patient: tuple[int, int] | None = None
    listed: Listed | None = None

    def __post_init__(self) -> None:
        whose = (self.openings != (), self.contributor is not None, self.duty is not None, self.listed is not None)
        if sum(whose) > 1:
            raise ValueError("a right to read is a viewer's, a source system's or a duty's")
        if "" in (self.contributor, self.duty) or (self.source_patient is not None and self.contributor is None):
            raise ValueError("a right to read names whose it is")
