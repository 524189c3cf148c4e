"""A disk that fills up in mid-load: one sentence, nothing half-written, and with space the same load completes."""

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.small_system import condition, patient

CONCORD = [sys.executable, "-c", "from concord.cli import main; main()"]
EVERYTHING = 20 * 100
ROOM = 600_000  # bytes that a file may grow to: the empty database fits, the load does not


def concord(*words: str | Path, room: int | None = None) -> subprocess.CompletedProcess[str]:
    def limit() -> None:
        if room is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    command = [*CONCORD, *map(str, words)]
    return subprocess.run(command, check=False, capture_output=True, text=True, preexec_fn=limit)


def transactions(folder: Path) -> Path:
    folder.mkdir()
    for number in range(20):
        resources: list[dict[str, Any]] = [patient(f"p{number}", number=None)]
        resources += [condition(f"c{number}-{item}", f"p{number}") for item in range(99)]
        entries = [{"resource": one, "request": {"method": "POST", "url": one["resourceType"]}} for one in resources]
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
        (folder / f"{number:02}.json").write_text(json.dumps(bundle), encoding="utf-8")
    return folder


def test_the_disk_fills_up(tmp_path: Path) -> None:
    data, report, feed = tmp_path / "data", tmp_path / "report.json", transactions(tmp_path / "feed")
    assert concord("init", data).returncode == 0
    load = "load", "--data", data, "--organisation", "ZZZ01", "--report", report, feed
    full = concord(*load, room=ROOM)
    assert full.returncode == 1
    assert "Traceback" not in full.stderr
    assert "the same load again completes it" in full.stderr

    again = concord(*load)
    assert again.returncode == 0, again.stderr
    counted = json.loads(report.read_text(encoding="utf-8"))
    assert counted["stored"] + counted["unchanged"] == EVERYTHING
    assert 0 < counted["unchanged"] < EVERYTHING, "some transactions were acknowledged before the disk was full"
    assert counted["unchanged"] % 100 == 0, "a transaction was half-written"
