"""The how-to "Connect a council's extract in an afternoon", done word by word."""

import re
from pathlib import Path

import pytest

from concord.cli import running
from concord.ingest import folder
from tests.unit.cli.commanding import Concord

PAGE = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "connect-an-extract.md"


@pytest.fixture
def concord(monkeypatch: pytest.MonkeyPatch, concord: Concord) -> Concord:
    monkeypatch.setattr(running, "STILL_S", 0.01)
    defaults = dict(folder.DropFolder.__init__.__kwdefaults__ or {}) | {"still_s": 0.0}
    monkeypatch.setattr(folder.DropFolder.__init__, "__kwdefaults__", defaults)
    return concord


def blocks(kind: str) -> list[str]:
    found = re.findall(rf"^( *)```{kind}\n(.*?)^ *```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return ["\n".join(line[len(indent) :] for line in text.split("\n")) for indent, text in found]


def test_word_by_word(concord: Concord, tmp_path: Path) -> None:
    data, sample = tmp_path / "data", tmp_path / "visits.csv"
    assert concord("init", data, "--organisation", "ZZL")[0] == 0
    sample.write_text(blocks("csv")[0], encoding="utf-8")
    mapping, feed = blocks("yaml")
    (data / "feeds" / "mappings").mkdir(parents=True)
    written = data / "feeds" / "mappings" / "visits.yaml"
    written.write_text(mapping, encoding="utf-8")

    code, said = concord("feed", "try", written, sample, "--examples")
    assert code == 3
    assert "line 4, State: The column State holds a word that is not known." in said
    assert "Nothing is made of: column Cost code" in said
    known = mapping.replace("Closed: completed}", "Closed: completed, Paused: on-hold}")
    written.write_text(known, encoding="utf-8")
    code, said = concord("feed", "try", written, sample, "--examples")
    assert (code, "Taken in again it changes nothing." in said) == (0, True)

    described = data / "feeds" / "visits.yaml"
    described.write_text(feed, encoding="utf-8")
    assert concord("feed", "check", "--data", data) == (0, "visits: good\n")
    arrived = data / "feeds" / "visits" / "visits.csv"
    arrived.parent.mkdir()
    arrived.write_bytes(sample.read_bytes())
    code, said = concord("feed", "run", "visits", "--once", "--data", data)
    assert (code, "stored 6" in said) == (0, True)
    assert "Nothing is held." in concord("quarantine", "list", "--data", data)[1]
    assert "Patient" not in concord("stats", "--data", data)[1], "in its shadow nothing is stored"

    described.write_text(feed.replace("shadow: yes", "shadow: no"), encoding="utf-8")
    written.write_text(mapping, encoding="utf-8")
    (done,) = (data / "feeds" / "visits" / "done").glob("*.csv")
    done.rename(arrived)
    code, said = concord("feed", "run", "visits", "--once", "--data", data)
    assert (code, "stored 4" in said, "rejected 1" in said) == (3, True, True)
    (status,) = (line for line in concord("feed", "status", "--data", data)[1].splitlines() if "visits" in line)
    assert status.split()[-3:] == ["0", "0", "1"]
    assert "Add the word to the column's codes" in concord("quarantine", "show", "1", "--data", data)[1]
    assert concord("quarantine", "replay", "--feed", "visits", "--data", data)[0] == 3
    written.write_text(known, encoding="utf-8")
    code, said = concord("quarantine", "replay", "--feed", "visits", "--data", data)
    assert (code, "taken in 1, held still 0" in said) == (0, True)
    code, said = concord("quarantine", "discard", "1", "--reason", "x", "--data", data)
    assert (code, "1 is held no more; replayed" in said) == (1, True)
