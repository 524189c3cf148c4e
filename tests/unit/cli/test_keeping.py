"""`concord backup`, `restore`, `verify`, `stats`."""

import json
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from concord.base import ConcordError
from concord.cli import cli
from tests.small_system import NHS_NUMBER, condition, patient

CONCORD = [sys.executable, "-c", "from concord.cli import main; main()"]


def run(*words: object) -> str:
    done = CliRunner().invoke(cli, [str(word) for word in words])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture
def data(tmp_path: Path) -> Path:
    run("init", tmp_path / "data")
    feed = tmp_path / "feed.ndjson"
    feed.write_text("\n".join(map(json.dumps, (patient("p1"), condition("c1", "p1")))), encoding="utf-8")
    run("load", "--data", tmp_path / "data", "--organisation", "ZZZ01", feed)
    return tmp_path / "data"


def content(told: str) -> str:
    found = re.search(r"content ([0-9a-f]{64})", told)
    assert found is not None, told
    return found[1]


def test_there_and_back(data: Path, tmp_path: Path) -> None:
    copied = run("backup", tmp_path / "copy", "--data", data)
    assert "holds the installation's key" in copied
    before = content(run("verify", "--whole", "--data", data))
    assert before == content(copied)
    assert content(run("restore", tmp_path / "copy", "--data", tmp_path / "again")) == before
    assert content(run("verify", "--data", tmp_path / "again")) == before
    key = tmp_path / "again" / "installation.key"
    assert key.read_bytes() == (data / "installation.key").read_bytes()
    assert key.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "copy" / "installation" / "installation.key").stat().st_mode & 0o777 == 0o600
    beside = [
        "agreements", "audit.key", "concord.db", "concord.toml", "installation.key", "organisations.yaml",
        "signatories.yaml",
    ]  # fmt: skip
    assert sorted(each.name for each in (tmp_path / "again").iterdir()) == beside


def test_a_backup_without_its_key_asks_for_it(data: Path, tmp_path: Path) -> None:
    assert "It holds no key" in run("backup", tmp_path / "copy", "--data", data, "--without-key")
    assert not list((tmp_path / "copy").rglob("*.key"))
    with pytest.raises(ConcordError, match="--key FILE"):
        run("restore", tmp_path / "copy", "--data", tmp_path / "again")
    assert list((tmp_path / "again").iterdir()) == []
    run("restore", tmp_path / "copy", "--data", tmp_path / "again", "--key", data / "installation.key")
    run("verify", "--data", tmp_path / "again")


def test_nothing_is_written_over(data: Path, tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    with pytest.raises(ConcordError, match="there already"):
        run("backup", tmp_path / "copy", "--data", data)
    run("backup", tmp_path / "whole", "--data", data)
    with pytest.raises(ConcordError, match="holds a Concord system already"):
        run("restore", tmp_path / "whole", "--data", data)
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "note").write_text("mine", encoding="utf-8")
    with pytest.raises(ConcordError, match="is not empty"):
        run("restore", tmp_path / "whole", "--data", tmp_path / "taken")
    with pytest.raises(ConcordError, match="There is no backup"):
        run("restore", data, "--data", tmp_path / "again")


def test_a_damaged_backup_makes_no_installation(data: Path, tmp_path: Path) -> None:
    run("backup", tmp_path / "copy", "--data", data)
    (tmp_path / "copy" / "database" / "item.rows.zst").unlink()
    with pytest.raises(ConcordError, match="The backup is damaged"):
        run("restore", tmp_path / "copy", "--data", tmp_path / "again")
    assert list((tmp_path / "again").iterdir()) == []


def test_verify_says_what_is_wrong_and_what_to_do(data: Path) -> None:
    database = data / "concord.db"
    with closing(sqlite3.connect(database)) as connection:
        pages = connection.execute("SELECT pageno FROM dbstat WHERE name IN ('item', 'locator')").fetchall()
    whole = bytearray(database.read_bytes())
    for (page,) in pages:
        whole[(page - 1) * 8192 : (page - 1) * 8192 + 4] = b"\xff\xff\xff\xff"
    database.write_bytes(whole)
    done = subprocess.run([*CONCORD, "verify", "--data", data], check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "restore the last backup" in done.stderr.replace("\n", " ")


def test_stats_count_and_name_nobody(data: Path) -> None:
    told = run("stats", "--data", data)
    counted = json.loads(run("stats", "--data", data, "--json"))
    assert (counted["people"], counted["items"]) == (1, 2)
    assert counted["items_by_organisation"] == {"ZZZ01": {"Condition": 1, "Patient": 1}}
    assert counted["bytes"] == sum(counted["bytes_by_table"].values()) > 100_000
    for fact in (NHS_NUMBER, "Holroyd", "1942", "Heart failure", "NF4"):
        assert fact not in told + json.dumps(counted)
