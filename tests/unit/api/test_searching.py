"""How a search is asked over HTTP, and that the CapabilityStatement promises what is answered."""

from typing import Any

import pytest

from concord.api.capability import capability_statement
from concord.fhir import Search, parse, parse_search
from concord.fhir.parameters import TABLE, SearchParameter
from concord.fhir.searches import Compartment
from tests.unit.api.client import ADDRESS, Client
from tests.unit.api.stand_ins import Item, Page, Records

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
WRITTEN = {"date": "ge2020", "number": "lt1", "quantity": "5||mg", "special": "1|1", "reference": "a", "token": "a|b"}


def asked(records: Records) -> Search:
    """The search that reached the record."""
    return next(each for each in records.asked[-1] if isinstance(each, Search))


@pytest.mark.parametrize(
    ("method", "path", "form", "type_", "compartment"),
    [
        ("GET", "/fhir/Observation?code=a", None, "Observation", None),
        ("POST", "/fhir/Observation/_search", b"code=a", "Observation", None),
        ("POST", "/fhir/Observation/_search?code=a", b"", "Observation", None),
        ("GET", "/fhir/Patient/p1/Observation?code=a", None, "Observation", Compartment(type="Patient", id="p1")),
        ("POST", "/fhir/Patient/p/Observation/_search", b"code=a", "Observation", Compartment(type="Patient", id="p")),
        ("GET", "/fhir/Encounter/e1/Observation?code=a", None, "Observation", Compartment(type="Encounter", id="e1")),
    ],
)  # fmt: skip
def test_a_search_reaches_the_record(
    ask: Client, records: Records, method: str, path: str, form: bytes | None, type_: str, compartment: Any
) -> None:
    answer = ask(method, path, content=form, headers=FORM if form is not None else {})
    assert answer.status_code == 200
    search = asked(records)
    assert (search.type, [each.name for each in search.criteria], search.compartment) == (type_, ["code"], compartment)


@pytest.mark.parametrize(
    "path", ["/fhir?_type=Patient,Observation&_id=a", "/fhir/Patient/p1/*?_type=Patient,Observation"]
)
def test_several_types(ask: Client, records: Records, path: str) -> None:
    assert ask("GET", path).status_code == 200
    assert [part.type for part in asked(records).by_type] == ["Patient", "Observation"]


@pytest.mark.parametrize("path", ["/fhir/Observation/o1/Condition", "/fhir/Patient/p1/Unknown", "/fhir/Patient/p1/_x"])
def test_no_such_compartment(ask: Client, records: Records, path: str) -> None:
    assert ask("GET", path).status_code == 404
    assert records.asked == []


def test_lenient_handling_leaves_out_what_is_not_supported_and_says_so(ask: Client, records: Records) -> None:
    path = "/fhir/Observation?code=a&colour=red&code:sounds-like=b&patient.colour=c"
    assert ask("GET", path).status_code == 400
    assert ask("GET", path, headers={"Prefer": "handling=strict"}).status_code == 400
    answer = ask("GET", path, headers={"Prefer": "return=minimal, handling=lenient"})
    assert parse(answer.content)["link"][0]["url"] == f"{ADDRESS}/fhir/Observation?code=a"
    assert [each.name for each in asked(records).criteria] == ["code"]
    wrong = ask("GET", "/fhir/Observation?date=soon", headers={"Prefer": "handling=lenient"})
    assert wrong.status_code == 400, "what is supported and written wrong is no filter that may be left out"


def test_an_address_of_ours_in_a_value_is_a_reference_of_ours(ask: Client, records: Records) -> None:
    ask("GET", f"/fhir/Observation?patient={ADDRESS}/fhir/Patient/p1&_source={ADDRESS}/fhir/x")
    patient, source = asked(records).criteria
    assert (patient.values[0].type, patient.values[0].id) == ("Patient", "p1")
    assert source.values[0].text == f"{ADDRESS}/fhir/x"


def test_no_total_where_none_is_wanted(ask: Client, records: Records) -> None:
    records.page = Page(items=[Item("Observation", "o1")], total=None)
    assert "total" not in parse(ask("GET", "/fhir/Observation?_total=none").content)


def test_a_read_in_part(ask: Client) -> None:
    part = parse(ask("GET", "/fhir/Observation/o1?_elements=status").content)
    assert set(part) == {"resourceType", "id", "meta"}
    assert part["meta"]["tag"][0]["code"] == "SUBSETTED"
    for refused in ("_summary=count", "_summary=true&_elements=id", "_elements=a.b", "_summary=true&_summary=data"):
        assert ask("GET", f"/fhir/Observation/o1?{refused}").status_code == 400


def test_whatever_the_statement_lists_is_taken() -> None:
    """Each parameter of each type with a value of its kind, each include and revinclude, each way to sort."""
    for stated in capability_statement()["rest"][0]["resource"]:
        type_ = stated["type"]
        names = [each["name"] for each in stated["searchParam"]]
        assert set(names) >= set(TABLE.parameters[type_])
        for name in names:
            value = _written(TABLE.parameters[type_].get(name))
            (criterion,) = parse_search(type_, [(name, value.replace("a|b", "a") if name == "_id" else value)]).criteria
            assert criterion.name == name
        for kind in ("searchInclude", "searchRevInclude"):
            for include in stated.get(kind, ())[:: 1 if kind == "searchInclude" else 40]:
                parse_search(type_, [("_include" if kind == "searchInclude" else "_revinclude", include)])


def _written(parameter: SearchParameter | None) -> str:
    if parameter is None:
        return "2020-01-01"
    if parameter.type == "composite":
        return "$".join(_written(each) for each in parameter.components)
    return WRITTEN.get(parameter.type, "a")
