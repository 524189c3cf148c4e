"""One composed system: what it serves, and what is done to the whole of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from concord.accounts import Accounts
from concord.api import Bulk, Measures, Origins, edge, fhir_routes, health_routes
from concord.app.portal_doors import PortalAccounts, PortalRecords
from concord.audit import AuditEvent, AuditWriter, Checkpoints, verify
from concord.base import Clock, IdSource, Keys, Unavailable
from concord.governance import Directory, Gate, PolicyFiles, published_files
from concord.governance.agreements import AgreementDesk, Signing
from concord.ingest import FeedWatch, FhirMessages, FhirWrites, ItemMessages, Onboarding, Quality
from concord.portals import (
    error_page,
    governance_routes,
    person_routes,
    population_routes,
    professional_routes,
    programme_routes,
)
from concord.record import Jobs, Records, Verified
from concord.store import Store, backups, checks, contents, stock
from concord.terminology import LoadedDefinitions, Terminology


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
    feeds_in: Path | None
    quality: Quality
    onboarding: Onboarding
    jobs: Jobs
    bulk: Bulk
    messages: FhirMessages
    writes: FhirWrites
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
        with self.store.reading() as reading:
            return self.gate.policy(reading).directory

    def asgi(self) -> ASGIApp:
        """The whole server: FHIR, health, and the portals."""
        door = PortalRecords(self.records) if self.store.waits else self.records
        accounts = PortalAccounts(self.accounts, self.store, self.gate, self.clock)
        return edge(
            Origins(
                Starlette(
                    routes=[
                        *health_routes(self._check),
                        *fhir_routes(
                            self.records,
                            self.writes,
                            self.accounts,
                            self.bulk,
                            known=LoadedDefinitions(self.store).known,
                            terminology=Terminology(self.store, self.clock),
                            messages=self.messages,
                        ),
                        *professional_routes(
                            door, ItemMessages(self.records, self.feeds_in), accounts, clock=self.clock, ids=self.ids
                        ),
                        *person_routes(self.records.own, self.records.choosing, self.records.seers, accounts),
                        *governance_routes(
                            self.agreements,
                            self.records.simulator,
                            self.records.counting,
                            self.records.label_reviews,
                            accounts,
                        ),
                        *programme_routes(
                            self.feeds,
                            self.onboarding,
                            self.records.originals,
                            self.quality,
                            self.directory,
                            accounts,
                        ),
                        *population_routes(self.records.population, accounts),
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
        except Exception as error:  # each engine has errors of its own; to who asks they come to the same
            raise Unavailable("The database does not answer.") from error


@dataclass(frozen=True, kw_only=True, slots=True)
class Verification:
    """`wrong`: what does not agree, as counts; empty when all is well. Of a damaged file nothing more is looked at."""

    looked_at: Verified | None
    wrong: Sequence[str]
    contents: contents.Contents | None


async def _page(request: Request, error: Exception) -> Response:
    return error_page(request, error)
