"""The catalogue's reads: of items, versions, histories, everything of a person, who looked, what codes mean."""

from collections.abc import Iterator
from itertools import product
from typing import Any
from urllib.parse import quote

from concord.fhir import encode
from tests.small_system import NHS_NUMBER
from tests.twin_worlds.asking import JSON, RANDOM_ID, TODAY, TYPES, Known, Request, fhir
from tests.twin_worlds.stories import GUESS, OTHER_NUMBER


def reads(known: Known) -> Iterator[Request]:
    for address in (*known.shown, *known.guessed, *(f"{type_}/{RANDOM_ID}" for type_ in TYPES)):
        type_, _, id_ = address.partition("/")
        for method in ("GET", "HEAD", "DELETE", "OPTIONS", "PATCH"):
            yield fhir("/{type}/{id}", method, address)
        if address in known.shown[1:]:
            continue  # of what was shown, one will do for the odd ways of asking
        for variant in (f"{type_}/{id_.upper()}", f"{type_.lower()}/{id_}", f"{type_}/%20{id_}", f"{type_}%2F{id_}",
                        f"{type_}/{id_}%00", f"{type_}/{quote(id_[0])}{id_[1:]}", f"{type_}//{id_}",
                        f"{type_}/{id_}%E2%80%8B", f"{type_}/{quote(chr(ord(id_[0]) + 0xFEE0))}{id_[1:]}",
                        f"{type_}/{id_}/", f"{type_}/{id_}%0A", f"{type_};x=1/{id_}",
                        f"{type_}/../{type_}/{id_}"):  # fmt: skip
            yield fhir("/{type}/{id}", "GET", variant)
        for headers in _CLAIMS:
            yield fhir("/{type}/{id}", "GET", address, headers=headers)
        yield fhir("/{type}/{id}/_history/{version}", "GET", f"{address}/_history/1")
        for below in ("$validate", "Observation"):
            yield fhir("/{owner}/{id}/{type}", "GET", f"{address}/{below}")
        for header in ("If-None-Match", "If-Modified-Since"):
            value = 'W/"1"' if header == "If-None-Match" else "Sun, 22 Nov 2026 03:12:00 GMT"
            yield fhir("/{type}/{id}", "GET", address, headers=((header, value),))
        yield fhir("/{type}/{id}", "GET", f"{address}?_elements=id")
        yield fhir("/{type}/{id}", "GET", f"{address}?_format=xml")
    for headers in _CLAIMS:
        yield fhir("/{type}", "GET", f"Condition?code={GUESS}&_total=accurate", headers=headers)
    for version in known.versions:
        for method in ("GET", "HEAD", "PUT"):
            yield fhir("/{type}/{id}/_history/{version}", method, version)


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


def histories(known: Known) -> Iterator[Request]:
    addresses = (*known.shown, *known.guessed, *(f"{type_}/{RANDOM_ID}" for type_ in TYPES))
    for address in addresses:
        for query in ("", "?_count=1", f"?_since={TODAY}", "?_since=2027-01-01", f"?_at={TODAY}T03:12:30Z",
                      "?_at=2020", "?_page=AAAA", "?_sort=-_lastUpdated"):  # fmt: skip
            yield fhir("/{type}/{id}/_history", "GET", f"{address}/_history{query}")
        for method in ("HEAD", "POST", "DELETE"):
            yield fhir("/{type}/{id}/_history", method, f"{address}/_history")
        for method in ("GET", "HEAD", "POST"):
            yield fhir("/{type}/{id}/$meta", method, f"{address}/$meta")
    for version in known.versions:
        address, _, name = version.partition("/_history/")
        for header in ("If-None-Match", "If-Match"):
            yield fhir("/{type}/{id}", "GET", address, headers=((header, f'W/"{name}"'),))
        yield fhir("/{type}/{id}", "DELETE", address, headers=(("If-Match", f'W/"{name}"'),))
    for type_ in TYPES:
        for query in ("", "?_count=1", f"?_since={TODAY}"):
            yield fhir("/{type}/_history", "GET", f"{type_}/_history{query}")
        yield fhir("/{type}/_history", "HEAD", f"{type_}/_history")


def audit(known: Known) -> Iterator[Request]:
    """Who has looked at whom: for whoever may ask, of whoever they may know of, without what was seen."""
    numbers = [f"https://fhir.nhs.uk/Id/nhs-number|{number}" for number in (NHS_NUMBER, OTHER_NUMBER, "9990003115")]
    addresses = [each for each in (*known.shown, *known.guessed) if each.startswith("Patient/")]
    for whom in (*numbers, *addresses, f"Patient/{RANDOM_ID}"):
        for rest in ("", "&_count=1", f"&date=ge{TODAY}", f"&date=lt{TODAY}", "&date=ne2026", "&_sort=date",
                     "&entity=Condition/x", "&_summary=count", "&_total=accurate", "&_page=AAAA"):  # fmt: skip
            yield fhir("/{type}", "GET", f"AuditEvent?patient={quote(whom)}{rest}")
    for address in known.guessed:
        yield fhir("/{type}", "GET", f"AuditEvent?entity={quote(address)}")


def everything(known: Known) -> Iterator[Request]:
    for address in (*known.shown, *known.guessed, f"Patient/{RANDOM_ID}", f"Encounter/{RANDOM_ID}"):
        type_ = address.partition("/")[0]
        if type_ in ("Patient", "Encounter"):
            route = f"/{type_}/{{id}}/$everything"
            for query in ("", *_PARTS):
                yield fhir(route, "GET", f"{address}/$everything{query}")
            yield fhir(route, "HEAD", f"{address}/$everything")
            yield fhir(route, "POST", f"{address}/$everything")
            part = {"name": "_type", "valueCode": "Condition"}
            body = encode({"resourceType": "Parameters", "parameter": [part]})
            yield fhir(route, "POST", f"{address}/$everything?_count=1", headers=(JSON,), body=body)


_PARTS = (
    "?_count=1", "?_count=1000", "?_since=2020-01-01", "?_since=2027-01-01", "?_page=AAAA", "?_type=Condition",
    "?_type=Patient,Practitioner&_count=1", "?_type=Encounter,Consent,DocumentReference", "?start=2026-11-01",
    "?end=2026-10-31&_count=1", "?start=2026-11-02&end=2026-11-02",
)  # fmt: skip


def latest(known: Known) -> Iterator[Request]:
    patients = [each for each in (*known.shown, *known.guessed) if each.startswith("Patient/")]
    for whose in (*patients, f"Patient/{RANDOM_ID}"):
        for rest in ("", "&max=1", "&max=999", f"&code={GUESS}", "&category=laboratory", f"&code:not={GUESS}"):
            yield fhir("/Observation/$lastn", "GET", f"Observation/$lastn?patient={quote(whose)}{rest}")
        yield fhir("/Observation/$lastn", "HEAD", f"Observation/$lastn?subject={quote(whose)}")
        body = encode({"resourceType": "Parameters", "parameter": [{"name": "patient", "valueString": whose}]})
        yield fhir("/Observation/$lastn", "POST", "Observation/$lastn", headers=(JSON,), body=body)


def matches() -> Iterator[Request]:
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
        yield fhir("/Patient/$match", "POST", "Patient/$match", headers=(JSON,), body=body)
    yield fhir("/Patient/$match", "GET", "Patient/$match")


def terminology(known: Known) -> Iterator[Request]:
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
                yield fhir(f"/{path.partition('?')[0]}", method, path)
            asked = {"resourceType": "Parameters", "parameter": [{"name": "code", "valueCode": code}]}
            yield fhir(f"/{path.partition('?')[0]}", "POST", path, headers=(JSON,), body=encode(asked))
    for address in known.guessed:
        id_ = address.partition("/")[2]
        for query in (
            f"_list={id_}",
            f"_has:List:item:_id={id_}",
            f"_id={id_}",
            f"url=urn:x&_revinclude=*&_source={id_}",
        ):
            yield fhir("/{type}", "GET", f"ValueSet?{query}")
            yield fhir("/{type}", "GET", f"CodeSystem?{query}&_summary=count")
        yield fhir("/{type}/{id}", "GET", f"ConceptMap/{id_}")
        yield fhir("/{type}/{id}", "GET", f"ConceptMap/loaded-{id_}")
    clinical = "http://hl7.org/fhir/ValueSet/condition-clinical"
    for modifier in ("in", "not-in"):
        for asked_for in (f"gender:{modifier}={gender}", f"code:{modifier}={gender}", f"code:{modifier}={clinical}"):
            of = "Patient" if asked_for.startswith("gender") else "Condition"
            yield fhir("/{type}", "GET", f"{of}?{asked_for}")
    for query in (f"Condition?code:below={system}|male", f"Condition?code:above={quote(f'urn:x|{GUESS}')}"):
        yield fhir("/{type}", "GET", query)
