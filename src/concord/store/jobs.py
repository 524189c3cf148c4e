"""Rows of long work: what was asked by whom, how far it has come, and who carries it out until when."""

from dataclasses import dataclass

from concord.base import OdsCode
from concord.store.face import Reading, Writing

_COLUMNS = "id, kind, organisation, asked, state, begun_at, ends_at, progress"


@dataclass(frozen=True, kw_only=True, slots=True)
class JobRow:
    """Instants in microseconds since 1970 UTC; `asked` and `progress` JSON texts."""

    id: str
    kind: str
    organisation: OdsCode
    asked: str
    state: str
    begun_at: int
    ends_at: int
    progress: str


def add(writing: Writing, job: JobRow) -> None:
    writing.run(
        f"INSERT INTO job ({_COLUMNS}, holder, held_until) VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', 0)",
        (job.id, job.kind, job.organisation, job.asked, job.state, job.begun_at, job.ends_at, job.progress),
    )


def one(reading: Reading, id_: str) -> JobRow | None:
    row = reading.row(f"SELECT {_COLUMNS} FROM job WHERE id = ?", (id_,))
    if row is None:
        return None
    id_, kind, organisation, asked, state, begun_at, ends_at, progress = row
    return JobRow(
        id=id_, kind=kind, organisation=OdsCode(organisation), asked=asked, state=state, begun_at=begun_at,
        ends_at=ends_at, progress=progress,
    )  # fmt: skip


def states(reading: Reading, organisation: OdsCode, now: int) -> list[tuple[str, str]]:
    """(kind, state) of each job of an organisation that has not ended."""
    rows = reading.rows("SELECT kind, state FROM job WHERE organisation = ? AND ends_at > ?", (organisation, now))
    return [(row[0], row[1]) for row in rows]


def take(writing: Writing, id_: str, holder: str, now: int, until: int) -> bool:
    """Let `holder` carry a job out until then; False when another does, or it is none to be carried out."""
    return bool(
        writing.run(
            "UPDATE job SET holder = ?, held_until = ? WHERE id = ? AND state = 'under-way' AND held_until <= ?",
            (holder, until, id_, now),
        )
    )


def keep(
    writing: Writing, id_: str, holder: str, *, state: str, progress: str | None, ends_at: int, until: int
) -> bool:
    """Note how far a job has come (None: as before); False when it is no longer this holder's to carry out."""
    return bool(
        writing.run(
            "UPDATE job SET state = ?, progress = coalesce(?, progress), ends_at = ?, held_until = ? "
            "WHERE id = ? AND holder = ? AND state = 'under-way'",
            (state, progress, ends_at, until, id_, holder),
        )
    )


def start(writing: Writing, id_: str) -> None:
    """What was still arriving is there: it may be carried out."""
    writing.run("UPDATE job SET state = 'under-way' WHERE id = ? AND state = 'arriving'", (id_,))


def remove(writing: Writing, id_: str) -> None:
    writing.run("DELETE FROM job WHERE id = ?", (id_,))


def kept(reading: Reading, now: int) -> set[str]:
    """The ids of the jobs whose time is not over."""
    return {row[0] for row in reading.rows("SELECT id FROM job WHERE ends_at > ?", (now,))}


def forget(writing: Writing, kind: str, before: int) -> None:
    """Remove the jobs of a kind whose time was over then."""
    writing.run("DELETE FROM job WHERE kind = ? AND ends_at <= ?", (kind, before))
