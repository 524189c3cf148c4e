"""What lies further back, and what people tell to few: operations, screening, families, and the sensitive entries."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from concord.demo.life import Life
from concord.demo.moments import ago


@dataclass(frozen=True, kw_only=True, slots=True)
class _Operation:
    """Something done once; `after` is the condition that leads to it, "" for none."""

    procedure: str
    share: float
    youngest: int = 18
    after: str = ""
    sex: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Confidence:
    """An entry that is labelled sensitive by its code alone; `medicine` goes with it."""

    finding: str
    share: float
    ages: tuple[int, int]
    sex: str = ""
    medicine: str = ""
    dose: str = ""


_OPERATIONS: Final = (
    _Operation(procedure="appendix-removal", share=0.06, youngest=8),
    _Operation(procedure="hip-replacement", share=0.2, youngest=60, after="osteoarthritis"),
    _Operation(procedure="coronary-stent", share=0.4, youngest=45, after="coronary-heart-disease"),
    _Operation(procedure="echocardiogram", share=0.9, youngest=45, after="heart-failure"),
    _Operation(procedure="cataract-operation", share=0.18, youngest=68),
    _Operation(procedure="hip-fracture-repair", share=0.25, youngest=75, after="recurrent-falls"),
    _Operation(procedure="mastectomy", share=0.6, youngest=40, after="breast-cancer"),
    _Operation(procedure="caesarean-section", share=0.12, youngest=28, sex="female"),
)
_INJURIES: Final = ("fractured-wrist", "head-injury", "pneumonia")

# Rare, and rarer in a record than in life. The law bars some of them from every screen but the one they were made on.
_CONFIDENCES: Final = (
    _Confidence(finding="chlamydia-infection", share=0.03, ages=(18, 45)),
    _Confidence(finding="gonorrhoea", share=0.02, ages=(18, 45)),
    _Confidence(finding="genital-herpes", share=0.02, ages=(20, 60)),
    _Confidence(finding="opioid-dependence", share=0.02, ages=(25, 65), medicine="methadone", dose="60 mg once a day"),
    _Confidence(finding="domestic-abuse", share=0.02, ages=(18, 80)),
    _Confidence(finding="sexual-assault", share=0.02, ages=(18, 60)),
    _Confidence(finding="eating-disorder", share=0.02, ages=(14, 40)),
    _Confidence(finding="infertility-treatment", share=0.03, ages=(28, 48), sex="female"),
    _Confidence(finding="brca1-variant", share=0.02, ages=(30, 75)),
    _Confidence(finding="adopted-person", share=0.02, ages=(6, 75)),
)


def history(life: Life) -> None:
    """Writes it into the practice's chart."""
    _operations(life)
    _screening(life)
    _confidences(life)
    _family(life)
    if "learning-disability" in life.findings:
        text = "Easy-read letters. Double appointments, first of the day. Comes with a supporter."
        life.practice.care_plan("additional-support-plan", "Health action plan", text, ago(life.last_day, 140))


def _operations(life: Life) -> None:
    rng = life.rng
    for each in _OPERATIONS:
        fitting = life.age >= each.youngest and (not each.after or each.after in life.findings)
        if fitting and each.sex in ("", life.person.sex) and rng.random() < each.share:
            life.practice.procedure(
                each.procedure, ago(life.last_day, rng.randrange(60, 365 * min(15, life.age - 6) + 61))
            )
    if rng.random() < 0.12 and life.age > 12:
        since = ago(life.last_day, rng.randrange(400, 2400))
        over = since + timedelta(days=60)
        life.practice.problem(rng.choice(_INJURIES), since, status="resolved", until=over, by=life.doctor)


def _screening(life: Life) -> None:
    rng, chart = life.rng, life.practice
    if life.person.sex == "female" and 26 <= life.age <= 64:
        for years in (0, 3):
            if rng.random() < 0.75:
                chart.procedure(
                    "cervical-screening", ago(life.last_day, years * 365 + rng.randrange(20, 900)), by=life.nurse
                )
    if life.person.sex == "female" and 17 <= life.age <= 40 and rng.random() < 0.3:
        dose, issued = "1 tablet once a day for 21 days, then 7 days without", ago(life.last_day, rng.randrange(5, 80))
        chart.prescription(
            "combined-contraceptive", dose, ago(life.last_day, 700), issued=issued, days=84, by=life.doctor
        )


def _confidences(life: Life) -> None:
    rng = life.rng
    for each in _CONFIDENCES:
        fitting = each.ages[0] <= life.age <= each.ages[1] and each.sex in ("", life.person.sex)
        if fitting and rng.random() < each.share:
            since = ago(life.last_day, rng.randrange(100, 1400))
            life.practice.problem(each.finding, since, by=life.doctor)
            if each.medicine:
                issued = ago(life.last_day, rng.randrange(2, 14))
                life.practice.prescription(each.medicine, each.dose, since, issued=issued, days=14, by=life.doctor)


def _family(life: Life) -> None:
    rng = life.rng
    if life.age >= 18 and rng.random() < 0.2:
        relative = rng.choice((("MTH", "Mother"), ("FTH", "Father"), ("SIB", "Brother or sister")))
        finding = rng.choice(("type-2-diabetes", "coronary-heart-disease", "breast-cancer", "stroke"))
        life.practice.family_history(relative[0], finding, ago(life.last_day, rng.randrange(100, 1500)))
