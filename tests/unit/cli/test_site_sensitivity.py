"""A site's own table of sensitivity on the command line: checked, published, and said so what cannot be told yet."""

import json
from pathlib import Path

import pytest

from concord.base import FileRefused
from tests.unit.cli.test_keeping import data, run

__all__ = ["data"]  # a fixture

TREE = "https://northfield.example/CodeSystem/tree"
TABLE = f"""\
systems: {{tree: {{urls: ["{TREE}"], source: a made-up classification, licence: our own}}}}
rows: [{{system: tree, below: [mind], labels: [mental-health], reason: an illness of the mind}}]
"""


def test_it_is_checked_published_and_says_what_must_be_loaded(data: Path, tmp_path: Path) -> None:
    table = data / "agreements" / "sensitivity.yaml"
    table.write_text(TABLE, encoding="utf-8")
    assert "sensitivity.yaml: labels by 1 codes" in run("agreements", "check", data)
    told = run("agreements", "load", "--data", data)
    assert f"sensitivity.yaml, line 2: no {TREE} is loaded that has the code mind" in told
    assert f"concord labels apply --data {data}" in told
    tree = {
        "resourceType": "CodeSystem", "url": TREE, "status": "active", "content": "complete",
        "concept": [{"code": "mind"}],
    }  # fmt: skip
    loaded = tmp_path / "tree.json"
    loaded.write_text(json.dumps(tree), encoding="utf-8")
    run("terminology", "load", "--data", data, loaded)
    assert "is loaded that has" not in run("agreements", "load", "--data", data)
    table.unlink()
    run("agreements", "save", "--data", data)
    assert table.read_text(encoding="utf-8") == TABLE


def test_a_wrong_one_refuses_the_load_with_its_line(data: Path) -> None:
    (data / "agreements" / "sensitivity.yaml").write_text(TABLE.replace("mental-health", "mental"), encoding="utf-8")
    told = 'sensitivity.yaml, line 2, column 47: unknown label "mental"'
    with pytest.raises(AssertionError, match=told):  # it ends with another status than 0
        run("agreements", "check", data)
    with pytest.raises(FileRefused, match=told):
        run("agreements", "load", "--data", data)
