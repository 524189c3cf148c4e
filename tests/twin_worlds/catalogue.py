"""Every route of the server, and every way of asking it that has leaked somewhere: requests made from what the viewer
has been shown, plus guesses. A route enters on the day that it lands (`test_every_route_is_in_the_catalogue`)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any
from urllib.parse import quote

from concord.fhir import encode, search_parameters
from concord.portals.ui import TOKEN_FIELD, form_token
from tests.small_system import NHS_NUMBER, NOW
from tests.twin_worlds.stories import GUESS, OTHER_NUMBER

RANDOM_ID = "q" * 24
RANDOM_PERSON = "z" * 24
_TYPES = ("Patient", "Condition", "Observation", "Encounter", "DocumentReference", "Consent", "Practitioner", "Flag")
_TODAY = NOW.date().isoformat()
_AN_ID = re.compile(r"(?<![a-zA-Z0-9])([a-z2-7]{24}|[A-Z2-7]{24}|[a-z]{2}-x[0-9]+)(?![a-zA-Z0-9])")
_A_VERSION = re.compile(r"_history/[^?/%]+")


@dataclass(frozen=True, kw_only=True)
class Request:
    """`route` is the route as the application spells it."""

    route: str
    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def template(self) -> str:
        """The request without whom or what it is about: `{id}` for each id, and the headers by name."""
        path = _AN_ID.sub("{id}", _A_VERSION.sub("_history/{version}", self.path))
        headers = "".join(f" {name}" for name, _ in self.headers if name != "Content-Type")
        return f"{self.method} {path}{headers}"


@dataclass(frozen=True, kw_only=True)
class Known:
    """What a viewer can ask from: addresses that were shown (`Type/id`), persons that were found, and guesses.

    `versions`: guesses at versions of each address, shown or guessed (`Type/id/_history/version`). `drafts`: guesses at
    references of drafts.
    """

    shown: Sequence[str]
    versions: Sequence[str]
    persons: Sequence[str]
    guessed: Sequence[str]
    cookie: str
    drafts: Sequence[str]


def catalogue(known: Known) -> Iterator[Request]:
    yield from _reads(known)
    yield from _searches(known)
    yield from _audit(known)
    yield from _everything(known)
    yield from _latest(known)
    yield from _matches()
    yield from _breaking_glass(known)
    yield from _bulk(known)
    yield from _histories(known)
    yield from _batches(known)
    yield from _writes(known)
    yield from _validations(known)
    yield from _terminology(known)
    yield from _pages(known)
    yield from _messages(known)
    yield from _own_record(known)
    yield from _agreements(known)
    yield from _open_to_all()


def _reads(known: Known) -> Iterator[Request]:
    for address in (*known.shown, *known.guessed, *(f"{type_}/{RANDOM_ID}" for type_ in _TYPES)):
        type_, _, id_ = address.partition("/")
        for method in ("GET", "HEAD", "DELETE", "OPTIONS", "PATCH"):
            yield _fhir("/{type}/{id}", method, address)
        if address in known.shown[1:]:
            continue  # of what was shown, one will do for the odd ways of asking
        for variant in (f"{type_}/{id_.upper()}", f"{type_.lower()}/{id_}", f"{type_}/%20{id_}", f"{type_}%2F{id_}",
                        f"{type_}/{id_}%00", f"{type_}/{quote(id_[0])}{id_[1:]}", f"{type_}//{id_}",
                        f"{type_}/{id_}%E2%80%8B", f"{type_}/{quote(chr(ord(id_[0]) + 0xFEE0))}{id_[1:]}",
                        f"{type_}/{id_}/", f"{type_}/{id_}%0A", f"{type_};x=1/{id_}",
                        f"{type_}/../{type_}/{id_}"):  # fmt: skip
            yield _fhir("/{type}/{id}", "GET", variant)
        for headers in _CLAIMS:
            yield _fhir("/{type}/{id}", "GET", address, headers=headers)
        yield _fhir("/{type}/{id}/_history/{version}", "GET", f"{address}/_history/1")
        for below in ("$validate", "Observation"):
            yield _fhir("/{owner}/{id}/{type}", "GET", f"{address}/{below}")
        for header in ("If-None-Match", "If-Modified-Since"):
            value = 'W/"1"' if header == "If-None-Match" else "Sun, 22 Nov 2026 03:12:00 GMT"
            yield _fhir("/{type}/{id}", "GET", address, headers=((header, value),))
        yield _fhir("/{type}/{id}", "GET", f"{address}?_elements=id")
        yield _fhir("/{type}/{id}", "GET", f"{address}?_format=xml")
    for headers in _CLAIMS:
        yield _fhir("/{type}", "GET", f"Condition?code={GUESS}&_total=accurate", headers=headers)
    for version in known.versions:
        for method in ("GET", "HEAD", "PUT"):
            yield _fhir("/{type}/{id}/_history/{version}", method, version)


# A token that is signed with nothing, is nobody's or too many; a purpose and an override that nobody gave.
_ALG_NONE = "eyJhbGciOiJub25lIn0.eyJzY29wZSI6InN5c3RlbS8qLioiLCJhdWQiOiJ4In0."
_CLAIMS = (
    (("Authorization", f"Bearer {_ALG_NONE}"),), (("Authorization", ""),), (("Authorization", "Basic eDp5"),),
    (("Authorization", "bearer"),), (("Purpose-Of-Use", ""),), (("Purpose-Of-Use", "PATRQT"),),
    (("Purpose-Of-Use", "ETREAT"),), (("Purpose-Of-Use", "BTG"), ("X-Break-Glass", "true")),
    (("X-Forwarded-For", "192.0.2.1"), ("X-Forwarded-User", "administrator")), (("X-HTTP-Method-Override", "DELETE"),),
    (("Accept", "text/html"),), (("Accept-Encoding", "gzip"),), (("Range", "bytes=0-9"),),
    (("Prefer", "handling=lenient"),), (("Prefer", "return=representation"),),
)  # fmt: skip


def _histories(known: Known) -> Iterator[Request]:
    addresses = (*known.shown, *known.guessed, *(f"{type_}/{RANDOM_ID}" for type_ in _TYPES))
    for address in addresses:
        for query in ("", "?_count=1", f"?_since={_TODAY}", "?_since=2027-01-01", f"?_at={_TODAY}T03:12:30Z",
                      "?_at=2020", "?_page=AAAA", "?_sort=-_lastUpdated"):  # fmt: skip
            yield _fhir("/{type}/{id}/_history", "GET", f"{address}/_history{query}")
        for method in ("HEAD", "POST", "DELETE"):
            yield _fhir("/{type}/{id}/_history", method, f"{address}/_history")
        for method in ("GET", "HEAD", "POST"):
            yield _fhir("/{type}/{id}/$meta", method, f"{address}/$meta")
    for version in known.versions:
        address, _, name = version.partition("/_history/")
        for header in ("If-None-Match", "If-Match"):
            yield _fhir("/{type}/{id}", "GET", address, headers=((header, f'W/"{name}"'),))
        yield _fhir("/{type}/{id}", "DELETE", address, headers=(("If-Match", f'W/"{name}"'),))
    for type_ in _TYPES:
        for query in ("", "?_count=1", f"?_since={_TODAY}"):
            yield _fhir("/{type}/_history", "GET", f"{type_}/_history{query}")
        yield _fhir("/{type}/_history", "HEAD", f"{type_}/_history")


def _searches(known: Known) -> Iterator[Request]:
    shown, guessed = ([each for each in some if each.startswith("Patient/")] for some in (known.shown, known.guessed))
    whose = [f"patient={quote(address)}" for address in (*shown[:1], *guessed)]
    whose += [f"subject={quote(address)}" for address in shown[-1:]]
    ids = [address.partition("/")[2] for address in (*known.shown, *known.guessed)]
    suspected = dict.fromkeys(["Patient", "Observation", *(each.partition("/")[0] for each in known.guessed)])
    for type_ in suspected:
        of_person = [one for one in whose if one.partition("=")[0] in search_parameters(type_)]
        narrowed = [*_narrowing(type_, ids)]
        for whom, rest in [*product(["", *of_person], ["", *_SHAPES]), *product(["", *of_person[:1]], narrowed)]:
            query = "&".join(part for part in (whom, rest) if part)
            yield _fhir("/{type}", "GET", f"{type_}?{query}" if query else type_)
        for rest in ("_count=1", narrowed[0]):
            yield _fhir("/{type}", "HEAD", f"{type_}?{rest}")
            yield _fhir("/{type}/_search", "POST", f"{type_}/_search", headers=(_FORM,), body=rest.encode())
        for asked in (*_across(type_), "_page=AAAA"):
            for whom in ("", *of_person[:1]):
                yield _fhir("/{type}", "GET", f"{type_}?{'&'.join(part for part in (whom, asked) if part)}")
    yield from _compartments(known, shown, guessed)
    several = "_type=Patient,Condition,Observation"
    for query in (several, f"{several}&_sort=-_lastUpdated&_count=1", f"{several}&_summary=count", "_type=Nothing", ""):
        for path in ("", "/"):
            yield Request(route=f"/fhir{path}", method="GET", path=f"/fhir{path}?{query}")
        yield _fhir("/_search", "POST", "_search", headers=(_FORM,), body=query.encode())


def _across(type_: str) -> Iterator[str]:
    """What looks at other resources, or at what is said of one: each hop and each mark has leaked somewhere."""
    yield from (
        f"_has:Condition:subject:code={GUESS}", f"_has:Condition:subject:code:not={GUESS}",
        "_has:Condition:subject:code:missing=true", f"_has:Condition:subject:_content={GUESS}",
        "_has:Condition:subject:recorded-date=ge2026-11-01", "_has:Condition:subject:recorded-date=lt2026-11-01",
        f"_has:Encounter:patient:_has:Condition:encounter:code={GUESS}", f"_has:Flag:subject:code={GUESS}",
        "_has:Observation:patient:value-quantity=gt6", "_has:Observation:encounter:status=final", "_list=x",
        f"subject.name={GUESS}", "subject:Patient.family=Holroyd", "patient.identifier=9990003114",
        "patient.birthdate=1942-02-14", f"patient._has:Condition:subject:code={GUESS}", "encounter.status=finished",
        "encounter.class=AMB", "encounter.type:missing=false", "encounter.subject:Patient.family=Holroyd",
        "encounter:missing=true", "performer:Practitioner.family=Okafor", "performer.name=canary",
        f"patient.link._id={GUESS}",
        f"encounter.reason-reference:Condition.code={GUESS}", f"evidence-detail:Condition.code={GUESS}",
        "_security=R", "_security:not=R", "_security:missing=false", "_security=https://concord.example/CodeSystem/seal|",
        "_tag=x", "_tag:missing=true", "_source:missing=false", "_source=urn:ods:ZZC", "_profile:missing=true",
        f"_text={GUESS}", "_text=canary", f"_content={GUESS}", "_content=canary",
        "_revinclude=Condition:subject", "_revinclude=Observation:encounter", "_revinclude=*", "_include=*",
        "_revinclude=Observation:subject&_include:iterate=Observation:encounter&_revinclude:iterate=*",
        "_include:iterate=Encounter:diagnosis&_include=Observation:encounter", "_include:iterate=*",
        "_sort=-code&_count=1", "_sort=recorded-date&_count=1", "_sort=-value-quantity&_count=1",
        "_sort=encounter&_count=1",
        "_sort=-_tag&_count=1", "_elements=id", "_elements=subject&_summary=count", "_summary=true", "_summary=text",
        "_summary=data", "_summary=true&_total=none", "_total=estimate&_count=1",
    )  # fmt: skip


def _compartments(known: Known, shown: Sequence[str], guessed: Sequence[str]) -> Iterator[Request]:
    owners = [*shown[:1], *guessed, f"Patient/{RANDOM_ID}", f"Encounter/{RANDOM_ID}", f"Practitioner/{RANDOM_ID}"]
    owners += [each for each in (*known.shown, *known.guessed) if each.startswith("Encounter/")]
    for owner in owners:
        for below in (
            "Condition",
            "Observation",
            f"Condition?code={GUESS}",
            "Condition?_summary=count",
            "Nothing",
            "*",
        ):
            yield _fhir("/{owner}/{id}/{type}", "GET", f"{owner}/{below}")
        yield _fhir(
            "/{owner}/{id}/{type}/_search", "POST", f"{owner}/Condition/_search", headers=(_FORM,), body=b"_count=1"
        )
        yield _fhir("/{owner}/{id}/_search", "POST", f"{owner}/_search", headers=(_FORM,), body=b"_type=Condition")


_SHAPES = (
    "_summary=count", "_count=0", "_count=1", "_count=1000", "_total=accurate", "_sort=date&_count=1",
    "_sort=-date&_count=1", "_sort=_lastUpdated", "_sort=-_lastUpdated&_count=1", "_sort=_id",
    f"_lastUpdated=ge{_TODAY}", f"_lastUpdated=lt{_TODAY}",
    "_include=Observation:performer", "_include=Observation:encounter",
    "_include=Condition:subject",
)  # fmt: skip


def _narrowing(type_: str, ids: Sequence[str]) -> Iterator[str]:
    """Every parameter of the type once with each of a few guesses, and with each modifier that bisects."""
    guesses = {
        "token": (GUESS, "final"),
        "string": ("Holroyd", "canary"),
        "reference": (f"Patient/{ids[0]}" if ids else RANDOM_ID,),
        "date": ("ge2026-11-01",),
        "number": ("1",),
        "quantity": ("gt7",),
        "uri": (GUESS,),
        "text": (GUESS, "canary"),
        "special": ("1|1",),
        "composite": (f"{GUESS}$gt7", f"{GUESS}${GUESS}"),
    }
    yield f"_id={','.join([*ids, RANDOM_ID])}"
    for name, kind in search_parameters(type_).items():
        if name in ("patient", "subject", "_id", "_lastUpdated"):
            continue
        if kind not in ("token", "string", "reference", "date") and type_ not in ("Observation", "Condition"):
            continue
        for guess in guesses[kind]:
            yield f"{name}={quote(guess)}"
        yield f"{name}:missing=true"
        if kind == "token":
            yield f"{name}:not={GUESS}"
    if type_ == "Patient":
        for number in (NHS_NUMBER, OTHER_NUMBER):
            yield f"identifier={quote(f'https://fhir.nhs.uk/Id/nhs-number|{number}')}"
        yield "family=Holroyd&birthdate=1942-02-14"
        yield "family=canary-kestrel&birthdate=1970-01-01"


def _audit(known: Known) -> Iterator[Request]:
    """Who has looked at whom: for whoever may ask, of whoever they may know of, without what was seen."""
    numbers = [f"https://fhir.nhs.uk/Id/nhs-number|{number}" for number in (NHS_NUMBER, OTHER_NUMBER, "9990003115")]
    addresses = [each for each in (*known.shown, *known.guessed) if each.startswith("Patient/")]
    for whom in (*numbers, *addresses, f"Patient/{RANDOM_ID}"):
        for rest in ("", "&_count=1", f"&date=ge{_TODAY}", f"&date=lt{_TODAY}", "&date=ne2026", "&_sort=date",
                     "&entity=Condition/x", "&_summary=count", "&_total=accurate", "&_page=AAAA"):  # fmt: skip
            yield _fhir("/{type}", "GET", f"AuditEvent?patient={quote(whom)}{rest}")
    for address in known.guessed:
        yield _fhir("/{type}", "GET", f"AuditEvent?entity={quote(address)}")


def _everything(known: Known) -> Iterator[Request]:
    for address in (*known.shown, *known.guessed, f"Patient/{RANDOM_ID}", f"Encounter/{RANDOM_ID}"):
        type_ = address.partition("/")[0]
        if type_ in ("Patient", "Encounter"):
            route = f"/{type_}/{{id}}/$everything"
            for query in ("", *_PARTS):
                yield _fhir(route, "GET", f"{address}/$everything{query}")
            yield _fhir(route, "HEAD", f"{address}/$everything")
            yield _fhir(route, "POST", f"{address}/$everything")
            part = {"name": "_type", "valueCode": "Condition"}
            body = encode({"resourceType": "Parameters", "parameter": [part]})
            yield _fhir(route, "POST", f"{address}/$everything?_count=1", headers=(_JSON,), body=body)


_PARTS = (
    "?_count=1", "?_count=1000", "?_since=2020-01-01", "?_since=2027-01-01", "?_page=AAAA", "?_type=Condition",
    "?_type=Patient,Practitioner&_count=1", "?_type=Encounter,Consent,DocumentReference", "?start=2026-11-01",
    "?end=2026-10-31&_count=1", "?start=2026-11-02&end=2026-11-02",
)  # fmt: skip


def _latest(known: Known) -> Iterator[Request]:
    patients = [each for each in (*known.shown, *known.guessed) if each.startswith("Patient/")]
    for whose in (*patients, f"Patient/{RANDOM_ID}"):
        for rest in ("", "&max=1", "&max=999", f"&code={GUESS}", "&category=laboratory", f"&code:not={GUESS}"):
            yield _fhir("/Observation/$lastn", "GET", f"Observation/$lastn?patient={quote(whose)}{rest}")
        yield _fhir("/Observation/$lastn", "HEAD", f"Observation/$lastn?subject={quote(whose)}")
        body = encode({"resourceType": "Parameters", "parameter": [{"name": "patient", "valueString": whose}]})
        yield _fhir("/Observation/$lastn", "POST", "Observation/$lastn", headers=(_JSON,), body=body)


def _matches() -> Iterator[Request]:
    """A Patient in hand: who is known, who is guessed, who is hidden, each with a detail more, less or wrong."""
    for number, born, family, given, certain in product(
        (NHS_NUMBER, OTHER_NUMBER, None), ("1942-02-14", "1970-01-01"), ("Holroyd", "canary-kestrel"),
        ("Margaret", "Nobody"), (False, True),
    ):  # fmt: skip
        patient: dict[str, Any] = {
            "resourceType": "Patient", "birthDate": born, "name": [{"family": family, "given": [given]}],
            "address": [{"postalCode": "NF4 2ZZ"}],
        }  # fmt: skip
        if number:
            patient["identifier"] = [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": number}]
        listed = [{"name": "resource", "resource": patient}, {"name": "onlyCertainMatches", "valueBoolean": certain}]
        body = encode({"resourceType": "Parameters", "parameter": listed})
        yield _fhir("/Patient/$match", "POST", "Patient/$match", headers=(_JSON,), body=body)
    yield _fhir("/Patient/$match", "GET", "Patient/$match")


def _breaking_glass(known: Known) -> Iterator[Request]:
    """An override that is forged, unasked for, of an unknown purpose; for who is known and guessed.

    What was begun counts for the requests after it, until it is ended.
    """
    btg = ("Purpose-Of-Use", "BTG")
    for operation, header, (number, reason, words) in product(
        ("$break-glass", "$end-break-glass"),
        (btg, ("Purpose-Of-Use", "TREAT"), ("X-Override", "true")),
        ((OTHER_NUMBER, "emergency", "x" * 20), (NHS_NUMBER, "curiosity", "x" * 20), (NHS_NUMBER, "emergency", ""),
         (NHS_NUMBER, "emergency", "Collapsed, and nobody with her."), ("9990003115", "emergency", "x" * 20)),
    ):  # fmt: skip
        given = {"identifier": number} | ({} if "end" in operation else {"reason": reason, "text": words})
        listed = [{"name": name, "valueString": value} for name, value in given.items()]
        body = encode({"resourceType": "Parameters", "parameter": listed})
        yield _fhir(f"/Patient/{operation}", "POST", f"Patient/{operation}", headers=(_JSON, header), body=body)
        if header == btg:
            for address in (*known.shown[:2], *known.guessed):
                yield _fhir("/{type}/{id}", "GET", address, headers=(btg,))
    for person in (*known.persons, RANDOM_PERSON):
        page = f"/person/{person}/own-word"
        token = f"{TOKEN_FIELD}={form_token(known.cookie)}"
        for fields in ("kind=override&reason=emergency", "kind=self-claim&reason=advice", "kind=x&reason=curiosity"):
            yield Request(route="/person/{person}/own-word", method="GET", path=page)
            body = f"{fields}&words=Collapsed+and+nobody+with+her&{token}".encode()
            yield Request(route="/person/{person}/own-word", method="POST", path=page, headers=(_FORM,), body=body)
            yield Request(route="/person/{person}", method="GET", path=f"/person/{person}")
        end = f"{page}/end"
        yield Request(
            route="/person/{person}/own-word/end", method="POST", path=end, headers=(_FORM,), body=token.encode()
        )
    for path in ("/alerts", f"/alerts/{RANDOM_ID}"):
        route = "/alerts" if path == "/alerts" else "/alerts/{reference}"
        yield Request(route=route, method="GET", path=path)
    ids = [each.partition("/")[2] for each in (*known.shown[:2], *known.guessed[:2])]
    token = f"{TOKEN_FIELD}={form_token(known.cookie)}"
    yield Request(route="/links", method="GET", path="/links")
    for number in (NHS_NUMBER, OTHER_NUMBER, "1"):
        body = f"number={number}&{token}".encode()
        yield Request(route="/links", method="POST", path="/links", headers=(_FORM,), body=body)
    for one, other in product((*ids, RANDOM_ID), (*ids, RANDOM_ID)):
        path = f"/links/{one}/{other}"
        yield Request(route="/links/{one}/{other}", method="GET", path=path)
        body = f"says=same&why=As+I+was+told&{token}".encode()
        yield Request(route="/links/{one}/{other}", method="POST", path=path, headers=(_FORM,), body=body)
    review = f"act=close&outcome=justified&note=So&{TOKEN_FIELD}={form_token(known.cookie)}".encode()
    path = f"/alerts/{RANDOM_ID}"
    yield Request(route="/alerts/{reference}", method="POST", path=path, headers=(_FORM,), body=review)


def _bulk(known: Known) -> Iterator[Request]:
    """A user exports and imports nothing, and meets nobody's jobs."""
    groups = [each.partition("/")[2] for each in (*known.shown[:1], *known.guessed)]
    later = (("Prefer", "respond-async"),)
    named = (*known.shown[:1], *known.guessed)
    patients = [{"name": "patient", "valueReference": {"reference": each}} for each in named]
    body = encode({"resourceType": "Parameters", "parameter": patients})
    routes = [("/$export", "$export"), ("/Patient/$export", "Patient/$export")]
    routes += [("/Group/{id}/$export", f"Group/{id_}/$export") for id_ in (*groups, RANDOM_ID)]
    for route, path in routes:
        for query in ("", "?_type=Condition", "?_since=2020-01-01", f"?_typeFilter=Condition%3Fcode={GUESS}"):
            yield _fhir(route, "GET", path + query, headers=later)
        yield _fhir(route, "POST", path, headers=(*later, _JSON), body=body)
        yield _fhir(route, "HEAD", path)
    for job in (RANDOM_ID, *groups):
        for method in ("GET", "HEAD", "DELETE"):
            yield _fhir("/$job/{job}", method, f"$job/{job}")
        for name in ("Condition.1.ndjson", "rejects.ndjson", "..%2F..%2Fconcord.db"):
            yield _fhir("/$job/{job}/{file}", "GET", f"$job/{job}/{name}")
    lines = b"".join(encode(_resource(each)) + b"\n" for each in (*known.shown, *known.guessed))
    yield _fhir("/$import", "POST", "$import", headers=(("Content-Type", "application/fhir+ndjson"),), body=lines)


def _batches(known: Known) -> Iterator[Request]:
    addresses = [*known.shown, *known.guessed, f"Condition/{RANDOM_ID}"]
    asked = [*addresses, "Condition?_summary=count", f"Condition?code={GUESS}", "Observation?_sort=-date&_count=1"]
    asked += [*known.versions, *(f"{address}/_history" for address in addresses), "Condition/_history"]
    asked += [f"{address}/$everything" for address in addresses if address.startswith(("Patient/", "Encounter/"))]
    entries: list[dict[str, Any]] = [{"request": {"method": "GET", "url": each}} for each in asked]
    entries += [
        {"request": {"method": method, "url": address}, "resource": _resource(address)}
        for address in addresses
        for method in ("PUT", "DELETE", "PATCH", "HEAD")
    ]
    header = {
        "resourceType": "MessageHeader", "id": GUESS, "eventUri": "urn:x", "source": {"endpoint": "urn:x"},
    }  # fmt: skip
    told = [{"resource": each} for each in (header, *map(_resource, addresses))]
    yield _fhir(
        "/$process-message", "POST", "$process-message", headers=(_JSON,),
        body=encode({"resourceType": "Bundle", "type": "message", "entry": told}),
    )  # fmt: skip
    for kind in ("batch", "transaction", "searchset"):
        body = encode({"resourceType": "Bundle", "type": kind, "entry": entries})
        for path in ("", "/"):
            yield Request(route=f"/fhir{path}", method="POST", path=f"/fhir{path}", headers=(_JSON,), body=body)


def _writes(known: Known) -> Iterator[Request]:
    """A user's token writes nothing, and learns nothing by trying."""
    for address in (*known.shown, *known.guessed, f"Condition/{RANDOM_ID}"):
        type_, _, _ = address.partition("/")
        body = encode(_resource(address))
        yield _fhir("/{type}/{id}", "PUT", address, headers=(_JSON,), body=body)
        condition = ("If-None-Exist", f"identifier={GUESS}")
        yield _fhir("/{type}", "POST", type_, headers=(_JSON, condition), body=body)
        patch = encode([{"op": "test", "path": "/code/text", "value": GUESS}])
        yield _fhir("/{type}/{id}", "PATCH", address, headers=(_PATCH,), body=patch)
        for query in (f"identifier={GUESS}", f"code={GUESS}", f"_id={address.partition('/')[2]}"):
            yield _fhir("/{type}", "PUT", f"{type_}?{query}", headers=(_JSON,), body=body)
            yield _fhir("/{type}", "PATCH", f"{type_}?{query}", headers=(_PATCH,), body=patch)
            yield _fhir("/{type}", "DELETE", f"{type_}?{query}")


def _validations(known: Known) -> Iterator[Request]:
    """Judged by itself: naming what is hidden, in the address or in a reference, tells nothing of it."""
    for address in (*known.shown, *known.guessed, f"Condition/{RANDOM_ID}"):
        type_, _, id_ = address.partition("/")
        sent = _resource(address)
        naming = {"resourceType": "Flag", "id": id_, "subject": {"reference": address}}
        for mode in ("", "?mode=create", "?mode=update", "?mode=delete", "?profile=http://a.example/p"):
            for of, resource in ((type_, sent), ("Flag", naming)):
                for path in (f"{of}/$validate", f"{of}/{id_}/$validate"):
                    route = "/{type}/$validate" if path.count("/") == 1 else "/{type}/{id}/$validate"
                    yield _fhir(route, "POST", path + mode, headers=(_JSON,), body=encode(resource))
        for method in ("GET", "PUT"):
            yield _fhir("/{type}/$validate", method, f"{type_}/$validate")
            yield _fhir("/{type}/{id}/$validate", method, f"{address}/$validate")


def _terminology(known: Known) -> Iterator[Request]:
    """Codes are asked about, never what is coded with them: what is hidden makes no code known, or a member."""
    gender = "http://hl7.org/fhir/ValueSet/administrative-gender"
    system = "http://hl7.org/fhir/administrative-gender"
    for code in ("male", GUESS, *(address.partition("/")[2] for address in known.guessed)):
        for path in (
            f"CodeSystem/$lookup?system={system}&code={quote(code)}",
            f"CodeSystem/$validate-code?url={system}&code={quote(code)}",
            f"CodeSystem/$subsumes?system={system}&codeA=male&codeB={quote(code)}",
            f"ValueSet/$expand?url={gender}&filter={quote(code)}",
            f"ValueSet/$validate-code?url={gender}&code={quote(code)}",
            f"ConceptMap/$translate?system={system}&code={quote(code)}",
        ):
            for method in ("GET", "HEAD", "DELETE"):
                yield _fhir(f"/{path.partition('?')[0]}", method, path)
            asked = {"resourceType": "Parameters", "parameter": [{"name": "code", "valueCode": code}]}
            yield _fhir(f"/{path.partition('?')[0]}", "POST", path, headers=(_JSON,), body=encode(asked))
    for address in known.guessed:
        id_ = address.partition("/")[2]
        for query in (
            f"_list={id_}",
            f"_has:List:item:_id={id_}",
            f"_id={id_}",
            f"url=urn:x&_revinclude=*&_source={id_}",
        ):
            yield _fhir("/{type}", "GET", f"ValueSet?{query}")
            yield _fhir("/{type}", "GET", f"CodeSystem?{query}&_summary=count")
        yield _fhir("/{type}/{id}", "GET", f"ConceptMap/{id_}")
        yield _fhir("/{type}/{id}", "GET", f"ConceptMap/loaded-{id_}")
    clinical = "http://hl7.org/fhir/ValueSet/condition-clinical"
    for modifier in ("in", "not-in"):
        for asked_for in (f"gender:{modifier}={gender}", f"code:{modifier}={gender}", f"code:{modifier}={clinical}"):
            of = "Patient" if asked_for.startswith("gender") else "Condition"
            yield _fhir("/{type}", "GET", f"{of}?{asked_for}")
    for query in (f"Condition?code:below={system}|male", f"Condition?code:above={quote(f'urn:x|{GUESS}')}"):
        yield _fhir("/{type}", "GET", query)


def _pages(known: Known) -> Iterator[Request]:
    for path in ("/", "/find", "/lists/attending", "/lists/nothing", "/nowhere", "/metrics", "/assets/nothing.css"):
        templates = {"/lists/attending": "/lists/{key}", "/lists/nothing": "/lists/{key}", "/nowhere": "-"}
        route = (templates | {"/metrics": "-"}).get(path, path)
        yield Request(route=route.replace("nothing.css", "{name}"), method="GET", path=path)
    for person in (*known.persons, RANDOM_PERSON):
        yield Request(route="/person/{person}", method="GET", path=f"/person/{person}")
        yield Request(route="/person/{person}/who-looked", method="GET", path=f"/person/{person}/who-looked")
        for address in (*known.shown, *known.guessed, f"DocumentReference/{RANDOM_ID}"):
            item = address.partition("/")[2]
            path = f"/person/{person}/document/{item}"
            yield Request(route="/person/{person}/document/{item}", method="GET", path=path)
    for fields in (
        f"number={NHS_NUMBER}", f"number={OTHER_NUMBER}", "number=9990003115", "number=",
        "family=Holroyd&given=Margaret&born=14/02/1942", "family=canary-kestrel&given=Nobody&born=01/01/1970",
    ):  # fmt: skip
        body = f"{fields}&{TOKEN_FIELD}={form_token(known.cookie)}".encode()
        yield Request(route="/find", method="POST", path="/find", headers=(_FORM,), body=body)
    display = f"display=dark&back=/&{TOKEN_FIELD}={form_token(known.cookie)}".encode()
    yield Request(route="/display", method="POST", path="/display", headers=(_FORM,), body=display)


def _agreements(known: Known) -> Iterator[Request]:
    """The governance portal: of agreements it tells all who answer for them, of people nothing."""
    for name in ("direct-care", "nothing"):
        for below in ("", "/file", "/sign"):
            yield Request(route=f"/agreements/{{agreement}}{below}", method="GET", path=f"/agreements/{name}{below}")
        for version, party in (("1", "ZZA"), ("2", "ZZA"), ("1", "ZZQ"), ("x", "ZZA")):
            path = f"/agreements/{name}/{version}/statement/{party}"
            yield Request(route="/agreements/{agreement}/{version}/statement/{party}", method="GET", path=path)
    for query in ("", "?role=doctor", "?heading=problems&words=lay", "?role=doctor&at=ZZA&from=ZZP01&heading=problems",
                  "?label=hiv", "?while=attending&person=objects", "?role=nobody", f"?at={GUESS}"):  # fmt: skip
        yield Request(route="/explain", method="GET", path=f"/explain{query}")
    token = f"{TOKEN_FIELD}={form_token(known.cookie)}"
    signed = f"agreement=direct-care&signed=nothing&{token}".encode()
    yield Request(route="/signatures", method="POST", path="/signatures", headers=(_FORM,), body=signed)
    begun = f"agreement=direct-care&title=More&{token}".encode()
    yield Request(route="/drafts", method="POST", path="/drafts", headers=(_FORM,), body=begun)
    for reference in (RANDOM_ID, *known.drafts):
        at = f"/drafts/{reference}"
        for below in ("", "/read", "/compare", "/simulate", "/sign"):
            yield Request(route=f"/drafts/{{reference}}{below}", method="GET", path=f"{at}{below}")
        yield Request(route="/drafts/{reference}/simulate", method="GET", path=f"{at}/simulate?days=30")
        yield Request(route="/drafts/{reference}/compare", method="GET", path=f"{at}/compare?counted=yes")
        kept = f"title=Mine&text=x&revision=1&{token}".encode()
        yield Request(route="/drafts/{reference}", method="POST", path=at, headers=(_FORM,), body=kept)
        for step in ("propose", "take-back", "discard"):
            route = f"/drafts/{{reference}}/{step}"
            yield Request(route=route, method="POST", path=f"{at}/{step}", headers=(_FORM,), body=token.encode())
    yield Request(route="/agreements", method="GET", path="/agreements")
    for query in ("", "?purpose=public-health", "?purpose=research", f"?purpose={GUESS}", f"?code={GUESS}"):
        yield Request(route="/population", method="GET", path=f"/population{query}")
    yield from _labels(known)
    for query in ("", f"?feed={GUESS}"):
        yield Request(route="/programme", method="GET", path=f"/programme{query}")
    yield Request(route="/programme/quality", method="GET", path="/programme/quality")
    yield Request(route="/programme/feeds/{feed}", method="GET", path=f"/programme/feeds/{GUESS}")
    for code in ("ZZP01", "ZZA", "ZZC", "ZZX"):
        for file in ("", "/page", "/figures"):
            route, path = f"/programme/quality/{{organisation}}{file}", f"/programme/quality/{code}{file}"
            yield Request(route=route, method="GET", path=path)


def _messages(known: Known) -> Iterator[Request]:
    """The messages behind items: of what is not open in them, they tell nothing."""
    for address in (*known.shown, *known.guessed, f"Condition/{RANDOM_ID}", f"Nothing/{RANDOM_ID}"):
        yield Request(route="/messages/{type}/{id}", method="GET", path=f"/messages/{address}")


def _labels(known: Known) -> Iterator[Request]:
    """The review of labels: of other organisations' items, and of what is sealed or barred, it tells nobody."""
    token = f"{TOKEN_FIELD}={form_token(known.cookie)}"
    for asked in ("", "?label=mental-health", "?label=hiv&order=newest", "?label=x"):
        yield Request(route="/labels", method="GET", path=f"/labels{asked}")
    for number in (NHS_NUMBER, OTHER_NUMBER, "9990003115", ""):
        body = f"number={number}&{token}".encode()
        yield Request(route="/labels", method="POST", path="/labels", headers=(_FORM,), body=body)
    typed = "label=hiv&why=Because+I+looked"
    words = (f"says=carries&{typed}", f"says=lacks&mistake=yes&{typed}", "says=carries", "says=nothing-sensitive")
    for address in (*known.shown, *known.guessed, f"Condition/{RANDOM_ID}", f"Nothing/{RANDOM_ID}"):
        path = f"/labels/{address}"
        yield Request(route="/labels/{type}/{id}", method="GET", path=path)
        for said in words:
            body = f"{said}&{token}".encode()
            yield Request(route="/labels/{type}/{id}", method="POST", path=path, headers=(_FORM,), body=body)


def _own_record(known: Known) -> Iterator[Request]:
    """A patient's own pages, which whoever works here does not have, whatever is held. Whoever may choose, does: what
    is chosen and taken back acts in both worlds."""
    seen = "/my-record/who-can-see"
    for heading in ("medications", "safeguarding", "unclassified", GUESS):
        yield Request(route=f"{seen}/{{heading}}", method="GET", path=f"{seen}/{heading}")
    for address in (*known.shown, *known.guessed, f"Condition/{RANDOM_ID}"):
        path = f"/my-record/{address}/who-can-see"
        yield Request(route="/my-record/{type}/{id}/who-can-see", method="GET", path=path)
    for path in ("/my-record", "/my-record/who-looked", seen):
        for method in ("GET", "HEAD", "POST"):
            yield Request(route=path, method=method, path=path)
        yield Request(route=path, method="GET", path=f"{path}?nhs_number={NHS_NUMBER}&person={RANDOM_PERSON}")
    acting = "/my-record/acting-for"
    for method in ("GET", "HEAD", "POST"):
        yield Request(route=acting, method=method, path=acting)
        for person in (*known.persons, RANDOM_PERSON, GUESS, ""):
            yield Request(route=f"{acting}/{{person}}", method=method, path=f"{acting}/{person}")
    token = f"{TOKEN_FIELD}={form_token(known.cookie)}"
    yield from _choices("/my-record/choices", "/my-record/choices", token)
    for person in (*known.persons[:1], RANDOM_PERSON):
        yield from _choices(f"{acting}/{{person}}/choices", f"{acting}/{person}/choices", token)


def _choices(route: str, path: str, token: str) -> Iterator[Request]:
    """The pages of choices: one's own, and of somebody for whom one may act."""
    typed = [f"kind={kind}&organisation={organisation}"
             for kind in ("share-out", "share-out+given", "objection", "proxy-access", "x")
             for organisation in ("ZZP01", "ZZQ")]  # fmt: skip
    yield Request(route=route, method="GET", path=path)
    yield Request(route=f"{route}/consents", method="GET", path=f"{path}/consents")
    for below, bodies in (("/check", typed), ("", typed), ("/take-back", [])):
        for sent in (*bodies, f"reference={RANDOM_ID}", "silent=yes"):
            body = f"{sent}&{token}".encode()
            yield Request(route=f"{route}{below}", method="POST", path=f"{path}{below}", headers=(_FORM,), body=body)
        yield Request(route=f"{route}{below}", method="GET", path=f"{path}{below}")


def _open_to_all() -> Iterator[Request]:
    for path in ("/fhir/metadata", "/health/live", "/health/ready", "/sign-in"):
        for method in ("GET", "HEAD", "POST"):
            yield Request(route=path, method=method, path=path)
    for method in ("GET", "POST"):
        yield Request(route="/sign-in/link/{token}", method=method, path=f"/sign-in/link/{RANDOM_ID}")
    yield Request(route="/sign-out", method="POST", path="/sign-out", headers=(_FORM,), body=b"")
    yield Request(route="/fhir/{path:path}", method="GET", path="/fhir/a/b/c/d")
    yield Request(route="/fhir/{type}", method="GET", path="/fhir/Condition", headers=(("Authorization", "Bearer x"),))


_JSON = ("Content-Type", "application/fhir+json")
_PATCH = ("Content-Type", "application/json-patch+json")
_FORM = ("Content-Type", "application/x-www-form-urlencoded")


def _fhir(
    route: str, method: str, path: str, *, headers: tuple[tuple[str, str], ...] = (), body: bytes | None = None
) -> Request:
    return Request(route=f"/fhir{route}", method=method, path=f"/fhir/{path}", headers=headers, body=body)


def _resource(address: str) -> dict[str, Any]:
    type_, _, id_ = address.partition("/")
    return {"resourceType": type_, "id": id_}
