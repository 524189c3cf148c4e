"""Requests that no client should send, made from the server's CapabilityStatement and a seed: the same ones every time.

Each is a right request with something odd in it, or in several places: what the statement lists is what is tried.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from concord.fhir import encode
from tests.small_system import attendance, condition, patient

Random = random.Random
Write = Callable[[Random], str]

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


@dataclass(frozen=True, kw_only=True)
class Case:
    """One request. `who` asks by a token, unless `headers` bring another Authorization."""

    who: str
    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None

    def __str__(self) -> str:
        body = b"" if self.body is None else self.body[:400]
        return f"{self.who} {self.method} {self.path[:600]} {self.headers} {body!r}"


def cases(statement: Any, seed: int) -> Iterator[Case]:
    """Endless. The types and their parameters and operations are those of the CapabilityStatement."""
    makers = _Makers(statement, Random(seed))
    while True:
        yield makers.case()


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


class _Makers:
    def __init__(self, statement: Any, rng: Random) -> None:
        self.rng = rng
        self.resources = {each["type"]: each for each in statement["rest"][0]["resource"]}
        self.types = tuple(self.resources)
        self.of_terminology = [
            (type_, [each["name"] for each in self.resources[type_]["operation"]])
            for type_ in ("CodeSystem", "ValueSet", "ConceptMap")
        ]
        self.system_operations = [each["name"] for each in statement["rest"][0].get("operation", [])]

    def case(self) -> Case:
        rng = self.rng
        make = rng.choices(
            (self.search, self.instance, self.write, self.patch, self.bundle, self.operation, self.anything),
            (50, 12, 14, 4, 8, 10, 2),
        )[0]
        case = make()
        if rng.random() < 0.08:
            names = rng.sample(tuple(HEADERS), rng.choice((1, 1, 2, 3)))
            odd = {name: rng.choice(HEADERS[name]).encode().decode("latin-1") for name in names}
            case = Case(**vars(case) | {"headers": case.headers | odd})
        return case

    # -- addresses ---------------------------------------------------------------------------------------------------

    def type(self) -> str:
        rng = self.rng
        if rng.random() < 0.02:
            return rng.choice(("Nothing", "patient", "", "*", "%00", "Patient%20", "$x", "_x"))
        return rng.choice(HELD) if rng.random() < 0.6 else rng.choice(self.types)

    def who(self) -> str:
        return self.rng.choices(("practice", "hospital", "doctor"), (6, 1, 3))[0]

    def search(self) -> Case:
        rng, type_ = self.rng, self.type()
        query = "&".join(self.parameter(type_) for _ in range(rng.choice((1, 1, 2, 2, 3, 6))))
        listed = {each["name"] for each in self.resources.get(type_, {}).get("searchParam", [])}
        if "patient" in listed and rng.random() < 0.4:
            query = f"patient=p1&{query}"
        at = rng.choices(
            (
                type_ or "Patient",
                f"Patient/{rng.choice(IDS)}/{type_}",
                f"{type_}/_search",
                "",
                "_search",
                "Encounter/e1/*",
            ),
            (70, 8, 8, 4, 4, 3),
        )[0]
        if at in ("", "_search"):
            query = f"_type={type_}&{query}"
        if at.endswith("_search") and rng.random() < 0.8:
            form = {"Content-Type": "application/x-www-form-urlencoded"}
            return Case(who=self.who(), method="POST", path=at, headers=form, body=query.encode())
        return Case(who=self.who(), method=rng.choice(("GET", "GET", "GET", "HEAD")), path=f"{at}?{query}")

    def parameter(self, type_: str, depth: int = 0) -> str:
        """`name=value`, percent-encoded more or less."""
        rng, stated = self.rng, self.resources.get(type_, {})
        listed = stated.get("searchParam", [])
        kind = rng.random()
        if kind < 0.15 or not listed:
            name = rng.choice(tuple(COMMON))
            return f"{name}={self.value(COMMON[name])}"
        if kind < 0.27:
            name = rng.choice(("_include", "_revinclude", "_include:iterate", "_revinclude:iterate", "_include:x"))
            among = stated.get("searchInclude" if name.startswith("_include") else "searchRevInclude", []) or ["*"]
            value = rng.choice(
                (rng.choice(among), rng.choice(among), f"{type_}:*", "*", "x:y:z", f"{rng.choice(among)}:Patient")
            )
            return f"{name}={value if rng.random() < 0.9 else self.value((value,))}"
        chosen = rng.choice(listed)
        name = chosen["name"]
        if kind < 0.37 and depth < 6:
            other = rng.choice(self.types)
            refers = [each["name"] for each in self.resources[other]["searchParam"] if each["type"] == "reference"]
            reference = rng.choice(refers or ["patient"])
            return f"_has:{other}:{reference}:{self.parameter(other, depth + 1)}"
        if chosen["type"] == "reference" and rng.random() < 0.4 and depth < 8:
            target = rng.choice(HELD)
            narrowed = f":{target}" if rng.random() < 0.7 else ""
            return f"{name}{narrowed}.{self.parameter(target, depth + 1)}"
        ordered = chosen["type"] in ("date", "number", "quantity")
        if rng.random() < 0.2:
            among = MODIFIERS if rng.random() < 0.2 else FITTING.get(chosen["type"], ("missing",))
            name += f":{rng.choice(among)}"
            if name.endswith(":missing") and rng.random() < 0.8:
                return f"{name}={rng.choice(('true', 'false'))}"
        return f"{name}={self.value(VALUES.get(chosen['type'], ODD), PREFIXES if ordered else ('',))}"

    def value(self, right: Sequence[str], prefixes: Sequence[str] = ("",)) -> str:
        rng = self.rng
        parts = [
            rng.choice(prefixes) + (rng.choice(right) if rng.random() < 0.9 else rng.choice(ODD))
            for _ in range(rng.choice((1, 1, 1, 1, 2, 3)))
        ]
        text = rng.choices((",", "$"), (9, 1))[0].join(parts)
        if rng.random() < 0.02:
            return quote(text.encode("utf-16"), safe="")
        return quote(text, safe=rng.choices(("", ",|$:/", "%"), (8, 8, 1))[0])

    def instance(self) -> Case:
        rng = self.rng
        path = f"{self.type()}/{rng.choice(IDS)}"
        path += rng.choice(
            (
                "",
                "",
                "",
                "/_history",
                "/_history",
                "/_history/1",
                "/_history/%00",
                "/$meta",
                "/x",
                "//",
                "/_history/" + "a" * 99,
            )
        )
        query = f"?{self.parameter('Patient')}" if rng.random() < 0.4 else ""
        method = rng.choices(("GET", "HEAD", "POST", "OPTIONS", "TRACE", "PUT", "DELETE"), (20, 3, 1, 1, 1, 1, 1))[0]
        return Case(who=self.who(), method=method, path=path + query)

    # -- bodies ------------------------------------------------------------------------------------------------------

    def resource(self) -> dict[str, Any]:
        """A right resource with up to three odd values somewhere."""
        rng = self.rng
        made = deepcopy(rng.choice(RIGHT))
        if rng.random() < 0.1:
            made["resourceType"] = rng.choice(self.types)
        for _ in range(rng.choice((0, 0, 1, 1, 2, 3))):
            self._spoil(made)
        return made

    def _spoil(self, made: Any) -> None:
        rng, at = self.rng, made
        while True:
            keys: list[Any] = list(at) if isinstance(at, dict) else list(range(len(at)))
            if not keys:
                return
            key = rng.choice(keys)
            inner = at[key]
            if isinstance(inner, dict | list) and inner and rng.random() < 0.7:
                at = inner
                continue
            act = rng.random()
            if act < 0.6:
                at[key] = self.odd()
            elif act < 0.7 and isinstance(at, dict):
                at["_" + str(key)] = self.odd()
            elif act < 0.8 and isinstance(at, dict):
                more = ("contained", "extension", "meta", "text", "implicitRules", "id", "x", "")
                at[rng.choice(more)] = self.odd([deepcopy(rng.choice(RIGHT))], *ODD_ELEMENTS)
            elif act < 0.9 and isinstance(at, list):
                at.extend([deepcopy(inner)] * rng.choice((1, 50)))
            else:
                at[key] = deepcopy(rng.choice(RIGHT))
            return

    def odd(self, *more: Any) -> Any:
        return deepcopy(self.rng.choice((*VALUES_IN_BODIES, *more)))

    def body(self) -> bytes:
        rng = self.rng
        if rng.random() < 0.1:
            return rng.choice(BODIES)
        sent = encode(self.resource())
        if rng.random() < 0.05:
            cut = rng.randrange(len(sent))
            return sent[:cut] + rng.choice((b"", b"\xff", b"\x00", b'"', b"}")) + sent[cut + rng.choice((0, 1, 5)) :]
        return sent

    def condition_of_write(self, type_: str) -> str:
        return "" if self.rng.random() < 0.5 else f"?{self.parameter(type_)}"

    def write(self) -> Case:
        rng, type_ = self.rng, self.type()
        method = rng.choice(("POST", "PUT", "PUT", "DELETE"))
        resource = self.resource()
        id_ = resource.get("id")
        if rng.random() < 0.8:  # the address is that of the body
            type_ = str(resource.get("resourceType"))
        fits = isinstance(id_, str) and method == "PUT" and rng.random() < 0.8
        path = f"{type_}/{quote(str(id_))}" if fits else f"{type_}/{rng.choice(IDS[3:])}"
        if method == "POST" or rng.random() < 0.15:
            path = type_ + self.condition_of_write(type_)
        headers = {"If-Match": 'W/"1"'} if rng.random() < 0.05 else {}
        body = None if method == "DELETE" else encode(resource) if rng.random() < 0.8 else self.body()
        return Case(who=self.writer(), method=method, path=path, headers=headers, body=body)

    def writer(self) -> str:
        return self.rng.choices(("practice", "hospital", "doctor"), (8, 2, 1))[0]

    def patch(self) -> Case:
        rng = self.rng
        body = encode(rng.choice(PATCHES)) if rng.random() < 0.9 else self.body()
        path = (
            f"{rng.choice(HELD)}/{rng.choice(IDS)}"
            if rng.random() < 0.7
            else f"Condition?{self.parameter('Condition')}"
        )
        headers = {"Content-Type": "application/json-patch+json"}
        return Case(who=self.writer(), method="PATCH", path=path, headers=headers, body=body)

    def bundle(self) -> Case:
        rng = self.rng
        sent: dict[str, Any] = {
            "resourceType": "Bundle",
            "type": rng.choices(("batch", "transaction", "collection", 5), (8, 8, 1, 1))[0],
            "entry": [self.entry() for _ in range(rng.choice((0, 1, 2, 4)))],
        }
        if rng.random() < 0.1:
            self._spoil(sent)
        path = rng.choices(("", "/", "?x=y", "?_format=json"), (8, 2, 1, 1))[0]
        return Case(who=self.writer(), method="POST", path=path, body=encode(sent))

    def entry(self) -> Any:
        rng = self.rng
        if rng.random() < 0.05:
            return self.odd()
        method = rng.choices(("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "x", 5), (9, 1, 9, 9, 5, 2, 1, 1))[0]
        inner = {"GET": self.search, "POST": self.write, "PUT": self.write}.get(str(method), self.instance)()
        request: dict[str, Any] = {"method": method, "url": inner.path}
        if rng.random() < 0.1:
            name = rng.choice(("ifMatch", "ifNoneMatch", "ifNoneExist", "ifModifiedSince"))
            request[name] = rng.choice((*ODD, 'W/"1"', "identifier=urn:x|1", 5, None))
        made: dict[str, Any] = {"request": request if rng.random() < 0.95 else self.odd()}
        if method in ("POST", "PUT", "PATCH") or rng.random() < 0.1:
            made["resource"] = self.resource()
        if rng.random() < 0.3:
            made["fullUrl"] = self.odd("urn:uuid:1", "http://concord.test/fhir/Patient/p1")
        return made

    # -- operations --------------------------------------------------------------------------------------------------

    def operation(self) -> Case:
        rng, type_ = self.rng, self.type()
        stated = [each["name"] for each in self.resources.get(type_, {}).get("operation", [])]
        if rng.random() < 0.2:
            type_, stated = rng.choice(self.of_terminology)
        name = rng.choice((*stated, *self.system_operations, "nothing"))
        at = rng.choice((f"{type_}/${name}", f"{type_}/{rng.choice(IDS)}/${name}", f"${name}", "$job/x", "$job/x/y"))
        query = "?" + "&".join(self.parameter(type_) for _ in range(rng.choice((1, 2)))) if rng.random() < 0.5 else ""
        method = rng.choice(("GET", "GET", "POST", "POST", "DELETE"))
        body = self.parameters() if method == "POST" and rng.random() < 0.8 else None
        headers = {"Prefer": "respond-async"} if rng.random() < 0.2 else {}
        return Case(who=self.who(), method=method, path=at + query, headers=headers, body=body)

    def parameters(self) -> bytes:
        rng = self.rng
        if rng.random() < 0.4:
            return self.body()
        names = ("resource", "patient", "max", "mode", "profile", "_type", "_since", "count", "onlyCertainMatches",
                 "start",
                 "inputSource", "input", "inputFormat", "x", "url", "system", "code", "coding", "codeableConcept",
                 "valueSet", "codeA", "codeB", "filter", "offset", "target")  # fmt: skip
        kinds = (
            "valueString",
            "valueBoolean",
            "valueInteger",
            "valueReference",
            "valueInstant",
            "resource",
            "part",
            "valueX",
        )
        made: dict[str, Any] = {"resourceType": "Parameters", "parameter": []}
        for _ in range(rng.choice((0, 1, 2, 5))):
            value = self.resource() if rng.random() < 0.3 else self.odd(*DATES, *NUMBERS)
            made["parameter"].append({"name": rng.choice(names), rng.choice(kinds): value})
        if rng.random() < 0.1:
            self._spoil(made)
        return encode(made)

    def anything(self) -> Case:
        rng = self.rng
        path = "/".join(
            quote(rng.choice((*ODD, *IDS, *HELD)), safe=rng.choice(("", "%/$"))) for _ in range(rng.choice((1, 2, 4)))
        )
        method = rng.choice(("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "X"))
        body = self.body() if method in ("POST", "PUT", "PATCH") else None
        return Case(who=self.who(), method=method, path=path, body=body)
