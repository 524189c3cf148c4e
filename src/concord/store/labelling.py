"""Rows beside the labels of items: what people said of them, and words in free text that suggest more.

What was said is found by an item's id, which stays when the item goes over to another Patient, or is deleted and comes
back. Instants are microseconds since 1970 UTC.
"""

from collections.abc import Iterable
from typing import NamedTuple

from concord.base import OdsCode
from concord.store.face import Reading, Writing
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
            row = (*place, label, writing.word(organisation), words, at)
            writing.run("INSERT INTO label_cue VALUES (?,?,?,?,?,?,?,NULL)", row)


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


def waiting(reading: Reading, permitted: Permitted, organisation: OdsCode, *, hidden: int, most: int) -> list[Waiting]:
    """The current items of an organisation that wait, the longest first; none that carries a `hidden` label, nor for a
    label that it carries. Only for a duty."""
    number = reading.words.number(reading, organisation)
    if permitted.duty is None or number is None:
        return []
    sql = (
        "SELECT c.home, c.source_patient, c.item, min(c.found_at), sum(c.label) FROM label_cue c JOIN item i "
        "ON i.home = c.home AND i.source_patient = c.source_patient AND i.item = c.item "
        "WHERE c.organisation = ? AND c.reviewed_at IS NULL AND i.lifecycle = 0 AND i.labels & ? = 0 "
        "AND i.labels & c.label = 0 GROUP BY c.home, c.source_patient, c.item "
        "ORDER BY min(c.found_at), c.home, c.source_patient, c.item LIMIT ?"
    )
    return [Waiting(Place(*at), int(found), int(of)) for *at, found, of in reading.rows(sql, (number, hidden, most))]


_AT = "home = ? AND source_patient = ? AND item = ?"
