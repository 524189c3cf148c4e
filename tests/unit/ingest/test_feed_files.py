"""The file that describes a feed of messages."""

from datetime import timedelta
from pathlib import Path

import pytest

from concord.base import Incorrect
from concord.ingest import parse_feed, read_feed
from concord.ingest.rhythm import Rhythm

HERE = Path("/etc/concord/feeds")
SMALL = "organisation: ZZA\nmessages: [ADT, ORU^R01]\n"


def test_a_small_one() -> None:
    feed = parse_feed(SMALL, filename="pas.yaml", folder=HERE)
    assert (feed.name, feed.organisation, feed.service, feed.nhs_numbers) == ("pas", "ZZA", None, "stated")
    assert (feed.on_reject, feed.tls) == ("accept-and-hold", None)
    assert [feed.allows_type(type_) for type_ in ("ADT^A01", "ADT^A40", "ORU^R01", "ORU^R30", "SIU^S12")] == [
        True, True, True, False, False,
    ]  # fmt: skip
    assert feed.allows_sender("anybody")


def test_a_full_one() -> None:
    feed = parse_feed(
        SMALL + "service: outpatients\nnhs_numbers: traced\nsending_applications: PAS\non_reject: refuse\n"
        "tls: {certificate: server.pem, key: /keys/server.key, clients_signed_by: ca.pem, clients: [pas.example]}\n",
        filename="pas.yaml",
        folder=HERE,
    )
    assert (feed.service, feed.nhs_numbers, feed.on_reject) == ("outpatients", "traced", "refuse")
    assert (feed.allows_sender("PAS"), feed.allows_sender("LAB")) == (True, False)
    assert feed.tls is not None
    assert feed.tls.certificate == HERE / "server.pem"
    assert feed.tls.key == Path("/keys/server.key")
    assert feed.tls.clients == {"pas.example"}


def test_one_of_tables_that_come_as_files() -> None:
    feed = parse_feed(
        "organisation: ZZL\nkind: table\nmapping: council.yaml\nrhythm: 1d\nshadow: yes\n",
        filename="council.yaml",
        folder=HERE,
    )
    assert (feed.kind, feed.transport, feed.shadow, feed.order) == ("table", "folder", True, "by-time")
    assert (feed.mapping, feed.folder, feed.ready) == (HERE / "council.yaml", HERE / "council", "still")
    assert feed.rhythm == Rhythm(every=timedelta(days=1))


def test_files_of_messages() -> None:
    feed = parse_feed(
        SMALL + "transport: folder\nfolder: /srv/in\nready: marker\norder: by-person\nassigning_authorities: pas\n",
        filename="pas.yaml",
        folder=HERE,
    )
    assert (feed.transport, feed.folder, feed.ready, feed.order) == ("folder", Path("/srv/in"), "marker", "by-person")
    assert feed.assigning_authorities == {"PAS"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("organisation: ZZA\n", 'a feed of the kind hl7v2 needs the key "messages"'),
        ("organisation: ZZL\nkind: table\n", 'a feed of the kind table needs the key "mapping"'),
        ("organisation: ZZL\nkind: table\ntransport: mllp\n", 'line 3, column 12: unknown transport "mllp"'),
        (SMALL + "mapping: x.yaml\n", '"mapping" means nothing in a feed of the kind hl7v2 that comes by mllp'),
        (SMALL + "folder: in\n", '"folder" means nothing in a feed of the kind hl7v2 that comes by mllp'),
        (SMALL + "order: by-person\non_reject: refuse\n", "a sender whose messages are refused keeps their order"),
        (SMALL + "rhythm: 15m\n", "rhythm must be a span such as 15min, 4h, 1d or 1w"),
        (SMALL + "shadow: true\n", 'line 3, column 9: unknown shadow "true"'),
        (
            "organisation: ZZA\nkind: fhir\nresources: [Patien]\n",
            'unknown resource type "Patien"; did you mean "Patient"?',
        ),
        (
            SMALL + "on_rejects: refuse\n",
            'line 3, column 1: unknown key "on_rejects" in a feed; did you mean "on_reject"?',
        ),
        (SMALL + "on_reject: shout\n", 'line 3, column 12: unknown on_reject "shout"'),
        (SMALL + "character_set: windows-1251\n", 'unknown character_set "windows-1251"; did you mean "windows-1252"?'),
        (
            "organisation: ZZL\nkind: fhir\ncharacter_set: utf-8\n",
            '"character_set" means nothing in a feed of the kind',
        ),
        (SMALL + "nhs_numbers: guessed\n", 'unknown nhs_numbers "guessed"'),
        ("organisation: ZZA\nmessages: [adt]\n", '"adt" is no message type'),
        ("organisation: ZZA\nmessages: [ADR]\n", 'unknown message type "ADR"; did you mean "ADT"?'),
        ("organisation: ZZA\nmessages: []\n", "must not be an empty list"),
        (SMALL + "tls: {certificate: a}\n", 'tls needs the key "key"'),
        (SMALL + "tls: {certificate: a, key: b, clients: [c]}\n", '"clients" needs "clients_signed_by"'),
    ],
)
def test_what_is_refused(text: str, said: str) -> None:
    with pytest.raises(Incorrect) as caught:
        parse_feed(text, filename="pas.yaml", folder=HERE)
    assert said in caught.value.message
    assert caught.value.message.startswith("pas.yaml, line ")


def test_certificates_that_are_not_there_are_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "pas.yaml").write_text(SMALL + "tls: {certificate: a.pem, key: a.key}\n", encoding="utf-8")
    feed = read_feed(tmp_path / "pas.yaml")
    assert feed.tls is not None
    with pytest.raises(Incorrect, match=r"certificates cannot be used: .*a\.pem: No such file"):
        feed.tls.context()
    for name in ("a.pem", "a.key"):
        (tmp_path / name).write_text("nothing of the kind", encoding="utf-8")
    with pytest.raises(Incorrect, match=r"certificates cannot be used: .*a\.pem with the key .*a\.key: "):
        feed.tls.context()
    with pytest.raises(Incorrect, match="There is no feed at"):
        read_feed(tmp_path / "absent.yaml")
