"""Two systems alike to the byte: the same clock, keys, stream of ids, and data. One of them hides one thing more."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp

from concord.accounts import User
from concord.app import App, compose
from concord.base import FixedClock, NhsNumber, OdsCode
from concord.governance import Viewer
from concord.portals.governance.long_answers import LongAnswers
from concord.record.wire import version_id
from concord.store import body, open_store
from tests.small_system import KEYS, NOW, POLICY, enforce
from tests.unit.api.client import Client

BOTH, HIDDEN = "both", "hidden"
LATER = timedelta(minutes=1)
_THE_CLIENTS = ("httpx", "httpcore", "asyncio")  # these log what the viewer's own program does


class IdStreams:
    """The ids of what both worlds hold come from one stream, those of what is hidden from another."""

    def __init__(self) -> None:
        self._given = {BOTH: 0, HIDDEN: 0}
        self._stream = BOTH

    def fresh(self) -> str:
        self._given[self._stream] += 1
        return _id(self._stream, self._given[self._stream])

    @staticmethod
    def first_hidden(number: int) -> list[str]:
        """What nobody can guess, guessed: the first ids of the stream of what is hidden."""
        return [_id(HIDDEN, each) for each in range(1, number + 1)]

    @contextmanager
    def for_the_hidden(self) -> Iterator[None]:
        self._stream = HIDDEN
        try:
            yield
        finally:
            self._stream = BOTH


def _id(stream: str, number: int) -> str:
    digits = "abcdefghijklmnopqrstuvwxyz234567"
    return "".join(digits[byte % 32] for byte in blake2b(f"{stream} {number}".encode(), digest_size=24).digest())


@dataclass
class World:
    """One system, and one viewer who asks it as a program and at a screen."""

    app: App
    ids: IdStreams
    clock: FixedClock
    log: list[str] = field(default_factory=list)
    token: str = ""
    cookie: str = ""

    def admit(self, viewer: Viewer) -> None:
        """Make the viewer a user, with a token and a session."""
        self.app.accounts.add_user(
            User(
                user=viewer.user,
                name=viewer.name,
                title=viewer.title,
                staff_id=viewer.staff_id,
                organisation=viewer.organisation,
                service=viewer.service,
                role=viewer.role,
                teams=viewer.teams,
                nhs_number=None if viewer.nhs_number is None else NhsNumber(viewer.nhs_number),
            )
        )
        self.token = self.app.accounts.issue_user_token(viewer.user, viewer.purpose, timedelta(hours=1))
        self.cookie = self.app.accounts.start_session(viewer.user)

    def client(self, asgi: ASGIApp | None = None) -> Client:
        cookie = f"concord-session={self.cookie}"
        return Client(asgi or self.app.asgi(), {"Authorization": f"Bearer {self.token}", "Cookie": cookie})

    def logical_id(self, organisation: str, type_: str, source_id: str) -> str:
        """The id that whoever knew the installation's key could compute."""
        return KEYS.logical_id(OdsCode(organisation), type_, source_id)

    def versions(self, address: str) -> list[str]:
        """Addresses of versions of `Type/id`, by the moments at which a story happens: guesses that come true."""
        moments = [body.microseconds(NOW) + later for later in (0, 1, 2)] + [body.microseconds(NOW + LATER)]
        return [f"{address}/_history/{version_id(KEYS, at)}" for at in moments]

    @contextmanager
    def listened_to(self) -> Iterator[None]:
        """Every log line of the process, whole, goes to this world's log and nowhere else."""
        root = logging.getLogger()
        handlers, level = root.handlers, root.level
        quiet = [(logger, logger.level) for logger in map(logging.getLogger, _THE_CLIENTS)]
        root.handlers = [_Lines(self.log)]
        root.setLevel(logging.DEBUG)
        for logger, _ in quiet:
            logger.setLevel(logging.CRITICAL)
        try:
            yield
        finally:
            root.handlers = handlers
            root.setLevel(level)
            for logger, before in quiet:
                logger.setLevel(before)


@contextmanager
def world(database: Path | str) -> Iterator[World]:
    """An empty system in a database of its own, its agreement in force."""
    ids, clock = IdStreams(), FixedClock(NOW)
    app = compose(open_store(database), clock=clock, ids=ids, keys=KEYS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LongAnswers, "PATIENCE_S", 600.0)  # else a busy machine would show in the one world's answer
        try:
            enforce(app, POLICY)
            yield World(app=app, ids=ids, clock=clock)
        finally:
            app.close()


class _Lines(logging.Handler):
    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        detail: Any = "" if record.exc_info is None else record.exc_info
        self._lines.append(f"{record.name} {record.levelname} {record.getMessage()} {detail}".rstrip())
