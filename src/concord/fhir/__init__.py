"""What FHIR R4 (4.0.1) says: JSON, structure, references, search.

Promises: pure functions of their arguments; definitions compiled from HL7's own; every digit of a decimal kept;
messages that name path and rule and never quote a value. Refuses: reading the clock, files at call time or any
database; deciding who may see what.

`survey` is the one pass over a resource that checks it and gathers from it; `check`, `references` and `codings`
are parts of what it finds. `validate` says all that can be said of a resource by itself, and takes its time. What
answering searches takes is in a drawer of its own, `searches`.
"""

from concord.fhir import searches
from concord.fhir.about import lifecycle, patient_references, relevant_time
from concord.fhir.criteria import Criterion, Value
from concord.fhir.definitions import element_names, required_value_sets
from concord.fhir.findings import Breach, Survey
from concord.fhir.folding import fold
from concord.fhir.indexing import index_keys, index_values
from concord.fhir.matching import matches
from concord.fhir.outcomes import Issue, issue_of, outcome, report, within
from concord.fhir.own import CLOCKS_CHANGED, LAST_WORD, SERVICE_OF, TOLD_BY, Told, service_of, told
from concord.fhir.parameters import search_parameters
from concord.fhir.patching import PatchOperation, apply_patch, read_patch
from concord.fhir.profiles import NOTHING_KNOWN, Known, codes_of_value_set, read_profile
from concord.fhir.query import RESOURCE_TYPES, Search, parse_search
from concord.fhir.structure import check, codings, references, survey
from concord.fhir.times import BEGINNING, END, range_of
from concord.fhir.validation import validate
from concord.fhir.wire import Resource, encode, parse, received

__all__ = [
    "BEGINNING",
    "CLOCKS_CHANGED",
    "END",
    "LAST_WORD",
    "NOTHING_KNOWN",
    "RESOURCE_TYPES",
    "SERVICE_OF",
    "TOLD_BY",
    "Breach",
    "Criterion",
    "Issue",
    "Known",
    "PatchOperation",
    "Resource",
    "Search",
    "Survey",
    "Told",
    "Value",
    "apply_patch",
    "check",
    "codes_of_value_set",
    "codings",
    "element_names",
    "encode",
    "fold",
    "index_keys",
    "index_values",
    "issue_of",
    "lifecycle",
    "matches",
    "outcome",
    "parse",
    "parse_search",
    "patient_references",
    "range_of",
    "read_patch",
    "read_profile",
    "received",
    "references",
    "relevant_time",
    "report",
    "required_value_sets",
    "search_parameters",
    "searches",
    "service_of",
    "survey",
    "told",
    "validate",
    "within",
]
