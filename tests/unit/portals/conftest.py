"""The portal over doors made by hand, as a program sees it."""

import asyncio
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from concord.audit import Audited
from concord.base import FixedClock, NotFound
from concord.governance import Viewer
from concord.ingest import MessageBehind
from concord.portals import error_page, professional_routes
from concord.record import Behind
from tests.unit.portals.fake_doors import FakeAccounts, FakeRecord
from tests.unit.portals.made_up import NOW


class CountedIds:
    """The same ids each time."""

    def __init__(self) -> None:
        self.given = 0

    def fresh(self) -> str:
        self.given += 1
        return f"{self.given:024d}"


class Client:
    """Requests to an application in this process, one after another; keeps cookies, follows no redirect."""

    def __init__(self, app: Starlette, base: str) -> None:
        self._runner = asyncio.Runner()
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=base)
        self.cookies = self._client.cookies

    def get(self, path: str) -> httpx.Response:
        return self._runner.run(self._client.get(path))

    def post(self, path: str, **sent: Any) -> httpx.Response:
        return self._runner.run(self._client.post(path, **sent))

    def close(self) -> None:
        self._runner.run(self._client.aclose())
        self._runner.close()


@dataclass(frozen=True)
class Screen:
    """A browser without a screen: sends the token of the page it is on."""

    client: Client
    record: FakeRecord

    def token(self, path: str) -> str:
        found = re.search(r'name="form_token" value="([^"]+)"', self.client.get(path).text)
        assert found, f"no form on {path}"
        return found[1]

    def sign_in(self, user: str) -> "Screen":
        sent = {"form_token": self.token("/sign-in"), "user": user}
        assert self.client.post("/sign-in", data=sent).status_code == 303
        return self

    def find(self, **fields: str) -> str:
        answer = self.client.post("/find", data={"form_token": self.token("/"), **fields})
        return answer.text


class NoMessages:
    """Every item came by no message."""

    def behind(self, type_: str, id_: str, viewer: Viewer) -> Audited[Behind[MessageBehind]]:
        raise NotFound(f"There is no message behind {type_}/{id_} for {viewer.user}.")


@pytest.fixture
def screens() -> Iterator[Callable[..., Screen]]:
    """Makes a screen at a portal; `demo` False: users cannot be picked; `base` an address with its scheme."""
    opened: list[Client] = []

    def make(*, demo: bool = True, base: str = "http://concord.example", record: FakeRecord | None = None) -> Screen:
        known = record or FakeRecord()
        routes = professional_routes(
            known, NoMessages(), FakeAccounts(demo=demo), clock=FixedClock(NOW), ids=CountedIds()
        )
        app = Starlette(routes=routes, exception_handlers={404: error_page, 405: error_page})
        client = Client(app, base)
        opened.append(client)
        return Screen(client=client, record=known)

    yield make
    for client in opened:
        client.close()


@pytest.fixture
def ada(screens: Callable[..., Screen]) -> Screen:
    """Dr Ada Nwosu, emergency department, signed in."""
    return screens().sign_in("ada.nwosu")
