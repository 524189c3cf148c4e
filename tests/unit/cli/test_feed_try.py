"""`concord feed try`: what it says of a sample, and that it leaves nothing behind."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from concord.cli import main

MAPPING = """\
tables:
  people:
    columns: {key: {needed: yes}, born: date, name: text}
    makes:
      - {resource: Patient, id: $key, elements: {name: [{text: $name}], birthDate: $born}}
"""
Try = Callable[..., tuple[int, str]]


@pytest.fixture
def try_(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Try:
    (tmp_path / "m.yaml").write_text(MAPPING, encoding="utf-8")

    def run(text: str, described: str = "m.yaml", *words: str) -> tuple[int, str]:
        (tmp_path / "sample.csv").write_text(text, encoding="utf-8")
        paths = [str(tmp_path / described), str(tmp_path / "sample.csv")]
        monkeypatch.setattr("sys.argv", ["concord", "feed", "try", *paths, *words])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out + said.err

    return run


def test_what_it_makes_rejects_and_passes_over(try_: Try, tmp_path: Path) -> None:
    code, said = try_("key,born,name,shoe\n1,1941-02-03,A B,38\n2,1941-02-30,C,40\n3,,D,40\n")
    assert code == 3
    assert "read 3: stored 2, updated 0, unchanged 0, waiting 0, rejected 1" in said
    assert "line 3, born: The column born does not hold a real date written YYYY-MM-DD." in said
    assert "Nothing is made of: column shoe" in said
    assert "Taken in again it changes nothing." in said
    assert "nothing was stored" in said
    assert "concord quarantine" not in said
    assert {path.name for path in tmp_path.iterdir()} == {"m.yaml", "sample.csv"}


def test_examples_are_the_first_of_each_type(try_: Try) -> None:
    code, said = try_("key,born,name\n1,1941-02-03,A B\n2,,C\n", "m.yaml", "--examples")
    assert code == 0
    assert json.loads(said[said.index("{") :]) == {
        "resourceType": "Patient",
        "name": [{"text": "A B"}],
        "birthDate": "1941-02-03",
    }


def test_a_feed_is_tried_with_its_mapping(try_: Try, tmp_path: Path) -> None:
    feed = "organisation: ZZL\nkind: table\nmapping: m.yaml\n"
    (tmp_path / "f.yaml").write_text(feed, encoding="utf-8")
    assert try_("key,born,name\n1,,A\n", "f.yaml")[0] == 0


def test_what_is_wrong_with_the_mapping_is_said_with_line_and_column(try_: Try, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(MAPPING.replace("birthDate", "birtDate"), encoding="utf-8")
    code, said = try_("key\n1\n", "bad.yaml")
    assert (code, "bad.yaml, line 5, column" in said, "Patient.birtDate" in said) == (2, True, True)
    code, said = try_("key\n1\n", "none.yaml")
    assert (code, "There is no mapping or feed at" in said) == (2, True)
