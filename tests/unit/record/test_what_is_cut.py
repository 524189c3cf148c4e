"""What an open item still does not tell: of others whom it names, of where somebody is, of what a reference is to."""

from typing import Any

import pytest

from concord.app import App
from concord.base import NHS_NUMBER_SYSTEM, NotFound
from concord.fhir import parse
from tests.small_system import GP, PRACTICE, attendance, condition, patient, send
from tests.unit.record.reads import OTHER_NUMBER, PROTECTED, found, id_of, observation

# -- items that name several people ----------------------------------------------------------------------------------


def shared(source_id: str, *of: str) -> dict[str, Any]:
    """A Condition of the first, reported by the second."""
    return condition(source_id, of[0], "shared", asserter={"reference": f"Patient/{of[1]}"})


def test_what_names_two_people_is_shown_from_both_sides_when_open_for_both(app: App) -> None:
    send(app, PRACTICE, patient("p1"), patient("p2", number=OTHER_NUMBER), shared("c1", "p1", "p2"))
    first, second = (id_of(PRACTICE, "Patient", each) for each in ("p1", "p2"))
    for whose in (first, second):
        everything = app.records.everything(whose, GP).wait()
        assert sorted(item.type for item in everything.items) == ["Condition", "Patient"]
    for whose in ("p1", "p2"):
        everything = app.records.everything(whose, PRACTICE).wait()
        assert sorted(item.type for item in everything.items) == ["Condition", "Patient"]
    assert found(app, GP, "Condition").total == 1
    assert found(app, GP, "Condition", ("patient", first)).total == 1
    assert found(app, GP, "Condition", ("patient", second)).total == 0, "it is not hers: she only told of it"


def test_what_names_two_people_is_hidden_everywhere_when_shut_for_one(app: App) -> None:
    moved = patient("p2", number=OTHER_NUMBER, active=False)  # registered no longer
    send(app, PRACTICE, patient("p1"), moved, shared("c1", "p1", "p2"), shared("c2", "p2", "p1"))
    assert found(app, GP, "Condition").total == 0
    everything = app.records.everything(id_of(PRACTICE, "Patient", "p1"), GP).wait()
    assert ([item.type for item in everything.items], everything.total) == (["Patient"], 1)
    with pytest.raises(NotFound):
        app.records.read("Condition", id_of(PRACTICE, "Condition", "c1"), GP).wait()


def test_whether_the_other_person_is_absent_hidden_or_came_later_makes_no_difference(app: App) -> None:
    send(app, PRACTICE, patient("p1"), shared("c1", "p1", "p2"))
    assert found(app, GP, "Condition").total == 0
    send(app, PRACTICE, patient("p2", number=OTHER_NUMBER, active=False))
    assert found(app, GP, "Condition").total == 0


def test_what_names_two_source_patients_of_one_person_comes_once(app: App) -> None:
    send(app, PRACTICE, patient("p1"), patient("p2"), shared("c1", "p1", "p2"), shared("c2", "p2", "p1"))
    everything = app.records.everything(id_of(PRACTICE, "Patient", "p1"), GP).wait()
    assert sorted(item.type for item in everything.items) == ["Condition", "Condition", "Patient", "Patient"]
    assert found(app, GP, "Condition").total == 2


# -- people whose whereabouts are protected --------------------------------------------------------------------------


def test_nothing_says_where_a_protected_person_can_be_found(app: App) -> None:
    """Canaries in every place that has named a practice, a ward or a worker."""
    where = "canary-place"
    source = patient(
        "p1", identifier=[{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990003114"},
                          {"system": f"https://{where}.example/id", "value": "1", "assigner": {"display": where}}],
        telecom=[{"system": "phone", "value": where}], managingOrganization={"display": where},
        generalPractitioner=[{"reference": "Organization/org"}], **PROTECTED,
    )  # fmt: skip
    item = observation(
        "o1", "p1", "a result", performer=[
            {"display": where}, {"reference": "Practitioner/d1", "display": where}, {"reference": "#org"},
            {"type": "Organization", "identifier": {"system": "https://fhir.nhs.uk/Id/ods-organization-code",
                                                    "value": where}},
        ],
        encounter={"reference": "Encounter/e1"},
        contained=[{"resourceType": "Organization", "id": "org", "name": where, "address": [{"city": where}]}],
    )  # fmt: skip
    visit = attendance("e1", "p1") | {
        "class": {"code": "AMB"}, "location": [{"location": {"display": where}}], "serviceProvider": {"display": where},
    }  # fmt: skip
    shelf: list[dict[str, Any]] = [
        {"resourceType": "Practitioner", "id": "d1", "name": [{"family": where}]},
        {"resourceType": "Organization", "id": "org", "name": where},
    ]
    send(app, PRACTICE, source, item, visit, *shelf)
    everything = app.records.everything(id_of(PRACTICE, "Patient", "p1"), GP).wait()
    assert sorted(item.type for item in everything.items) == ["Encounter", "Observation", "Patient"]
    includes = [("_include", "Observation:performer"), ("_include", "Patient:general-practitioner")]
    page = found(app, GP, "Observation", includes[0], ("_include", "Observation:encounter"))
    assert [item.type for item in page.included] == ["Encounter"]
    assert not found(app, GP, "Patient", includes[1]).included
    everywhere = b"".join(item.wire for item in (*everything.items, *page.items, *page.included))
    assert where.encode() not in everywhere
    assert b"Weavers" not in everywhere
    assert b"ZZP01" not in everywhere
    assert b"Encounter/" in everywhere, "what tells no place stays"


def test_no_search_matches_what_is_masked(app: App) -> None:
    send(app, PRACTICE, patient("p1", **PROTECTED), {"resourceType": "Practitioner", "id": "d1"})
    send(app, PRACTICE, observation("o1", "p1", "1", performer=[{"reference": "Practitioner/d1"}]))
    performer = f"Practitioner/{id_of(PRACTICE, 'Practitioner', 'd1')}"
    whom = id_of(PRACTICE, "Patient", "p1")
    assert found(app, GP, "Observation", ("patient", whom), ("performer", performer)).total == 0
    assert found(app, GP, "Patient", ("_id", whom), ("address-postalcode", "NF4")).total == 0
    assert found(app, GP, "Patient", ("_id", whom)).total == 1


# -- what a reference tells ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reference",
    [
        {"reference": "Condition/c9", "display": "canary"},
        {"reference": "https://elsewhere.example/Condition/1", "display": "canary"},
        {"type": "Condition", "identifier": {"value": "1"}, "display": "canary"},
        {"identifier": {"system": "https://elsewhere.example/id", "value": "1"}, "display": "canary"},
        {"reference": "#c", "display": "canary"},
    ],
)
def test_a_reference_to_another_item_does_not_say_what_it_is(app: App, reference: dict[str, Any]) -> None:
    narrative = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">canary</div>'}
    inner = {"resourceType": "Condition", "id": "c", "subject": {"reference": "Patient/p1"}, "text": narrative}
    contained: dict[str, Any] = {"contained": [inner]} if reference.get("reference") == "#c" else {}
    item = observation("o1", "p1", "1", focus=[reference], **contained)
    send(app, PRACTICE, patient("p1"), item)
    assert b"canary" not in found(app, GP, "Observation").items[0].wire
    assert b"canary" in found(app, PRACTICE, "Observation").items[0].wire


def refers_to_another(app: App, reference: dict[str, Any]) -> None:
    observed = observation("o1", "p1", "1", focus=[reference])
    send(app, PRACTICE, patient("p1"), patient("p2", number=OTHER_NUMBER), observed)


@pytest.mark.parametrize(
    "reference",
    [
        {"reference": "Patient/p2", "display": "canary"},
        {"reference": "Patient/nobody", "display": "canary"},
        {"reference": "https://elsewhere.example/Patient/p1", "display": "canary"},
        {
            "type": "Patient",
            "display": "canary",
            "identifier": {"system": "https://elsewhere.example/id", "value": "1"},
        },
        {"display": "canary", "identifier": {"system": NHS_NUMBER_SYSTEM, "value": OTHER_NUMBER}},
    ],
)
def test_a_reference_to_somebody_else_does_not_say_who_it_is(app: App, reference: dict[str, Any]) -> None:
    """Whether that person is here, open, hidden or unknown."""
    refers_to_another(app, reference)
    whom = id_of(PRACTICE, "Patient", "p1")
    assert b"canary" not in found(app, GP, "Observation", ("patient", whom)).items[0].wire
    assert b"canary" in found(app, PRACTICE, "Observation").items[0].wire


@pytest.mark.parametrize("besides", [{}, {"reference": "Patient/p2"}, {"type": "Patient"}])
def test_a_reference_to_somebody_else_does_not_tell_their_number(app: App, besides: dict[str, Any]) -> None:
    reference = besides | {"identifier": {"system": NHS_NUMBER_SYSTEM, "value": OTHER_NUMBER}}
    refers_to_another(app, reference)
    (told,) = found(app, GP, "Observation", ("patient", id_of(PRACTICE, "Patient", "p1"))).items
    assert OTHER_NUMBER.encode() not in told.wire
    assert parse(told.wire)["focus"][0], "FHIR knows no empty element"
    assert OTHER_NUMBER.encode() in found(app, PRACTICE, "Observation").items[0].wire


def test_a_reference_to_the_patient_whose_item_it_is_keeps_the_name(app: App) -> None:
    own = {"reference": "Patient/p1", "display": "Peggy"}
    send(app, PRACTICE, patient("p1"), observation("o1", "p1", "1") | {"subject": own, "focus": [own]})
    assert found(app, GP, "Observation").items[0].wire.count(b"Peggy") == 2


def test_who_is_named_by_identifier_keeps_the_name(app: App) -> None:
    who = {"identifier": {"system": "https://fhir.nhs.uk/Id/sds-user-id", "value": "1"}, "display": "Dr Okafor"}
    send(app, PRACTICE, patient("p1"), observation("o1", "p1", "1", performer=[who, {"display": "Ward sister"}]))
    wire = found(app, GP, "Observation").items[0].wire
    assert b"Dr Okafor" in wire
    assert b"Ward sister" in wire
