"""The import contracts hold, and each of them catches what it is there for."""

from pathlib import Path

import pytest

from tests.architecture.house import CHECKOUT, broken_contracts, plant, tiny_house


def test_the_house_keeps_its_contracts() -> None:
    assert broken_contracts(CHECKOUT) == set()


def test_the_tiny_house_keeps_them_until_something_is_planted(tmp_path: Path) -> None:
    tiny_house(tmp_path)
    assert broken_contracts(tmp_path) == set()


@pytest.mark.parametrize(
    ("module", "statement", "broken"),
    [
        pytest.param("base.inner", "import concord.record", "layers", id="a lower room imports a higher one"),
        pytest.param("fhir.inner", "from concord import api", "layers", id="a pure room imports the edge"),
        pytest.param("governance.inner", "import concord.identity", "layers", id="a room imports its neighbour"),
        pytest.param("demo.inner", "import concord.app", "layers", id="the demo composes a server"),
        pytest.param("corridor", "", "layers", id="a room that no layer names"),
        pytest.param("portals.inner", "import concord.store", "store", id="a portal reaches for the store"),
        pytest.param("ingest.inner", "from concord.store import Items", "store", id="ingest reaches for the store"),
        pytest.param("demo.inner", "import concord.store", "store", id="the demo reaches for the store"),
        pytest.param("api.inner", "from concord.fhir.inner import x", "front-doors", id="past a front door"),
        pytest.param("cli.inner", "def f():\n    import concord.app.inner", "front-doors", id="past it, later"),
        pytest.param(
            "portals.inner", "from concord.governance.agreements.reach import x", "front-doors", id="past both"
        ),
        pytest.param(
            "governance.inner", "import concord.governance.agreements", "decision", id="the decision looks up"
        ),
        pytest.param("fhir.inner", "import sqlite3", "pure-cores", id="a pure core opens a database"),
        pytest.param("fhir.inner", "from socket import socket", "pure-cores", id="a pure core opens a socket"),
        pytest.param("fhir.inner", "from time import time", "pure-cores", id="a pure core reads the clock"),
        pytest.param("governance.decision", "import random", "pure-cores", id="a decision by chance"),
        pytest.param("identity.matching", "import concord.store", "pure-cores", id="matching reads the store"),
        pytest.param("record.summary", "import http.client", "pure-cores", id="assembly asks the network"),
    ],
)
def test_a_planted_violation_is_caught(tmp_path: Path, module: str, statement: str, broken: str) -> None:
    plant(tiny_house(tmp_path), module, statement)
    assert broken_contracts(tmp_path) == {broken}
