"""Terminology that was loaded or is carried, asked; on each engine."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from concord.base import ConcordError, FixedClock
from concord.store import Store
from concord.terminology import (
    Checked,
    NotKnown,
    Terminology,
    incoming_of,
    incoming_snapshot,
    load_terminology,
    loaded_terminology,
)

CARS = "http://a.example/cars"
CODES: dict[str, Any] = {
    "resourceType": "CodeSystem", "url": CARS, "version": "1", "name": "Cars", "status": "active",
    "content": "complete",
    "concept": [
        {
            "code": "car", "display": "Car",
            "concept": [
                {"code": "van", "display": "Delivery van", "designation": [{"value": "Lorry, small"}]},
                {"code": "cab", "display": "Cab", "concept": [{"code": "hansom", "display": "Hansom cab",
                    "property": [{"code": "wheels", "valueInteger": 2}, {"code": "inactive", "valueBoolean": True}]}]},
            ],
        },
        {"code": "boat", "display": "Boat"},
    ],
}  # fmt: skip


def value_set(name: str, *include: dict[str, Any], **more: Any) -> dict[str, Any]:
    url = f"http://a.example/ValueSet/{name}"
    return {"resourceType": "ValueSet", "url": url, "status": "active", "compose": {"include": list(include), **more}}


def narrowed(property_: str, op: str, value: str) -> dict[str, Any]:
    return {"system": CARS, "filter": [{"property": property_, "op": op, "value": value}]}


MAP: dict[str, Any] = {
    "resourceType": "ConceptMap", "url": "http://a.example/map", "status": "active",
    "group": [{"source": CARS, "target": "http://b.example/wagen", "element": [
        {"code": "car", "target": [{"code": "Wagen", "display": "Wagen", "equivalence": "equivalent"}]},
        {"code": "boat", "target": [{"equivalence": "unmatched"}]},
    ]}],
}  # fmt: skip


@pytest.fixture
def terminology(store: Store) -> Terminology:
    loaded = [
        CODES,
        MAP,
        value_set("cabs", narrowed("concept", "is-a", "cab")),
        value_set("under-cab", narrowed("concept", "descendent-of", "cab")),
        value_set("not-cabs", narrowed("concept", "is-not-a", "cab")),
        value_set("above-hansom", narrowed("concept", "generalizes", "hansom")),
        value_set("listed", {"system": CARS, "concept": [{"code": "van", "display": "My van"}, {"code": "boat"}]}),
        value_set("all", {"system": CARS}),
        value_set("of-car", narrowed("parent", "=", "car")),
        value_set("two-wheels", narrowed("wheels", "=", "2")),
        value_set("but-cabs", {"system": CARS}, exclude=[{"valueSet": ["http://a.example/ValueSet/cabs"]}]),
        value_set("both", {"valueSet": [f"http://a.example/ValueSet/{name}" for name in ("cabs", "above-hansom")]}),
        value_set("circle", {"valueSet": ["http://a.example/ValueSet/circle"]}),
        value_set("active", {"system": CARS}, inactive=False),
        value_set("elsewhere", {"system": "http://c.example/not-here"}),
    ]
    for each in loaded:
        load_terminology(store, incoming_of(each))
    return Terminology(store, FixedClock(datetime(2026, 11, 22, tzinfo=UTC)))


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("cabs", {"cab", "hansom"}),
        ("under-cab", {"hansom"}),
        ("not-cabs", {"car", "van", "boat"}),
        ("above-hansom", {"hansom", "cab", "car"}),
        ("listed", {"van", "boat"}),
        ("all", {"car", "van", "cab", "hansom", "boat"}),
        ("of-car", {"van", "cab"}),
        ("two-wheels", {"hansom"}),
        ("but-cabs", {"car", "van", "boat"}),
        ("both", {"cab", "hansom"}),
        ("active", {"car", "van", "cab", "boat"}),
    ],
)
def test_what_is_expanded_is_what_is_held(terminology: Terminology, name: str, codes: set[str]) -> None:
    url = f"http://a.example/ValueSet/{name}"
    assert {each.code for each in terminology.expand(url).members} == codes
    held = {code for code in ("car", "van", "cab", "hansom", "boat", "bicycle")
            if terminology.check_member(url, [(CARS, code, None)]).result}  # fmt: skip
    assert held == codes
    assert set(terminology.members(url) or ()) == {(CARS, code) for code in codes}


def test_an_expansion_is_filtered_and_comes_in_parts(terminology: Terminology) -> None:
    url = "http://a.example/ValueSet/all"
    assert [each.code for each in terminology.expand(url, text="CAB").members] == ["cab", "hansom"]
    assert [each.code for each in terminology.expand(url, text="sma lor").members] == ["van"], "by a designation"
    assert [each.code for each in terminology.expand(url, text="100%_").members] == []
    part = terminology.expand(url, offset=1, count=2)
    assert ([each.code for each in part.members], part.total) == (["cab", "car"], 5)
    assert terminology.expand(url, active_only=True).total == 4
    assert terminology.expand("http://a.example/ValueSet/listed").members[0].display == "My van"


def test_a_code_is_looked_up_and_its_names_checked(terminology: Terminology) -> None:
    found = terminology.lookup(CARS, "cab")
    assert (found.name, found.version, found.concept.display) == ("Cars", "1", "Cab")
    assert (found.parents, found.children) == (["car"], ["hansom"])
    assert terminology.check_code(CARS, "van", "delivery VAN") == Checked(result=True, display="Delivery van")
    assert terminology.check_code(CARS, "van", "Lorry, small").result
    assert not terminology.check_code(CARS, "van", "Boat").result
    assert not terminology.check_code(CARS, "bicycle").result
    for ask in (lambda: terminology.lookup(CARS, "x"), lambda: terminology.lookup("http://c.example/not-here", "x"),
                lambda: terminology.check_code(CARS, "cab", version="2")):  # fmt: skip
        with pytest.raises(NotKnown):
            ask()


@pytest.mark.parametrize(
    ("a", "b", "told"),
    [("cab", "cab", "equivalent"), ("car", "hansom", "subsumes"), ("hansom", "car", "subsumed-by"),
     ("van", "cab", "not-subsumed")],
)  # fmt: skip
def test_one_code_subsumes_another(terminology: Terminology, a: str, b: str, told: str) -> None:
    assert terminology.subsumes(CARS, a, b) == told


def test_a_search_asks_what_lies_above_and_below(terminology: Terminology) -> None:
    assert set(terminology.above(CARS, "hansom") or ()) == {(CARS, code) for code in ("hansom", "cab", "car")}
    assert set(terminology.below(CARS, "cab") or ()) == {(CARS, "cab"), (CARS, "hansom")}
    assert terminology.below(CARS, "bicycle") is None
    assert terminology.members("http://a.example/ValueSet/nowhere") is None


def test_a_map_translates(terminology: Terminology) -> None:
    (found,) = terminology.translate(CARS, "car")
    assert (found.system, found.code, found.equivalence) == ("http://b.example/wagen", "Wagen", "equivalent")
    assert [each.equivalence for each in terminology.translate(CARS, "boat", url=MAP["url"])] == ["unmatched"]
    assert terminology.translate(CARS, "car", target="http://c.example/not-here") == []
    with pytest.raises(NotKnown):
        terminology.translate(CARS, "car", url="http://a.example/no-map")


def test_hl7s_required_value_sets_are_carried(terminology: Terminology) -> None:
    gender = "http://hl7.org/fhir/ValueSet/administrative-gender"
    assert {each.code for each in terminology.expand(gender).members} == {"male", "female", "other", "unknown"}
    system = "http://hl7.org/fhir/administrative-gender"
    assert terminology.check_member(gender, [(system, "male", None)]).result
    assert terminology.check_member(gender, [(None, "male", None)]).result
    assert not terminology.check_member(gender, [(system, "kestrel", None)]).result
    assert terminology.lookup(system, "male").concept.display is None
    assert terminology.check_code(system, "male").result


def test_what_cannot_be_composed_is_said(terminology: Terminology) -> None:
    for name in ("circle", "elsewhere", "nowhere"):
        with pytest.raises(ConcordError):
            terminology.expand(f"http://a.example/ValueSet/{name}")
        with pytest.raises(ConcordError):
            terminology.check_member(f"http://a.example/ValueSet/{name}", [("http://c.example/not-here", "car", None)])


def test_versions_stand_beside_each_other_and_the_last_loaded_answers(terminology: Terminology, store: Store) -> None:
    second = {**CODES, "version": "2", "concept": [{"code": "car", "display": "Motor car"}]}
    load_terminology(store, incoming_of(second))
    assert terminology.lookup(CARS, "car").concept.display == "Motor car"
    assert terminology.lookup(CARS, "car", "1").concept.display == "Car"
    load_terminology(store, incoming_of({**second, "concept": [{"code": "car", "display": "Automobile"}]}))
    assert terminology.lookup(CARS, "car", "2").concept.display == "Automobile"
    with store.reading() as reading:
        assert [row[2:] for row in loaded_terminology(reading) if row[1] == CARS] == [("1", 5), ("2", 1)]


def test_a_load_that_breaks_off_leaves_what_was_there(terminology: Terminology, store: Store) -> None:
    coming = incoming_of({**CODES, "concept": [{"code": "car", "display": "Other"}]})

    whole = coming.concepts

    def breaking() -> Any:
        yield from whole
        raise OSError("the disk was taken out")

    object.__setattr__(coming, "concepts", breaking())
    with pytest.raises(OSError, match="taken out"):
        load_terminology(store, coming)
    assert terminology.lookup(CARS, "car").concept.display == "Car"
    assert terminology.lookup(CARS, "boat").concept.display == "Boat"


# -- SNOMED CT: the form alone, its content made up ------------------------------------------------------------------

HEADS = {
    "Concept": "id effectiveTime active moduleId definitionStatusId",
    "Description": (
        "id effectiveTime active moduleId conceptId languageCode typeId term caseSignificanceId"
    ),
    "Relationship": (
        "id effectiveTime active moduleId sourceId destinationId relationshipGroup typeId characteristicTypeId "
        "modifierId"
    ),
    "Language": "id effectiveTime active moduleId refsetId referencedComponentId acceptabilityId",
}  # fmt: skip
FSN, SYNONYM, IS_A, GB = "900000000000003001", "900000000000013009", "116680003", "900000000000508004"
ROWS: dict[str, list[list[str]]] = {
    "Concept": [["10", "1"], ["11", "1"], ["12", "0"]],
    "Description": [
        ["1", "1", "10", FSN, "Root (made up)"], ["2", "1", "10", SYNONYM, "Root"],
        ["3", "1", "11", FSN, "Leaf (made up)"], ["4", "1", "11", SYNONYM, 'Leaf "odd"'],
        ["5", "1", "11", SYNONYM, "Preferred leaf"], ["6", "0", "11", SYNONYM, "Gone leaf"],
    ],
    "Relationship": [["11", "10", IS_A, "1"], ["10", "11", "999", "1"], ["12", "10", IS_A, "0"]],
    "Language": [["5", GB, "900000000000548007"], ["4", GB, "900000000000549004"]],
}  # fmt: skip


def snapshot(folder: Path) -> Path:
    written = {
        "Terminology/sct2_Concept_Snapshot_ZZ_20260401": [[r[0], "", r[1], "", ""] for r in ROWS["Concept"]],
        "Terminology/sct2_Description_Snapshot-en_ZZ_20260401": [
            [r[0], "", r[1], "", r[2], "en", r[3], r[4], ""] for r in ROWS["Description"]
        ],
        "Terminology/sct2_Relationship_Snapshot_ZZ_20260401": [
            ["", "", r[3], "", r[0], r[1], "0", r[2], "", ""] for r in ROWS["Relationship"]
        ],
        "Refset/der2_cRefset_LanguageSnapshot-en_ZZ_20260401": [
            ["", "", "1", "", r[1], r[0], r[2]] for r in ROWS["Language"]
        ],
    }
    for name, rows in written.items():
        path = folder / "Snapshot" / f"{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        head = next(HEADS[each] for each in HEADS if each in name)
        text = "\r\n".join(["\t".join(head.split()), *("\t".join(row) for row in rows), ""])
        path.write_bytes(text.encode())
    return folder


def test_a_snomed_ct_snapshot_is_read(store: Store, tmp_path: Path) -> None:
    assert load_terminology(store, incoming_snapshot(snapshot(tmp_path))) == 3
    terminology = Terminology(store, FixedClock(datetime(2026, 11, 22, tzinfo=UTC)))
    sct = "http://snomed.info/sct"
    leaf = terminology.lookup(sct, "11")
    assert (leaf.version, leaf.concept.display, leaf.parents) == ("20260401", "Preferred leaf", ["10"])
    assert leaf.concept.names == ["Preferred leaf", 'Leaf "odd"', "Leaf (made up)"]
    assert not terminology.lookup(sct, "12").concept.active
    assert terminology.subsumes(sct, "10", "11") == "subsumes"
    assert {each.code for each in terminology.expand(f"{sct}?fhir_vs=isa/10").members} == {"10", "11"}
    assert terminology.expand(f"{sct}?fhir_vs", text="odd").total == 1


def test_what_was_loaded_is_there_as_a_resource_by_its_url_or_all_of_a_kind(terminology: Terminology) -> None:
    (cars,) = terminology.resources("CodeSystem", [CARS])
    assert cars["concept"] == CODES["concept"]
    assert terminology.resource("CodeSystem", cars["id"]) == cars
    assert cars in list(terminology.resources("CodeSystem"))
    assert terminology.resource("ValueSet", cars["id"]) is None
    assert list(terminology.resources("CodeSystem", ["urn:none"])) == []
