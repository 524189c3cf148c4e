"""Set-up fetches what is pinned, from wherever the machine fetches packages, and nothing else afterwards."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.house import CHECKOUT, SOURCE

STYLE_SHEETS = sorted((SOURCE / "portals").rglob("*.css"))
PIN = re.compile(r"^([a-z0-9.-]+)==(\S+)", re.MULTILINE)


def pins(lock: str) -> dict[str, str]:
    return dict(PIN.findall((CHECKOUT / "requirements" / f"{lock}.lock").read_text(encoding="utf-8")))


@pytest.mark.parametrize("lock", ["runtime", "dev", "node"])
def test_every_package_is_pinned_with_hashes(lock: str) -> None:
    text = (CHECKOUT / "requirements" / f"{lock}.lock").read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=[a-z])", text.split("\n", maxsplit=2)[2])
    assert len(blocks) == len(pins(lock)) > 0
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_tests_run_with_what_users_run() -> None:
    assert pins("runtime").items() <= pins("dev").items()


def test_the_locks_hold_every_dependency() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for lock, wanted in (("runtime", project["dependencies"]), ("dev", project["optional-dependencies"]["dev"])):
        names = {re.split(r"[^a-z0-9-]", requirement)[0] for requirement in wanted}
        assert names <= pins(lock).keys()


def test_every_dependency_says_why() -> None:
    text = (CHECKOUT / "pyproject.toml").read_text(encoding="utf-8")
    listed = re.search(r"^dependencies = \[(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    wanted = re.search(r"^dev = \[(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    assert listed
    assert wanted
    lines = [line for found in (listed, wanted) for line in found[1].splitlines() if line.strip()]
    assert [line for line in lines if not re.search(r'",\s+# \w', line)] == []


@pytest.mark.parametrize("sheet", STYLE_SHEETS, ids=lambda path: path.name)
def test_the_style_sheet_asks_no_other_host(sheet: Path) -> None:
    assert STYLE_SHEETS
    text = sheet.read_text(encoding="utf-8")
    assert re.findall(r"url\(\s*['\"]?(?:https?:)?//|@import", text) == []


def test_set_up_says_how_it_is_used() -> None:
    command = [sys.executable, str(CHECKOUT / "scripts" / "setup_environment.py"), "dance"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "install" in done.stdout
