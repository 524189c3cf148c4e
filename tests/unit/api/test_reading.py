"""Read, search and $everything, as bytes on the wire."""

from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest

from concord.fhir import encode, parse
from concord.record import Wanted
from tests.unit.api.client import ADDRESS, Client
from tests.unit.api.stand_ins import AS_SYSTEM, DOCTOR, SYSTEM, History, Item, Page, Records


def test_an_item_goes_out_as_it_lies_with_its_version_and_instant(ask: Client, records: Records) -> None:
    answer = ask("GET", "/fhir/Observation/o1")
    assert (answer.status_code, answer.content) == (200, records.items["Observation", "o1"].wire)
    assert answer.headers["content-type"] == "application/fhir+json"
    assert answer.headers["etag"] == 'W/"v7"'
    assert answer.headers["last-modified"] == "Sun, 22 Nov 2026 09:30:00 GMT"
    assert answer.headers["cache-control"] == "no-store"


def test_the_record_is_told_who_asks(ask: Client, records: Records) -> None:
    ask("GET", "/fhir/Observation/o1")
    ask("GET", "/fhir/Observation/o1", headers=AS_SYSTEM)
    assert [asked[-1] for asked in records.asked] == [DOCTOR, SYSTEM]


def test_head_is_get_without_a_body(ask: Client) -> None:
    whole, head = ask("GET", "/fhir/Observation/o1"), ask("HEAD", "/fhir/Observation/o1")
    assert head.content == b""
    kept = ("content-length", "etag", "last-modified", "content-type")
    assert [head.headers[name] for name in kept] == [whole.headers[name] for name in kept]


def test_absent_hidden_and_impossible_answer_with_the_same_bytes(ask: Client) -> None:
    paths = (
        "/fhir/Observation/nothing", "/fhir/Patient/nothing", "/fhir/Observation/%20o1", "/fhir/Observation/o1%00",
        "/fhir/Observation/" + "x" * 65, "/fhir/Unknown/o1", "/fhir/observation/o1", "/fhir/Observation/o1/_history/1",
        "/fhir/Patient/nothing/$everything", "/fhir/Patient/p1/$nothing", "/fhir/Unknown?code=1", "/fhir/x/y/z/a",
    )  # fmt: skip
    answers = [ask("GET", path) for path in paths]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert len({tuple(sorted(set(answer.headers) - {"server-timing"})) for answer in answers}) == 1


def test_a_search_set_holds_matches_then_includes_with_full_urls(ask: Client, records: Records) -> None:
    records.page = Page(items=[Item("Observation", "o1")], included=[Item("Practitioner", "d1")], total=41)
    bundle = parse(ask("GET", "/fhir/Observation?code=abc&_include=Observation:performer").content)
    assert (bundle["resourceType"], bundle["type"], bundle["total"]) == ("Bundle", "searchset", 41)
    assert [(entry["fullUrl"], entry["search"]["mode"]) for entry in bundle["entry"]] == [
        (f"{ADDRESS}/fhir/Observation/o1", "match"),
        (f"{ADDRESS}/fhir/Practitioner/d1", "include"),
    ]
    assert bundle["entry"][0]["resource"]["id"] == "o1"
    assert bundle["link"] == [
        {"relation": "self", "url": f"{ADDRESS}/fhir/Observation?code=abc&_include=Observation%3Aperformer"}
    ]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_version_is_read_at_its_own_address_and_is_absent_elsewhere(ask: Client, method: str) -> None:
    read, current = ask(method, "/fhir/Observation/o1"), ask(method, "/fhir/Observation/o1/_history/v7")
    assert (current.status_code, current.content, current.headers["etag"]) == (200, read.content, read.headers["etag"])
    absent = ask(method, "/fhir/Observation/nothing")
    for path in ("o1/_history/v6", "o1/_history/V7", "nothing/_history/v7"):
        other = ask(method, f"/fhir/Observation/{path}")
        assert (other.status_code, other.content) == (404, absent.content)
        assert set(other.headers) == set(absent.headers)


@pytest.mark.parametrize("name", ["subject", "subject:Patient", "patient"])
def test_a_reference_to_this_server_in_full_asks_for_the_relative_one(ask: Client, records: Records, name: str) -> None:
    ask("GET", f"/fhir/Observation?{name}={ADDRESS}/fhir/Patient/p1,Patient/p2")
    ask("GET", f"/fhir/Observation?{name}=Patient/p1,Patient/p2")
    assert records.asked[0][1] == records.asked[1][1]


def test_nothing_found_is_a_search_set_without_entries(ask: Client, records: Records) -> None:
    records.page = Page(total=0)
    bundle = parse(ask("GET", "/fhir/Condition?patient=p1").content)
    assert bundle["total"] == 0
    assert "entry" not in bundle


def links(content: bytes) -> dict[str, str]:
    return {each["relation"]: each["url"] for each in parse(content)["link"]}


@pytest.mark.parametrize("by_form", [True, False])
def test_the_next_link_says_nothing_of_what_was_asked_and_asks_it_again(
    ask: Client, records: Records, by_form: bool
) -> None:
    records.page = Page(items=[Item("Patient", "p1")], next="se/al+ed")
    asked = {"family": "Ash", "birthdate": "1950-01-02", "_count": "1"}
    if by_form:
        first = ask("POST", "/fhir/Patient/_search", data=asked)
    else:
        first = ask("GET", "/fhir/Patient?family=Ash&birthdate=1950-01-02&_count=1")
    following = links(first.content)["next"]
    assert list(dict(parse_qsl(urlsplit(following).query))) == ["_page"]
    second = ask("GET", following.removeprefix(ADDRESS))
    assert records.asked[-1][1] == replace(records.asked[0][1], page="se/al+ed")
    assert links(second.content) == {"self": following, "next": following}, "this page is the link that led to it"


@pytest.mark.parametrize("path", ["Observation?patient=p1", "Patient/p1/$everything?_count=7", "Patient/p1/_history"])
def test_a_page_link_is_followed_as_it_was_given(ask: Client, records: Records, path: str) -> None:
    records.page = Page(items=[Item("Patient", "p1")], next="token")
    records.told = History(next="token")
    following = links(ask("GET", f"/fhir/{path}").content)["next"].removeprefix(ADDRESS)
    assert ask("GET", following).status_code == 200
    assert ask("GET", f"{following}&_format=json").status_code == 200
    assert ask("GET", f"{following}&_count=1").status_code == 400
    assert ask("GET", f"{following}&_page=AAAA").status_code == 400
    assert ask("GET", f"/fhir/Condition?{following.partition('?')[2]}").status_code == 400
    assert ask("GET", following, headers=AS_SYSTEM).status_code == 400


def test_a_page_link_that_no_address_holds_is_followed_by_form(ask: Client, records: Records) -> None:
    records.page = Page(items=[Item("Patient", "p1")], next="token")
    first = ask("POST", "/fhir/Patient/_search", data={"_id": ",".join(f"{number:064}" for number in range(200))})
    following = urlsplit(links(first.content)["next"])
    refused = ask("GET", f"{following.path}?{following.query}")
    assert refused.status_code == 414
    assert "send `_page`" in refused.json()["issue"][0]["diagnostics"]
    assert ask("POST", f"{following.path}/_search", data=dict(parse_qsl(following.query))).status_code == 200
    assert records.asked[-1][1] == replace(records.asked[0][1], page="token")


def test_count_only(ask: Client, records: Records) -> None:
    records.page = Page(total=7)
    bundle = parse(ask("GET", "/fhir/Observation?patient=p1&_summary=count").content)
    assert (bundle["total"], "entry" in bundle) == (7, False)


def test_a_search_by_form_is_the_same_search(ask: Client, records: Records) -> None:
    by_form = ask("POST", "/fhir/Patient/_search", data={"family": "Ash", "birthdate": "1950-01-02"})
    by_address = ask("GET", "/fhir/Patient?family=Ash&birthdate=1950-01-02")
    assert by_form.content == by_address.content
    assert records.asked[0][1] == records.asked[1][1]


def test_everything_is_one_search_set_unless_counted(ask: Client, records: Records) -> None:
    records.page = Page(items=[Item("Patient", "p1"), Item("Observation", "o1")], total=2, next="token")
    bundle = parse(ask("GET", "/fhir/Patient/p1/$everything?_count=1000").content)
    assert [entry["resource"]["resourceType"] for entry in bundle["entry"]] == ["Patient", "Observation"]
    ask("GET", bundle["link"][1]["url"].removeprefix(ADDRESS))
    ask("GET", "/fhir/Patient/p1/$everything")
    assert [asked[5:] for asked in records.asked] == [(1000, None), (1000, "token"), (None, None)]


def test_everything_is_asked_by_address_or_by_parameters_alike(ask: Client, records: Records) -> None:
    records.items["Encounter", "e1"] = Item("Encounter", "e1")
    given = [
        {"name": "_type", "valueCode": "Condition"}, {"name": "_type", "valueCode": "Observation"},
        {"name": "start", "valueDate": "2026-01"}, {"name": "end", "valueDate": "2026-02"},
        {"name": "_since", "valueInstant": "2026-01-01T00:00:00Z"}, {"name": "_count", "valueInteger": 10},
    ]  # fmt: skip
    query = "_type=Condition,Observation&start=2026-01&end=2026-02&_since=2026-01-01T00:00:00Z&_count=10"
    for type_, id_ in (("Patient", "p1"), ("Encounter", "e1")):
        assert ask("GET", f"/fhir/{type_}/{id_}/$everything?{query}").status_code == 200
        posted = ask(
            "POST", f"/fhir/{type_}/{id_}/$everything", headers={"Content-Type": "application/fhir+json"},
            content=encode({"resourceType": "Parameters", "parameter": given}),
        )  # fmt: skip
        assert posted.status_code == 200
        assert records.asked[-1] == records.asked[-2]
        assert records.asked[-1][4] == Wanted(
            types=frozenset({"Condition", "Observation"}), since=1767225600000000, start=1767225600000000,
            end=1772323200000000,
        )  # fmt: skip
    assert ask("POST", "/fhir/Patient/p1/$everything").status_code == 200


def test_the_latest_are_asked_of_one_patient_by_address_or_parameters(ask: Client, records: Records) -> None:
    records.page = Page(items=[Item("Observation", "o1")], total=1)
    for whose in ("patient=p1", "subject=Patient/p1", f"subject={ADDRESS}/fhir/Patient/p1"):
        answer = ask("GET", f"/fhir/Observation/$lastn?{whose}&max=3&category=laboratory")
        assert parse(answer.content)["entry"][0]["resource"]["id"] == "o1"
    given = [{"name": "patient", "valueString": "p1"}, {"name": "max", "valueInteger": 3},
             {"name": "category", "valueString": "laboratory"}]  # fmt: skip
    body = encode({"resourceType": "Parameters", "parameter": given})
    ask("POST", "/fhir/Observation/$lastn", headers={"Content-Type": "application/fhir+json"}, content=body)
    assert records.asked == [("latest", "p1", [("category", "laboratory")], DOCTOR, 3)] * 4


def test_parts_of_the_time_are_told_only_where_something_is_shown(ask: Client, records: Records) -> None:
    records.page = Page(items=[Item("Observation", "o1")])
    shown = ask("GET", "/fhir/Observation?patient=p1").headers["server-timing"]
    assert shown.startswith("total;dur=")
    assert shown.endswith(", decide;dur=0.500")
    records.page = Page(total=0)
    for path in ("/fhir/Observation?patient=p2", "/fhir/Observation?_summary=count", "/fhir/Patient/p2"):
        assert "decide" not in ask("GET", path).headers["server-timing"]


@pytest.mark.parametrize(
    "path",
    [
        "/fhir/Observation?colour=red", "/fhir/Observation?patient.colour=x", "/fhir/Observation/o1?colour=red",
        "/fhir/Patient/p1/$everything?_since=yesterday", "/fhir/Patient/p1/$everything?_type=Nothing",
        "/fhir/Patient/p1/$everything?colour=red", "/fhir/Patient/p1/$everything?_count=many",
        "/fhir/Observation/$lastn", "/fhir/Observation/$lastn?patient=p1&patient=p2",
        "/fhir/Observation/$lastn?patient=p1&max=0", "/fhir/Observation/$lastn?patient=p1&performer=x",
        "/fhir/Observation/$lastn?patient.name=x", "/fhir/Observation/$lastn?subject=Group/g1",
        "/fhir/Patient/p1/$everything?_count=1&_count=2", "/fhir/Observation?code=%ff",
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused_and_not_asked_for(ask: Client, records: Records, path: str) -> None:
    answer = ask("GET", path)
    outcome = parse(answer.content)
    assert answer.status_code == 400
    assert (outcome["resourceType"], outcome["issue"][0]["code"]) == ("OperationOutcome", "invalid")
    assert records.asked == []


def test_the_base_address_is_the_one_that_the_client_wrote(ask: Client, records: Records) -> None:
    records.page = Page(items=[Item("Observation", "o1")])
    bundle = parse(ask("GET", "/fhir/Observation?patient=p1", headers={"Host": 'odd"host:81'}).content)
    assert bundle["entry"][0]["fullUrl"].endswith("/fhir/Observation/o1")
