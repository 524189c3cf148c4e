"""`concord labels apply`, and that publishing another label says to run it."""

from pathlib import Path

from tests.unit.cli.test_keeping import data, run

__all__ = ["data"]  # a fixture


def test_publishing_a_services_label_says_what_to_run_and_that_labels_what_is_held(data: Path, tmp_path: Path) -> None:
    feed = tmp_path / "feed.ndjson"
    directory = data / "organisations.yaml"
    plain = directory.read_text(encoding="utf-8")
    assert plain.count("\n  - ") == 1, "one organisation"
    service = "{service: clinic, name: Clinic%s}"
    written = plain.rstrip("\n").removesuffix("}") + ", services: [" + service + "]}\n"
    directory.write_text(written % "", encoding="utf-8")
    assert "labels apply" not in run("agreements", "load", "--data", data)
    run("load", "--data", data, "--organisation", "ZZZ01", "--service", "clinic", feed)
    directory.write_text(written % ", labels: [mental-health]", encoding="utf-8")
    assert f"concord labels apply --data {data}" in run("agreements", "load", "--data", data)
    assert "Looked at 2 items; 2 carry other labels now." in run("labels", "apply", "--data", data)
    assert "Looked at 2 items; 0 carry other labels now." in run("labels", "apply", "--data", data)
    run("verify", "--whole", "--data", data)
