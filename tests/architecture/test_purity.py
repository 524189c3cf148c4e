"""The clock, random numbers and new ids are handed in: the lint rule says so, and it bites."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.house import CHECKOUT, SOURCE

RUFF = Path(sys.executable).with_name("ruff")
BANNED = "TID251"


def findings(code: str, place: str) -> list[str]:
    """The banned names that ruff finds in `code` as if it stood at `place` in the package."""
    command = [str(RUFF), "check", "--no-cache", "--select", BANNED, "--output-format", "concise"]
    command += ["--stdin-filename", f"src/concord/{place}", "-"]
    done = subprocess.run(command, cwd=CHECKOUT, input=code, capture_output=True, text=True, check=False)
    return [line for line in done.stdout.splitlines() if BANNED in line]


@pytest.mark.parametrize(
    "code",
    [
        "from datetime import datetime\nx = datetime.now()\n",
        "import datetime as d\nx = d.datetime.now(d.UTC)\n",
        "from datetime import datetime as moment\nx = moment.utcnow()\n",
        "from datetime import date\nx = date.today()\n",
        "import time\nx = time.time()\n",
        "from time import time_ns\nx = time_ns()\n",
        "import random\nx = random.random()\n",
        "from random import choice\nx = choice([1])\n",
        "import secrets\nx = secrets.token_hex()\n",
        "import uuid\nx = uuid.uuid4()\n",
        "from uuid import uuid4 as fresh\nx = fresh()\n",
        "import os\nx = os.urandom(8)\n",
    ],
)
@pytest.mark.parametrize("place", ["fhir/planted.py", "governance/planted.py", "record/planted.py"])
def test_a_planted_reading_of_clock_or_chance_is_caught(code: str, place: str) -> None:
    assert findings(code, place)


def test_the_rule_lets_through_what_is_handed_in() -> None:
    assert not findings("def f(clock: Clock) -> datetime:\n    return clock.now()\n", "fhir/planted.py")


def test_nobody_silences_the_rule() -> None:
    silenced = [
        f"{file.relative_to(SOURCE)}:{number}"
        for file in SOURCE.rglob("*.py")
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        if "noqa" in line and (BANNED in line or "noqa:" not in line or "ruff:" in line)
    ]
    assert silenced == []
