"""A server that holds a little, of a practice and of a hospital."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.small_system import ED_DOCTOR, HOSPITAL, PRACTICE, attendance, patient
from tests.spec.api.held import numbered
from tests.spec.api.interactions import Server, server


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Server]:
    with server(tmp_path, practice=PRACTICE, hospital=HOSPITAL, doctor=ED_DOCTOR) as served:
        for who, resource in (
            ("practice", patient("p1")), ("hospital", patient("h1")), ("hospital", attendance("e1", "h1")),
            ("practice", numbered()),
        ):  # fmt: skip
            type_, id_ = resource["resourceType"], resource["id"]
            assert served.ask(who, "PUT", f"{type_}/{id_}", resource).status_code == 201
        yield served
