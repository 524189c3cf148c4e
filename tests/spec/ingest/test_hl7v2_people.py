"""What PID and PD1 say, and what becomes of it."""

from typing import Any

import pytest

from concord.fhir import LAST_WORD, TOLD_BY
from concord.governance import SourceSystem
from concord.ingest.hl7v2 import Message, NotMapped, map_message
from tests.unit.ingest.fake_records import TRUST, FakeRecords, feed

MSH = "MSH|^~\\&|PAS|ZZA|CONCORD|NN|20240301100000||ADT^A31|7|P|2.4"
NUMBERS = "70001^^^PAS^MR~9990003114^^^NHS^NH"
RECORDED = "https://concord.example/StructureDefinition/recorded"


def pid(**fields: str) -> str:
    cells = {3: NUMBERS} | {int(name[1:]): value for name, value in fields.items()}
    return "|".join(["PID", *(cells.get(number, "") for number in range(1, max(cells) + 1))])


def patient(*segments: str, records: FakeRecords | None = None, header: str = MSH) -> dict[str, Any]:
    (submission,) = map_message(Message.parse("\r".join((header, *segments)).encode()), feed(records))
    return submission.resource


# the field, what it says, the element, what becomes of it
ONE_FIELD = [
    ("f5", "Holroyd^Margaret^Ann^^Mrs^^L", "name", [
        {"use": "official", "family": "Holroyd", "given": ["Margaret", "Ann"], "prefix": ["Mrs"]}]),
    ("f5", "O\\T\\Brien^Sean", "name", [{"family": "O&Brien", "given": ["Sean"]}]),
    ("f5", "Holroyd^Peggy~Smith^Margaret^^^^^M", "name", [
        {"family": "Holroyd", "given": ["Peggy"]}, {"use": "maiden", "family": "Smith", "given": ["Margaret"]}]),
    ("f7", "19410203", "birthDate", "1941-02-03"),
    ("f7", "19410203000000", "birthDate", "1941-02-03"),
    ("f7", "194102", "birthDate", "1941-02"),
    ("f8", "F", "gender", "female"),
    ("f8", "9", "gender", "other"),
    ("f8", "?", "gender", "unknown"),
    ("f11", "1 High Street^Millbrook^Leeds^West Yorkshire^LS1 4AP^GBR^H", "address", [
        {"use": "home", "line": ["1 High Street", "Millbrook"], "city": "Leeds", "district": "West Yorkshire",
         "postalCode": "LS1 4AP", "country": "GBR"}]),
    ("f11", "1000&Hospital Lane^^Leeds", "address", [{"line": ["1000 Hospital Lane"], "city": "Leeds"}]),
    ("f13", "01632 960001^PRN^PH~07700 900123^PRN^CP", "telecom", [
        {"system": "phone", "value": "01632 960001", "use": "home"},
        {"system": "phone", "value": "07700 900123", "use": "mobile"}]),
    ("f13", "^NET^Internet^m.holroyd@example.org", "telecom", [
        {"system": "email", "value": "m.holroyd@example.org", "use": "home"}]),
    ("f14", "01632 960002", "telecom", [{"system": "phone", "value": "01632 960002", "use": "work"}]),
    ("f29", "20240229", "deceasedDateTime", "2024-02-29"),
    ("f30", "Y", "deceasedBoolean", True),
]  # fmt: skip


@pytest.mark.parametrize(("field", "says", "element", "becomes"), ONE_FIELD)
def test_one_field_of_pid(field: str, says: str, element: str, becomes: Any) -> None:
    assert patient(pid(**{field: says}))[element] == becomes


def test_identifiers_with_the_nhs_number_and_how_far_it_is_verified() -> None:
    assert patient(pid(f32="01"))["identifier"] == [
        {"system": "https://concord.example/Id/ZZA/pas", "value": "70001"},
        {
            "extension": [
                {
                    "url": "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus",
                    "valueCodeableConcept": {
                        "coding": [
                            {
                                "system": "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland",
                                "code": "01",
                            }
                        ]
                    },
                }
            ],
            "system": "https://fhir.nhs.uk/Id/nhs-number",
            "value": "9990003114",
        },
    ]


def test_a_number_that_fails_modulus_11_is_no_nhs_number() -> None:
    found = patient(pid(f3="70001^^^PAS^MR~9990003115^^^NHS^NH", f32="01"))
    assert found["identifier"][1] == {"system": "https://concord.example/Id/invalid-nhs-number", "value": "9990003115"}


def test_ethnic_category_as_uk_core_says_it() -> None:
    (ethnic, recorded, told_by) = patient(pid(f22="A^White - British"))["extension"]
    assert ethnic["url"] == "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-EthnicCategory"
    assert ethnic["valueCodeableConcept"]["coding"] == [
        {
            "system": "https://fhir.hl7.org.uk/CodeSystem/UKCore-EthnicCategoryEngland",
            "code": "A",
            "display": "White - British",
        }
    ]
    assert recorded == {"url": RECORDED, "valueDateTime": "2024-03-01T10:00:00+00:00"}
    assert told_by == {"url": TOLD_BY, "valueString": "1 ADT^A31 7"}


def test_the_practice_of_pd1() -> None:
    assert patient(pid(), "PD1|||Millbrook Surgery^^ZZP01")["generalPractitioner"] == [
        {
            "type": "Organization",
            "identifier": {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "ZZP01"},
            "display": "Millbrook Surgery",
        }
    ]


@pytest.mark.parametrize(
    ("numbers", "source_id"),
    [
        (NUMBERS, "70001"),
        ("9990003114^^^NHS^NH~70001^^^PAS^MR", "70001"),
        ("2478684691^^^NHSNBR^NHSNMBR~70001^^^SIMULATOR MRN^MRN", "70001"),
        ("9990003114^^^NHS^NH", "9990003114"),
        ("RX 12/3^^^PAS", "RX.2012.2f3"),
    ],
)
def test_by_which_number_the_source_calls_the_patient(numbers: str, source_id: str) -> None:
    (submission,) = map_message(Message.parse(f"{MSH}\r{pid(f3=numbers)}".encode()), feed())
    assert submission.source_id == source_id


class TestWhatIsHeldAndWhatANewMessageSays:
    """HL7 v2.4, 2.7: an empty field says nothing, `""` deletes, and an older message does not undo a newer."""

    @pytest.fixture
    def records(self) -> FakeRecords:
        records = FakeRecords()
        self.say(records, pid(f5="Holroyd^Margaret", f8="F", f11="1 High Street", f13="01632 960001", f22="A"))
        return records

    def say(self, records: FakeRecords, *segments: str, at: str = "20240301100000") -> str:
        header = MSH.replace("20240301100000", at)
        (submission,) = map_message(Message.parse("\r".join((header, *segments)).encode()), feed(records))
        return self.write(records, submission)

    @staticmethod
    def write(records: FakeRecords, submission: Any) -> str:
        by = SourceSystem(organisation=TRUST)
        return records.write([submission], by=by, atomic=False, assurance="stated")[0].status

    def held(self, records: FakeRecords) -> dict[str, Any]:
        found = records.resource("Patient", "70001")
        assert found is not None
        return found

    def test_an_empty_field_leaves_what_is_held(self, records: FakeRecords) -> None:
        assert self.say(records, pid(f5="Holroyd^Peggy"), at="20240302100000") == "updated"
        held = self.held(records)
        assert held["name"][0]["given"] == ["Peggy"]
        assert held["address"] == [{"line": ["1 High Street"]}]
        assert held["gender"] == "female"
        elder = ["telecom", "gender", "address", "ethnicCategory"]
        assert [one["url"] for one in held["extension"]][1:] == [*[LAST_WORD for _ in elder], RECORDED, TOLD_BY]
        assert said_apart(held) == [(name, "2024-03-01T10:00:00+00:00") for name in elder]

    def test_a_null_deletes_it(self, records: FakeRecords) -> None:
        self.say(records, pid(f5="Holroyd^Margaret", f11='""', f22='""'), at="20240302100000")
        held = self.held(records)
        assert "address" not in held
        assert "telecom" in held
        assert {one["url"] for one in held["extension"]} == {LAST_WORD, RECORDED, TOLD_BY}
        assert ("address", "2024-03-02T10:00:00+00:00") in said_apart(held)
        assert ("ethnicCategory", "2024-03-02T10:00:00+00:00") in said_apart(held)

    def test_an_older_message_changes_nothing(self, records: FakeRecords) -> None:
        assert self.say(records, pid(f5="Smith^Margaret"), at="20230101100000") == "unchanged"

    def test_what_a_result_repeated_gives_way_to_any_registration(self) -> None:
        records = FakeRecords()
        segments = (MSH.replace("ADT^A31", "ORU^R01"), pid(f5="Smith^M", f13="0"), "OBR|1||F1|B", "OBX|1|ST|A||x")
        (echo, *_) = map_message(Message.parse("\r".join(segments).encode()), feed(records))
        self.write(records, echo)
        assert self.say(records, pid(f5="Holroyd^Margaret"), at="20200101100000") == "updated"
        held = self.held(records)
        assert held["name"][0]["family"] == "Holroyd"
        assert "telecom" not in held
        assert said_apart(held) == []

    def test_the_same_said_again_is_no_change_and_said_later_it_is_the_later_word(self, records: FakeRecords) -> None:
        again = pid(f5="Holroyd^Margaret", f8="F", f11="1 High Street", f13="01632 960001", f22="A")
        assert self.say(records, again) == "unchanged"
        before = self.held(records)
        assert self.say(records, again, at="20240309100000") == "updated"
        assert self.say(records, again, at="20240309100000") == "unchanged"
        held = self.held(records)
        assert {name: held[name] for name in held if name != "extension"} == {
            name: before[name] for name in before if name != "extension"
        }
        assert self.say(records, pid(f5="Holroyd^Peggy", f11="2 Elm Row"), at="20240305100000") == "unchanged"


def said_apart(patient: dict[str, Any]) -> list[tuple[str, str]]:
    """The elements that have another message's words than the Patient as a whole, and when that said them."""
    apart = [
        {part["url"]: part for part in one["extension"]} for one in patient["extension"] if one["url"] == LAST_WORD
    ]
    return [(one["element"]["valueString"], one.get("at", {}).get("valueDateTime", "")) for one in apart]


# what is wrong, the segments after MSH, where it is found
WRONG = [
    ("no PID", [], "PID"),
    ("a PID without a number", [pid(f3="")], "PID-3"),
    ("a PID that is cut", ["PID|1"], "PID-3"),
    ("a date that no calendar has", [pid(f7="19410231")], "PID-7"),
    ("a date in words", [pid(f7="3 Feb 1941")], "PID-7"),
    ("a thirteenth month of death", [pid(f29="20241301")], "PID-29"),
    ("two people", [pid(), pid()], "PID[2]"),
    ("a line that is no segment", [pid(), "and so on"], "segment 3"),
]


@pytest.mark.parametrize(("segments", "where"), [(segments, where) for _, segments, where in WRONG])
def test_what_cannot_be_read_names_its_field(segments: list[str], where: str) -> None:
    with pytest.raises(NotMapped) as caught:
        patient(*segments)
    assert caught.value.where == where
    assert "1941" not in caught.value.message
