"""The audit from the command line: proved, listed, rebuilt, handed to a partner who trusts nobody."""

import json
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.small_system import NHS_NUMBER, condition, patient
from tests.unit.cli.test_commands import Concord, concord, data

__all__ = ["concord", "data"]


@pytest.fixture
def looked_at(data: Path, concord: Concord, tmp_path: Path) -> Path:
    """An installation in which a doctor has opened somebody's record."""
    lines = [patient("p1"), condition("c1", "p1")]
    (tmp_path / "feed.ndjson").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    load = ("load", "--data", data, "--organisation", "ZZZ01", "--nhs-numbers", "traced", tmp_path / "feed.ndjson")
    assert concord(*load).code == 0
    user = ("--name", "Dr Ada Nwosu", "--role", "gp", "--organisation", "ZZZ01", "--staff-id", "1")
    assert concord("users", "add", "ada", "--data", data, *user).code == 0
    assert concord("open", NHS_NUMBER, "--data", data, "--as", "ada").code == 0
    return data


def verified(export: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """What the stand-alone verifier says, run without Concord."""
    verifier = export.with_name("verify_audit.py")
    command = [sys.executable, "-I", str(verifier), str(export), *map(str, words)]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_the_key_is_the_installations_own_and_nobody_elses_to_read(data: Path) -> None:
    key = data / "audit.key"
    assert len(key.read_bytes()) == 32
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_an_installation_of_before_gets_a_key(data: Path, concord: Concord) -> None:
    (data / "audit.key").unlink()
    first = concord("audit", "key", "--data", data)
    assert first.code == 0
    assert concord("audit", "key", "--data", data).out == first.out
    assert [path.name for path in data.glob("audit.key*")] == ["audit.key"]
    (data / "audit.key").write_bytes(b"short")
    assert "Restore it from a backup" in concord("audit", "key", "--data", data).err


def test_verify_tells_whole_from_broken(looked_at: Path, concord: Concord) -> None:
    whole = concord("audit", "verify", "--data", looked_at)
    assert whole.code == 0, whole.out
    assert "whole" in whole.out
    connection = sqlite3.connect(looked_at / "concord.db")
    with connection:
        connection.execute("UPDATE audit SET who = 'nobody' WHERE who = 'ada'")
    connection.close()
    broken = concord("audit", "verify", "--data", looked_at)
    assert broken.code == 1
    assert "BROKEN: Chain" in broken.out


def test_show_lists_and_rebuild_rebuilds(looked_at: Path, concord: Concord) -> None:
    shown = concord("audit", "show", "--data", looked_at, "--person", NHS_NUMBER, "--user", "ada", "--since", "1h")
    assert "ada (gp, ZZZ01): open shown" in shown.out
    rows = [json.loads(line) for line in concord("audit", "show", "--data", looked_at, "--json").out.splitlines()]
    (opened,) = [row for row in rows if row["action"] == "open"]
    assert opened["context"]["held"] == ["registered"]
    rebuilt = concord("audit", "rebuild", opened["row"], "--data", looked_at)
    assert rebuilt.code == 0, rebuilt.out
    assert "Condition/" in rebuilt.out
    assert "Decided by policy 1 (" in rebuilt.out
    told = json.loads(concord("audit", "rebuild", opened["row"], "--data", looked_at, "--json").out)
    assert told["exact"] is True
    assert {each["type"] for each in told["items"]} == {"Patient", "Condition"}
    (found,) = [row for row in rows if row["action"] == "find"]
    assert concord("audit", "rebuild", found["row"], "--data", looked_at).code == 1
    assert concord("audit", "show", "--data", looked_at, "--person", "123").code == 2
    (looked,) = [row for row in rows if row["who"] == "duty:audit-show"]
    assert looked["action"] == "look-at-audit"


@pytest.mark.parametrize("format_", ["proof", "rows"])
def test_a_partner_proves_an_export_without_concord(
    format_: str, looked_at: Path, concord: Concord, tmp_path: Path
) -> None:
    written(tmp_path / "verify_audit.py", concord("audit", "verifier").out)
    text = concord("audit", "export", "--data", looked_at, "--format", format_).out
    assert ("Nwosu" in text) is (format_ == "rows")
    export = written(tmp_path / "audit.ndjson", text)
    key = concord("audit", "key", "--data", looked_at).out.strip()
    done = verified(export, "--key", key)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "whole" in done.stdout
    assert verified(export, "--key", "00" * 32).returncode == 1

    lines = text.splitlines(keepends=True)
    rows = [number for number, line in enumerate(lines) if '"link":' in line]
    dropped = written(tmp_path / "audit.ndjson", "".join(lines[: rows[2]] + lines[rows[2] + 1 :]))
    assert "BROKEN" in verified(dropped, "--key", key).stdout
    edited = [line.replace('"outcome":"shown"', '"outcome":"refused"') for line in lines]
    assert (verified(written(export, "".join(edited))).returncode == 1) is (format_ == "rows")


def test_a_partner_signs_and_keeps_a_checkpoint(looked_at: Path, concord: Concord, tmp_path: Path) -> None:
    partner = tmp_path / "partner"
    assert concord("init", partner).code == 0
    ours = written(tmp_path / "ours.json", concord("audit", "checkpoint", "--data", looked_at).out)
    theirs = written(tmp_path / "theirs.json", concord("audit", "cosign", ours, "--data", partner).out)
    kept = concord("audit", "keep", theirs, "--data", looked_at)
    assert "has 1 signature of partners" in kept.out
    proved = concord("audit", "verify", "--data", looked_at, "--against", theirs)
    assert proved.code == 0, proved.out
    assert "with 1 signatures of partners" in proved.out
    written(tmp_path / "verify_audit.py", concord("audit", "verifier").out)
    export = written(tmp_path / "audit.ndjson", concord("audit", "export", "--data", looked_at).out)
    done = verified(export, "--kept", theirs)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 signatures of partners" in done.stdout
    assert concord("audit", "verify", "--data", partner, "--against", theirs).code == 1
    forged = written(tmp_path / "forged.json", theirs.read_text(encoding="utf-8").replace("2026", "2025"))
    assert "not of its content" in concord("audit", "keep", forged, "--data", looked_at).err
    assert "no audit checkpoint" in concord("audit", "keep", written(tmp_path / "x", "{}"), "--data", looked_at).err


def test_a_draft_is_tried_on_what_was_looked_at(looked_at: Path, concord: Concord, tmp_path: Path) -> None:
    draft = tmp_path / "draft.yaml"
    (agreement,) = (looked_at / "agreements").glob("*.yaml")
    draft.write_text(agreement.read_text(encoding="utf-8"), encoding="utf-8")
    simulated = concord("agreements", "simulate", draft, "--data", looked_at, "--since", "1h")
    assert simulated.code == 0, simulated
    assert "accesses: 7 or fewer" in simulated.out
    assert "the same: 7 or fewer" in simulated.out
    compare = ("agreements", "compare", draft, draft, "--directory", looked_at / "organisations.yaml", "--counted")
    compared = concord(*compare, "--data", looked_at)
    assert compared.code == 0, compared
    assert "Something opens for 7 or fewer people" in compared.out
    assert concord(*compare).code == 2
    page = tmp_path / "page.html"
    assert concord("agreements", "simulate", draft, "--data", looked_at, "--html", page).code == 0
    assert NHS_NUMBER not in page.read_text(encoding="utf-8")
