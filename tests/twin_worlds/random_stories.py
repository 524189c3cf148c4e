"""Worlds that nobody thought of: a random story of a person, a random thing hidden in it, and what happens after."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from tests.small_system import COMMUNITY, COMMUNITY_NURSE, ED_DOCTOR, HOSPITAL, PRACTICE, condition, patient
from tests.twin_worlds.scenario import Scenario
from tests.twin_worlds.stories import (
    BEYOND,
    CANARY,
    GUESS,
    HIDDEN_CONTACT,
    ONE,
    SEAL,
    SENSITIVITY,
    both,
    coded,
    consent,
    deletes,
    observation,
    secret,
    sends,
    tagged,
)
from tests.twin_worlds.worlds import World

# Not a flagged seal: that there is one the page may tell.
_WITHHELD = (
    (SENSITIVITY, "sexual-health"), (SENSITIVITY, "substance-misuse"), (SEAL, "locked"),
    ("https://elsewhere.example/tags", "odd"),
    ("http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "R"),
)  # fmt: skip
_WORDS = ("Asthma", "Eczema", "Gout", "Migraine", "Fractured wrist")
_CASELOAD = {
    "resourceType": "EpisodeOfCare", "id": "cx-ep", "status": "active", "patient": {"reference": "Patient/cx-1"},
    "period": {"start": "2026-10-01"},
}  # fmt: skip

Act = Callable[[World], None]


def random_scenario(seed: int) -> Scenario:
    """The same seed tells the same."""
    chance = Random(seed)
    nurse = chance.random() < 0.3
    before = [_visible(chance), _withheld_already(chance)]
    if nurse:  # who knows the person by her caseload
        before.append(sends(COMMUNITY, patient("cx-1"), _CASELOAD))
    if chance.random() < 0.3:
        before.append(sends(HOSPITAL, patient("hx-2"), condition("hx-c2", "hx-2", "Seen before")))
    chance.shuffle(before)
    kind, prepare, hide, hidden = chance.choice(_KINDS)(chance)
    return Scenario(
        hides=f"of seed {seed}: {kind}",
        viewer=COMMUNITY_NURSE if nurse else ED_DOCTOR,
        before=both(*before, *prepare),
        hide=hide,
        hidden=hidden,
        after=chance.choice((None, _updated(chance), _visible(chance, "later"))),
    )


def _visible(chance: Random, prefix: str = "more") -> Act:
    """Problems and results that the viewer may see, some under the code that is guessed: an answer is rarely empty."""
    resources: list[dict[str, Any]] = []
    for number in range(chance.randint(1, 3)):
        words = chance.choice(_WORDS)
        code = coded(chance.choice((GUESS, words.lower().replace(" ", "-"))), words)
        resources.append(condition(f"gp-{prefix}-c{number}", "gp-1", words, code=code, recordedDate=_day(chance)))
    for number in range(chance.randint(0, 2)):
        value = f"{chance.randint(3, 14)}.{chance.randint(0, 9)}"
        resources.append(observation(f"gp-{prefix}-o{number}", "gp-1", _day(chance), value))
    return sends(PRACTICE, *resources)


def _withheld_already(chance: Random) -> Act:
    """What both worlds hide."""
    return sends(PRACTICE, secret("gp-h1", meta=tagged(*chance.choice(_WITHHELD)), onsetDateTime=_day(chance)))


def _updated(chance: Random) -> Act:
    words = chance.choice(_WORDS)
    return sends(PRACTICE, condition("gp-c2", "gp-1", f"{words}, again", onsetDateTime=_day(chance)))


def _day(chance: Random) -> str:
    """Before, between and after what is seen, so that what is hidden sorts anywhere among it."""
    return f"{chance.randint(2015, 2026)}-{chance.randint(1, 10):02}-{chance.randint(1, 28):02}"


# -- what is hidden: its kind, what both worlds hold first, the act, and the addresses to guess ------------------------

Hiding = tuple[str, Sequence[Act], Act, tuple[tuple[str, str, str], ...]]


def _item(chance: Random) -> Hiding:
    mark = chance.choice(_WITHHELD)
    act = sends(PRACTICE, secret("gp-x1", meta=tagged(*mark), onsetDateTime=_day(chance)))
    return f"a problem marked {mark[1]}", (), act, ONE


def _result(chance: Random) -> Hiding:
    mark = chance.choice(_WITHHELD)
    told = observation(
        "gp-x1", "gp-1", _day(chance), f"{chance.randint(3, 14)}.1", meta=tagged(*mark), note=[{"text": CANARY}],
        code={**coded(GUESS, CANARY)},
    )  # fmt: skip
    return f"a result marked {mark[1]}", (), sends(PRACTICE, told), (("ZZP01", "Observation", "gp-x1"),)


def _several(chance: Random) -> Hiding:
    number = chance.randint(2, 6)
    names = [f"gp-x{each}" for each in range(1, number + 1)]
    items = [secret(name, meta=tagged(*chance.choice(_WITHHELD)), onsetDateTime=_day(chance)) for name in names]
    hidden = tuple(("ZZP01", "Condition", name) for name in names[:2])
    return f"{number} problems", (), sends(PRACTICE, *items), hidden


def _contact(chance: Random) -> Hiding:
    told = HIDDEN_CONTACT | {"period": {"start": f"{_day(chance)}T09:00:00Z"}}
    points = observation("gp-p1", "gp-1", _day(chance), "6.5", encounter={"reference": "Encounter/gp-x1"})
    prepare = (sends(PRACTICE, points),) if chance.random() < 0.5 else ()
    return "a contact", prepare, sends(PRACTICE, told), (("ZZP01", "Encounter", "gp-x1"),)


def _document(chance: Random) -> Hiding:
    told = BEYOND | {"date": f"{_day(chance)}T09:00:00Z"}
    return "a document", (), sends(PRACTICE, told), (("ZZP01", "DocumentReference", "gp-x1"),)


def _version(chance: Random) -> Hiding:
    first = secret("gp-x1", meta=tagged(*chance.choice(_WITHHELD)), onsetDateTime=_day(chance))
    second = secret("gp-x1", meta=tagged(*chance.choice(_WITHHELD)), onsetDateTime="2014-01-01")
    return "a later version of what is withheld", (sends(PRACTICE, first),), sends(PRACTICE, second), ONE


def _deletion(chance: Random) -> Hiding:
    held = sends(PRACTICE, secret("gp-x1", meta=tagged(*chance.choice(_WITHHELD)), onsetDateTime=_day(chance)))
    return "that what is withheld was deleted", (held,), deletes(PRACTICE, "Condition", "gp-x1"), ONE


def _source(chance: Random) -> Hiding:
    telecom = [{"value": CANARY}]
    items = [secret(f"gp-x{each}", "cx-7", onsetDateTime=_day(chance)) for each in range(1, chance.randint(2, 4))]
    act = sends(COMMUNITY, patient("cx-7", telecom=telecom), *items)
    return "a source that shares nothing", (), act, (("ZZC", "Patient", "cx-7"), ("ZZC", "Condition", "gp-x1"))


def _choice(chance: Random) -> Hiding:
    told = consent("gp-x1", "gp-1", "organisation-prohibited", organisation=chance.choice(("ZZP01", "ZZX")))
    return "a silent choice against somebody else", (), sends(PRACTICE, told), (("ZZP01", "Consent", "gp-x1"),)


def _author(chance: Random) -> Hiding:
    author = {"resourceType": "Practitioner", "id": "gp-x2", "name": [{"family": CANARY}]}
    told = secret(
        "gp-x1", meta=tagged(*chance.choice(_WITHHELD)), recorder={"reference": "Practitioner/gp-x2"},
        onsetDateTime=_day(chance),
    )  # fmt: skip
    return (
        "a problem and who recorded it",
        (),
        sends(PRACTICE, author, told),
        (*ONE, ("ZZP01", "Practitioner", "gp-x2")),
    )


_KINDS = (
    _item, _result, _several, _contact, _document, _version, _deletion, _source, _choice, _author,
)  # fmt: skip
