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
from tests.conformance.odd_words import (
    BODIES,
    COMMON,
    DATES,
    FITTING,
    HEADERS,
    HELD,
    IDS,
    MODIFIERS,
    NUMBERS,
    ODD,
    ODD_ELEMENTS,
    PATCHES,
    PREFIXES,
    RIGHT,
    VALUES,
    VALUES_IN_BODIES,
)

Random = random.Random
Write = Callable[[Random], str]


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
