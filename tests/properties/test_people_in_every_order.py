"""What registrations and updates say of a person comes to one Patient in whatever order they arrive."""

from random import Random
from typing import Any

import pytest

from concord.fhir import parse
from tests.properties.every_order import NULL, SEEDS, after, ends, hold_to_one_state, message

_FIELDS = {"name": 5, "address": 11, "telephone": 13, "ethnic": 22, "died": 29, "dead": 30}


def told(event: str, day: str, *, number: str = "", practice: str = "", **fields: str) -> str:
    """One message of a day of January: A28, A31 or A08, without a visit. What is not named, it is silent on."""
    pid = ["PID", "1", "", "A^^^PAS^MR", *[""] * 27]
    for name, value in fields.items():
        pid[_FIELDS[name]] = value
    return message(f"ADT^{event}", day, "|".join(pid), f"PD1|||{practice}", number=number)


NAME = "Holroyd^Margaret"

# messages in order of time -> what the Patient then says
STORIES: dict[str, tuple[list[str], dict[str, Any]]] = {
    "an address that later messages are silent on": (
        [told("A28", "01", name=NAME, address="1 Ash Lane"), told("A31", "02", name=NAME, address="2 Elm Row"),
         told("A08", "03", name=NAME)],
        {"address": "2 Elm Row", "family": "Holroyd"},
    ),
    "address, telephone and practice told by a message each": (
        [told("A28", "01", name=NAME, address="1 Ash Lane"), told("A31", "02", telephone="01632 960001"),
         told("A08", "03", practice="Millbrook^^ZZP01"), told("A31", "04", name="Holt^Margaret")],
        {"address": "1 Ash Lane", "telephone": "01632 960001", "practice": "ZZP01", "family": "Holt"},
    ),
    "a telephone taken back, and an address taken back and told again": (
        [told("A28", "01", name=NAME, address="1 Ash Lane", telephone="01632 960001"),
         told("A31", "02", address=NULL, telephone=NULL), told("A08", "03", name=NAME),
         told("A31", "04", address="2 Elm Row")],
        {"address": "2 Elm Row", "family": "Holroyd"},
    ),
    "moved, and moved back": (
        [told("A28", "01", name=NAME, address="1 Ash Lane"), told("A31", "02", name=NAME, address="2 Elm Row"),
         told("A08", "03", name=NAME, address="1 Ash Lane"), told("A08", "04", name=NAME)],
        {"address": "1 Ash Lane", "family": "Holroyd"},
    ),
    "died, and the day is told later": (
        [told("A28", "01", name=NAME, dead="N"), told("A31", "02", dead="Y"), told("A08", "03", name=NAME),
         told("A31", "04", died="20240102"), told("A08", "05", ethnic="A")],
        {"deceasedDateTime": "2024-01-02", "family": "Holroyd", "ethnic": "A"},
    ),
    "said to have died, and that is taken back": (
        [told("A28", "01", name=NAME, ethnic="A"), told("A31", "02", died="20240102", dead="Y"),
         told("A31", "03", died=NULL, dead=NULL, ethnic=NULL), told("A08", "04", name=NAME)],
        {"family": "Holroyd"},
    ),
    "three of one moment: the last number counts": (
        [told("A31", "01", name=NAME, address="1 Ash Lane", telephone="01632 960001", number="9"),
         told("A31", "01", address="2 Elm Row", number="10"), told("A08", "01", telephone=NULL, number="11")],
        {"address": "2 Elm Row", "family": "Holroyd"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STORIES)
def test_every_order_however_often_each_is_told_comes_to_one_patient(name: str) -> None:
    story, becomes = STORIES[name]
    in_order = after(story)
    assert seen(parse(in_order["Patient", "A"])) == becomes
    found, _ = ends(story)
    assert found == [in_order]


def seen(patient: dict[str, Any]) -> dict[str, Any]:
    ethnic = [one["valueCodeableConcept"] for one in patient["extension"] if "valueCodeableConcept" in one]
    found = {
        "address": [one["line"][0] for one in patient.get("address", ())],
        "telephone": [one["value"] for one in patient.get("telecom", ())],
        "family": [one["family"] for one in patient.get("name", ())],
        "practice": [one["identifier"]["value"] for one in patient.get("generalPractitioner", ())],
        "ethnic": [one["coding"][0]["code"] for one in ethnic],
        "deceasedDateTime": [patient[name] for name in ("deceasedDateTime",) if name in patient],
        "deceasedBoolean": [patient[name] for name in ("deceasedBoolean",) if name in patient],
    }
    return {name: values[0] for name, values in found.items() if values}


def any_word(chance: Random, number: str) -> str:
    return told(
        chance.choice(("A28", "A31", "A08")), f"0{chance.randrange(1, 5)}", number=number, name=NAME,
        address=chance.choice(("", "1 Ash Lane", "2 Elm Row", NULL)), ethnic=chance.choice(("", "A", NULL)),
        telephone=chance.choice(("", "01632 960001", NULL)), dead=chance.choice(("", "Y", "N", NULL)),
        died=chance.choice(("", "", "20240102")), practice=chance.choice(("", "Millbrook^^ZZP01", NULL)),
    )  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
def test_messages_drawn_by_chance_come_to_one_patient(seed: int) -> None:
    """Silent, said, and taken back; several of one moment."""
    hold_to_one_state(any_word, seed)
