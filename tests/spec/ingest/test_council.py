"""The council's CSV set: what a row becomes, and which rows and headers are refused, where and why."""

from pathlib import Path
from typing import Any

import pytest

from concord.ingest.model import Group, Refusal
from concord.ingest.stream import Stream
from concord.ingest.tables import council, pieces
from tests.unit.ingest.fake_records import FakeRecords, feed, loaded

HEADERS = {
    "people": "person_id,nhs_number,family_name,given_name,date_of_birth,sex,address_line,town,postcode,telephone,"
    "share_choice,updated_at",
    "services": "service_id,service,name,kind,telephone",
    "packages": "package_id,person_id,service,package_type,provider,visits_per_day,start_date,end_date,status,"
    "updated_at",
    "involvements": "involvement_id,person_id,service,staff_id,worker_name,job,team,telephone,key_worker,start_date,"
    "end_date,updated_at",
    "safeguarding": "concern_id,person_id,service,concern_type,description,start_date,end_date,status,updated_at",
}
ROWS = {
    "people": {"person_id": "C1", "nhs_number": "9990003114", "family_name": "Holroyd", "given_name": "Margaret Ann",
               "date_of_birth": "1941-02-03", "sex": "F", "address_line": "1 High Street", "town": "Millbrook",
               "postcode": "MB1 1AA", "telephone": "01632 960001", "updated_at": "2024-03-01T10:00:00Z"},
    "services": {"service_id": "S1", "service": "adult-social-care", "name": "Adult social care", "kind": "council",
                 "telephone": "01632 960330"},
    "packages": {"package_id": "K1", "person_id": "C1", "service": "adult-social-care", "package_type": "Home care",
                 "provider": "Northfield Home Care", "visits_per_day": "2", "start_date": "2024-01-01",
                 "status": "active", "updated_at": "2024-03-01T10:00:00Z"},
    "involvements": {"involvement_id": "I1", "person_id": "C1", "service": "adult-social-care", "staff_id": "555",
                     "worker_name": "Joy Barrett", "job": "Social worker", "team": "Adults north",
                     "telephone": "01632 960340", "key_worker": "yes", "start_date": "2024-01-01",
                     "updated_at": "2024-03-01T10:00:00Z"},
    "safeguarding": {"concern_id": "G1", "person_id": "C1", "service": "childrens-services",
                     "concern_type": "child-protection-plan", "description": "Neglect", "start_date": "2024-01-01",
                     "status": "active", "updated_at": "2024-03-01T10:00:00Z"},
}  # fmt: skip


def csv(table: str, *rows: dict[str, str]) -> bytes:
    columns = HEADERS[table].split(",")
    lines = [HEADERS[table], *(",".join(row.get(column, "") for column in columns) for row in rows)]
    return "\n".join(lines).encode()


def read(data: bytes, records: FakeRecords | None = None) -> list[dict[str, Any] | Refusal]:
    stream = Stream(iter([data]))
    stream.head(1000)
    found: list[dict[str, Any] | Refusal] = []
    for piece in pieces(stream, feed(records), council(), ""):
        found += [one.submission.resource for one in piece.sent] if isinstance(piece, Group) else []
        found += [piece] if isinstance(piece, Refusal) else []
    return found


def row(table: str, **says: str) -> list[Any]:
    return read(csv(table, ROWS[table] | says))


def test_a_person() -> None:
    assert row("people") == [
        {
            "resourceType": "Patient",
            "extension": [
                {
                    "url": "https://concord.example/StructureDefinition/recorded",
                    "valueDateTime": "2024-03-01T10:00:00+00:00",
                }
            ],
            "identifier": [
                {"system": "https://concord.example/Id/ZZA/person", "value": "C1"},
                {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990003114"},
            ],
            "name": [{"use": "official", "family": "Holroyd", "given": ["Margaret", "Ann"]}],
            "telecom": [{"system": "phone", "value": "01632 960001"}],
            "gender": "female",
            "birthDate": "1941-02-03",
            "address": [{"line": ["1 High Street"], "city": "Millbrook", "postalCode": "MB1 1AA"}],
        }
    ]


def test_a_number_that_fails_modulus_11_is_no_nhs_number() -> None:
    (patient,) = row("people", nhs_number="9990003115")
    assert patient["identifier"][1]["system"] == "https://concord.example/Id/invalid-nhs-number"


# share_choice, (provision.type, silent)
CHOICES = [("share", ("permit", False)), ("objects", ("deny", False)), ("objects-silently", ("deny", True))]


@pytest.mark.parametrize(("word", "means"), CHOICES)
def test_a_choice_about_sharing(word: str, means: tuple[str, bool]) -> None:
    (_, consent) = row("people", share_choice=word)
    silent = any(one["url"].endswith("/silent") and one["valueBoolean"] for one in consent["extension"])
    assert (consent["provision"]["type"], silent) == means
    assert consent["status"] == "active"
    assert consent["category"][0]["coding"] == [
        {"system": "https://concord.example/CodeSystem/choice", "code": "objection"}
    ]


def test_a_choice_taken_back_is_inactive(tmp_path: Path) -> None:
    records = FakeRecords()
    became = []
    for name, choice in (("1.csv", "objects"), ("2.csv", ""), ("3.csv", "")):
        (tmp_path / name).write_bytes(csv("people", ROWS["people"] | {"share_choice": choice}))
        became.append(dict(loaded(records, tmp_path / name).by_type["Consent"]))
    assert became == [{"stored": 1}, {"updated": 1}, {"unchanged": 1}]
    consent = records.resource("Consent", "C1.-share-choice")
    assert consent is not None
    assert consent["status"] == "inactive"


# status, CarePlan.status, activity status
PACKAGES = [
    ("active", "active", "in-progress"),
    ("on-hold", "on-hold", "on-hold"),
    ("ended", "completed", "completed"),
    ("cancelled", "revoked", "cancelled"),
]


@pytest.mark.parametrize(("status", "plan", "activity"), PACKAGES)
def test_a_package_of_care(status: str, plan: str, activity: str) -> None:
    (found,) = row("packages", status=status)
    assert (found["status"], found["activity"][0]["detail"]["status"]) == (plan, activity)
    assert found["title"] == "Home care"
    assert found["description"] == "2 visits a day, Northfield Home Care"
    assert found["subject"] == {"reference": "Patient/C1"}
    assert found["period"] == {"start": "2024-01-01"}
    assert found["meta"]["tag"][0]["code"] == "adult-social-care"


# end_date, updated_at, CareTeam.status
ENDS = [
    ("", "2024-03-01T10:00:00Z", "active"),
    ("2024-02-01", "2024-03-01T10:00:00Z", "inactive"),
    ("2024-04-01", "2024-03-01T10:00:00Z", "active"),
    ("2024-04-01", "", "inactive"),
]


@pytest.mark.parametrize(("end", "updated", "status"), ENDS)
def test_an_involvement_is_over_once_its_end_has_come(end: str, updated: str, status: str) -> None:
    (team,) = row("involvements", end_date=end, updated_at=updated)
    assert team["status"] == status


def test_an_involvement() -> None:
    (team,) = row("involvements")
    (participant,) = team["participant"]
    assert participant["member"]["identifier"] == {"system": "https://fhir.nhs.uk/Id/sds-user-id", "value": "555"}
    assert participant["member"]["display"] == "Joy Barrett"
    assert participant["role"] == [{"text": "Social worker"}]
    assert participant["extension"][0]["valueBoolean"] is True
    assert team["name"] == "Adults north"
    assert team["category"][0]["coding"][0]["code"] == "caseload"


@pytest.mark.parametrize(
    ("status", "becomes"), [("active", "active"), ("ended", "inactive"), ("entered-in-error", "entered-in-error")]
)
def test_a_safeguarding_concern(status: str, becomes: str) -> None:
    (flag,) = row("safeguarding", status=status)
    assert flag["status"] == becomes
    assert flag["code"]["coding"][0]["code"] == "child-protection-plan"
    assert flag["code"]["text"] == "Neglect"
    assert flag["category"][0]["coding"][0]["code"] == "safeguarding"


def test_a_service() -> None:
    (service,) = row("services")
    assert service["resourceType"] == "HealthcareService"
    assert service["name"] == "Adult social care"
    assert service["providedBy"]["identifier"]["value"] == "ZZA"


# table, what the row says, where it is refused
WRONG_ROWS = [
    ("people", {"person_id": ""}, "line 2, person_id"),
    ("people", {"date_of_birth": "1941-02-30"}, "line 2, date_of_birth"),
    ("people", {"date_of_birth": "03/02/1941"}, "line 2, date_of_birth"),
    ("people", {"share_choice": "nein"}, "line 2, share_choice"),
    ("people", {"updated_at": "yesterday"}, "line 2, updated_at"),
    ("packages", {"person_id": ""}, "line 2, person_id"),
    ("packages", {"status": "paused"}, "line 2, status"),
    ("packages", {"visits_per_day": "two"}, "line 2, visits_per_day"),
    ("packages", {"end_date": "2023-01-01"}, "line 2, end_date"),
    ("safeguarding", {"concern_type": "worry"}, "line 2, concern_type"),
    ("involvements", {"service": ""}, "line 2, service"),
]


@pytest.mark.parametrize(("table", "says", "position"), WRONG_ROWS)
def test_a_wrong_row_names_its_column_and_not_what_it_says(table: str, says: dict[str, str], position: str) -> None:
    (refusal,) = row(table, **says)
    assert refusal.position == position
    assert refusal.original is not None
    assert b"C1" in refusal.original() or "person_id" in says
    assert not any(word and word in refusal.reason for word in says.values())


# a header, what is said of it
WRONG_HEADERS = [
    (HEADERS["people"].replace("nhs_number,", ""), "Columns missing: nhs_number."),
    (HEADERS["people"] + ",shoe_size", "Columns unknown: shoe_size."),
    (HEADERS["people"].replace("town", "city"), "Columns missing: town; unknown: city."),
    (HEADERS["services"] + ",name", "Columns there twice: name."),
    (HEADERS["packages"] + ",J Smith 1941", "Columns unknown: (not a name)."),
]


@pytest.mark.parametrize(("header", "said"), WRONG_HEADERS)
def test_a_wrong_header_refuses_the_file(tmp_path: Path, header: str, said: str) -> None:
    (tmp_path / "set.csv").write_text(header + "\n", encoding="utf-8")
    report = loaded(FakeRecords(), tmp_path)
    assert (report.read, report.rejected) == (1, 1)
    assert report.rejects[0].reason.startswith("The header in line 1 is not that of")
    assert report.rejects[0].reason.endswith(said)


def test_columns_may_come_in_any_order() -> None:
    columns = HEADERS["people"].split(",")[::-1]
    data = ",".join(columns) + "\n" + ",".join(ROWS["people"].get(column, "") for column in columns)
    assert read(data.encode()) == row("people")


def test_rows_are_refused_one_by_one_with_their_lines() -> None:
    good = csv("services", ROWS["services"]).split(b"\n")[1]
    data = b"\r\n".join(
        [HEADERS["services"].encode(), good, b"S2,adult-social-care", b'S3,x,"two\nlines",k,t', b"S4,x,\xe9,k,t", b"",
         b'S5,x,"a"b,k,t', b"S6,x,last,k,t", b'S7,x,"never closed']
    )  # fmt: skip
    found = read(data)
    assert [one["name"] for one in found if isinstance(one, dict)] == ["Adult social care", "two\nlines", "last"]
    refused = {one.position: one.reason for one in found if isinstance(one, Refusal)}
    assert list(refused) == ["line 3", "line 6, byte 6", "line 8", "line 10"]
    assert refused["line 3"] == "The row has 2 cells where the header has 5."
    assert refused["line 6, byte 6"] == "The row is not UTF-8."
    assert refused["line 10"].startswith("A quotation mark of this row is never closed")
