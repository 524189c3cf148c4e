"""A user and the record that is their own: shut to them at work, open to them by the right of access.

Whose the record is says the NHS number that the user's account carries. The right of access (UK GDPR, article 15) is
law, and hangs on no agreement; what it leaves out are the two tables below (docs/adr/0022-ones-own-record.md). Pure.
"""

from collections.abc import Iterator
from enum import StrEnum

from concord.governance.directory import OWN_ACCESS
from concord.governance.model import PersonFacts, SourcePatient, Viewer
from concord.governance.policy import heading_set
from concord.terminology import HEADINGS, Heading, Label, label_mask

# What may be about somebody else, or put the person or somebody else in danger where another looks over their shoulder
# (Data Protection Act 2018, schedules 2 and 3). The last two say nothing else, and close nothing to anybody at work.
WITHHELD_LABELS = (
    Label.UNKNOWN, Label.RESTRICTED, Label.DOMESTIC_ABUSE, Label.CHILD_PROTECTION, Label.ADOPTION, Label.SEALED_LOCKED,
    Label.THIRD_PARTY, Label.NOT_FOR_THE_PERSON,
)  # fmt: skip
WITHHELD_HEADINGS = (Heading.SAFEGUARDING, Heading.UNCLASSIFIED)


class Own(StrEnum):
    """Whose record it is to who asks: somebody else's; their own, asked for at work; their own, by right of access;
    their own, whose person has died."""

    NOT = "not"
    SHUT = "shut"
    OPEN = "open"
    ENDED = "ended"


def own_record(viewer: Viewer, facts: PersonFacts) -> Own:
    """In doubt it shuts: it opens only where the number is the person's only one, and nobody else's, and to nobody who
    signs in as somebody who has died."""
    if viewer.nhs_number is None or viewer.nhs_number not in facts.nhs_numbers:
        return Own.NOT
    certain = facts.nhs_numbers == {viewer.nhs_number} and not facts.number_shared
    if viewer.purpose != OWN_ACCESS or not certain:
        return Own.SHUT
    return Own.OPEN if facts.death is None else Own.ENDED


def own_headings(*, closed: int) -> int:
    """What the right of access opens, less the `closed` headings (stored sets)."""
    return heading_set(set(HEADINGS) - set(WITHHELD_HEADINGS)) & ~closed


def own_labels(*, barred: int) -> int:
    """The labels that an item of one's own may carry (stored sets)."""
    return label_mask(set(Label) - set(WITHHELD_LABELS)) & ~barred


def own_cells(facts: PersonFacts, *, closed: int, barred: int) -> Iterator[tuple[SourcePatient, int, int]]:
    """Of every source, whoever has signed what: (source patient, headings, labels)."""
    headings, labels = own_headings(closed=closed), own_labels(barred=barred)
    for source in facts.sources:
        yield source, headings, labels
