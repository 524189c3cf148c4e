"""`concord feed`: the feeds of an installation, listed, checked and said in words."""

import re
from pathlib import Path

import pytest

from tests.mllp_client import admission
from tests.unit.cli.commanding import Concord


@pytest.fixture
def data(tmp_path: Path, concord: Concord) -> Path:
    assert concord("init", tmp_path / "data")[0] == 0
    (tmp_path / "data" / "feeds").mkdir()
    return tmp_path / "data"


def feed(data: Path, name: str, text: str) -> None:
    (data / "feeds" / f"{name}.yaml").write_text(text, encoding="utf-8")


def test_none_yet(concord: Concord, data: Path) -> None:
    for command in ("list", "check"):
        code, said = concord("feed", command, "--data", data)
        assert (code, "There is no feed yet." in said) == (0, True)


def test_listed_and_said_in_words(concord: Concord, data: Path) -> None:
    feed(data, "pas", "organisation: ZZZ01\nmessages: [ADT]\nrhythm: 15min\nshadow: yes\norder: by-person\n")
    feed(data, "slip", "organisation: ZZZ01\nmesages: [ADT]\n")
    code, said = concord("feed", "list", "--data", data)
    assert code == 0
    assert 'slip.yaml, line 2, column 1: unknown key "mesages" in a feed; did you mean "messages"?' in said
    (line,) = (line for line in said.splitlines() if line.strip().startswith("pas"))
    assert line.split() == ["pas", "ZZZ01", "hl7v2", "mllp", "15", "minutes", "in", "its", "shadow"]
    code, said = concord("feed", "show", "pas", "--data", data)
    assert code == 0
    assert said.splitlines() == [
        "pas: what ZZZ01 sends, HL7 v2 messages, by connections (MLLP).",
        "NHS numbers are trusted as stated, no further.",
        "Messages that may come: ADT.",
        "Messages that do not name their character set are read as utf-8.",
        "Something is expected at least every 15 minutes.",
        "What is rejected is held in quarantine; its sender hears that it is safe.",
        "What comes for a person waits behind a message of theirs that is held.",
        "It is in its shadow: what comes is tried and kept, and shown to nobody.",
    ]


@pytest.mark.parametrize(
    ("clients", "said"),
    [
        (", clients_signed_by: ca.pem, clients: [pas.example, lab.example]", "one of: lab.example, pas.example."),
        (", clients_signed_by: ca.pem", "ca.pem signed."),
        ("", "Any client may connect: none is asked for a certificate."),
    ],
)
def test_who_may_connect_is_said(concord: Concord, data: Path, clients: str, said: str) -> None:
    tls = f"tls: {{certificate: a, key: b{clients}}}\n"
    feed(data, "pas", f"organisation: ZZZ01\nmessages: [ADT]\ncharacter_set: windows-1252\n{tls}")
    code, shown = concord("feed", "show", "pas", "--data", data)
    assert (code, said in shown) == (0, True), shown
    assert "read as windows-1252." in shown


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("organisation: ZZZ01\nmessages: [ADT]\n", 0, "f: good"),
        ("organisation: ZZQ77\nmessages: [ADT]\n", 2, "There is no organisation ZZQ77 in the directory."),
        ("organisation: ZZZ01\nmessages: [ADT]\ntls: {certificate: a, key: b}\n", 2, "certificates cannot be used"),
        ("organisation: zz\nmessages: [ADT]\n", 2, "zz"),
    ],
)
def test_checked(concord: Concord, data: Path, text: str, code: int, said: str) -> None:
    feed(data, "f", text)
    for words in (("feed", "check"), ("feed", "check", "f")):
        ran = concord(*words, "--data", data)
        assert (ran[0], said in ran[1]) == (code, True), ran[1]


def test_a_name_that_is_none_is_told_those_that_are(concord: Concord, data: Path) -> None:
    feed(data, "pas", "organisation: ZZZ01\nmessages: [ADT]\n")
    code, said = concord("listen", "--data", data, "--feed", "pos")
    assert (code, "There is no feed at" in said, "There are: pas." in said) == (2, True, True)


def test_what_comes_as_files_is_not_listened_for(concord: Concord, data: Path) -> None:
    feed(data, "pas", "organisation: ZZZ01\nmessages: [ADT]\ntransport: folder\n")
    code, said = concord("listen", "--data", data, "--feed", "pas")
    assert (code, "does not come by connections" in said) == (2, True)


def test_a_trial_for_testers_and_going_live(concord: Concord, data: Path) -> None:
    feed(data, "pas", "organisation: ZZZ01\nmessages: [ADT]\n")
    assert concord("feed", "go-live", "pas", "--data", data)[0] == 1
    code, said = concord("feed", "onboard", "pas", "--data", data)
    assert (code, said.splitlines()[0]) == (0, "[x] Its file is read. What ZZZ01 sends, by mllp.")
    assert concord("feed", "trial", "pas", "--tester", "nobody", "--data", data)[0] == 1
    code, said = concord("feed", "trial", "pas", "--tester", "admin", "--data", data)
    assert (code, said) == (0, "ZZZ01 is on trial. Who sees what it sends: admin.\n")
    code, said = concord("feed", "go-live", "pas", "--data", data)
    assert (code, said.splitlines()[-1]) == (0, "ZZZ01 is live: 0 of its Patients are linked now.")


def test_the_quality_of_data_measured_said_and_written(concord: Concord, data: Path, tmp_path: Path) -> None:
    code, said = concord("quality", "show", "ZZZ01", "--data", data)
    assert code == 1
    assert "was not measured yet" in said
    assert concord("quality", "measure", "ZZX", "--data", data)[0] == 2
    assert concord("quality", "measure", "--data", data) == (0, "ZZZ01: 0 people, 0 items\n")
    assert "AT A GLANCE" in concord("quality", "show", "ZZZ01", "--data", data)[1]
    assert concord("quality", "write", "ZZZ01", "--to", tmp_path / "out", "--data", data)[0] == 0
    html, csv = sorted((tmp_path / "out").iterdir(), key=lambda path: path.suffix, reverse=True)
    assert "<h2>NHS numbers</h2>" in html.read_text(encoding="utf-8")
    assert csv.read_text(encoding="utf-8-sig").splitlines()[0] == "figure,of,where,count,share"


def test_the_row_that_stood_in_a_line_of_a_file(concord: Concord, data: Path, tmp_path: Path) -> None:
    header = "service_id,service,name,kind,telephone"
    rows = ["S1,adult-social-care,Adults,,", "S2,childrens-services,Children,,"]
    (tmp_path / "services.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    assert concord("load", "--data", data, "--organisation", "ZZZ01", tmp_path / "services.csv")[0] == 0
    code, said = concord("feed", "original", "--file", "services.csv", "--entry", "3", "--data", data)
    assert (code, f"{header}\n{rows[1]}" in said, rows[0] in said) == (0, True, False)
    assert "Row of council services in services.csv:3, came " in said
    assert concord("feed", "original", "--file", "services.csv", "--entry", "9", "--data", data)[0] == 1
    assert concord("feed", "original", "--file", "services.csv", "--data", data)[0] == 2


def test_the_message_that_an_item_was_made_from(concord: Concord, data: Path, tmp_path: Path) -> None:
    feed(data, "pas", "organisation: ZZZ01\nmessages: [ADT]\n")
    message = admission(1, extra="\rZBD|1|Window")
    (tmp_path / "sample.hl7").write_bytes(message)
    assert concord("load", "--data", data, "--organisation", "ZZZ01", tmp_path / "sample.hl7")[0] == 0
    code, said = concord("feed", "trace", "pas", tmp_path / "sample.hl7", "--data", data)
    assert code == 0
    assert "not mapped ZBD-2" in said
    (named,) = re.findall(r"store +Encounter/V1: (\w{24}),", said)
    code, said = concord("feed", "original", f"Encounter/{named}", "--data", data)
    assert code == 0
    assert message.decode().replace("\r", "\n") in said
    assert "HL7 v2 ADT^A01, came " in said
    assert concord("feed", "trace", "--item", f"Encounter/{named}", "--data", data)[0] == 2, "it came by no feed"
    code, said = concord("feed", "trace", "pas", "--item", f"Encounter/{named}", "--data", data)
    assert (code, said.count("  store ")) == (0, 2)
    number = re.search(r"Message (\S+) \(", said)
    assert number
    assert concord("feed", "trace", "pas", "--control-id", number[1], "--data", data) == (0, said)
    assert concord("feed", "trace", "pas", "--data", data)[0] == 2
    assert concord("feed", "trace", "--held", 7, "--data", data)[0] == 1
    code, said = concord("feed", "original", f"Condition/{named}", "--data", data)
    assert (code, "No message is kept of Condition/" in said) == (1, True)
