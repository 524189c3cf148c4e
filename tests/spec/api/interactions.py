"""A whole system behind its HTTP API, on a clock that moves on with every write: for the tables of interactions."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from concord.accounts import User
from concord.app import App, compose
from concord.base import FixedClock, SystemIds
from concord.fhir import encode, parse
from concord.governance import SourceSystem, Viewer
from concord.store import open_store
from tests.small_system import KEYS, NOW, POLICY, enforce
from tests.unit.api.client import Client

PATCHES = "application/json-patch+json"


class Server:
    """One server; `who` asks each time, by a token that `admit` gave."""

    def __init__(self, app: App, clock: FixedClock, client: Client) -> None:
        self.app = app
        self._clock = clock
        self._client = client
        self._tokens: dict[str, str] = {}

    def admit(self, name: str, asker: Viewer | SourceSystem) -> None:
        accounts, for_long = self.app.accounts, timedelta(days=7)
        if isinstance(asker, SourceSystem):
            self._tokens[name] = accounts.issue_system_token(asker.organisation, for_long)
            return
        fields = ("user", "name", "title", "staff_id", "organisation", "service", "role", "teams")
        accounts.add_user(User(**{field: getattr(asker, field) for field in fields}))
        self._tokens[name] = accounts.issue_user_token(asker.user, asker.purpose, for_long)

    def ask(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """`headers` by their names with underscores: `if_match`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.send(who, method, path, None if body is None else encode(body), named)

    def send(self, who: str, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> httpx.Response:
        self._clock.instant += timedelta(seconds=1)
        sent = {"authorization": f"Bearer {self._tokens[who]}", "content-type": "application/fhir+json"}
        sent |= {name.lower(): value for name, value in headers.items()}
        return self._client(method, f"/fhir/{path}", headers=sent, content=body)


@contextmanager
def server(folder: Path, **askers: Viewer | SourceSystem) -> Iterator[Server]:
    """Feeds are described in `folder`/feeds."""
    clock = FixedClock(NOW)
    app = compose(open_store(folder / "concord.db"), clock=clock, ids=SystemIds(), keys=KEYS, feeds_in=folder / "feeds")
    try:
        enforce(app, POLICY)
        with Client(app.asgi()) as client:
            served = Server(app, clock, client)
            for name, asker in askers.items():
                served.admit(name, asker)
            yield served
    finally:
        app.close()


def version_of(answer: httpx.Response) -> str:
    """The ETag of an answer."""
    return str(answer.headers["etag"])


def id_of(answer: httpx.Response) -> str:
    """The logical id that a write gave."""
    return str(answer.headers["location"].partition("/_history/")[0].rpartition("/")[2])


def said(answer: httpx.Response) -> str:
    """The first diagnostics of an OperationOutcome."""
    return str(parse(answer.content)["issue"][0]["diagnostics"])


def bundle(kind: str, *entries: Mapping[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


def entry(method: str, url: str, resource: Any = None, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if "fullUrl" in more:
        made["fullUrl"] = more.pop("fullUrl")
    if resource is not None:
        made["resource"] = resource
    return made | {"request": {"method": method, "url": url, **more}}


def answers(response: httpx.Response) -> Sequence[str]:
    """The status of each entry of a response Bundle."""
    return [each["response"]["status"][:3] for each in parse(response.content)["entry"]]
