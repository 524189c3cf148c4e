"""Counts of what is held: for whoever runs an installation. They tell nothing of any one person."""

from collections.abc import Mapping
from dataclasses import dataclass

from concord.store.face import Reading
from concord.store.layouts import NEWEST


@dataclass(frozen=True, kw_only=True, slots=True)
class Stock:
    """`items` by (organisation, type): current versions, whatever their lifecycle. `versions`: earlier ones."""

    layout: int
    people: int
    source_patients: int
    items: Mapping[tuple[str, str], int]
    versions: int
    waiting: int
    quarantined: int
    audit_rows: int


def stock(reading: Reading) -> Stock:
    """A scan of the items' table, in one snapshot."""
    by_source = reading.rows(
        "SELECT s.organisation, i.type, count(*) FROM item i "
        "JOIN source_patient s ON s.home = i.home AND s.number = i.source_patient GROUP BY s.organisation, i.type"
    )
    text = reading.words.text
    return Stock(
        layout=NEWEST,
        people=_count(reading, "link", "DISTINCT person"),
        source_patients=_count(reading, "source_patient", "patient"),
        items=dict(
            sorted(((text(reading, source), text(reading, type_)), count) for source, type_, count in by_source)
        ),
        versions=_count(reading, "item_version"),
        waiting=_count(reading, "waiting"),
        quarantined=_quarantined(reading),
        audit_rows=_count(reading, "audit"),
    )


def backlog(reading: Reading) -> tuple[int, int]:
    """How many items wait for their Patient, and how many rejects are in quarantine."""
    return _count(reading, "waiting"), _quarantined(reading)


def _quarantined(reading: Reading) -> int:
    row = reading.row("SELECT count(*) FROM quarantine WHERE ended_at IS NULL")
    return int(row[0]) if row else 0


def _count(reading: Reading, table: str, what: str = "*") -> int:
    row = reading.row(f"SELECT count({what}) FROM {table}")
    return int(row[0]) if row else 0
