"""Mapping files: how cells are read, what templates make of them, what is gone, and what is refused where."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from concord.base import FileRefused, Incorrect
from concord.ingest import LoadReport, load, parse_mapping
from concord.ingest.model import Group, Refusal, Remark
from concord.ingest.stream import Stream
from concord.ingest.tables import pieces
from tests.unit.ingest.fake_records import TRUST, FakeRecords, feed

TWO_COLUMNS = """\
tables:
  visits:
    columns:
      id: {needed: yes}
      cell: %s
    makes:
      - resource: Basic
        id: $id
        elements:
          code: {text: visit}
          extension: [{url: "https://concord.example/cell", %s}]
"""


def read(mapping: str, data: bytes, file: str = "") -> list[Any]:
    """What rows become: resources, refusals as (position, reason), names of what nothing is made of."""
    stream = Stream(iter([data]))
    stream.head(1000)
    found: list[Any] = []
    for piece in pieces(stream, feed(), parse_mapping(mapping, filename="m.yaml"), file):
        if isinstance(piece, Group):
            found += [one.submission.resource for one in piece.sent]
        elif isinstance(piece, Refusal):
            found.append((piece.position, piece.reason))
        elif isinstance(piece, Remark):
            found += piece.passed_over
    return found


# what the column says of itself, the element, the cell; what the element is ("" where it falls away), or why not
CELLS = [
    ("text", "valueString", " a b ", "a b"),
    ("text", "valueString", "  ", ""),
    ("integer", "valueInteger", "-12", -12),
    ("integer", "valueInteger", "1.5", ("cell", "The column cell does not hold a whole number.")),
    ("decimal", "valueDecimal", "1.50", Decimal("1.50")),
    ("decimal", "valueDecimal", "1,5", ("cell", "The column cell does not hold a number.")),
    ("date", "valueDate", "2024-02-29", "2024-02-29"),
    ("date", "valueDate", "29/02/2024", ("cell", "The column cell does not hold a real date written YYYY-MM-DD.")),
    ("{type: date, dates: DD/MM/YYYY}", "valueDate", "29/02/2024", "2024-02-29"),
    ("{type: date, dates: DD/MM/YYYY}", "valueDate", "29/02/2023",
     ("cell", "The column cell does not hold a real date written DD/MM/YYYY.")),
    ("{type: date, dates: DD/MM/YYYY}", "valueDate", "9/2/2024",
     ("cell", "The column cell does not hold a real date written DD/MM/YYYY.")),
    ("{type: date, dates: [DD/MM/YYYY, D MMM YYYY]}", "valueDate", "9 Feb 2024", "2024-02-09"),
    ("{type: date, dates: YYYYMMDD}", "valueDate", "20240209", "2024-02-09"),
    ("{type: instant, dates: DD/MM/YYYY HH:mm}", "valueDateTime", "09/07/2024 10:05", "2024-07-09T10:05:00+01:00"),
    ("instant", "valueDateTime", "2024-01-09T10:05:00", "2024-01-09T10:05:00+00:00"),
    ("instant", "valueDateTime", "2024-07-09T10:05:00Z", "2024-07-09T10:05:00+00:00"),
    ("{codes: {Y: true, N: false}}", "valueBoolean", "y", True),
    ("{codes: {Y: true, N: false}}", "valueBoolean", "N", False),
    ("{codes: {Y: true, N: false}}", "valueBoolean", "maybe",
     ("cell", "The column cell holds a word that is not known. It may hold Y, N.")),
    ('{codes: {Y: true}, others: {as: ""}}', "valueBoolean", "maybe", ""),
    ("{codes: {a: b}, others: keep}", "valueString", "c", "c"),
    ('{codes: {a: b}, others: {as: "not {}"}}', "valueString", "c", "not c"),
    ("{codes: {a: b}, needed: yes}", "valueString", "", ("cell", "The column cell is empty.")),
]  # fmt: skip


@pytest.mark.parametrize(("column", "element", "cell", "becomes"), CELLS)
def test_a_cell(column: str, element: str, cell: str, becomes: Any) -> None:
    (made,) = read(TWO_COLUMNS % (column, f"{element}: $cell"), f'id,cell\n1,"{cell}"\n'.encode())
    if isinstance(becomes, tuple):
        assert made == (f"line 2, {becomes[0]}", becomes[1])
    else:
        assert made.get("extension", [{element: ""}])[0][element] == becomes


PEOPLE = """\
delimiter: semicolon
encoding: windows-1252
empty: [n/a]
tables:
  people:
    columns:
      key: {header: Client No., needed: yes}
      family: {header: Surname}
      given: {header: Forenames, type: words}
      nhs_number: {header: NHS No, type: nhs-number}
      state: {codes: {Open: {flag: active, shown: is open}, Shut: {flag: inactive}}}
      both: {join: [family, state], by: " / "}
    makes:
      - resource: Patient
        id: $key
        elements:
          identifier: [{system: "https://concord.example/Id/$ODS/client", value: $key}, $nhs_number]
          name: [{use: official, family: $family, given: $given}]
      - resource: Flag
        id: [$key, flag]
        when: state
        elements:
          status: $state.flag
          code: {text: "$both, $state.shown; costs $$5", coding: [{code: "007"}]}
          subject: {reference: Patient/$key}
"""


def test_templates() -> None:
    data = "Surname;Client No.;NHS No;Forenames;state;colour\nBront\u00eb;A 1;999 000 3114;Emily Jane;OPEN;red\n"
    column, person, flag = read(PEOPLE, data.encode("cp1252"))
    assert column == "column colour"
    assert person == {
        "resourceType": "Patient",
        "identifier": [
            {"system": "https://concord.example/Id/ZZA/client", "value": "A 1"},
            {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990003114"},
        ],
        "name": [{"use": "official", "family": "Bront\u00eb", "given": ["Emily", "Jane"]}],
    }
    assert flag == {
        "resourceType": "Flag",
        "status": "active",
        "code": {"text": "Bront\u00eb / Open, is open; costs $5", "coding": [{"code": "007"}]},
        "subject": {"reference": "Patient/A.201"},
    }


def test_what_names_columns_falls_away_with_its_constants_when_they_are_empty() -> None:
    data = b"Surname;Client No.;NHS No;Forenames;state\n;A1;N/A;;\n;A2;;;Shut\n"
    first, second, flag = read(PEOPLE, data)
    assert first == {
        "resourceType": "Patient",
        "identifier": [{"system": "https://concord.example/Id/ZZA/client", "value": "A1"}],
    }
    assert second["resourceType"] == "Patient"
    assert flag["code"] == {"coding": [{"code": "007"}]}


FIXED = """\
format: fixed-width
skip: 1
tables:
  residents:
    files: "RES*.TXT"
    columns:
      key: {at: 1-4, needed: yes}
      family: {at: 5-14}
      born: {at: 15-22, type: date, dates: YYYYMMDD}
    makes:
      - resource: Patient
        id: $key
        elements: {name: [{family: $family}], birthDate: $born}
"""


def test_lines_of_a_fixed_width() -> None:
    data = b"HEADER 20240101\nR001Holroyd   19410203\nR002Shah\r\n\nR003Okafor    1950ABCD\nR004Li        19600101XX\n"
    first, second, wrong, beyond, last = read(FIXED, data, "res_1.txt")
    assert (first["name"], first["birthDate"]) == ([{"family": "Holroyd"}], "1941-02-03")
    assert second == {"resourceType": "Patient", "name": [{"family": "Shah"}]}
    assert wrong[0] == "line 5, born"
    assert beyond == "text after column 22"
    assert last["name"] == [{"family": "Li"}]


def test_a_file_of_which_no_table_is_known_is_refused_whole(tmp_path: Path) -> None:
    for name, text, mapping, said in (
        ("other.txt", "x", FIXED, "No table of the mapping m has files that are named like this one."),
        ("other.csv", "a;b\n1;2\n", PEOPLE, "is not that of people.csv. Columns missing: Client No."),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
        report = taken_in(FakeRecords(), tmp_path / name, mapping)
        assert report.rejected == 1
        assert said in report.rejects[0].reason


# -- what is gone ------------------------------------------------------------------------------------------------------


def taken_in(records: FakeRecords, path: Path, mapping: str) -> LoadReport:
    return load([path], records, organisation=TRUST, mapping=parse_mapping(mapping, filename="m.yaml"))


LISTED = """\
tables:
  people:
    columns: {key: {needed: yes}, name: text, left: text, at: instant}
    deletes: %s
    makes:
      - {resource: Patient, id: $key, recorded: $at, gone: {active: false}, elements: {name: [{text: $name}]}}
      - resource: Flag
        id: $key
        recorded: $at
        elements: {status: active, code: {text: x}, subject: {reference: Patient/$key}}
"""
HEADER = "key,name,left,at\n"


def test_a_row_that_says_so_is_gone(tmp_path: Path) -> None:
    records, file = FakeRecords(), tmp_path / "people.csv"
    mapping = LISTED % "{by: flag, column: left, words: [Y, gone]}"
    for text, flags in (("1,A,,\n2,B,,\n", 2), ("1,A,y,\n3,C,GONE,\n", 1), ("1,A,y,\n", 1)):
        file.write_text(HEADER + text, encoding="utf-8")
        report = taken_in(records, file, mapping)
        assert report.rejected == 0
        assert sum(type_ == "Flag" for type_, _ in records.held) == flags
    patient = records.resource("Patient", "1")
    assert patient is not None
    assert patient["active"] is False
    assert records.resource("Patient", "3") is None


def people(*keys: int) -> str:
    return HEADER + "".join(f"{key},N{key},,\n" for key in keys)


def test_what_a_full_extract_lacks_is_gone(tmp_path: Path) -> None:
    records, file = FakeRecords(), tmp_path / "people.csv"
    mapping = LISTED % "{by: absence}"
    file.write_text(people(1, 2, 3), encoding="utf-8")
    assert taken_in(records, file, mapping).deleted == 0
    file.write_text(people(1, 3, 4), encoding="utf-8")
    report = taken_in(records, file, mapping)
    assert (report.deleted, report.by_type["Flag"]["deleted"], report.by_type["Patient"]["updated"]) == (1, 1, 1)
    assert ("Flag", "2") not in records.held
    assert taken_in(records, file, mapping).deleted == 0, "what is gone is taken away once"
    file.write_text(people(1, 2, 3, 4), encoding="utf-8")
    taken_in(records, file, mapping)
    assert ("Flag", "2") in records.held, "what comes back is there again"


# the extract after one of fifty people; what is said instead of taking anything away
IN_DOUBT = [
    ("a header alone", HEADER, ""),
    ("cut short", people(*range(20)), "lacks 60 of 100 that the one before held, more than may go at once (10%)"),
    ("somebody else's", people(*range(100, 150)), "lacks 100 of 100"),
    ("a row that cannot be read", people(*range(48)) + "48,x\n", "1 rows could not be read"),
    ("a row without its key", people(*range(48)) + ",x,,\n", "1 rows could not be read"),
]


@pytest.mark.parametrize(("text", "said"), [one[1:] for one in IN_DOUBT], ids=[one[0] for one in IN_DOUBT])
def test_in_doubt_nothing_is_taken_away(tmp_path: Path, text: str, said: str) -> None:
    records, file = FakeRecords(), tmp_path / "people.csv"
    mapping = LISTED % "{by: absence}"
    file.write_text(people(*range(50)), encoding="utf-8")
    taken_in(records, file, mapping)
    file.write_text(text, encoding="utf-8")
    report = taken_in(records, file, mapping)
    assert report.deleted == 0
    assert {("Flag", str(key)) for key in range(50)} <= records.held.keys()
    assert any(said in reject.reason for reject in report.rejects) == bool(said)


def test_a_row_whose_cell_is_wrong_is_not_absent(tmp_path: Path) -> None:
    records, file = FakeRecords(), tmp_path / "people.csv"
    mapping = LISTED % "{by: absence}"
    file.write_text(people(1, 2, 3), encoding="utf-8")
    taken_in(records, file, mapping)
    file.write_text(people(1, 2) + "3,N3,,yesterday\n", encoding="utf-8")
    assert (taken_in(records, file, mapping).deleted, ("Flag", "3") in records.held) == (0, True)


def test_an_older_row_does_not_undo_a_newer_one(tmp_path: Path) -> None:
    records, file = FakeRecords(), tmp_path / "people.csv"
    mapping = LISTED % "{by: flag, column: left, words: [Y]}"
    newer, older = "1,New,,2024-02-01T00:00:00Z\n", "1,Old,,2024-01-01T00:00:00Z\n"
    for text in (newer, older, older.replace("Old,", "Old,Y"), newer + older, older + newer):
        file.write_text(HEADER + text, encoding="utf-8")
        taken_in(records, file, mapping)
        patient = records.resource("Patient", "1")
        assert patient is not None
        assert patient["name"] == [{"text": "New"}]
        assert ("Flag", "1") in records.held


# -- what is refused ---------------------------------------------------------------------------------------------------

SMALL = """\
tables:
  people:
    columns:
      key: {needed: yes}
      born: date
    makes:
      - resource: Patient
        id: $key
        elements: {birthDate: $born}
"""
REFUSED = [
    ("tables:", "tabels:", '1:1: unknown key "tabels" in a mapping; did you mean "tables"?'),
    ("born: date", "born: dates", '5:13: unknown type "dates"; did you mean "date"?'),
    ("born: date", "born: Birthday", "5:13: What the file calls the column stands in {header: ...}"),
    ("born: date", "Born: date", '5:7: "Born" must be lower-case letters, digits and _'),
    ("born: date", "born: {dates: DD/MM}", "5:21: a date format is made of"),
    ("born: date", "born: {not_before: kye}", '5:26: there is no column "kye" before this one; did you mean "key"?'),
    ("born: date", "born: {others: keep}", '5:22: "others" needs "codes"'),
    ("born: date", "born: {codes: {a: b, A: c}}", '5:28: the word "A" stands twice; case does not matter'),
    ("born: date", "born: {at: 1-8}", '5:18: "at" is a place in a fixed-width file'),
    ("$born}", "$bron}", '9:31: there is no column "bron"; did you mean "born"?'),
    ("$born}", "$born.part}", '9:31: the codes of "born" have no part "part"'),
    ("birthDate: $born", "brithDate: $born", "9:31: Patient.brithDate: R4 has no such element here"),
    ("birthDate: $born", "name: {family: $key}", "9:26: Patient.name: an array, even of one value"),
    ("birthDate: $born", "active: $key", "9:28: Patient.active: boolean: true or false, without quotes"),
    ("resource: Patient", "resource: Pateint", '7:19: unknown resource type "Pateint"; did you mean "Patient"?'),
    ("resource: Patient", "resource: Flag", "9:31: Flag.birthDate: R4 has no such element here"),
    ("        id: $key\n", "", '7:9: what is made needs the key "id"'),
    ("id: $key", "id: $key\n        gone: {active: $key}", "9:15: what is laid over something gone names no column"),
    ("tables:", "format: fixed-width\ntables:", "5:7: a column of a fixed-width file needs its place"),
    ("tables:", "skip: 2\ntables:", '1:7: "skip" means nothing in a csv file'),
    ("    makes:", "    deletes: {by: flag}\n    makes:", '6:14: deletes by flag need "column" and "words"'),
    ("    makes:", "    deletes: {by: absence, at_most: 200%}\n    makes:", "6:37: at_most must be a percentage"),
]


@pytest.mark.parametrize(("written", "instead", "said"), REFUSED)
def test_a_slip_of_the_pen_is_refused_with_line_and_column(written: str, instead: str, said: str) -> None:
    parse_mapping(SMALL, filename="m.yaml")
    assert written in SMALL
    with pytest.raises(FileRefused) as refused:
        parse_mapping(SMALL.replace(written, instead), filename="m.yaml")
    place, _, why = said.partition(": ")
    assert (f"{refused.value.line}:{refused.value.column}", why in refused.value.message) == (place, True), str(
        refused.value
    )


THREE = SMALL.replace("born: date", "born: date\n      died: {type: date, not_before: born}\n      wards: integer")
HEADERS = [  # the file's header, what is said after what is wrong with it
    ("key;born;died;wards", " More of it can be read if the mapping says `delimiter: semicolon`."),
    ("key,born,died,beds", "Columns missing: wards. Columns that nothing reads: beds."),
    ("key,born,died,Peggy 1942", "Columns missing: wards. Columns that nothing reads: (not a name)."),
    ("Holroyd,1942,Peggy,x", "Columns missing: key, born, died, wards."),
]


@pytest.mark.parametrize(("header", "said"), HEADERS)
def test_a_header_that_does_not_fit_is_refused_with_what_may_be_meant(header: str, said: str) -> None:
    with pytest.raises(Incorrect) as refused:
        read(THREE, f"{header}\n".encode())
    assert refused.value.message.endswith(said)


def test_all_that_is_wrong_with_a_row_is_said_at_once() -> None:
    (found,) = read(THREE, b"key,born,died,wards\nE1,1950-02-30,1949-01-01,two\n")
    assert found == (
        "line 2, born, wards",
        "The column born does not hold a real date written YYYY-MM-DD. The column wards does not hold a whole number.",
    )


def test_rows_that_are_no_text_of_the_encoding_have_one_reason() -> None:
    rows = "key,born\nZo\xeb,1950-01-01\nM\xfc,1950-01-01\n".encode("windows-1252")
    assert read(SMALL, rows) == [
        ("line 2, byte 3", "The row is not UTF-8."),
        ("line 3, byte 2", "The row is not UTF-8."),
    ]


def test_a_byte_order_mark_is_no_part_of_the_first_header() -> None:
    assert read(SMALL, b"\xef\xbb\xbfkey,born\nE1,1950-01-01\n") == [
        {"resourceType": "Patient", "birthDate": "1950-01-01"}
    ]
