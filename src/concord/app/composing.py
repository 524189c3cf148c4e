"""Putting a system together. Clock, ids, keys and database come in as arguments."""

from collections.abc import Sequence
from pathlib import Path

from concord.accounts import Accounts
from concord.api import Bulk, Level, Measures
from concord.app.system import App
from concord.audit import AuditWriter, Checkpoints, Signer
from concord.base import Clock, Conflict, IdSource, Keys
from concord.governance import Gate, Policy
from concord.governance.agreements import AgreementDesk, Signing
from concord.ingest import FeedHealth, FeedWatch, FhirFeeds, FhirMessages, FhirWrites, Imports, Onboarding, Quality
from concord.installation import FEEDS, Installation
from concord.record import Jobs, Records, tested
from concord.store import Store, backups, contents, open_store, registers, stock


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
    by_api = FhirFeeds(feeds_in)
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
        feeds_in=feeds_in,
        quality=quality,
        onboarding=Onboarding(
            feeds=feeds,
            trial_of=records.trials.of,
            in_use_since=records.trials.in_use_since,
            reasons_of=records.rejects.reasons_of,
            unmapped_of=records.originals.unmapped,
            quality_of=quality.trend,
            policy=lambda: _policy(store, gate),
            clock=clock,
        ),
        jobs=jobs,
        messages=FhirMessages(records, by_api),
        writes=FhirWrites(records, by_api),
        bulk=Bulk(jobs=jobs, exports=records.exports(jobs), imports=Imports(records, jobs, by_api)),
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
