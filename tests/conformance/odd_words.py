"""The words of which odd requests are made: values, modifiers, bodies, headers and patches, right and wrong ones."""

from typing import Any

from tests.small_system import attendance, condition, patient

HELD = ("Patient", "Condition", "Encounter", "Observation", "Practitioner")
IDS = (
    "p1",
    "c1",
    "e1",
    "o1",
    "nobody",
    "P1",
    "a" * 64,
    "a" * 65,
    "-",
    ".",
    "..",
    "%00",
    "p1%20",
    "p%2F1",
    "é",
    "_history",
    "$x",
)
ODD = (
    "", " ", ",", ",,", "|", "||", "|||", "$", "$$", "\\", "\\,", "\\x", ":", "*", "'", '"', "%", "%zz", "%00",
    "%ED%A0%80",
    "\x00", "a\x00b", "\n", "é", "e\u0301", "ß", "İ", "😀", "\u202e", "٣", "NaN", "Infinity", "-0", "null", "true",
    "[]", "{}", "../..", "//", "?", "#", "a" * 3000, "," * 500, "a," * 200, "' OR 1=1 --", "<x/>", "urn:uuid:", "http://",
    "http://[", "http://[::1", "//x", "Patient/", "/p1", "Patient//p1", "Patient/p1/_history/", "Nothing/p1", "#", "#x",
)  # fmt: skip
TOKENS = ("final", "http://loinc.org|2160-0", "|x", "x|", "true", "male", "urn:x|1", "a|b|c", "x\\|y|z")
DATES = (
    "2026", "2026-03", "2026-03-01", "2026-11-22T03:12Z", "2026-11-22T03:12:00.123456789Z", "2026-11-22T03:12:00+14:00",
    "0000", "0001-01-01", "9999", "9999-12-31", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00", "2026-13",
    "2026-02-30", "2026-11-22T24:00:00Z", "2026-06-30T23:59:60Z", "2026-11-22T03:12:00", "20261122", "10000-01-01",
)  # fmt: skip
NUMBERS = (
    "5", "5.40", "1e2", "-1", "+1", "0", "0.0", "1e999", "1e-999", "1e999999999", "1E400", "9" * 400,
    "0." + "0" * 400 + "1",
    "1_000", "0x10", "٣", ".5", "5.", "--5",
)  # fmt: skip
VALUES: dict[str, tuple[str, ...]] = {
    "token": TOKENS,
    "string": ("Hol", "holroyd", "H", "é", "a b c"),
    "reference": (
        "p1",
        "Patient/p1",
        "http://concord.test/fhir/Patient/p1",
        "urn:uuid:1",
        "Patient/p1/_history/1",
        "x|1",
    ),
    "date": DATES,
    "number": NUMBERS,
    "quantity": (*NUMBERS, "5|http://unitsofmeasure.org|mmol/L", "5||mg", "5|x", "1e999||mg", "5|||", "<5"),
    "uri": ("http://x", "urn:oid:1.2", "http://x|1"),
    "composite": ("http://loinc.org|2160-0$5.6", "2160-0$lt5", "a$b$c", "$", "2160-0$1e999"),
    "special": ("53.8|-1.5|10|km", "53.8|-1.5", "91|181|1|km", "NaN|NaN|1|km", "1e999|0|1e999|km", "Hol"),
}
FITTING = {
    "token": ("not", "text", "missing", "in", "not-in", "of-type", "above", "below"), "string": ("exact", "contains",
              "missing"),
    "reference": ("identifier", "Patient", "missing"), "uri": ("above", "below", "missing"),
}  # fmt: skip
PREFIXES = ("", "", "", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap", "xx", "gtlt")
MODIFIERS = (
    "missing", "exact", "contains", "not", "text", "in", "not-in", "above", "below", "of-type", "identifier", "type",
    "Patient", "Observation", "Nothing", "iterate", "nickname", "", ":", "missing:missing",
)  # fmt: skip
COMMON: dict[str, tuple[str, ...]] = {
    "_sort": (
        "date",
        "-date",
        "_id,-_lastUpdated",
        "-",
        "--date",
        "near",
        "code-value-quantity",
        "date,date",
        "nothing",
    ),
    "_count": ("0", "1", "1000", "1001", "-1", "1.5", "99999999999999999999", "٣"),
    "_total": ("none", "accurate", "estimate", "some"),
    "_summary": ("true", "text", "data", "count", "false", "some"),
    "_elements": ("id", "code,subject", "code.text", "nothing", "_id", "resourceType", ","),
    "_type": ("Patient,Observation", "Nothing", ",", "*"),
    "_page": ("x", "AAAA", "a" * 500, "%00"),
    "_format": ("json", "application/fhir+json", "xml", "application/json;q=x", "*/*"),
    "_list": ("l1", "$current-problems", "List/l1"),
    "_has": ("x",),
    "_text": ("heart", '"heart failure"', "(a OR"),
    "_content": ("heart", "*"),
    "_filter": ("code eq x",),
    "_query": ("x",),
    "_since": DATES,
    "_at": DATES,
    "start": DATES,
    "end": DATES,
    "max": NUMBERS,
    "_outputFormat": ("application/fhir+ndjson", "ndjson", "xml"),
    "_typeFilter": ("Patient?active=true",),
    "profile": ("http://hl7.org/fhir/StructureDefinition/Patient", "x", "http://["),
    "url": ("http://hl7.org/fhir/ValueSet/administrative-gender", "http://snomed.info/sct?fhir_vs=isa/138875005", "x"),
    "system": ("http://hl7.org/fhir/administrative-gender", "http://snomed.info/sct", "http://loinc.org", "x"),
    "code": ("male", "138875005", "x"),
    "codeA": ("male", "138875005"),
    "codeB": ("male", "404684003"),
    "filter": ("ma", "*"),
    "offset": NUMBERS,
    "count": NUMBERS,
    "mode": ("create", "update", "delete", "profile", "x"),
}
BODIES = (
    b"", b" ", b"null", b"[]", b"{}", b'"x"', b"1", b"{", b"}", b'{"resourceType":', b"\xff\xfe", b"\xef\xbb\xbf{}",
    b'{"resourceType":"Patient","resourceType":"Patient"}', b'{"resourceType":null}', b'{"resourceType":["Patient"]}',
    b'{"resourceType":"Nothing"}', b'{"resourceType":"Patient","id":"\\ud800"}',
    b'{"resourceType":"Patient","id":"\\u0000"}',
    b'{"resourceType":"Patient","multipleBirthInteger":1e999999999}',
    b'{"resourceType":"Patient","multipleBirthInteger":' + b"9" * 5000 + b"}", b"[" * 100_000, b'{"a":' * 20_000,
    b'{"resourceType":"Patient","contact":' + b"[" * 300 + b"]" * 300 + b"}", b"resource=x", b"<Patient/>",
)  # fmt: skip
VALUES_IN_BODIES: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, "", " ", "x", "\x00", "\ud7ff", [], {}, [None], [[]], {"x": 1}, "2026-02-30", "9" * 5000,
    10**30,
    "Patient/p1", "#x", "urn:uuid:1", "http://[", "Patient?identifier=urn:x|1", "Patient?", "Nothing?x=y",
    "http://x\x00y",
    {"reference": "Patient/p1"}, {"reference": 5}, {"extension": []}, [{"coding": [{"code": 5}]}], "é" * 50,
)  # fmt: skip
ODD_ELEMENTS: tuple[Any, ...] = (
    {"status": "generated", "div": "<div>"}, {"security": [{"code": 5}]}, {"tag": "x"},
    {"versionId": "1", "lastUpdated": "x", "profile": [5]},
)  # fmt: skip
HEADERS: dict[str, tuple[str, ...]] = {
    "Content-Type": ("", "x", "application/json", "application/fhir+json; charset=latin-1", "application/fhir+json;;;",
                     "application/xml", "text/plain", "application/json-patch+json",
                     "application/x-www-form-urlencoded",
                     "multipart/form-data", "application/fhir+ndjson"),
    "Accept": ("", "x", "*/*;q=0", "application/fhir+xml", "application/fhir+json;q=x", ",,;",
               "application/json, text/*;q=0.1"),
    "Authorization": ("", "Bearer", "Bearer ", "Bearer x", "Basic eDp5", "bearer é", "Bearer a b"),
    "If-Match": ("*", 'W/""', 'W/"1"', "1", '"', 'W/"a","b"', "W/"),
    "If-None-Match": ("*", 'W/""', 'W/"1"', "x", '"'),
    "If-Modified-Since": ("yesterday", "Sun, 22 Nov 2026 03:12:00 GMT", "Sun, 99 Nov 9999 99:99:99 GMT", "0", "Sun"),
    "If-Unmodified-Since": ("x",),
    "If-None-Exist": ("identifier=urn:x|1", "x=y", "", "%", "?identifier=1", "identifier=%00", "_id=", "a&b&c",
                      "_sort=date"),
    "Prefer": ("return=minimal", "return=", "return", "handling=lenient", "handling=strict", "respond-async", ",;=",
               "é"),
    "Content-Encoding": ("gzip", "identity", "x"),
    "Range": ("bytes=0-1", "x"),
    "X-HTTP-Method-Override": ("DELETE",),
}  # fmt: skip
PATCHES: tuple[Any, ...] = (
    [], {}, None, [None], [{}], [{"op": "add"}], [{"op": "remove", "path": ""}], [{"op": "replace", "path": "",
    "value": 1}],
    [{"op": "add", "path": "/code/text", "value": None}], [{"op": "add", "path": "/~2", "value": 1}],
    [{"op": "move", "from": "/code", "path": "/code/x"}], [{"op": "copy", "from": "", "path": "/contained/-"}],
    [{"op": "add", "path": "/category/99999999999999999999", "value": 1}], [{"op": "remove", "path": "/category/-"}],
    [{"op": "remove", "path": "/category/01"}], [{"op": "test", "path": "/id", "value": "x"}], [{"op": "x",
    "path": "/id"}],
    [{"op": "add", "path": "/category/٣", "value": 1}], [{"op": "replace", "path": 5, "value": 1}],
    [{"op": "copy", "from": "", "path": "/extension"}] * 50,
)  # fmt: skip


def observation(source_id: str, of: str) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": source_id,
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "2160-0"}]},
        "subject": {"reference": f"Patient/{of}"},
        "effectiveDateTime": "2026-11-01",
        "valueQuantity": {"value": 5.6, "unit": "mmol/L", "system": "http://unitsofmeasure.org", "code": "mmol/L"},
    }


RIGHT: tuple[dict[str, Any], ...] = (
    patient("p1"),
    condition("c1", "p1"),
    attendance("e1", "p1"),
    observation("o1", "p1"),
    {"resourceType": "Practitioner", "id": "d1", "name": [{"family": "Okafor"}]},
    {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": condition("c2", "p1")}]},
)
