"""Nobody can switch the audit off: whatever route says anything about a person leaves a row, or says nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from concord.base import Unavailable
from concord.store import SqliteStore, Writing
from tests.small_system import ED_DOCTOR, NHS_NUMBER
from tests.twin_worlds.catalogue import catalogue
from tests.twin_worlds.comparing import known_to_viewer
from tests.twin_worlds.scenarios import SCENARIOS
from tests.twin_worlds.stories import seed
from tests.twin_worlds.worlds import World, world

# What the seeded person is told by: name, number as sent and as shown, address, an item.
TELLS = (b"Holroyd", b"HOLROYD", NHS_NUMBER.encode(), b"999 000 3114", b"Weavers Fold", b"Heart failure", b"Asthma")


def rows(of: World) -> int:
    with of.app.store.reading() as reading:
        row = reading.row("SELECT count(*) FROM audit WHERE action <> 'write'")
    return 0 if row is None else int(row[0])


def test_every_answer_about_a_person_left_a_row(tmp_path: Path) -> None:
    with world(tmp_path / "a.db") as of:
        seed(of)
        of.admit(ED_DOCTOR)
        told: set[str] = set()
        with of.client() as client:
            for request in catalogue(known_to_viewer(SCENARIOS[0], of, client)):
                before = rows(of)
                answer = client(request.method, request.path, headers=dict(request.headers), content=request.body)
                asked = f"{request.path} {request.body!r}".encode()
                if any(each in answer.content and each not in asked for each in TELLS):
                    told.add(request.route)
                    assert rows(of) > before, f"{request} told of a person and left no row"
    assert {"/fhir/{type}/{id}", "/fhir/{type}", "/fhir/Patient/{id}/$everything", "/", "/find"} <= told


class Full(SqliteStore):
    """A disk that is full from the moment that it is told so."""

    full = False

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        if self.full:
            raise Unavailable("full")
        with super().writing() as writing:
            yield writing

    @contextmanager
    def appending(self, *, at_once: bool = False) -> Iterator[Writing]:
        with self.writing() as writing:
            yield writing


def test_when_no_row_can_be_written_no_route_tells_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.twin_worlds.worlds.open_store", Full)
    with world(tmp_path / "a.db") as of:
        assert isinstance(of.app.store, Full)
        seed(of)
        of.admit(ED_DOCTOR)
        with of.client() as client:
            requests = list(catalogue(known_to_viewer(SCENARIOS[0], of, client)))
            of.app.store.full = True
            for request in requests:
                answer = client(request.method, request.path, headers=dict(request.headers), content=request.body)
                asked = f"{request.path} {request.body!r}".encode()
                assert not any(each in answer.content and each not in asked for each in TELLS), request
            of.app.store.full = False
