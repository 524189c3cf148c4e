"""`Patient/$match` on the wire: http://hl7.org/fhir/R4/patient-operation-match.html."""

from collections.abc import Sequence

from concord.api.doors import Recognised
from concord.base import Incorrect
from concord.fhir import Resource, check, encode, received

_GRADE = "http://hl7.org/fhir/StructureDefinition/match-grade"
_SCORES = {"certain": b"1.0", "probable": b"0.8", "possible": b"0.4"}
_KINDS = {"resource": "resource", "onlyCertainMatches": "valueBoolean", "count": "valueInteger"}
MOST = 50


def match_asked(body: bytes) -> tuple[Resource, bool, int]:
    """The Patient in hand, whether only a certain match will do, and how many at most. Raises Incorrect."""
    parameters = received(body)
    if parameters.get("resourceType") == "Patient":  # the one parameter that is a resource may stand alone
        parameters = {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": parameters}]}
    listed = parameters.get("parameter")
    if parameters.get("resourceType") != "Parameters" or not isinstance(listed, list):
        raise Incorrect("The body of $match is a Parameters resource, or the Patient alone.")
    given = {str(each.get("name")): each for each in listed if isinstance(each, dict)}
    if len(given) < len(listed) or any(set(each) - {"name"} != {_KINDS.get(name)} for name, each in given.items()):
        raise Incorrect(
            "$match takes resource (a Patient), onlyCertainMatches (valueBoolean) and count (valueInteger), each once."
        )
    patient = given.get("resource", {}).get("resource")
    if not isinstance(patient, dict) or patient.get("resourceType") != "Patient":
        raise Incorrect("$match needs a Patient as its parameter resource.")
    if breaches := check(patient):
        raise Incorrect(f"{breaches[0].path}: {breaches[0].message}")
    certain = given.get("onlyCertainMatches", {}).get("valueBoolean", False)
    count = given.get("count", {}).get("valueInteger", MOST)
    if not isinstance(certain, bool) or isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise Incorrect("onlyCertainMatches is a valueBoolean, count a valueInteger from 1.")
    return patient, certain, min(count, MOST)


def match_set(found: Sequence[Recognised], base: str) -> bytes:
    """A searchset, the surest first; one without an id has no fullUrl."""
    stem = encode(f"{base}/Patient/")[:-1]
    entries = [
        (b"" if each.id is None else b'"fullUrl":%s%s",' % (stem, each.id.encode()))
        + b'"resource":%s,"search":{"extension":[{"url":"%s","valueCode":"%s"}],"mode":"match","score":%s}'
        % (each.wire, _GRADE.encode(), each.grade.encode(), _SCORES[each.grade])
        for each in found
    ]
    listed = b',"entry":[{%s}]' % b"},{".join(entries) if entries else b""
    return b'{"resourceType":"Bundle","type":"searchset","total":%d%s}' % (len(found), listed)
