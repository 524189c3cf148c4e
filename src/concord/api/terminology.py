"""The terminology operations, asked by parameters in the address or in a Parameters resource, of whoever is signed in.

http://hl7.org/fhir/R4/terminology-service.html. What is answered says nothing of anybody, and is the same for all.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from concord.api.negotiate import LARGEST_FORM, json_body
from concord.api.problems import FHIR_JSON, PRIVATE
from concord.base import Incorrect
from concord.fhir import Resource, encode, received
from concord.terminology import Checked, Concept, Expanded, Lookup, Mapped, Terminology

Given = Mapping[str, Any]
Operation = Callable[[Terminology, Given], Resource]
MOST_A_PAGE = 1000
_PASSED_OVER = ("displayLanguage", "excludeNested", "date", "abstract")  # what they ask makes no difference here
_VALUE = re.compile("value[A-Z]")


class TerminologyApi:
    def __init__(self, terminology: Terminology) -> None:
        self._terminology = terminology

    async def answer(
        self,
        operation: Operation,
        request: Request,
        authenticate: Callable[[Request], Awaitable[list[tuple[str, str]]]],
    ) -> Response:
        """What an operation answers. Raises NotKnown, TooCostly, Incorrect, Unauthenticated, Refused."""
        pairs: list[tuple[str, Any]] = [*await authenticate(request)]
        if request.method == "POST":
            pairs += _parameters(await json_body(request, largest=LARGEST_FORM))
        given = _given(pairs)
        told = await asyncio.to_thread(operation, self._terminology, given)
        return Response(encode(told), 200, PRIVATE, FHIR_JSON)


def _lookup(terminology: Terminology, given: Given) -> Resource:
    _check(given, "system", "code", "version", "coding", "property")
    system, code, _ = _one_coding(given)
    found = terminology.lookup(system, code, _text(given, "version"))
    return _told(_of_lookup(found, given.get("property")))


def _check_code(terminology: Terminology, given: Given) -> Resource:
    _check(given, "url", "code", "version", "display", "coding", "codeableConcept")
    url = _text(given, "url")
    found = Checked(result=False, message="No coding is of this code system.")
    for system, code, display in _codings(given, implied=url):
        if url in (None, system):
            found = terminology.check_code(system or _needed(given, "url"), code, display, _text(given, "version"))
            if found.result:
                break
    return _checked(found)


def _subsumes(terminology: Terminology, given: Given) -> Resource:
    _check(given, "system", "codeA", "codeB", "version", "codingA", "codingB")
    a, b = (_subsumed(given, side) for side in "AB")
    if a[0] != b[0]:
        raise Incorrect("codeA and codeB are of one code system.")
    told = terminology.subsumes(a[0], a[1], b[1], _text(given, "version"))
    return _told([{"name": "outcome", "valueCode": told}])


def _expand(terminology: Terminology, given: Given) -> Resource:
    known = (
        "url",
        "valueSetVersion",
        "filter",
        "offset",
        "count",
        "activeOnly",
        "includeDesignations",
        "includeDefinition",
    )
    _check(given, *known)
    count = _number(given, "count")
    found = terminology.expand(
        _needed(given, "url"),
        version=_text(given, "valueSetVersion"),
        text=_text(given, "filter") or "",
        offset=_number(given, "offset") or 0,
        count=MOST_A_PAGE if count is None else min(count, MOST_A_PAGE),
        active_only=_flag(given, "activeOnly"),
    )
    return _expansion(found, designations=_flag(given, "includeDesignations"))


def _check_member(terminology: Terminology, given: Given) -> Resource:
    _check(given, "url", "valueSetVersion", "code", "system", "display", "coding", "codeableConcept")
    codings = list(_codings(given, implied=_text(given, "system")))
    return _checked(terminology.check_member(_needed(given, "url"), codings, _text(given, "valueSetVersion")))


def _translate(terminology: Terminology, given: Given) -> Resource:
    _check(given, "url", "conceptMapVersion", "code", "system", "coding", "codeableConcept", "targetsystem")
    version = _text(given, "conceptMapVersion")
    url, target = _text(given, "url"), _text(given, "targetsystem")
    found = [
        each
        for system, code, _ in _codings(given, implied=_text(given, "system"))
        for each in terminology.translate(
            system or _needed(given, "system"), code, url=url, version=version, target=target
        )
    ]
    return _mapped(found)


OPERATIONS: Mapping[str, Operation] = {
    "CodeSystem/$lookup": _lookup,
    "CodeSystem/$validate-code": _check_code,
    "CodeSystem/$subsumes": _subsumes,
    "ValueSet/$expand": _expand,
    "ValueSet/$validate-code": _check_member,
    "ConceptMap/$translate": _translate,
}


# -- what is asked -----------------------------------------------------------------------------------------------------


def _parameters(body: bytes) -> list[tuple[str, Any]]:
    resource = received(body) if body.strip() else {"resourceType": "Parameters"}
    listed: Any = resource.get("parameter", [])
    if resource.get("resourceType") != "Parameters" or not isinstance(listed, list):
        raise Incorrect("The body of an operation is a Parameters resource.")
    return [_parameter(each, f"Parameters.parameter[{number}]") for number, each in enumerate(listed)]


def _parameter(each: object, at: str) -> tuple[str, Any]:
    values = [name for name in each if _VALUE.match(name)] if isinstance(each, dict) else []
    if not isinstance(each, dict) or not isinstance(each.get("name"), str) or len(values) != 1:
        raise Incorrect(f"{at}: a parameter has a name and one value; resources are not taken here.")
    return each["name"], each[values[0]]


def _given(pairs: Sequence[tuple[str, Any]]) -> Given:
    given: dict[str, Any] = {}
    for name, value in pairs:
        if name == "property":
            given.setdefault(name, []).append(value)
        elif name in given:
            raise Incorrect("A parameter of this operation is given twice.")
        else:
            given[name] = value
    return given


def _check(given: Given, *known: str) -> None:
    if not given.keys() <= {*known, *_PASSED_OVER}:
        raise Incorrect(f"This operation takes {', '.join(known)}, and no other parameter.")


def _text(given: Given, name: str) -> str | None:
    value = given.get(name)
    if value is not None and (not isinstance(value, str) or not value):
        raise Incorrect(f"{name} is a text.")
    return value


def _needed(given: Given, name: str) -> str:
    value = _text(given, name)
    if value is None:
        raise Incorrect(f"This operation needs {name}.")
    return value


def _number(given: Given, name: str) -> int | None:
    value = given.get(name)
    if value is None:
        return None
    if not re.fullmatch("[0-9]{1,9}", str(value)):
        raise Incorrect(f"{name} is a whole number from 0.")
    return int(value)


def _flag(given: Given, name: str) -> bool:
    value = given.get(name, False)
    if value not in (True, False, "true", "false"):
        raise Incorrect(f"{name} is true or false.")
    return value in (True, "true")


def _codings(given: Given, *, implied: str | None) -> list[tuple[str | None, str, str | None]]:
    """(system, code, display) of what is asked about, by one of code, coding and codeableConcept."""
    named = [name for name in ("code", "coding", "codeableConcept") if name in given]
    if len(named) != 1:
        raise Incorrect("Name what is asked about once: by code, coding (system|code) or codeableConcept.")
    value = given[named[0]]
    if named[0] == "code":
        return [(implied, _needed(given, "code"), _text(given, "display"))]
    if isinstance(value, str):
        system, _, code = value.rpartition("|")
        value = {"system": system, "code": code} if system else {"code": code}
    listed: Any = value.get("coding") if named[0] == "codeableConcept" and isinstance(value, dict) else [value]
    if not isinstance(listed, list) or not listed or not all(isinstance(each, dict) for each in listed):
        raise Incorrect(f"{named[0]} holds a code and its system.")
    return [(_text(each, "system"), _needed(each, "code"), _text(each, "display")) for each in listed]


def _one_coding(given: Given) -> tuple[str, str, str | None]:
    ((system, code, display),) = _codings(given, implied=_text(given, "system"))[:1]
    return system or _needed(given, "system"), code, display


def _subsumed(given: Given, side: str) -> tuple[str, str]:
    named: dict[str, Any] = {"code": given[f"code{side}"]} if f"code{side}" in given else {}
    named |= {"coding": given[f"coding{side}"]} if f"coding{side}" in given else {}
    system, code, _ = _one_coding({**named, **({"system": given["system"]} if "system" in given else {})})
    return system, code


# -- what is answered --------------------------------------------------------------------------------------------------


def _told(parameters: list[dict[str, Any]]) -> Resource:
    return {"resourceType": "Parameters", "parameter": parameters}


def _checked(checked: Checked) -> Resource:
    return _told(
        [
            {"name": "result", "valueBoolean": checked.result},
            *([{"name": "message", "valueString": checked.message}] if checked.message else []),
            *([{"name": "display", "valueString": checked.display}] if checked.display else []),
        ]
    )


def _of_lookup(found: Lookup, wanted: Sequence[str] | None) -> list[dict[str, Any]]:
    """http://hl7.org/fhir/R4/codesystem-operation-lookup.html; of what is known by its code alone, that is its name."""
    concept = found.concept
    said: list[tuple[str, dict[str, Any]]] = [
        ("inactive", {"valueBoolean": not concept.active}),
        *(("parent", {"valueCode": code}) for code in found.parents),
        *(("child", {"valueCode": code}) for code in found.children),
        *(
            (each["code"], {name: value for name, value in each.items() if _VALUE.match(name)})
            for each in concept.detail.get("property", ())
            if each["code"] not in ("inactive", "parent", "child")
        ),
    ]
    return [
        {"name": "name", "valueString": found.name},
        *([{"name": "version", "valueString": found.version}] if found.version else []),
        {"name": "display", "valueString": concept.display or concept.code},
        *(
            {"name": "designation", "part": _designation(each)}
            for each in concept.detail.get("designation", ())
            if wanted is None or "designation" in wanted
        ),
        *(
            {"name": "property", "part": [{"name": "code", "valueCode": code}, {"name": "value", **value}]}
            for code, value in [*_defined(concept), *said]
            if wanted is None or code in wanted
        ),
    ]


def _defined(concept: Concept) -> list[tuple[str, dict[str, Any]]]:
    definition = concept.detail.get("definition")
    return [("definition", {"valueString": definition})] if definition else []


def _designation(designation: Mapping[str, Any]) -> list[dict[str, Any]]:
    kinds = (("language", "valueCode"), ("use", "valueCoding"), ("value", "valueString"))
    return [{"name": name, kind: designation[name]} for name, kind in kinds if name in designation]


def _expansion(found: Expanded, *, designations: bool) -> Resource:
    contains = []
    for each in found.members:
        member: dict[str, Any] = {"system": each.system, "code": each.code}
        if not each.active:
            member["inactive"] = True
        if each.display:
            member["display"] = each.display
        if designations and each.detail.get("designation"):
            member["designation"] = each.detail["designation"]
        contains.append(member)
    expansion: dict[str, Any] = {
        "timestamp": found.at.isoformat(timespec="seconds"),
        "total": found.total,
        "offset": found.offset,
    }
    if contains:
        expansion["contains"] = contains
    return {"resourceType": "ValueSet", "status": "active", **found.definition, "expansion": expansion}


def _mapped(found: Sequence[Mapped]) -> Resource:
    matches = [
        {
            "name": "match",
            "part": [
                {"name": "equivalence", "valueCode": each.equivalence},
                *([{"name": "concept", "valueCoding": _coding(each)}] if each.code else []),
                {"name": "source", "valueUri": each.map},
            ],
        }
        for each in found
    ]
    result = any(each.code and each.equivalence not in ("unmatched", "disjoint") for each in found)
    return _told([{"name": "result", "valueBoolean": result}, *matches])


def _coding(mapped: Mapped) -> dict[str, str]:
    told = {"system": mapped.system, "code": mapped.code, "display": mapped.display}
    return {name: value for name, value in told.items() if value}
