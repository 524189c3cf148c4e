"""PostgreSQL stops, or loses power, under a running system: requests are told, and the next ones find it again."""

import signal
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from concord.app import App
from concord.base import OdsCode, Unavailable
from tests.postgresql_server import Server
from tests.small_system import PRACTICE, patient, send, small_system
from tests.unit.api.client import Client


@pytest.fixture
def server() -> Iterator[Server]:
    """A server of this test's own. It need not wait for its disk: here it is the server that ends, not the machine."""
    with tempfile.TemporaryDirectory(prefix="concord-pg-") as folder:
        server = Server(Path(folder))
        server.make()
        server.start()
        yield server
        server.stop()


@pytest.fixture
def app(server: Server) -> Iterator[App]:
    with small_system(server.url("postgres")) as app:
        yield app


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGQUIT], ids=["stopped", "as if the power went"])
def test_it_is_told_while_it_is_away_and_found_when_it_is_back(app: App, server: Server, sign: signal.Signals) -> None:
    (kept,) = send(app, PRACTICE, patient("p1"))
    token = app.accounts.issue_system_token(OdsCode("ZZP01"), timedelta(hours=1))
    with Client(app.asgi(), {"Authorization": f"Bearer {token}"}) as ask:

        def statuses() -> list[int]:
            paths = (f"/fhir/Patient/{kept.id}", f"/fhir/Patient?_id={kept.id}", "/health/ready", "/health/live")
            return [ask("GET", path).status_code for path in paths]

        assert statuses() == [200, 200, 200, 200]
        server.stop(sign)
        for _ in range(3):
            assert statuses() == [503, 503, 503, 200]
            assert "Retry-After" in ask("GET", f"/fhir/Patient/{kept.id}").headers
        with pytest.raises(Unavailable, match="database"):
            send(app, PRACTICE, patient("p2"))
        server.start()
        assert statuses() == [200, 200, 200, 200]
    assert [outcome.status for outcome in send(app, PRACTICE, patient("p1"), patient("p2"))] == ["unchanged", "stored"]


def test_it_goes_away_in_the_midst_of_a_transaction(app: App, server: Server) -> None:
    def write() -> None:
        with app.store.writing() as writing:
            writing.run("INSERT INTO setting VALUES ('half', 'written')")
            server.stop(signal.SIGQUIT)
            writing.run("INSERT INTO setting VALUES ('other', 'half')")

    with pytest.raises(Unavailable, match="database"):
        write()
    server.start()
    with app.store.reading() as reading:
        assert reading.rows("SELECT name FROM setting WHERE name IN ('half', 'other')") == []
