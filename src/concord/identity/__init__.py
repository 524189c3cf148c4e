"""Who is who: which source patients are one person.

Promises: a clash is never merged silently; what is held for review stays apart; a link is one row that can be undone;
what sources and reviewers say of whose record is whose joins and parts persons, in whatever order it was said.
Refuses: moving or changing any item, and guessing without a number (probabilistic matching is a later version's).
"""

from concord.identity.linking import link_source_patient, persons_with_number
from concord.identity.matching import Assurance, Grade, Verdict, compare, grade
from concord.identity.settling import settle_persons

__all__ = [
    "Assurance",
    "Grade",
    "Verdict",
    "compare",
    "grade",
    "link_source_patient",
    "persons_with_number",
    "settle_persons",
]
