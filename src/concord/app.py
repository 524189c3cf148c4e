"""The only place where the rooms are put together. Clock, ids, keys and database come in as arguments."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from concord.accounts import Accounts
from concord.api import Bulk, Level, Measures, Origins, edge, fhir_routes, health_routes
from concord.audit import Audited, AuditEvent, AuditWriter, Checkpoints, Signer, verify
from concord.base import Clock, ConcordError, Conflict, IdSource, Keys, PersonId, Unavailable
from concord.governance import (
    Directory,
    Gate,
    Policy,
    PolicyFiles,
    Viewer,
    may_audit,
    may_draft_agreements,
    may_read_agreements,
    may_review_labels,
    may_review_links,
    may_run_programme,
    may_trace,
    published_files,
    roles,
)
from concord.governance.agreements import AgreementDesk, Signing, counting_purposes
from concord.ingest import FeedHealth, FeedWatch, FhirMessages, Imports, ItemMessages, Onboarding, Quality
from concord.installation import FEEDS, Installation
from concord.portals import (
    DemoUser,
    SignedIn,
    error_page,
    governance_routes,
    person_routes,
    population_routes,
    professional_routes,
    programme_routes,
)
from concord.record import (
    Alerts,
    Asking,
    Asserted,
    ChangedLink,
    FoundPerson,
    Jobs,
    Links,
    Looks,
    OpenRecord,
    PersonQuery,
    Records,
    ShutRecord,
    Verified,
    Worklists,
    tested,
)
from concord.store import Store, backups, checks, contents, open_store, registers, stock
from concord.terminology import LoadedDefinitions, Terminology

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class App:
    """One composed system. `close` it: audit rows that wait are written first."""

    store: Store
    gate: Gate
    signing: Signing
    audit: AuditWriter
    checkpoints: Checkpoints
    accounts: Accounts
    records: Records
    agreements: AgreementDesk
    feeds: FeedWatch
    quality: Quality
    onboarding: Onboarding
    jobs: Jobs
    bulk: Bulk
    messages: FhirMessages
    clock: Clock
    ids: IdSource
    measures: Measures
    keys: Keys

    def publish(self, files: PolicyFiles) -> int:
        """Publish agreements, directory and signatories: they decide from the next request on, as far as is signed."""
        return self.signing.publish(files, by="duty:publish")

    def published(self) -> PolicyFiles:
        with self.store.reading() as reading:
            return published_files(reading)

    def directory(self) -> Directory:
        """The organisations, as published."""
        return _policy(self.store, self.gate).directory

    def asgi(self) -> ASGIApp:
        """The whole server: FHIR, health, and the portals."""
        door = PortalRecords(self.records) if self.store.waits else self.records
        return edge(
            Origins(
                Starlette(
                    routes=[
                        *health_routes(self._check),
                        *fhir_routes(
                            self.records,
                            self.accounts,
                            self.bulk,
                            known=LoadedDefinitions(self.store).known,
                            terminology=Terminology(self.store, self.clock),
                            messages=self.messages,
                        ),
                        *professional_routes(
                            door, ItemMessages(self.records), PortalAccounts(self), clock=self.clock, ids=self.ids
                        ),
                        *person_routes(
                            self.records.own, self.records.choosing, self.records.seers, PortalAccounts(self)
                        ),
                        *governance_routes(
                            self.agreements,
                            self.records.simulator,
                            self.records.counting,
                            self.records.label_reviews,
                            PortalAccounts(self),
                        ),
                        *programme_routes(
                            self.feeds,
                            self.onboarding,
                            self.records.originals,
                            self.quality,
                            self.directory,
                            PortalAccounts(self),
                        ),
                        *population_routes(self.records.population, PortalAccounts(self)),
                    ],
                    exception_handlers={404: _page, 405: _page, Exception: _page},
                ),
                self.keys,
            ),
            measures=self.measures,
            page=error_page,
        )

    def back_up(self, folder: Path) -> contents.Contents:
        """Copy everything that is held now into a new folder, while others read and write. The row that says so is
        durable first, and in the copy."""
        now = self.clock.now()
        self.audit.record(None, [AuditEvent(at=now, action="back-up", outcome="done", who="duty:back-up")]).wait()
        self.checkpoints.sign()  # so that a copy, and what it was taken of, end with the same signature
        with self.store.reading() as reading:
            return backups.write_backup(reading, folder, now.isoformat(timespec="seconds"))

    def verify(self, *, whole: bool) -> "Verification":
        """Look whether what is held agrees with itself and the audit is whole, in one snapshot: of a sample of the
        items, or of all."""
        damage = self.store.damage()
        if damage:
            return Verification(looked_at=None, wrong=damage, contents=None)
        with self.store.reading() as reading:
            looked_at = self.records.verify(reading, whole=whole)
            return Verification(
                looked_at=looked_at,
                wrong=(*checks.disagreements(reading), *looked_at.wrong, *verify(reading).breaks),
                contents=contents.contents(reading),
            )

    def stock(self) -> tuple[stock.Stock, Mapping[str, int]]:
        """Counts of what is held, and bytes on disk by table."""
        with self.store.reading() as reading:
            return stock.stock(reading), self.store.sizes()

    def close(self) -> None:
        self.jobs.close()
        self.audit.close()
        self.store.close()

    def _check(self) -> str | None:
        try:
            with self.store.reading() as reading:
                reading.row("SELECT 1")
            return self.store.alarm()
        except Exception as error:
            raise Unavailable("The database does not answer.") from error


@dataclass(frozen=True, kw_only=True, slots=True)
class Verification:
    """`wrong`: what does not agree, as counts; empty when all is well. Of a damaged file nothing more is looked at."""

    looked_at: Verified | None
    wrong: Sequence[str]
    contents: contents.Contents | None


class PortalAccounts:
    """Accounts as the portals ask for them: what writes or waits leaves the event loop, else what reads is one row."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._accounts = app.accounts

    async def demo_users(self) -> Sequence[DemoUser]:
        return await self._shortly(self._demo_users)

    async def signed_in(self, secret: str) -> SignedIn | None:
        return await self._shortly(lambda: self._signed_in(secret))

    async def _shortly(self, act: Callable[[], T]) -> T:
        return await run_in_threadpool(act) if self._app.store.waits else act()

    def _demo_users(self) -> Sequence[DemoUser]:
        if not self._accounts.demo:
            return []
        with self._app.store.reading() as reading:
            directory = self._app.gate.policy(reading).directory
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
        with self._app.store.reading() as reading:
            policy = self._app.gate.policy(reading)
        return SignedIn(
            viewer=viewer,
            organisation=policy.directory.name(viewer.organisation),
            may_trace=may_trace(viewer, policy),
            may_audit=may_audit(viewer, policy),
            reads_agreements=may_read_agreements(viewer, policy),
            drafts_agreements=may_draft_agreements(viewer, policy),
            reviews_links=may_review_links(viewer, policy),
            runs_programme=may_run_programme(viewer, policy),
            counts_people=bool(counting_purposes(viewer, policy, self._app.clock.now())),
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


def compose(
    store: Store,
    *,
    clock: Clock,
    ids: IdSource,
    keys: Keys,
    audit_key: bytes | None = None,
    demo: bool = False,
    jobs_in: Path | None = None,
    feeds_in: Path | None = None,
) -> App:
    """Put a system together on a database.

    `audit_key`: 32 bytes that sign the audit's checkpoints; where an installation has none of its own, they are made
    from `keys`. `jobs_in`: the folder of exports and imports; None: a temporary one.
    `feeds_in`: the folder of the files that describe feeds; None: there are none.
    """
    measures = Measures(lambda: _levels(store, feeds))
    checkpoints = Checkpoints(store, clock, Signer(audit_key or keys.hashed("audit-signing", size=32)))
    audit = AuditWriter(store, keys, checkpoints, measured=measures.audited)
    gate = Gate(clock, tested=tested)
    signing = Signing(store, gate, audit, clock)
    records = Records(store, gate, audit, keys=keys, ids=ids, clock=clock, measured=measures.written)
    feeds = FeedWatch(feeds_in, records, clock)
    quality = Quality(records.measuring, clock)
    jobs = Jobs(store, audit, ids, clock, jobs_in)
    return App(
        store=store,
        gate=gate,
        signing=signing,
        audit=audit,
        checkpoints=checkpoints,
        accounts=Accounts(store, clock, ids, keys, audit, demo=demo),
        records=records,
        agreements=AgreementDesk(store, gate, audit, clock, ids, signing),
        feeds=feeds,
        quality=quality,
        onboarding=Onboarding(
            feeds=feeds,
            trial_of=records.trials.of,
            reasons_of=records.rejects.reasons_of,
            unmapped_of=records.originals.unmapped,
            quality_of=quality.trend,
            policy=lambda: _policy(store, gate),
            clock=clock,
        ),
        jobs=jobs,
        messages=FhirMessages(records, feeds_in),
        bulk=Bulk(jobs=jobs, exports=records.exports(jobs), imports=Imports(records, jobs)),
        clock=clock,
        ids=ids,
        measures=measures,
        keys=keys,
    )


def compose_installation(installation: Installation, ids: IdSource) -> App:
    """The system that lives in a data directory. Raises Conflict for a database that is another installation's."""
    store = open_store(installation.database)
    _claim(store, installation.keys)
    return compose(
        store,
        clock=installation.clock,
        ids=ids,
        keys=installation.keys,
        audit_key=installation.audit_key,
        demo=installation.demo_day is not None,
        jobs_in=installation.jobs,
        feeds_in=installation.path / FEEDS,
    )


def restore_database(backup: Path, installation: Installation) -> contents.Contents:
    """Fill an installation's empty database from a backup, proven equal before any of it counts.

    Raises Incorrect for what is no backup, Conflict when the database is not empty, Unavailable for a damaged backup.
    """
    manifest = backups.read_manifest(backup)
    store = open_store(installation.database)
    try:
        with store.writing() as writing:
            restored = backups.read_backup(writing, backup, manifest)
        store.checkpoint()
    finally:
        store.close()
    return restored


def _policy(store: Store, gate: Gate) -> Policy:
    with store.reading() as reading:
        return gate.policy(reading)


def _levels(store: Store, feeds: FeedWatch) -> dict[str, Level]:
    with store.reading() as reading:
        waiting, quarantined = stock.backlog(reading)
    return {
        "items_waiting": waiting,
        "rejects_in_quarantine": quarantined,
        "database_bytes": store.size(),
        "disk_full": float(store.alarm() is not None),
        **_levels_of(feeds.health().feeds),
    }


def _levels_of(feeds: Sequence[FeedHealth]) -> dict[str, Level]:
    """By feed; of what is not known of one, nothing."""
    came = {each.feed.name: each.traffic for each in feeds if each.traffic is not None}
    return {
        "feed_silence_seconds": {f.feed.name: f.silence.total_seconds() for f in feeds if f.silence is not None},
        "feed_overdue": {each.feed.name: float(each.is_overdue) for each in feeds},
        "feed_messages_in_24_hours": {name: each.messages for name, each in came.items()},
        "feed_usual_in_24_hours": {name: each.usual for name, each in came.items() if each.usual is not None},
        "feed_rejected_in_24_hours": {name: each.rejected for name, each in came.items()},
        "feed_lag_seconds": {name: each.lag.total_seconds() for name, each in came.items() if each.lag is not None},
        "feed_files_waiting": {each.feed.name: each.waiting for each in feeds if each.waiting is not None},
        "feed_in_quarantine": {each.feed.name: each.held for each in feeds},
    }


def _claim(store: Store, keys: Keys) -> None:
    """See that the database is of the installation that holds these keys: under others nothing in it is found."""
    own = keys.hashed("installation", size=16).hex()
    with store.reading() as reading:
        held = registers.installation(reading)
    if held is None:
        with store.writing() as writing:
            held = registers.claim(writing, own)
    if held != own:
        store.close()
        raise Conflict("This database belongs to another installation. Name an empty one, or the folder that made it.")


async def _page(request: Request, error: Exception) -> Response:
    return error_page(request, error)
