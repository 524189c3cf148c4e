"""Sets of headings, as they are stored."""

from collections.abc import Iterable

from concord.terminology import Heading


def heading_set(headings: Iterable[Heading]) -> int:
    """The stored form of a set of headings; what is unclassified never enters it."""
    return sum(1 << heading.bit for heading in set(headings) - {Heading.UNCLASSIFIED})
