"""`concord quarantine`: one person's failing message holds their later ones alone; they are replayed, or discarded."""

from pathlib import Path

import pytest

from tests.unit.cli.commanding import Concord

FEED = "organisation: ZZA\ntransport: folder\nready: marker\norder: by-person\nmessages: [ADT]\n"


def message(number: int, patient: str, born: str = "19420214") -> str:
    return "\r".join(
        (
            f"MSH|^~\\&|PAS|NGH|CONCORD|NF|2026112203{number:02}||ADT^A01|M{number}|P|2.4",
            f"PID|1||{patient}^^^NGH^MR||Holroyd^Margaret||{born}|F",
            f"PV1|1|I|W1^^^NGH|||||||||||||||||V{patient}|||||||||||||||||||||||||202611220300",
        )
    )


@pytest.fixture
def data(concord: Concord, tmp_path: Path) -> Path:
    """Four messages: the first has an impossible date of birth, two of the same person follow, and one of another."""
    data = tmp_path / "data"
    concord("init", data, "--organisation", "ZZA")
    (data / "feeds").mkdir(exist_ok=True)
    (data / "feeds" / "pas.yaml").write_text(FEED, encoding="utf-8")
    folder = data / "feeds" / "pas"
    folder.mkdir()
    sent = [message(1, "1001", "19421341"), message(2, "1001"), message(3, "1001"), message(4, "2002")]
    (folder / "day.hl7").write_text("\r\n".join(sent), encoding="utf-8", newline="")
    (folder / "day.hl7.ok").touch()
    assert concord("feed", "run", "pas", "--once", "--data", data)[0] == 3
    return data


def held(concord: Concord, data: Path, *more: str) -> list[str]:
    listed = concord("quarantine", "list", "--data", data, *more)[1].splitlines()
    return [line.split()[0] for line in listed if "pas" in line and ":" in line]


def test_what_comes_for_the_person_waits_and_nobody_else_does(concord: Concord, data: Path) -> None:
    assert held(concord, data) == ["1", "2", "3"]
    assert held(concord, data, "--why", "behind an earlier") == ["2", "3"]
    assert "of the same person, in order: 1, 2, 3" in concord("quarantine", "show", "1", "--data", data)[1]
    assert "Patient" in concord("stats", "--data", data)[1], "the fourth is in"


def test_replayed_in_vain_all_of_the_persons_are_held_still(concord: Concord, data: Path) -> None:
    code, said = concord("quarantine", "replay", "--feed", "pas", "--data", data)
    assert (code, "taken in 0, held still 1, waiting behind 2" in said) == (3, True)
    assert held(concord, data) == ["1", "2", "3"]


def test_the_first_discarded_lets_the_others_in(concord: Concord, data: Path) -> None:
    code, said = concord("quarantine", "discard", "1", "--reason", "A test of the sender's", "--data", data)
    assert (code, "taken in 2, held still 0" in said) == (0, True)


def test_many_discarded_at_once_let_none_of_each_other_in(concord: Concord, data: Path) -> None:
    code, said = concord("quarantine", "discard", "--feed", "pas", "--reason", "All of it a test", "--data", data)
    assert (code, "taken in" in said) == (0, False)
    assert held(concord, data) == []


def test_what_is_not_said_is_asked_for_and_nothing_is_discarded_unmeant(concord: Concord, data: Path) -> None:
    for words, told in (
        (("discard", "--reason", "x"), "Say what to discard"),
        (("discard", "1", "--reason", " "), "Say why"),
        (("replay",), "Say what to replay"),
    ):
        code, said = concord("quarantine", *words, "--data", data)
        assert (code, told in said) == (2, True)
    unmet = ("discard", "--why", "no such words", "--reason", "x", "--data", str(data))
    assert concord("quarantine", *unmet) == (0, "Nothing of that is held.\n")
    assert held(concord, data) == ["1", "2", "3"]
