"""Small registers beside the record: policy, definitions, freshness, waiting, receipts, snapshots."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from concord.base import OdsCode
from concord.store import items
from concord.store.face import Reading, Writing

POLICY_VERSION = (
    "coalesce((SELECT max(version) FROM policy), 0), coalesce((SELECT max(number) FROM statement), 0), "
    "coalesce((SELECT max(voided) FROM statement WHERE voided IS NOT NULL), 0)"
)
"""The columns of `policy_version`."""

# -- settings of the database itself -----------------------------------------------------------------------------------


def installation(reading: Reading) -> str | None:
    """The mark of the installation whose database this is."""
    row = reading.row("SELECT value FROM setting WHERE name = 'installation'")
    return None if row is None else str(row[0])


def claim(writing: Writing, mark: str) -> str:
    """Put the mark of an installation on a database that has none; the mark that it has then."""
    writing.run("INSERT INTO setting VALUES ('installation', ?) ON CONFLICT (name) DO NOTHING", (mark,))
    return installation(writing) or mark


# -- how far a pass has come that labels what is held ------------------------------------------------------------------


def labelling(reading: Reading) -> tuple[str, str] | None:
    """(what the labels hang on, as a hash; the id of the last item looked at) of a pass that has not ended."""
    row = reading.row("SELECT value FROM setting WHERE name = 'labelling'")
    if row is None:
        return None
    rules, _, after = str(row[0]).partition(" ")
    return rules, after


def note_labelling(writing: Writing, rules: str, after: str) -> None:
    writing.run(
        "INSERT INTO setting VALUES ('labelling', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (f"{rules} {after}",),
    )


def end_labelling(writing: Writing) -> None:
    writing.run("DELETE FROM setting WHERE name = 'labelling'")


# -- how far a pass has come that judges by other weights whose records are whose --------------------------------------


def rejudging(reading: Reading) -> tuple[int, int] | None:
    """(version of the weights, number of the last source patient looked at) of a pass that has not ended."""
    row = reading.row("SELECT value FROM setting WHERE name = 'rejudging'")
    if row is None:
        return None
    weights, _, after = str(row[0]).partition(" ")
    return int(weights), int(after)


def note_rejudging(writing: Writing, weights: int, after: int) -> None:
    writing.run(
        "INSERT INTO setting VALUES ('rejudging', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (f"{weights} {after}",),
    )


def end_rejudging(writing: Writing) -> None:
    writing.run("DELETE FROM setting WHERE name = 'rejudging'")


# -- policy: agreements, signatories and directory as published, every version kept; and what parties signed ----------


def policy_version(reading: Reading) -> tuple[int, int, int]:
    """The number of the last publication, of the last statement received, and of the last time that statements became
    void; 0 before the first."""
    row = reading.row(f"SELECT {POLICY_VERSION}")
    assert row is not None
    return int(row[0]), int(row[1]), int(row[2])


def policy_files(reading: Reading, version: int) -> str:
    """A published policy (JSON text) by its number; empty where there is none."""
    row = reading.row("SELECT files FROM policy WHERE version = ?", (version,))
    return row[0] if row else ""


def publications(reading: Reading) -> list[tuple[int, int, str]]:
    """(number, instant, files) of every published policy, oldest first."""
    return [tuple(row) for row in reading.rows("SELECT version, published_at, files FROM policy ORDER BY version")]


def publish_policy(writing: Writing, files: str, published_at: int) -> int:
    writing.run("INSERT INTO policy (published_at, files) VALUES (?, ?)", (published_at, files))
    return policy_version(writing)[0]


def statements(reading: Reading) -> list[tuple[str, int]]:
    """(signed text, received at) of each that is not void, in the order in which they came."""
    sql = "SELECT content, received_at FROM statement WHERE voided IS NULL ORDER BY number"
    return [(row[0], row[1]) for row in reading.rows(sql)]


def last_turn(reading: Reading, agreement: str, version: int, party: OdsCode) -> int:
    """How many statements of a party about a version have come, void ones too."""
    row = reading.row(
        "SELECT max(turn) FROM statement WHERE agreement = ? AND version = ? AND party = ?", (agreement, version, party)
    )
    return int(row[0]) if row and row[0] is not None else 0


def keep_statement(writing: Writing, row: Sequence[object]) -> None:
    """(agreement, version, party, turn, received at, signed text)"""
    writing.run(
        "INSERT INTO statement (agreement, version, party, turn, received_at, content) VALUES (?,?,?,?,?,?)", row
    )


def void_statements(writing: Writing, agreement: str, version: int) -> None:
    """What has been said about a version by now counts no longer; it is kept."""
    writing.run(
        "UPDATE statement SET voided = 1 + (SELECT coalesce(max(v.voided), 0) FROM statement v "
        "WHERE v.voided IS NOT NULL) WHERE agreement = ? AND version = ? AND voided IS NULL",
        (agreement, version),
    )


# -- weights by which people are compared, every version kept ----------------------------------------------------------


def matching_weights(reading: Reading) -> tuple[int, str] | None:
    """Version and content (JSON) of the newest; None before the first."""
    row = reading.row("SELECT version, content FROM matching_weights ORDER BY version DESC LIMIT 1")
    return None if row is None else (int(row[0]), str(row[1]))


def matching_version(reading: Reading) -> int:
    """The version of the newest; 0 before the first."""
    row = reading.row("SELECT max(version) FROM matching_weights")
    return 0 if row is None or row[0] is None else int(row[0])


def add_matching_weights(writing: Writing, content: str, learnt_at: int) -> int:
    """The version that they are from now on."""
    writing.run("INSERT INTO matching_weights (learnt_at, content) VALUES (?, ?)", (learnt_at, content))
    newest = matching_weights(writing)
    assert newest is not None
    return newest[0]


# -- definitions: profiles, value sets and code systems to validate by -------------------------------------------------


def definitions_version(reading: Reading) -> int:
    """Grows whenever something is loaded; 0 before the first."""
    row = reading.row("SELECT max(loading) FROM definition")
    return int(row[0]) if row and row[0] is not None else 0


def definitions(reading: Reading) -> list[tuple[str, bytes]]:
    """(URL, JSON) of all that is loaded, by URL."""
    return [(row[0], bytes(row[1])) for row in reading.rows("SELECT url, body FROM definition ORDER BY url")]


def define(writing: Writing, url: str, body: bytes, loading: int) -> None:
    writing.run(
        "INSERT INTO definition (url, loading, body) VALUES (?, ?, ?) "
        "ON CONFLICT (url) DO UPDATE SET loading = excluded.loading, body = excluded.body",
        (url, loading, body),
    )


# -- freshness ---------------------------------------------------------------------------------------------------------


def hear(writing: Writing, organisation: OdsCode, at: int) -> None:
    writing.run(
        "INSERT INTO heard (organisation, heard_at) VALUES (?, ?) "
        "ON CONFLICT (organisation) DO UPDATE SET heard_at = excluded.heard_at "
        "WHERE excluded.heard_at > heard.heard_at",
        (organisation, at),
    )


def heard(reading: Reading) -> dict[OdsCode, int]:
    return {OdsCode(row[0]): row[1] for row in reading.rows("SELECT organisation, heard_at FROM heard")}


# -- items that wait for their Patient ---------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    patient: str
    organisation: OdsCode
    type: str
    id: str
    service: str | None
    body: bytes


def wait(writing: Writing, item: Waiting) -> None:
    """Keep the newest of what one source calls by one id, whichever Patient it names now."""
    writing.run("DELETE FROM waiting WHERE type = ? AND id = ? AND patient <> ?", (item.type, item.id, item.patient))
    writing.run(
        "INSERT INTO waiting (patient, organisation, type, id, service, body) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (patient, type, id) DO UPDATE SET service = excluded.service, body = excluded.body",
        (item.patient, item.organisation, item.type, item.id, item.service, item.body),
    )


def wait_no_more(writing: Writing, type_: str, id_: str) -> None:
    """An item that waits was deleted by its source."""
    writing.run("DELETE FROM waiting WHERE type = ? AND id = ?", (type_, id_))


def waiting_services(reading: Reading, names: Iterable[str]) -> dict[str, str | None]:
    """Of those among "Type/id" that wait, the service that each waits under."""
    found: dict[str, str | None] = {}
    for some in items.portions(names):
        ids = [name.partition("/")[2] for name in some]
        sql = f"SELECT type, id, service FROM waiting WHERE id IN ({','.join('?' * len(ids))})"
        found.update((f"{type_}/{id_}", service) for type_, id_, service in reading.rows(sql, ids))
    return found


def waited_for(reading: Reading, patients: Iterable[str]) -> set[str]:
    """Those Patients for which anything waits."""
    found: set[str] = set()
    for some in items.portions(patients):
        sql = f"SELECT DISTINCT patient FROM waiting WHERE patient IN ({','.join('?' * len(some))})"
        found.update(patient for (patient,) in reading.rows(sql, some))
    return found


def take_waiting(writing: Writing, patient: str) -> list[Waiting]:
    """What waited for a Patient, in order of arrival; it waits no more."""
    rows = writing.rows(
        "SELECT patient, organisation, type, id, service, body FROM waiting WHERE patient = ? ORDER BY number",
        (patient,),
    )
    if rows:
        writing.run("DELETE FROM waiting WHERE patient = ?", (patient,))
    return [
        Waiting(patient=row[0], organisation=OdsCode(row[1]), type=row[2], id=row[3], service=row[4], body=row[5])
        for row in rows
    ]


# -- receipts: messages acknowledged -----------------------------------------------------------------------------------


def receive(writing: Writing, organisation: OdsCode, message: bytes, content: bytes, received_at: int) -> None:
    """Note that a message was taken in; the first content under its name stays."""
    writing.run(
        "INSERT INTO receipt VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", (organisation, message, content, received_at)
    )


def received(reading: Reading, organisation: OdsCode, message: bytes) -> bytes | None:
    """With which content a message was taken in; None when it was not."""
    row = reading.row("SELECT content FROM receipt WHERE organisation = ? AND message = ?", (organisation, message))
    return None if row is None else bytes(row[0])


# -- snapshots: what extracts that hold all there is held --------------------------------------------------------------


Named = tuple[str, str]


def in_snapshot(reading: Reading, organisation: OdsCode, source: str) -> list[Named]:
    """Type and source id of what the newest extract of `source` held."""
    rows = reading.rows(
        "SELECT type, id FROM snapshot WHERE organisation = ? AND source = ? ORDER BY type, id", (organisation, source)
    )
    return [(row[0], row[1]) for row in rows]


def note_in_snapshot(writing: Writing, organisation: OdsCode, source: str, names: Iterable[Named]) -> None:
    for type_, id_ in names:
        writing.run(
            "INSERT INTO snapshot VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", (organisation, source, type_, id_)
        )


def strike_from_snapshot(writing: Writing, organisation: OdsCode, source: str, names: Iterable[Named]) -> None:
    for type_, id_ in names:
        writing.run(
            "DELETE FROM snapshot WHERE organisation = ? AND source = ? AND type = ? AND id = ?",
            (organisation, source, type_, id_),
        )
