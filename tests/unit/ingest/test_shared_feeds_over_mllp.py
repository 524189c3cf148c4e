"""Messages that nobody here wrote, over a connection and from a file: the same record, item by item."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

from concord.app import App
from concord.base import OdsCode, SystemIds
from concord.ingest import Receiver, load, parse_feed
from concord.ingest.mllp.framing import Frame
from concord.store import body
from tests.small_system import small_system

_BETWEEN = re.compile(rb"[\r\n]{2,}(?=MSH)")
_FEED = "organisation: ZZA\nmessages: [ADT, ORU, OUL, MDM, SIU, REF, ORM, OML, OMG, RDE, VXU]\n"
_SHARE = 4  # one in so many of the simulated hospital's


def items(app: App) -> dict[tuple[Any, ...], bytes]:
    codec = body.Codec()
    with app.store.reading() as reading:
        rows = reading.rows("SELECT word.text, item.id, item.body FROM item JOIN word ON word.number = item.type")
    return {(type_, id_): codec.decompress(stored) for type_, id_, stored in rows}


def numbered(message: bytes, number: int) -> bytes:
    """The message under a number of its own: the pairs share a few."""
    fields = message.split(b"|", 10)
    return b"|".join([*fields[:9], b"PAIR%d" % number, fields[10]])


def test_the_same_record_over_a_connection_as_from_a_file(shared_data: Path, tmp_path: Path) -> None:
    hospital = (shared_data / "hl7v2" / "simulated-hospital" / "messages.hl7").read_bytes()
    messages = [part.strip() for part in _BETWEEN.split(hospital)][::_SHARE]
    pairs = [path.read_bytes() for path in sorted((shared_data / "hl7v2" / "pairs" / "input").iterdir())]
    messages += [numbered(message, number) for number, message in enumerate(pairs)]
    files = tmp_path / "files"
    files.mkdir()
    for number, message in enumerate(messages):
        (files / f"{number:04}.hl7").write_bytes(message)

    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with small_system(tmp_path / "a") as app:
        load([files], app.records, organisation=OdsCode("ZZA"), assurance="stated")
        from_file, held = items(app), Counter(one.kind for one in app.records.quarantined())
    with small_system(tmp_path / "b") as app:
        feed = parse_feed(_FEED, filename="feed.yaml", folder=tmp_path)
        receiver = Receiver(feed, app.records, services=(), clock=app.clock, ids=SystemIds())
        answers = Counter(receiver.answer(Frame(message)).split(b"\rMSA|")[1][:2] for message in messages)
        over_mllp = items(app)
        held_over_mllp = len(app.records.quarantined())
    # One asks for word of the commit alone (AL in MSH-15, NE in MSH-16), and hears its code.
    assert answers == {b"AA": len(messages) - 1, b"CA": 1}
    assert over_mllp == from_file
    assert held_over_mllp == held.total() == 14
