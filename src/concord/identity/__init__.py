"""Who is who: which source patients are one person.

Promises: a clash is never merged silently; what is held for review stays apart; a link is one row that can be undone;
without a number only those are linked who agree in names, date of birth and address, and nobody else does; what sources
and reviewers say of whose record is whose joins and parts persons, in whatever order it was said.
Refuses: moving or changing any item, and telling what was compared by its values.
"""

from concord.identity.asking import explain, recognised
from concord.identity.explaining import Explained
from concord.identity.grading import Grade
from concord.identity.likeness import Scorer, Weights
from concord.identity.linking import link_source_patient, persons_with_number
from concord.identity.matching import Assurance
from concord.identity.recycling import Told, is_another
from concord.identity.rejudging import judge_anew
from concord.identity.settling import settle_persons
from concord.identity.training import Engine, learn
from concord.identity.trying import tested_named, tested_person, tested_sources, tested_under
from concord.identity.weighing import keep_weights, weights_in_force

__all__ = [
    "Assurance",
    "Engine",
    "Explained",
    "Grade",
    "Scorer",
    "Told",
    "Weights",
    "explain",
    "is_another",
    "judge_anew",
    "keep_weights",
    "learn",
    "link_source_patient",
    "persons_with_number",
    "recognised",
    "settle_persons",
    "tested_named",
    "tested_person",
    "tested_sources",
    "tested_under",
    "weights_in_force",
]
