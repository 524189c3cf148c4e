"""Who may write what about a person: the table of `concord.governance.writing`, tried."""

from dataclasses import replace

import pytest

from concord.base import OdsCode
from concord.governance import OWN_ACCESS, PATIENT, PersonFacts, SourceSystem, Viewer, decide, may_contribute
from concord.governance.model import Proxy
from concord.governance.writing import may_assert, may_choose
from tests.spec.governance.northfield import AGREEMENT, NOW, agreement, person, policy, relationship, viewer

EXCEPTION = "    objection: {except: [safeguarding]}"
LIFTS = "    override: {roles: [doctor], lifts: [relationship], for: 4h}"
POLICY = policy(agreement(AGREEMENT.replace(EXCEPTION, f"{EXCEPTION}\n{LIFTS}", 1)))
NUMBER, PARENT = "9990003114", "9990003203"
WHO = {
    "ED doctor": viewer("doctor", "ZZA", "emergency"),
    "ED doctor, counting": replace(viewer("doctor", "ZZA", "emergency"), purpose="research"),
    "ED nurse": viewer("nurse", "ZZA", "emergency"),
    "population analyst": replace(viewer("population-analyst", "ZZL"), purpose="public-health"),
    "privacy officer": viewer("privacy-officer", "ZZA"),
    "the person": replace(viewer(PATIENT, "ZZP01"), purpose=OWN_ACCESS, nhs_number=NUMBER),
    "the person, as a doctor at work": replace(viewer("doctor", "ZZA", "emergency"), nhs_number=NUMBER),
    "a parent": replace(viewer(PATIENT, "ZZP01"), purpose=OWN_ACCESS, nhs_number=PARENT),
    "a parent, as a doctor at work": replace(viewer("doctor", "ZZA", "emergency"), nhs_number=PARENT),
    "another patient": replace(viewer(PATIENT, "ZZP01"), purpose=OWN_ACCESS, nhs_number="9990003300"),
}
# who | the person is | items | choices | the glass
TABLE = [
    ("ED doctor", "attending", "no", "no", "no: it is open"),
    ("ED doctor", "a stranger", "no", "no", "yes"),
    ("ED doctor, counting", "a stranger", "no", "no", "no"),
    ("ED nurse", "a stranger", "no", "no", "no"),
    ("population analyst", "a stranger", "no", "no", "no"),
    ("privacy officer", "a stranger", "no", "no", "no"),
    ("the person", "attending", "no", "yes", "no"),
    ("the person, as a doctor at work", "attending", "no", "no", "no"),
    ("a parent", "attending", "no", "yes", "no"),
    ("a parent, as a doctor at work", "attending", "no", "no", "no: it is open"),
    ("another patient", "attending", "no", "no", "no"),
]


def facts(stands: str, asking: Viewer) -> PersonFacts:
    proxy = Proxy(
        nhs_number=PARENT, kind="parental-responsibility", given=True, contributor=OdsCode("ZZP01"),
        start_at=None, end_at=None,
    )  # fmt: skip
    related = [relationship("attending", "ZZA")] if stands == "attending" else []
    known = frozenset({NUMBER} if asking.nhs_number else ())
    return replace(person(*related), nhs_numbers=known, proxies=[proxy], born_on=["2020-05-01"])


@pytest.mark.parametrize(("who", "stands", "items", "choices", "glass"), TABLE)
def test_who_writes_what(who: str, stands: str, items: str, choices: str, glass: str) -> None:
    asking = WHO[who]
    decision = decide(asking, facts(stands, asking), POLICY, NOW)
    assert may_contribute(asking) == (items == "yes")
    assert may_choose(decision) == (choices == "yes")
    assert (may_assert(decision, "override") is not None) == (glass == "yes")
    assert may_assert(decision, "gossip") is None


def test_a_source_system_writes_items() -> None:
    assert may_contribute(SourceSystem(organisation=OdsCode("ZZP01")))
