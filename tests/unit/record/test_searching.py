"""Searches that look at other resources, in parts and in orders: each hop goes only to what is open to the asker."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from concord.app import App
from concord.base import Incorrect
from concord.fhir import Resource, parse, parse_search
from concord.fhir.searches import Compartment
from concord.governance import Asker
from concord.record import bringing
from tests.small_system import (
    ED_DOCTOR,
    GP,
    HOSPITAL,
    KEYS,
    NHS_NUMBER,
    PRACTICE,
    attendance,
    condition,
    patient,
    send,
    small_system,
)

SECRET = {"meta": {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "STD"}]}}
LABORATORY = {"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"}


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """A practice with one person of whom one contact and one problem are secret, and a hospital that knows her too."""
    with small_system(tmp_path) as system:
        outcomes = send(
            system,
            PRACTICE,
            {"resourceType": "Practitioner", "id": "d1", "name": [{"family": "Okafor"}]},
            {"resourceType": "Practitioner", "id": "d2", "name": [{"family": "Nobody"}]},
            patient("p1"),
            patient("p2", number="9990003203", name=[{"family": "Quill", "given": ["Ann"]}], birthDate="1980-01-01"),
            contact("e1", "p1", "finished"),
            contact("e2", "p1", "planned", **SECRET),
            problem("c1", "p1", "asthma", "2019-06-03", encounter={"reference": "Encounter/e1"}),
            problem("c2", "p1", "chlamydia", "2020-06-03", encounter={"reference": "Encounter/e2"}, **SECRET),
            result("o1", "p1", "4548-4", "2026-03-01", "5.5", encounter={"reference": "Encounter/e1"}),
            result("o2", "p1", "4548-4", "2026-10-01", "7.25", encounter={"reference": "Encounter/e2"}),
            result("o3", "p1", "718-7", "2026-10-02", "140", performer=[{"reference": "Practitioner/d2"}], **SECRET),
            result("o4", "p2", "718-7", "2025-01-01", "131"),
            {"resourceType": "DiagnosticReport", "id": "r1", "status": "final", "code": {"text": "Bloods"},
             "subject": {"reference": "Patient/p1"}, "result": [{"reference": "Observation/o1"}]},
            {"resourceType": "List", "id": "l1", "status": "current", "mode": "working", "code": {"text": "Problems"},
             "subject": {"reference": "Patient/p1"}, "entry": [{"item": {"reference": "Condition/c1"}}]},
        )  # fmt: skip
        outcomes += send(system, HOSPITAL, patient("h1"), attendance("v1", "h1"))
        assert {each.status for each in outcomes} == {"stored"}, [each.reason for each in outcomes]
        yield system


def contact(source_id: str, of: str, status: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Encounter", "id": source_id, "status": status, "subject": {"reference": f"Patient/{of}"},
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "period": {"start": "2026-03-01T09:00:00Z"},
    } | more  # fmt: skip


def problem(source_id: str, of: str, code: str, on: str, **more: Any) -> dict[str, Any]:
    coding = {"system": "urn:codes", "code": code}
    return condition(source_id, of, code=({"coding": [coding], "text": code}), recordedDate=on, **more)


def result(source_id: str, of: str, code: str, on: str, value: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation", "id": source_id, "status": "final", "category": [{"coding": [LABORATORY]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]}, "effectiveDateTime": on,
        "subject": {"reference": f"Patient/{of}"}, "performer": [{"reference": "Practitioner/d1"}],
        "valueQuantity": {"value": Decimal(value), "unit": "u"},
    } | more  # fmt: skip


def ids(*names: str, by: Any = PRACTICE) -> set[str]:
    """What the sources call items, as they are called here; "Type/id" each."""
    return {
        f"{type_}/{KEYS.logical_id(by.organisation, type_, id_)}" for type_, _, id_ in (n.partition("/") for n in names)
    }


def searched(app: App, asker: Asker, query: str, **more: Any) -> Any:
    type_, _, rest = query.partition("?")
    pairs = [(name, value) for name, _, value in (pair.partition("=") for pair in rest.split("&") if pair)]
    return app.records.search(parse_search(type_, pairs, **more), asker).wait()


def names(served: Sequence[Any]) -> set[str]:
    return {f"{item.type}/{item.id}" for item in served}


def found(app: App, asker: Asker, query: str) -> set[str]:
    return names(searched(app, asker, query).items)


ONE = KEYS.logical_id(PRACTICE.organisation, "Patient", "p1")


# -- chains ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f"Observation?patient={ONE}&encounter.status=finished", ["Observation/o1"]),
        (f"Observation?patient={ONE}&encounter.status=planned", []),  # of a contact that is secret
        (f"Observation?patient={ONE}&encounter.status:not=planned", ["Observation/o1"]),
        (f"Observation?patient={ONE}&encounter.status:missing=true", []),
        (f"Observation?patient={ONE}&encounter.subject:Patient.family=holroyd", ["Observation/o1"]),
        (f"Observation?patient={ONE}&performer:Practitioner.family=okafor", ["Observation/o1", "Observation/o2"]),
        (f"Observation?patient={ONE}&performer.name=nobody", []),  # of a result that is secret
        (f"Observation?patient.identifier={NHS_NUMBER}&code=4548-4", ["Observation/o1", "Observation/o2"]),
        ("Observation?patient.identifier=9990003203", []),  # nobody to whom this doctor has a relationship
        ("Observation?subject.family=holroyd&subject.birthdate=1942-02-14", ["Observation/o1", "Observation/o2"]),
        (f"DiagnosticReport?patient={ONE}&result.value-quantity=gt5", ["DiagnosticReport/r1"]),
        (f"DiagnosticReport?patient={ONE}&result.encounter.status=finished", ["DiagnosticReport/r1"]),
    ],
)  # fmt: skip
def test_a_user_s_chain_goes_by_what_is_open(app: App, query: str, expected: list[str]) -> None:
    assert found(app, ED_DOCTOR, query) == ids(*expected)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Observation?encounter.status=planned", ["Observation/o2"]),
        ("Observation?performer.name=nobody", ["Observation/o3"]),
        ("Observation?encounter=e1", ["Observation/o1"]),  # a source's own ids do, also behind a chain
        ("Observation?encounter=Encounter/e1", ["Observation/o1"]),
        ("DiagnosticReport?result.encounter=e1", ["DiagnosticReport/r1"]),
        ("Observation?patient.family=quill", ["Observation/o4"]),
        ("Observation?subject.family=quill", ["Observation/o4"]),
        ("Observation?patient=p1&_id=o1,o4", ["Observation/o1"]),
        ("Observation?_id=o1,o4", ["Observation/o1", "Observation/o4"]),
        ("Patient?_has:Condition:patient:code=chlamydia", ["Patient/p1"]),
        ("Patient?_has:Observation:patient:encounter.status=planned", ["Patient/p1"]),
        ("Encounter?_has:Observation:encounter:_has:DiagnosticReport:result:status=final", ["Encounter/e1"]),
        ("Practitioner?_has:Observation:performer:code=718-7", ["Practitioner/d1", "Practitioner/d2"]),
        ("Condition?_list=l1", ["Condition/c1"]),
        ("Observation?value-quantity=gt130", ["Observation/o3", "Observation/o4"]),
    ],
)  # fmt: skip
def test_a_source_system_s_goes_over_all_that_it_contributed(app: App, query: str, expected: list[str]) -> None:
    assert found(app, PRACTICE, query) == ids(*expected)
    assert found(app, HOSPITAL, query) == set()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f"Patient?_id={ONE}&_has:Condition:patient:code=asthma", ["Patient/p1"]),
        (f"Patient?_id={ONE}&_has:Condition:patient:code=chlamydia", []),
        (f"Patient?_id={ONE}&_has:Condition:patient:recorded-date=ge2020", []),
        (f"Patient?_id={ONE}&_has:Observation:patient:encounter.status=planned", []),
        (f"Encounter?patient={ONE}&_has:Condition:encounter:code:missing=false", ["Encounter/e1"]),
    ],
)  # fmt: skip
def test_a_user_s_has_counts_what_is_open(app: App, query: str, expected: list[str]) -> None:
    assert found(app, GP, query) == ids(*expected)


# -- of whom ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["Observation?performer=d1", "Observation?value-quantity=5", "Patient?address-city=x",
                                   "Patient?_has:Condition:patient:code=x", "Condition?_security=R"])  # fmt: skip
def test_what_is_not_published_is_asked_of_a_person(app: App, query: str) -> None:
    with pytest.raises(Incorrect, match="Name a person"):
        searched(app, GP, query)
    searched(app, PRACTICE, query)


def test_a_compartment(app: App) -> None:
    def within(asker: Asker, type_: str, id_: str, query: str) -> set[str]:
        return names(searched(app, asker, query, compartment=Compartment(type=type_, id=id_)).items)

    encounter = KEYS.logical_id(PRACTICE.organisation, "Encounter", "e1")
    hidden = KEYS.logical_id(PRACTICE.organisation, "Encounter", "e2")
    assert within(ED_DOCTOR, "Patient", ONE, "Condition?") == ids("Condition/c1")
    assert within(ED_DOCTOR, "Patient", KEYS.logical_id(HOSPITAL.organisation, "Patient", "h1"), "Condition?") == ids(
        "Condition/c1"
    )
    assert within(ED_DOCTOR, "Encounter", encounter, "Observation?") == ids("Observation/o1")
    assert within(ED_DOCTOR, "Encounter", hidden, "Observation?") == set()
    assert within(PRACTICE, "Patient", "p2", "Observation?code=718-7") == ids("Observation/o4")
    assert within(PRACTICE, "Encounter", "e2", "Observation?") == ids("Observation/o2")
    assert within(PRACTICE, "Practitioner", "d2", "Observation?") == ids("Observation/o3")
    assert within(PRACTICE, "Patient", "p2", "*?") == ids("Observation/o4", "Patient/p2")
    with pytest.raises(Incorrect, match="one person at a time"):
        within(GP, "Practitioner", "d2", "Observation?")


def test_several_types_at_once(app: App) -> None:
    several = searched(app, GP, f"?_type=Condition,Encounter&patient={ONE}&_sort=_id")
    assert names(several.items) == ids("Condition/c1", "Encounter/e1")
    assert [item.id for item in several.items] == sorted(item.id for item in several.items)
    with pytest.raises(Incorrect, match="Name the types"):
        searched(app, GP, f"?patient={ONE}")


# -- beside the matches ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Observation?_include=Observation:encounter", ["Encounter/e1"]),
        ("Observation?_include=Observation:subject:Group", []),
        ("Observation?_include=Observation:*", ["Encounter/e1", "Patient/p1", "Practitioner/d1"]),
        ("Observation?_include=*", ["Encounter/e1", "Patient/p1", "Practitioner/d1"]),
        ("Patient?_revinclude=Condition:patient", ["Condition/c1"]),
        ("Patient?_revinclude=Observation:patient&_include=Observation:encounter",
         ["Observation/o1", "Observation/o2"]),
        ("Patient?_revinclude=Observation:patient&_include:iterate=Observation:encounter",
         ["Encounter/e1", "Observation/o1", "Observation/o2"]),
        ("Encounter?_revinclude=Observation:encounter&_revinclude:iterate=DiagnosticReport:result",
         ["DiagnosticReport/r1", "Observation/o1"]),
        ("Encounter?_revinclude=*", ["Condition/c1", "Observation/o1"]),
        ("DiagnosticReport?_include:iterate=*", ["Encounter/e1", "Observation/o1", "Patient/p1", "Practitioner/d1"]),
    ],
)  # fmt: skip
def test_includes_bring_what_is_open(app: App, query: str, expected: list[str]) -> None:
    whom = "_id" if query.startswith("Patient") else "patient"
    brought = searched(app, GP, f"{query}&{whom}={ONE}").included
    assert names(brought) == ids(*expected)
    assert len(brought) == len(expected), "each once"


def test_a_source_system_s_includes(app: App) -> None:
    brought = searched(app, PRACTICE, "Patient?_id=p1&_revinclude=Observation:patient&_include:iterate=Observation:*")
    assert names(brought.included) == ids(
        "Observation/o1", "Observation/o2", "Observation/o3", "Encounter/e1", "Encounter/e2", "Practitioner/d1",
        "Practitioner/d2",
    )  # fmt: skip
    assert names(searched(app, PRACTICE, "Practitioner?_id=d2&_revinclude=Observation:performer").included) == ids(
        "Observation/o3"
    )


def test_too_much_beside_one_page_is_refused(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bringing, "MOST_BROUGHT", 2)
    with pytest.raises(Incorrect, match="more than 2 resources"):
        searched(app, GP, f"Observation?patient={ONE}&_include=*")


# -- orders, parts, totals ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("value-quantity", ["o1", "o2", "o4", "o3"]), ("-value-quantity", ["o3", "o4", "o2", "o1"]),
        ("code,-date", ["o2", "o1", "o3", "o4"]), ("-code,date", ["o4", "o3", "o1", "o2"]),
        ("date", ["o4", "o1", "o2", "o3"]), ("-_lastUpdated,date", ["o4", "o1", "o2", "o3"]),
    ],
)  # fmt: skip
def test_an_order_holds_over_pages_too(app: App, sort: str, expected: list[str]) -> None:
    wanted = [KEYS.logical_id(PRACTICE.organisation, "Observation", each) for each in expected]
    assert [item.id for item in searched(app, PRACTICE, f"Observation?_sort={sort}").items] == wanted
    paged, token = [], None
    while True:
        page = searched(app, PRACTICE, f"Observation?_sort={sort}&_count=1" + (f"&_page={token}" if token else ""))
        paged += [item.id for item in page.items]
        token = page.next
        if token is None:
            break
    assert paged == wanted


def test_what_has_no_value_comes_last_in_either_direction(app: App) -> None:
    without = KEYS.logical_id(PRACTICE.organisation, "Observation", "o3")
    for sort in ("encounter", "-encounter"):
        last = [item.id for item in searched(app, PRACTICE, f"Observation?_sort={sort}").items][-2:]
        assert without in last


def test_names_are_sorted_backwards_too(app: App) -> None:
    for number, family in enumerate(("Ab", "Abc", "Éa", "Zz")):
        send(app, HOSPITAL, patient(f"s{number}", number=None, name=[{"family": family}]))
    for sort, expected in (
        ("family", ["Ab", "Abc", "Éa", "Holroyd", "Zz"]),
        ("-family", ["Zz", "Holroyd", "Éa", "Abc", "Ab"]),
    ):
        served = [parse(item.wire) for item in searched(app, HOSPITAL, f"Patient?_sort={sort}").items]
        assert [each["name"][0]["family"] for each in served] == expected


def test_a_part_of_a_resource_says_that_it_is_one(app: App) -> None:
    def first(query: str) -> Resource:
        return parse(searched(app, PRACTICE, query).items[0].wire)

    chosen = first("Observation?_id=o3&_elements=value,code")
    assert set(chosen) == {"resourceType", "id", "meta", "status", "code", "valueQuantity"}
    assert chosen["meta"]["security"] == SECRET["meta"]["security"]
    assert chosen["meta"]["tag"][-1]["code"] == "SUBSETTED"
    assert "tag" not in parse(app.records.read("Observation", "o3", PRACTICE).wait().wire)["meta"]
    short = first("Patient?_id=p1&_summary=true")
    assert {"name", "birthDate", "address"} <= set(short)
    assert set(first("Observation?_id=o3&_summary=text")) == {"resourceType", "id", "meta", "status", "code"}
    assert "valueQuantity" in first("Observation?_id=o3&_summary=data")
    included = searched(app, PRACTICE, "Observation?_id=o1&_elements=code&_include=Observation:encounter").included
    assert "class" in parse(included[0].wire)


def test_totals(app: App) -> None:
    assert searched(app, PRACTICE, "Observation?_total=none").total is None
    assert searched(app, PRACTICE, "Observation?_count=1&_total=accurate").total == 4
    assert searched(app, PRACTICE, "Observation?_summary=count&_total=none").total == 4
    assert searched(app, GP, f"Observation?patient={ONE}&_summary=count").total == 2


def test_what_is_brought_is_audited_under_its_person(app: App) -> None:
    searched(app, GP, f"Condition?patient={ONE}&_include=Condition:encounter")
    with app.store.reading() as reading:
        rows = reading.rows("SELECT detail FROM audit WHERE action = 'search' ORDER BY number")
    assert len(rows) == 1
    assert parse(rows[0][0].encode())["count"] == 2
