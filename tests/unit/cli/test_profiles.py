"""`concord profiles load|list`: an installation's own profiles, and what a running server makes of them."""

import io
import json
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from concord.app import compose_installation
from concord.base import SystemIds
from concord.cli import main
from concord.fhir import validate
from concord.installation import find
from concord.terminology import LoadedDefinitions

Run = Callable[..., tuple[int, str, str]]
URL = "http://a.example/StructureDefinition/dated"
DATED: dict[str, Any] = {
    "resourceType": "StructureDefinition", "url": URL, "name": "Dated", "status": "active", "kind": "resource",
    "abstract": False, "type": "Patient", "derivation": "constraint",
    "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
    "differential": {"element": [{"id": "Patient.birthDate", "path": "Patient.birthDate", "min": 1}]},
}  # fmt: skip
COLOURS: dict[str, Any] = {
    "resourceType": "ValueSet", "url": "http://a.example/ValueSet/colours", "status": "active",
    "compose": {"include": [{"system": "http://a.example/colours"}]},
}  # fmt: skip
SYSTEM: dict[str, Any] = {
    "resourceType": "CodeSystem", "url": "http://a.example/colours", "status": "active", "content": "complete",
    "concept": [{"code": "red"}],
}  # fmt: skip


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def runs(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["concord", *map(str, words)])
        status: object = 0
        try:
            main()
        except SystemExit as end:
            status = end.code
        said = capsys.readouterr()
        return int(str(status or 0)), said.out, said.err

    return runs


@pytest.fixture
def data(tmp_path: Path, run: Run) -> Path:
    assert run("init", tmp_path / "data")[0] == 0
    return tmp_path / "data"


def package(path: Path, *resources: dict[str, Any]) -> Path:
    with tarfile.open(path, "w:gz") as made:
        for name, text in (
            ("package/package.json", b'{"name":"a"}'),
            ("other/x.json", b"no JSON"),
            *(
                (f"package/{each['resourceType']}-{n}.json", json.dumps(each).encode())
                for n, each in enumerate(resources)
            ),
        ):
            member = tarfile.TarInfo(name)
            member.size = len(text)
            made.addfile(member, io.BytesIO(text))
    return path


def test_what_a_package_holds_is_loaded_and_checked_by(data: Path, run: Run, tmp_path: Path) -> None:
    app = compose_installation(find(data), SystemIds())
    loaded = LoadedDefinitions(app.store)
    try:
        resource = {"resourceType": "Patient", "active": True}
        told = [issue.message for issue in validate(resource, profiles=[URL], known=loaded.known())]
        assert any("this profile is not loaded" in message for message in told)
        base = {**DATED, "derivation": "specialization"}
        held = package(
            tmp_path / "own.tgz", DATED, COLOURS, SYSTEM, {"resourceType": "Basic", "code": {"text": "a"}}, base
        )
        status, said, _ = run("profiles", "load", held, "--data", data)
        assert (status, "Loaded 3 definitions; passed over 2" in said) == (0, True)
        found = validate(resource, profiles=[URL], known=loaded.known())
        assert [(issue.path, issue.severity) for issue in found if issue.rule == "profile"] == [
            ("Patient.birthDate", "error")
        ]
        assert loaded.known().value_sets == {COLOURS["url"]: {("http://a.example/colours", "red")}}
    finally:
        app.close()
    assert [line.split() for line in run("profiles", "list", "--data", data)[1].splitlines()] == [
        ["StructureDefinition", URL],
        ["ValueSet", COLOURS["url"]],
        ["CodeSystem", SYSTEM["url"]],
    ]


def test_a_definition_takes_the_place_of_the_one_with_its_url(data: Path, run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(DATED))
    for _ in range(2):
        assert run("profiles", "load", tmp_path / "a.json", "--data", data)[0] == 0
    assert len(run("profiles", "list", "--data", data)[1].splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.xml", "<a/>", "give JSON"),
        ("a.json", "{", "a.json: The JSON ends"),
        ("a.json", '{"resourceType":"Patient"}', "nothing to load"),
        ("a.json", json.dumps(DATED | {"colour": "red"}), "StructureDefinition.colour: R4 has no such element here"),
        ("a.json", json.dumps(DATED | {"type": "Nonsense"}), "not a profile of a type of R4"),
    ],
)
def test_what_cannot_be_loaded_is_told_and_nothing_is(
    data: Path, run: Run, tmp_path: Path, name: str, text: str, said: str
) -> None:
    (tmp_path / name).write_text(text)
    good = tmp_path / "good.json"
    good.write_text(json.dumps(COLOURS))
    files = [tmp_path / name] if "nothing to load" in said else [good, tmp_path / name]
    status, _, complained = run("profiles", "load", *files, "--data", data)
    assert (status, said in " ".join(complained.split())) == (2, True), complained
    assert run("profiles", "list", "--data", data)[1] == ""
