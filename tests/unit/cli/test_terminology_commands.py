"""`concord terminology load|list`: resources, bundles and snapshots; what cannot be loaded is told, and nothing is."""

import json
import sys
from pathlib import Path

import pytest

from concord.cli import main
from tests.unit.terminology.test_terminology import CARS, CODES, MAP, snapshot, value_set


def run(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setattr(sys, "argv", ["concord", *map(str, words)])
    try:
        main()
    except SystemExit as end:
        return int(str(end.code or 0))
    return 0


def test_terminology_is_loaded_and_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data, bundle, broken = tmp_path / "data", tmp_path / "bundle.json", tmp_path / "broken.json"
    assert run(monkeypatch, "init", data) == 0
    entries = [{"resource": each} for each in (CODES, value_set("all", {"system": CARS}), {"resourceType": "Basic"})]
    bundle.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}))
    broken.write_text(json.dumps({**MAP, "colour": "red"}))
    assert run(monkeypatch, "terminology", "load", bundle, broken, "--data", data) == 2
    assert "ConceptMap.colour" in capsys.readouterr().err
    assert run(monkeypatch, "terminology", "list", "--data", data) == 0
    assert capsys.readouterr().out == ""
    assert run(monkeypatch, "terminology", "load", bundle, snapshot(tmp_path / "release"), "--data", data) == 0
    capsys.readouterr()
    assert run(monkeypatch, "terminology", "list", "--data", data) == 0
    assert [line.split()[:3] for line in capsys.readouterr().out.splitlines()] == [
        ["CodeSystem", "5", CARS],
        ["CodeSystem", "3", "http://snomed.info/sct"],
        ["ValueSet", "0", "http://a.example/ValueSet/all"],
    ]


def test_what_holds_no_concepts_is_not_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data, file = tmp_path / "data", tmp_path / "a.json"
    assert run(monkeypatch, "init", data) == 0
    file.write_text(json.dumps({**CODES, "content": "not-present"}))
    assert run(monkeypatch, "terminology", "load", file, "--data", data) == 2
    assert "holds no concepts of its own" in " ".join(capsys.readouterr().err.split())
