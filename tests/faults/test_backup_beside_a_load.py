"""A backup that is taken while a load runs is of one instant: it restores, agrees with itself, and the load goes on."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.small_system import condition, patient

CONCORD = [sys.executable, "-c", "from concord.cli import main; main()"]
PEOPLE, EACH = 40, 100


def concord(*words: str | Path) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([*CONCORD, *map(str, words)], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done


def transactions(folder: Path) -> Path:
    folder.mkdir()
    for number in range(PEOPLE):
        resources: list[dict[str, Any]] = [patient(f"p{number}", number=None)]
        resources += [condition(f"c{number}-{item}", f"p{number}") for item in range(EACH - 1)]
        entries = [{"resource": one, "request": {"method": "POST", "url": one["resourceType"]}} for one in resources]
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
        (folder / f"{number:02}.json").write_text(json.dumps(bundle), encoding="utf-8")
    return folder


def test_each_copy_is_of_one_instant(tmp_path: Path) -> None:
    data, feed = tmp_path / "data", transactions(tmp_path / "feed")
    concord("init", data)
    load = [*CONCORD, "load", "--data", str(data), "--organisation", "ZZZ01", str(feed)]
    loading = subprocess.Popen(load, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    copies = 0
    while loading.poll() is None or copies == 0:
        concord("backup", tmp_path / f"copy{copies}", "--data", data)
        copies += 1
    _, said = loading.communicate()
    assert (loading.returncode, said) == (0, b"")
    for number in range(min(copies, 3)):
        again = tmp_path / f"again{number}"
        concord("restore", tmp_path / f"copy{number}", "--data", again)
        concord("verify", "--whole", "--data", again)
        items = json.loads(concord("stats", "--json", "--data", again).stdout)["items"]
        assert items % EACH == 0, "a transaction was copied in part"
    assert json.loads(concord("stats", "--json", "--data", data).stdout)["items"] == PEOPLE * EACH
