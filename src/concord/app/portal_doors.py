"""Accounts and records as the portals ask for them."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from starlette.concurrency import run_in_threadpool

from concord.accounts import Accounts
from concord.audit import Audited
from concord.base import Clock, ConcordError, PersonId
from concord.governance import (
    Gate,
    Viewer,
    may_audit,
    may_draft_agreements,
    may_read_agreements,
    may_review_labels,
    may_review_links,
    may_run_programme,
    may_trace,
    roles,
)
from concord.governance.agreements import counting_purposes
from concord.portals import DemoUser, SignedIn
from concord.record import (
    Alerts,
    Asking,
    Asserted,
    ChangedLink,
    FoundPerson,
    Links,
    Looks,
    OpenRecord,
    PersonQuery,
    Records,
    ShutRecord,
    Worklists,
)
from concord.store import Store

T = TypeVar("T")


class PortalAccounts:
    """Accounts as the portals ask for them: what writes or waits leaves the event loop, else what reads is one row."""

    def __init__(self, accounts: Accounts, store: Store, gate: Gate, clock: Clock) -> None:
        self._accounts = accounts
        self._store = store
        self._gate = gate
        self._clock = clock

    async def demo_users(self) -> Sequence[DemoUser]:
        return await self._shortly(self._demo_users)

    async def signed_in(self, secret: str) -> SignedIn | None:
        return await self._shortly(lambda: self._signed_in(secret))

    async def _shortly(self, act: Callable[[], T]) -> T:
        return await run_in_threadpool(act) if self._store.waits else act()

    def _demo_users(self) -> Sequence[DemoUser]:
        if not self._accounts.demo:
            return []
        with self._store.reading() as reading:
            directory = self._gate.policy(reading).directory
        return [
            DemoUser(
                user=user.user,
                name=user.name,
                job=roles()[user.role].title,
                organisation=directory.name(user.organisation),
            )
            for user in self._accounts.users()
            if user.active
        ]

    async def sign_in_as(self, user: str) -> str:
        return await run_in_threadpool(self._accounts.demo_sign_in, user)

    async def sign_in_by_link(self, token: str) -> str:
        return await run_in_threadpool(self._accounts.use_link, token)

    async def sign_out(self, secret: str) -> None:
        await run_in_threadpool(self._accounts.end_session, secret)

    def _signed_in(self, secret: str) -> SignedIn | None:
        try:
            viewer = self._accounts.session(secret).viewer
        except ConcordError:
            return None
        with self._store.reading() as reading:
            policy = self._gate.policy(reading)
        return SignedIn(
            viewer=viewer,
            organisation=policy.directory.name(viewer.organisation),
            may_trace=may_trace(viewer, policy),
            may_audit=may_audit(viewer, policy),
            reads_agreements=may_read_agreements(viewer, policy),
            drafts_agreements=may_draft_agreements(viewer, policy),
            reviews_links=may_review_links(viewer, policy),
            runs_programme=may_run_programme(viewer, policy),
            counts_people=bool(counting_purposes(viewer, policy, self._clock.now())),
            reviews_labels=may_review_labels(viewer, policy),
        )


class PortalRecords:
    """The record as the portals ask for it where asking waits: each question leaves the event loop."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def find(self, query: PersonQuery, viewer: Viewer) -> "Aside[Sequence[FoundPerson]]":
        return Aside(lambda: self._records.find(query, viewer))

    def lists(self, viewer: Viewer, key: str | None) -> "Aside[Worklists]":
        return Aside(lambda: self._records.lists(viewer, key))

    def open(self, person: PersonId, viewer: Viewer) -> "Aside[OpenRecord | ShutRecord]":
        return Aside(lambda: self._records.open(person, viewer))

    def who_looked(self, person: PersonId, viewer: Viewer) -> "Aside[Looks]":
        return Aside(lambda: self._records.who_looked(person, viewer))

    def may_assert(self, person: PersonId, viewer: Viewer) -> "Aside[Asking]":
        return Aside(lambda: self._records.may_assert(person, viewer))

    def assert_access(self, person: PersonId, viewer: Viewer, kind: str, reason: str, words: str) -> "Aside[Asserted]":
        return Aside(lambda: self._records.assert_access(person, viewer, kind, reason, words))

    def end_assertions(self, person: PersonId, viewer: Viewer) -> int:
        return self._records.end_assertions(person, viewer)

    @property
    def alerts(self) -> Alerts:
        return self._records.alerts

    @property
    def links(self) -> Links:
        return self._records.links

    def changed_links(self, viewer: Viewer) -> Sequence[ChangedLink]:
        return self._records.changed_links(viewer)


class Aside(Generic[T]):
    """An answer that is asked for in a thread when it is wanted."""

    def __init__(self, ask: Callable[[], Audited[T]]) -> None:
        self._ask = ask

    async def released(self) -> T:
        audited = await run_in_threadpool(self._ask)
        return await audited.released()
