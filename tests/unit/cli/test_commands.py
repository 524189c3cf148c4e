"""The command line that programs rely on: its words, exit codes, and the keys of its JSON."""

import json
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from concord.cli import main
from tests.small_system import NHS_NUMBER, condition, patient

OTHER_NUMBER = "9990003122"


@dataclass(frozen=True, slots=True)
class Ran:
    code: int
    out: str
    err: str


Concord = Callable[..., Ran]


@pytest.fixture
def concord(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Concord:
    """`concord` with these words, in this process."""

    def run(*words: object) -> Ran:
        monkeypatch.setattr("sys.argv", ["concord", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        code = ended.value.code
        return Ran(code if isinstance(code, int) else 0 if code is None else 1, captured.out, captured.err)

    return run


@pytest.fixture
def data(tmp_path: Path, concord: Concord) -> Path:
    """An empty installation of the organisation ZZZ01, which is a practice."""
    assert concord("init", tmp_path / "data").code == 0
    return tmp_path / "data"


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    """Two resources that are well, one that waits, one that is wrong."""
    lines = [
        patient("p1"),
        condition("c1", "p1"),
        condition("c2", "somebody-to-come"),
        {"resourceType": "Condition", "id": "c3"},
    ]
    (tmp_path / "feed.ndjson").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return tmp_path / "feed.ndjson"


def report_of(concord: Concord, data: Path, *paths: Path, expected: int = 0) -> dict[str, Any]:
    report = data.parent / "report.json"
    ran = concord("load", "--data", data, "--organisation", "ZZZ01", "--report", report, *paths)
    assert ran.code == expected, ran.err
    found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return found


class TestInit:
    def test_makes_an_organisation_and_its_administrator(self, concord: Concord, tmp_path: Path) -> None:
        ran = concord("init", tmp_path / "new", "--organisation", "ZZX99")
        assert (ran.code, ran.err) == (0, "")
        users = concord("users", "--data", tmp_path / "new").out.splitlines()
        assert len(users) == 1
        assert users[0].split()[:3] == ["admin", "administrator", "ZZX99"]
        assert "ZZX99" in concord("organisations", "--data", tmp_path / "new").out

    def test_keeps_its_key_to_itself(self, data: Path) -> None:
        assert stat.S_IMODE((data / "installation.key").stat().st_mode) == 0o600

    def test_never_makes_one_over_another(self, concord: Concord, data: Path) -> None:
        before = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
        ran = concord("init", data)
        assert ran.code == 1
        assert "already" in ran.err
        assert {path: path.read_bytes() for path in data.rglob("*") if path.is_file()} == before

    @pytest.mark.parametrize("code", ["zz", "bad!code", "", "ZZZ01234567890"])
    def test_refuses_what_is_no_ods_code(self, concord: Concord, tmp_path: Path, code: str) -> None:
        ran = concord("init", tmp_path / "new", "--organisation", code)
        assert ran.code == 2
        assert not (tmp_path / "new").exists()


class TestLoad:
    def test_report(self, concord: Concord, data: Path, feed: Path) -> None:
        report = report_of(concord, data, feed, expected=3)
        counts = {name: report[name] for name in ("read", "stored", "updated", "unchanged", "waiting", "rejected")}
        assert counts == {"read": 4, "stored": 2, "updated": 0, "unchanged": 0, "waiting": 1, "rejected": 1}
        (reject,) = report["rejects"]
        assert {"file", "entry", "position", "reason"} <= set(reject)
        assert (reject["file"], reject["entry"], reject["position"]) == (str(feed), 4, "line 4")
        assert "Condition.subject" in reject["reason"]

    def test_the_same_again_stores_nothing_and_the_late_patient_lets_in_what_waited(
        self, concord: Concord, data: Path, feed: Path
    ) -> None:
        report_of(concord, data, feed, expected=3)
        again = report_of(concord, data, feed, expected=3)
        assert (again["stored"], again["updated"], again["unchanged"], again["waiting"]) == (0, 0, 2, 1)
        late = data.parent / "late.json"
        late.write_text(json.dumps(patient("somebody-to-come", number=OTHER_NUMBER)), encoding="utf-8")
        assert report_of(concord, data, late)["stored"] == 1
        third = report_of(concord, data, feed, expected=3)
        assert (third["unchanged"], third["waiting"], third["rejected"]) == (3, 0, 1)

    def test_what_waits_alone_is_no_failure(self, concord: Concord, data: Path, tmp_path: Path) -> None:
        (tmp_path / "c.json").write_text(json.dumps(condition("c", "nobody")), encoding="utf-8")
        assert report_of(concord, data, tmp_path / "c.json")["waiting"] == 1

    def test_what_was_rejected_is_listed(self, concord: Concord, data: Path, feed: Path) -> None:
        assert concord("quarantine", "list", "--data", data).out.strip() == "Nothing is held."
        report_of(concord, data, feed, expected=3)
        report_of(concord, data, feed, expected=3)
        listed = concord("quarantine", "list", "--data", data)
        assert listed.code == 0
        assert listed.out.count(f"{feed}, line 4: ") == 1

    def test_reasons_alike_are_told_once(self, concord: Concord, data: Path, tmp_path: Path) -> None:
        wrong = {"resource": {"resourceType": "Patient", "gender": 7}, "request": {"method": "POST", "url": "Patient"}}
        right = wrong | {"resource": {"resourceType": "Patient"}}
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [right] * 30 + [wrong]}
        (tmp_path / "t.json").write_text(json.dumps(bundle), encoding="utf-8")
        ran = concord("load", "--data", data, "--organisation", "ZZZ01", tmp_path / "t.json")
        assert ran.code == 3
        assert [line.split(":")[1].split(", ")[-1] for line in ran.out.splitlines() if "  rejected" in line] == [
            "entry 1 and 29 more",
            "entry 31",
        ]

    WRONG = (
        (("--organisation", "ZZZ01"), "Missing argument"),
        (("FEED",), "Missing option '--organisation'"),
        (("--organisation", "ZZZ01", "no-such-path"), "no-such-path is no file and no folder"),
        (("--organisation", "ZZZ01", "--nhs-numbers", "guessed", "FEED"), "traced or stated"),
        (("--organisation", "ZZZ01", "--no-such-flag", "FEED"), "No such option"),
        (("--organisation", "ZZQ77", "FEED"), "no organisation ZZQ77"),
        (("--organisation", "zzz01", "FEED"), "no organisation zzz01"),
        (("--organisation", "ZZZ01", "--report", "no/such/folder.json", "FEED"), "folder.json cannot be written"),
        (("--organisation", "ZZZ01", "--report", ".", "FEED"), "cannot be written"),
    )

    @pytest.mark.parametrize(("words", "said"), WRONG)
    def test_wrong_usage_exits_2_and_takes_nothing_in(
        self, concord: Concord, data: Path, feed: Path, words: tuple[str, ...], said: str
    ) -> None:
        ran = concord("load", "--data", data, *(feed if word == "FEED" else word for word in words))
        assert ran.code == 2
        assert said in ran.err
        assert concord("quarantine", "list", "--data", data).out.strip() == "Nothing is held."
        report_of(concord, data, feed, expected=3)

    def test_a_service_that_the_directory_does_not_know_is_wrong_usage(
        self, concord: Concord, data: Path, feed: Path
    ) -> None:
        """A misspelt service would lose the labels that the directory gives it."""
        path = data / "organisations.yaml"
        service = "services: [{service: sexual-health, name: Sexual health, labels: [sexual-health]}]"
        path.write_text(path.read_text("utf-8").replace("kind: gp-practice", f"kind: gp-practice, {service}"), "utf-8")
        assert concord("agreements", "load", "--data", data).code == 0
        load = "load", "--data", data, "--organisation", "ZZZ01"
        ran = concord(*load, "--service", "sexual-heath", feed)
        assert (ran.code, "It has: sexual-health." in ran.err) == (2, True)
        assert concord(*load, "--service", "sexual-health", feed).code == 3

    def test_a_report_of_an_earlier_load_is_never_taken_for_this_one(
        self, concord: Concord, data: Path, feed: Path, tmp_path: Path
    ) -> None:
        report_of(concord, data, feed, expected=3)
        load = "load", "--data", data, "--organisation", "ZZZ01", "--report", tmp_path / "report.json"
        assert concord(*load, "no-such-path").code == 2
        assert (tmp_path / "report.json").read_text("utf-8") == ""

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
    def test_a_file_that_may_not_be_read_is_named(self, concord: Concord, data: Path, feed: Path) -> None:
        folder = feed.parent / "folder"
        folder.mkdir()
        feed.rename(folder / "feed.ndjson").chmod(0)
        report = report_of(concord, data, folder, expected=3)
        assert "cannot be opened: Permission denied" in report["rejects"][0]["reason"]

    def test_a_clash_is_told_by_the_load_and_listed(self, concord: Concord, data: Path, tmp_path: Path) -> None:
        said = []
        for name, born_on in (("p1", "1942-02-14"), ("p2", "1947-09-14")):
            (tmp_path / f"{name}.json").write_text(json.dumps(patient(name, birthDate=born_on)), "utf-8")
            load = "load", "--data", data, "--organisation", "ZZZ01", tmp_path / f"{name}.json"
            said.append(concord(*load).out)
        assert "concord review" not in said[0]
        assert "Held for review, in all: 1 " in said[1]
        assert concord("review", "--data", data).out.splitlines()[-1].startswith("1 held for review")


class TestOrganisations:
    ADD = ("organisations", "add", "ZZX77", "--name", 'The "Elms"', "--kind", "care-home")

    def test_one_added_can_be_loaded_for_at_once(self, concord: Concord, data: Path, feed: Path) -> None:
        assert concord(*self.ADD, "--data", data).code == 0
        assert 'The "Elms"' in concord("organisations", "--data", data).out
        assert concord("load", "--data", data, "--organisation", "ZZX77", feed).code == 3

    def test_what_somebody_is_still_writing_is_not_written_over(self, concord: Concord, data: Path) -> None:
        agreement = data / "agreements" / "own-record.yaml"
        mended = agreement.read_text("utf-8").replace("Our own record", "Our record")
        agreement.write_text(mended, "utf-8")
        ran = concord(*self.ADD, "--data", data)
        assert (ran.code, "concord agreements load" in ran.err) == (2, True)
        assert agreement.read_text("utf-8") == mended
        assert concord("agreements", "load", "--data", data).code == 0
        assert concord(*self.ADD, "--data", data).code == 0
        assert agreement.read_text("utf-8") == mended


class TestWithoutAnInstallation:
    COMMANDS = (
        ("load", "--organisation", "ZZZ01", "--data", "DIR", "."),
        ("quarantine", "list", "--data", "DIR"),
        ("users", "--data", "DIR"),
        ("organisations", "--data", "DIR"),
        ("agreements", "list", "--data", "DIR"),
        ("token", "--data", "DIR", "--as", "admin"),
        ("open", "--data", "DIR", "--as", "admin", NHS_NUMBER),
        ("serve", "--data", "DIR"),
    )

    @pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
    def test_every_command_says_how_to_make_one(self, concord: Concord, tmp_path: Path, words: tuple[str, ...]) -> None:
        ran = concord(*(tmp_path / "none" if word == "DIR" else word for word in words))
        assert ran.code == 1
        assert "concord init" in ran.err
        assert not (tmp_path / "none").exists()


class TestTokensAndOpening:
    @pytest.fixture
    def gp(self, concord: Concord, data: Path, feed: Path) -> str:
        """A GP of the practice, whose patient is in the feed."""
        report_of(concord, data, feed, expected=3)
        who = "--name", "Dr A", "--role", "gp", "--organisation", "ZZZ01", "--staff-id", "1"
        ran = concord("users", "add", "dr.a", "--data", data, *who)
        assert ran.code == 0
        assert "/sign-in/link/" in ran.out
        return "dr.a"

    def test_open_as_json(self, concord: Concord, data: Path, gp: str) -> None:
        ran = concord("open", "--data", data, "--as", gp, NHS_NUMBER, "--json")
        assert ran.code == 0
        record = json.loads(ran.out)
        assert record["server_ms"] > 0
        assert {"person", "agreements", "withheld", "sources", "items"} <= set(record)
        assert {(item["type"], item["organisation"]) for item in record["items"]} == {
            ("Patient", "ZZZ01"),
            ("Condition", "ZZZ01"),
        }
        item = record["items"][0]
        assert {"type", "id", "heading", "organisation", "service", "clause", "resource"} <= set(item)
        assert item["resource"]["id"] == item["id"]

    def test_open_in_words(self, concord: Concord, data: Path, gp: str) -> None:
        ran = concord("open", "--data", data, "--as", gp, NHS_NUMBER)
        assert ran.code == 0
        assert "2 items in" in ran.out

    @pytest.mark.parametrize(
        ("number", "code", "said"),
        [("12", 2, "no NHS number"), ("9990003115", 2, "no NHS number"), (OTHER_NUMBER, 1, "nobody you can open")],
    )
    def test_open_nobody(self, concord: Concord, data: Path, gp: str, number: str, code: int, said: str) -> None:
        ran = concord("open", "--data", data, "--as", gp, number, "--json")
        assert (ran.code, said in ran.err, ran.out) == (code, True, "")

    def test_a_token_is_one_line_and_nothing_else(self, concord: Concord, data: Path, gp: str) -> None:
        tokens = [
            concord("token", "--data", data, "--as", gp),
            concord("token", "--data", data, "--as", gp, "--purpose", "direct-care", "--for", "30m"),
            concord("token", "--data", data, "--system", "ZZZ01"),
        ]
        assert [(ran.code, ran.err, len(ran.out.split())) for ran in tokens] == [(0, "", 1)] * 3
        assert len({ran.out for ran in tokens}) == 3

    @pytest.mark.parametrize(
        ("words", "code"),
        [
            ((), 2),
            (("--as", "dr.a", "--system", "ZZZ01"), 2),
            (("--as", "nobody"), 1),
            (("--system", "ZZQ77"), 2),
            (("--as", "dr.a", "--purpose", "curiosity"), 2),
            (("--as", "dr.a", "--for", "a while"), 2),
        ],
    )
    def test_no_token(self, concord: Concord, data: Path, gp: str, words: tuple[str, ...], code: int) -> None:
        ran = concord("token", "--data", data, *words)
        assert (ran.code, ran.out) == (code, "")
        assert ran.err.startswith("concord: ")


def test_sqlite_is_served_by_one_process(concord: Concord, data: Path) -> None:
    assert concord("serve", "--data", data, "--workers", "2").code == 2
