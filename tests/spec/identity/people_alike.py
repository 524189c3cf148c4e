"""Made-up people for the tables of who is linked without a number."""

from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from concord.base import OdsCode, PersonId
from concord.identity.judging import Judgement, judge
from concord.identity.likeness import Scorer, Weights, delivered_weights
from concord.store.people import Demographics

SCORER = Scorer(msgspec.json.decode(delivered_weights(), type=Weights))
PEGGY = Demographics(
    nhs_number=None, family="holroyd", given="margaret", born_on="1942-02-14", postcode="nf42zz", sex="female",
    shown_name="HOLROYD, Margaret Ann", address="17 Weavers Fold, Northfield, NF4 2ZZ", died_on=None, protected=False,
)  # fmt: skip
PRACTICE, HOSPITAL, COUNCIL = OdsCode("ZZP01"), OdsCode("ZZA"), OdsCode("ZZL")

THE_PERSON = PersonId("peggy")


@dataclass(frozen=True, kw_only=True)
class Known:
    """A source patient that is held already."""

    demographics: Demographics = PEGGY
    person: PersonId = THE_PERSON
    base: PersonId = THE_PERSON
    organisation: OdsCode = PRACTICE
    held: bool = False
    source: tuple[int, int] = field(default=(1, 1))


def judged(new: Demographics, *known: Known, organisation: OdsCode = HOSPITAL) -> Judgement:
    """What becomes of a new source patient beside those that are known."""
    return judge(
        organisation, new, known, SCORER,
        lambda person: [each for each in known if each.person == person],
    )  # fmt: skip


def saying(of: Demographics = PEGGY, /, **differently: Any) -> Demographics:
    return replace(of, **differently)
