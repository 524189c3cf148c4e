"""The drawer of searches: what whoever answers them needs beside `parse_search` and `matches`."""

from concord.fhir.criteria import Referring
from concord.fhir.including import in_compartment, included, may_refer_to, reference_targets, referred
from concord.fhir.indexing import in_order_of_index, index_decides, is_published, moments
from concord.fhir.matching import is_of_others
from concord.fhir.naming import Expansions, NotSupported
from concord.fhir.ordering import descending, place_of
from concord.fhir.parameters import ANY_TYPE, reference_parameters
from concord.fhir.query import COMPARTMENTS, Compartment, Include, Sort, parse_part, sortable
from concord.fhir.subsets import is_subset, subset

__all__ = [
    "ANY_TYPE",
    "COMPARTMENTS",
    "Compartment",
    "Expansions",
    "Include",
    "NotSupported",
    "Referring",
    "Sort",
    "descending",
    "in_compartment",
    "in_order_of_index",
    "included",
    "index_decides",
    "is_of_others",
    "is_published",
    "is_subset",
    "may_refer_to",
    "moments",
    "parse_part",
    "place_of",
    "reference_parameters",
    "reference_targets",
    "referred",
    "sortable",
    "subset",
]
