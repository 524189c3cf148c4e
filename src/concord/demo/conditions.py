"""Which long-term conditions people have, and what hangs together with each: medicines, tests, checks.

Prevalences are rough (a demonstration, not a model of a population), but rise with age and follow one another:
diabetes and high blood pressure bring kidney disease, heart disease brings atrial fibrillation, all bring frailty.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Final

from concord.demo.people import Person


@dataclass(frozen=True, kw_only=True, slots=True)
class Regimen:
    """A medicine with the doses that occur."""

    medicine: str
    doses: Sequence[str]
    share: float = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """`chances`: share of people that have it from that age on. `after`: multiplies where another is already held.

    `levels`: what it does to test results, as (mean, spread, change a year).
    """

    finding: str
    chances: Sequence[tuple[int, float]]
    after: Mapping[str, float] = field(default_factory=dict)
    sex: str = ""
    regimens: Sequence[Regimen] = ()
    panels: Sequence[str] = ()
    levels: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    condition: Condition
    since: date

    @property
    def finding(self) -> str:
        return self.condition.finding


def _r(medicine: str, *doses: str, share: float = 1.0) -> Regimen:
    return Regimen(medicine=medicine, doses=doses, share=share)


_ONCE: Final = "once a day"

# In the order in which they bring each other about.
CONDITIONS: Final = (
    Condition(
        finding="obesity",
        chances=((18, 0.12), (40, 0.25), (75, 0.18)),
        levels={"weight": (104, 8, 0.5), "bmi": (35, 2, 0.1)},
    ),
    Condition(
        finding="hypertension",
        chances=((30, 0.05), (45, 0.22), (60, 0.45), (75, 0.62)),
        after={"obesity": 1.5},
        regimens=(
            _r("amlodipine", f"5 mg {_ONCE}", f"10 mg {_ONCE}", share=0.6),
            _r("ramipril", f"2.5 mg {_ONCE}", f"5 mg {_ONCE}", f"10 mg {_ONCE}", share=0.6),
        ),
        panels=("urea-and-electrolytes", "lipids"),
    ),
    Condition(
        finding="type-2-diabetes",
        chances=((30, 0.03), (45, 0.1), (60, 0.18), (75, 0.22)),
        after={"obesity": 2.2, "hypertension": 1.3},
        regimens=(
            _r("metformin", "500 mg twice a day with food", "1 g twice a day with food", share=0.85),
            _r("gliclazide", "40 mg twice a day with food", "80 mg twice a day with food", share=0.3),
            _r("insulin-glargine", "18 units at night", "26 units at night", share=0.15),
            _r("atorvastatin", "20 mg at night", share=0.7),
        ),
        panels=("diabetes-monitoring", "diabetes-monitoring", "urea-and-electrolytes", "lipids", "urine-protein"),
        levels={"hba1c": (56, 4, 0.8), "urine-acr": (3.4, 1.5, 0.3)},
    ),
    Condition(
        finding="chronic-kidney-disease-3a",
        chances=((45, 0.02), (60, 0.07), (75, 0.2), (85, 0.3)),
        after={"type-2-diabetes": 1.8, "hypertension": 1.5},
        panels=("urea-and-electrolytes", "urine-protein", "full-blood-count"),
        levels={
            "egfr": (54, 3, -1.4),
            "creatinine": (108, 7, 3),
            "urea": (8.4, 1.0, 0.2),
            "urine-acr": (4.2, 1.4, 0.4),
        },
    ),
    Condition(
        finding="coronary-heart-disease",
        chances=((45, 0.03), (60, 0.1), (75, 0.2)),
        after={"type-2-diabetes": 1.6, "hypertension": 1.4},
        regimens=(
            _r("aspirin", f"75 mg {_ONCE}", share=0.7),
            _r("atorvastatin", "80 mg at night"),
            _r("bisoprolol", f"2.5 mg {_ONCE}", f"5 mg {_ONCE}", share=0.6),
        ),
        panels=("lipids", "full-blood-count", "urea-and-electrolytes"),
        levels={"cholesterol": (4.1, 0.5, -0.05)},
    ),
    Condition(
        finding="heart-failure",
        chances=((60, 0.03), (75, 0.1), (85, 0.16)),
        after={"coronary-heart-disease": 2.2},
        regimens=(_r("furosemide", f"20 mg {_ONCE}", f"40 mg {_ONCE}"), _r("bisoprolol", f"2.5 mg {_ONCE}", share=0.7)),
        panels=("heart-failure-markers", "urea-and-electrolytes"),
        levels={"nt-probnp": (1900, 500, 120)},
    ),
    Condition(
        finding="atrial-fibrillation",
        chances=((55, 0.03), (65, 0.07), (75, 0.15), (85, 0.22)),
        after={"heart-failure": 1.8, "hypertension": 1.2},
        regimens=(
            _r("apixaban", "5 mg twice a day", "2.5 mg twice a day"),
            _r("bisoprolol", f"2.5 mg {_ONCE}", share=0.6),
        ),
        panels=("full-blood-count", "urea-and-electrolytes"),
        levels={"heart-rate": (82, 9, 0)},
    ),
    Condition(
        finding="stroke",
        chances=((55, 0.02), (70, 0.06), (80, 0.11)),
        after={"atrial-fibrillation": 1.8, "hypertension": 1.3},
        regimens=(_r("clopidogrel", f"75 mg {_ONCE}", share=0.7), _r("atorvastatin", "40 mg at night")),
        panels=("lipids",),
    ),
    Condition(
        finding="asthma",
        chances=((4, 0.1), (18, 0.1), (60, 0.07)),
        regimens=(
            _r("salbutamol-inhaler", "2 puffs when needed"),
            _r("beclometasone-inhaler", "2 puffs twice a day", share=0.8),
        ),
    ),
    Condition(
        finding="copd",
        chances=((50, 0.04), (65, 0.11), (80, 0.1)),
        regimens=(
            _r("tiotropium-inhaler", "2 puffs once a day"),
            _r("salbutamol-inhaler", "2 puffs when needed"),
        ),
        panels=("full-blood-count",),
        levels={"oxygen-saturation": (93, 1, -0.2), "fev1": (1.3, 0.1, -0.05), "fev1-fvc": (54, 3, -0.5)},
    ),
    Condition(
        finding="hypothyroidism",
        chances=((25, 0.02), (45, 0.06), (65, 0.1)),
        regimens=(
            _r("levothyroxine", "50 micrograms once a day", "75 micrograms once a day", "100 micrograms once a day"),
        ),
        panels=("thyroid-function",),
    ),
    Condition(
        finding="depression",
        chances=((16, 0.09), (25, 0.14), (70, 0.1)),
        regimens=(
            _r("sertraline", f"50 mg {_ONCE}", f"100 mg {_ONCE}", share=0.6),
            _r("mirtazapine", "15 mg at night", share=0.2),
        ),
    ),
    Condition(finding="anxiety", chances=((16, 0.08), (60, 0.05)), after={"depression": 2.0}),
    Condition(
        finding="alcohol-dependence",
        chances=((30, 0.02), (45, 0.03), (75, 0.01)),
        regimens=(_r("thiamine", "100 mg twice a day"),),
        panels=("liver-function", "full-blood-count"),
        levels={"alt": (71, 18, 3), "mcv": (101, 3, 0.3)},
    ),
    Condition(
        finding="osteoarthritis",
        chances=((45, 0.08), (60, 0.22), (75, 0.38)),
        after={"obesity": 1.3},
        regimens=(_r("paracetamol", "1 g up to four times a day when needed", share=0.8),),
    ),
    Condition(
        finding="osteoporosis",
        chances=((60, 0.05), (75, 0.16)),
        regimens=(_r("alendronic-acid", "70 mg once a week", share=0.7), _r("vitamin-d", "800 units once a day")),
    ),
    Condition(
        finding="gastro-oesophageal-reflux",
        chances=((30, 0.06), (55, 0.14)),
        regimens=(_r("omeprazole", f"20 mg {_ONCE}", share=0.7), _r("lansoprazole", f"15 mg {_ONCE}", share=0.3)),
    ),
    Condition(
        finding="gout",
        chances=((45, 0.03), (65, 0.06)),
        sex="male",
        regimens=(_r("allopurinol", f"100 mg {_ONCE}", f"300 mg {_ONCE}"),),
        panels=("urate-level",),
        levels={"urate": (410, 50, -8)},
    ),
    Condition(
        finding="iron-deficiency-anaemia",
        chances=((18, 0.02), (65, 0.06)),
        regimens=(_r("ferrous-sulfate", f"200 mg {_ONCE}"),),
        panels=("full-blood-count", "iron-studies"),
        levels={"haemoglobin": (108, 6, 1), "ferritin": (11, 4, 3), "mcv": (77, 3, 0.5)},
    ),
    Condition(
        finding="epilepsy",
        chances=((6, 0.012),),
        regimens=(_r("levetiracetam", "500 mg twice a day", "750 mg twice a day"),),
    ),
    Condition(
        finding="migraine",
        chances=((14, 0.07), (60, 0.03)),
        regimens=(_r("sumatriptan", "50 mg when a headache starts", share=0.5),),
    ),
    Condition(finding="eczema", chances=((0, 0.14), (14, 0.05)), regimens=(_r("emollient", "Apply when needed"),)),
    Condition(
        finding="prostate-cancer",
        chances=((65, 0.05), (80, 0.09)),
        sex="male",
        regimens=(_r("goserelin", "10.8 mg implant every 12 weeks", share=0.5),),
        panels=("prostate-marker",),
        levels={"psa": (5.2, 1.6, 0.2)},
    ),
    Condition(
        finding="breast-cancer",
        chances=((50, 0.03), (70, 0.05)),
        sex="female",
        regimens=(_r("tamoxifen", f"20 mg {_ONCE}", share=0.6),),
    ),
    Condition(finding="learning-disability", chances=((4, 0.015),)),
    Condition(finding="hearing-loss", chances=((60, 0.12), (80, 0.35))),
    Condition(
        finding="parkinsons-disease",
        chances=((65, 0.015), (80, 0.03)),
        regimens=(_r("co-careldopa", "25 mg/100 mg three times a day"),),
    ),
    Condition(
        finding="alzheimers-disease",
        chances=((70, 0.03), (80, 0.1), (88, 0.22)),
        regimens=(_r("donepezil", "5 mg at night", "10 mg at night", share=0.8),),
    ),
    Condition(finding="recurrent-falls", chances=((75, 0.12), (85, 0.32)), after={"alzheimers-disease": 1.4}),
    Condition(
        finding="severe-frailty",
        chances=((80, 0.1), (88, 0.3)),
        after={"recurrent-falls": 1.8, "alzheimers-disease": 1.5, "heart-failure": 1.3},
        panels=("urea-and-electrolytes", "full-blood-count"),
        levels={"weight": (54, 4, -1.0), "albumin": (34, 2, -0.3)},
    ),
)

# Given by a story alone, never by chance; with what follows from each.
STORY_CONDITIONS: Final = (
    Condition(
        finding="bipolar-disorder",
        chances=(),
        regimens=(_r("lithium-carbonate", "800 mg at night"), _r("olanzapine", "10 mg at night")),
        panels=("lithium-level", "thyroid-function", "urea-and-electrolytes"),
    ),
    Condition(finding="lung-cancer", chances=(), panels=("full-blood-count", "liver-function")),
)
_BY_NAME: Final = {each.finding: each for each in CONDITIONS + STORY_CONDITIONS}


def held_by(person: Person, rng: Random, today: date, certain: Sequence[str] = ()) -> list[Held]:
    """The long-term conditions of a person: those that are `certain`, and others as chance and age have it."""
    age = person.age(today)
    found: dict[str, Held] = {}
    for condition in CONDITIONS:
        chance = _chance(condition.chances, age)
        for other, factor in condition.after.items():
            chance *= factor if other in found else 1.0
        if condition.sex and condition.sex != person.sex:
            chance = 0.0
        drawn = rng.random() < chance
        if drawn or condition.finding in certain:
            found[condition.finding] = Held(condition=condition, since=_since(person, condition, rng, today))
    for name in certain:
        if name not in found:
            found[name] = Held(condition=_BY_NAME[name], since=_since(person, _BY_NAME[name], rng, today))
    return list(found.values())


def _chance(chances: Sequence[tuple[int, float]], age: int) -> float:
    return next((share for from_age, share in reversed(chances) if age >= from_age), 0.0)


def _since(person: Person, condition: Condition, rng: Random, today: date) -> date:
    """Not before the first age at which it occurs, and mostly in the last fifteen years."""
    first = condition.chances[0][0] if condition.chances else 25
    earliest = max(person.born_on + timedelta(days=int(first * 365.25)), today - timedelta(days=15 * 365))
    latest = today - timedelta(days=200)
    if earliest >= latest:
        return today - timedelta(days=200)
    return earliest + timedelta(days=rng.randrange((latest - earliest).days))
