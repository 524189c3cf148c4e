"""The CapabilityStatement: what this server does, made from the tables that it does it by."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from concord import __version__
from concord.fhir import RESOURCE_TYPES, search_parameters
from concord.fhir.searches import ANY_TYPE, COMPARTMENTS, may_refer_to, reference_parameters
from concord.terminology import KINDS

_PUBLISHED_ON = "2026-11-22"  # when what is stated here last changed
_BULK = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition"
_COMPARTMENT = "http://hl7.org/fhir/CompartmentDefinition"
_OF_THE_SYSTEM = {
    "export": f"{_BULK}/export",
    "import": "https://concord.example/OperationDefinition/import",
    "process-message": "http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message",
}
_OPERATIONS = {
    "Patient": {
        "everything": "http://hl7.org/fhir/OperationDefinition/Patient-everything",
        "export": f"{_BULK}/patient-export",
        "match": "http://hl7.org/fhir/OperationDefinition/Patient-match",
        "break-glass": "https://concord.example/OperationDefinition/break-glass",
        "end-break-glass": "https://concord.example/OperationDefinition/end-break-glass",
    },
    "Observation": {"lastn": "http://hl7.org/fhir/OperationDefinition/Observation-lastn"},
    "CodeSystem": {
        "lookup": "http://hl7.org/fhir/OperationDefinition/CodeSystem-lookup",
        "validate-code": "http://hl7.org/fhir/OperationDefinition/CodeSystem-validate-code",
        "subsumes": "http://hl7.org/fhir/OperationDefinition/CodeSystem-subsumes",
    },
    "ValueSet": {
        "expand": "http://hl7.org/fhir/OperationDefinition/ValueSet-expand",
        "validate-code": "http://hl7.org/fhir/OperationDefinition/ValueSet-validate-code",
    },
    "ConceptMap": {"translate": "http://hl7.org/fhir/OperationDefinition/ConceptMap-translate"},
    "Group": {"export": f"{_BULK}/group-export"},
    "Encounter": {"everything": "http://hl7.org/fhir/OperationDefinition/Encounter-everything"},
}
_OF_EVERY_TYPE = {
    "meta": "http://hl7.org/fhir/OperationDefinition/Resource-meta",
    "validate": "http://hl7.org/fhir/OperationDefinition/Resource-validate",
}
_KINDS = {"text": "string"}  # as R4 says of _text and _content
_INTERACTIONS = (
    "read", "vread", "update", "patch", "delete", "history-instance", "history-type", "create", "search-type",
)  # fmt: skip
_BEARER = (
    "Every request but this one carries a bearer token: of a user, who sees what the agreements in force open and "
    "writes nothing; or of an organisation's source system, which reads, searches and writes what it contributed. "
    "What is hidden and what is absent answer alike; that something was deleted its source alone is told."
)
_LOADED = (
    "Read and search give what the installation loaded to whoever asks, before what a source system contributed "
    "itself; the other interactions are of the latter alone. One of more than 256 KB comes without its concepts or "
    "mappings."
)


def capability_statement() -> dict[str, Any]:
    """The same for whoever asks, since it says nothing of what is held."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": _PUBLISHED_ON,
        "kind": "instance",
        "software": {"name": "Concord", "version": __version__},
        "implementation": {"description": "Concord: an integrated digital care record, shared by agreement"},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "patchFormat": ["application/json-patch+json"],
        "rest": [
            {
                "mode": "server",
                "security": {"description": _BEARER},
                "resource": [_resource(type_) for type_ in sorted(RESOURCE_TYPES)],
                "interaction": [{"code": "transaction"}, {"code": "batch"}, {"code": "search-system"}],
                "searchParam": _of_every_search(),
                "compartment": [f"{_COMPARTMENT}/{type_[0].lower()}{type_[1:]}" for type_ in sorted(COMPARTMENTS)],
                "operation": _stated(_OF_THE_SYSTEM),
            }
        ],
    }


@cache
def _naming(type_: str) -> list[str]:
    """The reference parameters, of whatever type, that may name items of this one."""
    return [
        f"{of}:{name}"
        for of in sorted(may_refer_to(type_))
        for name, parameter in reference_parameters(of).items()
        if type_ in parameter.targets or ANY_TYPE in parameter.targets
    ]


def _of_every_search() -> list[dict[str, str]]:
    """What no type's list of parameters holds, and every search takes."""
    return [
        {"name": "_type", "type": "token", "documentation": "For searches of several types: GET [base]?_type=..."},
        {"name": "_has", "type": "string", "documentation": "_has:Type:reference:parameter, at most four deep"},
        {"name": "_list", "type": "string", "documentation": "The id of a List; not $current-..."},
    ]


def _resource(type_: str) -> dict[str, Any]:
    parameters = search_parameters(type_)
    stated: dict[str, Any] = {
        "type": type_,
        "interaction": [{"code": code} for code in _INTERACTIONS],
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": True,
        "conditionalCreate": True,
        "conditionalRead": "full-support",
        "conditionalUpdate": True,
        "conditionalDelete": "single",
        "searchParam": [{"name": name, "type": _KINDS.get(kind, kind)} for name, kind in sorted(parameters.items())],
    }
    includes = [f"{type_}:{name}" for name in reference_parameters(type_)]
    if includes:
        stated["searchInclude"] = ["*", *includes]
    stated["searchRevInclude"] = _naming(type_)
    if type_ in KINDS:
        stated["documentation"] = _LOADED
    stated["operation"] = _stated(_OPERATIONS.get(type_, {}) | _OF_EVERY_TYPE)
    return stated


def _stated(operations: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "definition": url} for name, url in operations.items()]
