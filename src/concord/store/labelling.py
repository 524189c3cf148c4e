"""Rows beside the labels of items: what people said of them, and words in free text that suggest more.

What was said is found by an item's id, which stays when the item goes over to another Patient, or is deleted and comes
back. Instants are microseconds since 1970 UTC.
"""

from collections.abc import Iterable
from typing import NamedTuple

from concord.base import OdsCode
from concord.store.face import Reading, Row, Writing
from concord.store.items import Place
from concord.store.permitted import Permitted


class SaidRow(NamedTuple):
    """`label` is a name; `grounds` a line each; `author` a name to show."""

    label: str
    says: str
    mistake: int
    grounds: str
    why: str
    author: str
    said_at: int


def said(reading: Reading, type_: str, id_: str) -> list[SaidRow]:
    """All that people said of an item's labels, oldest first."""
    number = reading.words.number(reading, type_)
    sql = (
        "SELECT label, says, mistake, grounds, why, author, said_at FROM label_said "
        "WHERE id = ? AND type = ? ORDER BY turn"
    )
    return [SaidRow(*row) for row in reading.rows(sql, (id_, number))] if number is not None else []


def say(writing: Writing, type_: str, id_: str, row: SaidRow) -> None:
    turn = 1 + len(said(writing, type_, id_))
    writing.run("INSERT INTO label_said VALUES (?,?,?,?,?,?,?,?,?,?)", (id_, writing.word(type_), turn, *row))


# -- words that suggest a label ----------------------------------------------------------------------------------------


class CueRow(NamedTuple):
    """`label` in stored form; `words` as found, a line each."""

    label: int
    words: str


class Waiting(NamedTuple):
    """An item that waits for review, since when, and the labels (stored form) that its words suggest."""

    place: Place
    found_at: int
    labels: int


def suggest(writing: Writing, organisation: OdsCode, place: Place, cues: Iterable[CueRow], at: int) -> None:
    """The words found in an item by now, in the place of those found before: what was reviewed stays so, unless other
    words suggest the label."""
    held = {row.label: row.words for row in suggested(writing, place)}
    now = {row.label: row.words for row in cues}
    for label, before in held.items():
        if now.get(label) != before:
            writing.run(f"DELETE FROM label_cue WHERE {_AT} AND label = ?", (*place, label))
    for label, words in now.items():
        if held.get(label) != words:
            writing.run(_SUGGESTED, (*place, label, writing.word(organisation), words, at))


def suggest_new(
    writing: Writing, organisation: OdsCode, arrived: Iterable[tuple[Place, Iterable[CueRow]]], at: int
) -> None:
    """The same of items of which nothing was found before."""
    rows = [(*place, cue.label, writing.word(organisation), cue.words, at) for place, cues in arrived for cue in cues]
    writing.run_many(_SUGGESTED, rows)


def suggested(reading: Reading, place: Place) -> list[CueRow]:
    """What is suggested of an item, reviewed or not."""
    sql = f"SELECT label, words FROM label_cue WHERE {_AT} ORDER BY label"
    return [CueRow(*row) for row in reading.rows(sql, place)]


def unreviewed(reading: Reading, place: Place) -> int:
    """The labels (stored form) that an item's words suggest and nobody has judged."""
    labels = 0
    for (label,) in reading.rows(f"SELECT label FROM label_cue WHERE {_AT} AND reviewed_at IS NULL", place):
        labels |= label
    return labels


def reviewed(writing: Writing, place: Place, labels: int, at: int) -> None:
    """Somebody has judged what an item's words suggest."""
    writing.run(
        f"UPDATE label_cue SET reviewed_at = ? WHERE {_AT} AND label & ? <> 0 AND reviewed_at IS NULL",
        (at, *place, labels),
    )


def waiting(
    reading: Reading,
    permitted: Permitted,
    organisation: OdsCode,
    *,
    hidden: int,
    most: int,
    label: int = 0,
    newest: bool = False,
) -> list[Waiting]:
    """The current items of an organisation that wait, the longest or the `newest` first; none that carries a `hidden`
    label, nor for a label that it carries. `label`: only for that one (stored form). Only for a duty."""
    number = reading.words.number(reading, organisation)
    if permitted.duty is None or number is None:
        return []
    order = "DESC" if newest else "ASC"
    sql = (
        f"SELECT c.home, c.source_patient, c.item, min(c.found_at), sum(c.label) {_WAITING} "
        "AND c.organisation = ? AND (c.label = ? OR ? = 0) AND i.labels & ? = 0 "
        "GROUP BY c.home, c.source_patient, c.item "
        f"ORDER BY min(c.found_at) {order}, c.home, c.source_patient, c.item LIMIT ?"
    )
    rows = reading.rows(sql, (number, label, label, hidden, most))
    return [Waiting(Place(*at), int(found), int(of)) for *at, found, of in rows]


# -- an organisation's labels at a glance ------------------------------------------------------------------------------


class Reviewed(NamedTuple):
    """What of an organisation's items somebody may review: none that carries a `hidden` label (stored form), none of
    whoever has the reviewer's `own` NHS number."""

    organisation: OdsCode
    hidden: int
    own: str


class Corrected(NamedTuple):
    """The last word on a label of an item."""

    place: Place
    label: str
    says: str
    why: str
    author: str
    said_at: int


def count_waiting(reading: Reading, permitted: Permitted, of: Reviewed) -> dict[int, int]:
    """How many items wait, by the label (stored form) that their words suggest. Only for a duty."""
    sql = f"SELECT c.label, count(*) {_WAITING} AND {_REVIEWABLE} GROUP BY c.label ORDER BY c.label"
    return {int(label): int(count) for label, count in _of(reading, permitted, sql, of)}


def count_carried(reading: Reading, permitted: Permitted, of: Reviewed) -> dict[int, int]:
    """How many current items carry labels, by the set of them (stored form). Only for a duty."""
    sql = (
        "SELECT i.labels, count(*) FROM item i "
        "JOIN source_patient s ON s.home = i.home AND s.number = i.source_patient "
        f"WHERE i.labels <> 0 AND i.lifecycle = 0 AND {_REVIEWABLE} GROUP BY i.labels ORDER BY i.labels"
    )
    return {int(labels): int(count) for labels, count in _of(reading, permitted, sql, of)}


def count_corrected(reading: Reading, permitted: Permitted, of: Reviewed) -> dict[tuple[str, str, bool], int]:
    """How many last words there are, by label, what they say, and whether of the source's mistake. Only for a duty."""
    sql = f"SELECT d.label, d.says, d.mistake, count(*) {_SAID} GROUP BY d.label, d.says, d.mistake"
    rows = _of(reading, permitted, sql, of)
    return {(str(label), str(says), bool(mistake)): int(count) for label, says, mistake, count in rows}


def corrected(reading: Reading, permitted: Permitted, of: Reviewed, *, label: str, most: int) -> list[Corrected]:
    """The last words on labels of items, the newest first. `label`: only on that one; "": on all. Only for a duty."""
    sql = (
        f"SELECT l.home, l.source_patient, l.item, d.label, d.says, d.why, d.author, d.said_at {_SAID} "
        "AND (d.label = ? OR ? = '') ORDER BY d.said_at DESC, d.id, d.label LIMIT ?"
    )
    rows = _of(reading, permitted, sql, of, label, label, most)
    return [Corrected(Place(home, number, item), *told) for home, number, item, *told in rows]


def _of(reading: Reading, permitted: Permitted, sql: str, of: Reviewed, *more: object) -> list[Row]:
    number = reading.words.number(reading, of.organisation)
    if permitted.duty is None or number is None:
        return []
    return reading.rows(sql, (number, of.hidden, of.own, *more))


_WAITING = (
    "FROM label_cue c JOIN item i ON i.home = c.home AND i.source_patient = c.source_patient AND i.item = c.item "
    "JOIN source_patient s ON s.home = i.home AND s.number = i.source_patient "
    "WHERE c.reviewed_at IS NULL AND i.lifecycle = 0 AND i.labels & c.label = 0"
)
# Of somebody, and not of the reviewer.
_REVIEWABLE = (
    "s.organisation = ? AND i.labels & ? = 0 AND EXISTS (SELECT 1 FROM link k WHERE k.home = s.home "
    "AND k.source_patient = s.number AND NOT EXISTS (SELECT 1 FROM link o JOIN source_patient p "
    "ON p.home = o.home AND p.number = o.source_patient WHERE o.person = k.person AND p.nhs_number = ?))"
)
_SAID = (
    "FROM label_said d JOIN locator l ON l.id = d.id AND l.type = d.type "
    "JOIN item i ON i.home = l.home AND i.source_patient = l.source_patient AND i.item = l.item "
    "JOIN source_patient s ON s.home = i.home AND s.number = i.source_patient "
    "WHERE i.lifecycle = 0 AND NOT EXISTS (SELECT 1 FROM label_said n WHERE n.id = d.id AND n.type = d.type "
    f"AND n.label = d.label AND n.turn > d.turn) AND {_REVIEWABLE}"
)
_AT = "home = ? AND source_patient = ? AND item = ?"
_SUGGESTED = (
    "INSERT INTO label_cue (home, source_patient, item, label, organisation, words, found_at) VALUES (?,?,?,?,?,?,?)"
)
