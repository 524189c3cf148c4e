"""The catalogue's writes, and what is sent to be done: bundles, jobs, validation, breaking the glass."""

from collections.abc import Iterator
from itertools import product
from typing import Any

from concord.fhir import encode
from concord.portals.ui import TOKEN_FIELD, form_token
from tests.small_system import NHS_NUMBER
from tests.twin_worlds.asking import FORM, JSON, PATCH, RANDOM_ID, RANDOM_PERSON, Known, Request, bare, fhir
from tests.twin_worlds.stories import GUESS, OTHER_NUMBER


def breaking_glass(known: Known) -> Iterator[Request]:
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
        yield fhir(f"/Patient/{operation}", "POST", f"Patient/{operation}", headers=(JSON, header), body=body)
        if header == btg:
            for address in (*known.shown[:2], *known.guessed):
                yield fhir("/{type}/{id}", "GET", address, headers=(btg,))
    for person in (*known.persons, RANDOM_PERSON):
        page = f"/person/{person}/own-word"
        token = f"{TOKEN_FIELD}={form_token(known.cookie)}"
        for fields in ("kind=override&reason=emergency", "kind=self-claim&reason=advice", "kind=x&reason=curiosity"):
            yield Request(route="/person/{person}/own-word", method="GET", path=page)
            body = f"{fields}&words=Collapsed+and+nobody+with+her&{token}".encode()
            yield Request(route="/person/{person}/own-word", method="POST", path=page, headers=(FORM,), body=body)
            yield Request(route="/person/{person}", method="GET", path=f"/person/{person}")
        end = f"{page}/end"
        yield Request(
            route="/person/{person}/own-word/end", method="POST", path=end, headers=(FORM,), body=token.encode()
        )
    for path in ("/alerts", f"/alerts/{RANDOM_ID}"):
        route = "/alerts" if path == "/alerts" else "/alerts/{reference}"
        yield Request(route=route, method="GET", path=path)
    ids = [each.partition("/")[2] for each in (*known.shown[:2], *known.guessed[:2])]
    token = f"{TOKEN_FIELD}={form_token(known.cookie)}"
    yield Request(route="/links", method="GET", path="/links")
    for number in (NHS_NUMBER, OTHER_NUMBER, "1"):
        body = f"number={number}&{token}".encode()
        yield Request(route="/links", method="POST", path="/links", headers=(FORM,), body=body)
    for one, other in product((*ids, RANDOM_ID), (*ids, RANDOM_ID)):
        path = f"/links/{one}/{other}"
        yield Request(route="/links/{one}/{other}", method="GET", path=path)
        body = f"says=same&why=As+I+was+told&{token}".encode()
        yield Request(route="/links/{one}/{other}", method="POST", path=path, headers=(FORM,), body=body)
    review = f"act=close&outcome=justified&note=So&{TOKEN_FIELD}={form_token(known.cookie)}".encode()
    path = f"/alerts/{RANDOM_ID}"
    yield Request(route="/alerts/{reference}", method="POST", path=path, headers=(FORM,), body=review)


def bulk(known: Known) -> Iterator[Request]:
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
            yield fhir(route, "GET", path + query, headers=later)
        yield fhir(route, "POST", path, headers=(*later, JSON), body=body)
        yield fhir(route, "HEAD", path)
    for job in (RANDOM_ID, *groups):
        for method in ("GET", "HEAD", "DELETE"):
            yield fhir("/$job/{job}", method, f"$job/{job}")
        for name in ("Condition.1.ndjson", "rejects.ndjson", "..%2F..%2Fconcord.db"):
            yield fhir("/$job/{job}/{file}", "GET", f"$job/{job}/{name}")
    lines = b"".join(encode(bare(each)) + b"\n" for each in (*known.shown, *known.guessed))
    yield fhir("/$import", "POST", "$import", headers=(("Content-Type", "application/fhir+ndjson"),), body=lines)


def batches(known: Known) -> Iterator[Request]:
    addresses = [*known.shown, *known.guessed, f"Condition/{RANDOM_ID}"]
    asked = [*addresses, "Condition?_summary=count", f"Condition?code={GUESS}", "Observation?_sort=-date&_count=1"]
    asked += [*known.versions, *(f"{address}/_history" for address in addresses), "Condition/_history"]
    asked += [f"{address}/$everything" for address in addresses if address.startswith(("Patient/", "Encounter/"))]
    entries: list[dict[str, Any]] = [{"request": {"method": "GET", "url": each}} for each in asked]
    entries += [
        {"request": {"method": method, "url": address}, "resource": bare(address)}
        for address in addresses
        for method in ("PUT", "DELETE", "PATCH", "HEAD")
    ]
    header = {
        "resourceType": "MessageHeader", "id": GUESS, "eventUri": "urn:x", "source": {"endpoint": "urn:x"},
    }  # fmt: skip
    told = [{"resource": each} for each in (header, *map(bare, addresses))]
    yield fhir(
        "/$process-message", "POST", "$process-message", headers=(JSON,),
        body=encode({"resourceType": "Bundle", "type": "message", "entry": told}),
    )  # fmt: skip
    for kind in ("batch", "transaction", "searchset"):
        body = encode({"resourceType": "Bundle", "type": kind, "entry": entries})
        for path in ("", "/"):
            yield Request(route=f"/fhir{path}", method="POST", path=f"/fhir{path}", headers=(JSON,), body=body)


def writes(known: Known) -> Iterator[Request]:
    """A user's token writes nothing, and learns nothing by trying."""
    for address in (*known.shown, *known.guessed, f"Condition/{RANDOM_ID}"):
        type_, _, _ = address.partition("/")
        body = encode(bare(address))
        yield fhir("/{type}/{id}", "PUT", address, headers=(JSON,), body=body)
        condition = ("If-None-Exist", f"identifier={GUESS}")
        yield fhir("/{type}", "POST", type_, headers=(JSON, condition), body=body)
        patch = encode([{"op": "test", "path": "/code/text", "value": GUESS}])
        yield fhir("/{type}/{id}", "PATCH", address, headers=(PATCH,), body=patch)
        for query in (f"identifier={GUESS}", f"code={GUESS}", f"_id={address.partition('/')[2]}"):
            yield fhir("/{type}", "PUT", f"{type_}?{query}", headers=(JSON,), body=body)
            yield fhir("/{type}", "PATCH", f"{type_}?{query}", headers=(PATCH,), body=patch)
            yield fhir("/{type}", "DELETE", f"{type_}?{query}")


def validations(known: Known) -> Iterator[Request]:
    """Judged by itself: naming what is hidden, in the address or in a reference, tells nothing of it."""
    for address in (*known.shown, *known.guessed, f"Condition/{RANDOM_ID}"):
        type_, _, id_ = address.partition("/")
        sent = bare(address)
        naming = {"resourceType": "Flag", "id": id_, "subject": {"reference": address}}
        for mode in ("", "?mode=create", "?mode=update", "?mode=delete", "?profile=http://a.example/p"):
            for of, resource in ((type_, sent), ("Flag", naming)):
                for path in (f"{of}/$validate", f"{of}/{id_}/$validate"):
                    route = "/{type}/$validate" if path.count("/") == 1 else "/{type}/{id}/$validate"
                    yield fhir(route, "POST", path + mode, headers=(JSON,), body=encode(resource))
        for method in ("GET", "PUT"):
            yield fhir("/{type}/$validate", method, f"{type_}/$validate")
            yield fhir("/{type}/{id}/$validate", method, f"{address}/$validate")
