"""Five years at the practice: who comes, for what, what is measured, prescribed, vaccinated and written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from concord.demo.history import history
from concord.demo.life import HOSPITAL, Life
from concord.demo.measurements import Reading
from concord.demo.moments import ago, at
from concord.demo.names import FAMILY, GIVEN_FEMALE, GIVEN_MALE

YEARS: Final = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class _Complaint:
    """Something that brings people in and passes."""

    finding: str
    ages: tuple[int, int]
    medicine: str = ""
    dose: str = ""
    days: int = 7


_COMPLAINTS: Final = (
    _Complaint(finding="chest-infection", ages=(3, 99), medicine="doxycycline", dose="100 mg once a day", days=5),
    _Complaint(finding="tonsillitis", ages=(3, 40), medicine="", days=5),
    _Complaint(finding="otitis-media", ages=(0, 10)),
    _Complaint(finding="chickenpox", ages=(1, 8)),
    _Complaint(
        finding="urinary-tract-infection", ages=(18, 99), medicine="nitrofurantoin", dose="100 mg twice a day", days=3
    ),
    _Complaint(finding="cellulitis", ages=(40, 99), medicine="doxycycline", dose="100 mg once a day", days=7),
    _Complaint(
        finding="low-back-pain", ages=(18, 75), medicine="naproxen", dose="500 mg twice a day with food", days=14
    ),
    _Complaint(finding="sprained-ankle", ages=(8, 60)),
    _Complaint(finding="abdominal-pain", ages=(6, 90)),
    _Complaint(
        finding="eczema", ages=(0, 50), medicine="hydrocortisone-cream", dose="Apply thinly twice a day", days=14
    ),
)

_ALLERGIES: Final = (
    ("penicillin", "rash", "moderate"),
    ("codeine", "vomiting", "mild"),
    ("trimethoprim", "rash", "mild"),
    ("nsaid", "wheeze", "severe"),
    ("peanut", "anaphylaxis", "severe"),
    ("elastoplast", "contact-dermatitis", "mild"),
    ("statins", "muscle-pain", "mild"),
    ("latex", "contact-dermatitis", "mild"),
    ("bee-venom", "anaphylaxis", "severe"),
    ("clarithromycin", "vomiting", "moderate"),
)
# Vaccine, and days after birth.
_CHILDHOOD: Final = (
    ("six-in-one-vaccine", 56),
    ("menb-vaccine", 57),
    ("six-in-one-vaccine", 84),
    ("mmr-vaccine", 370),
    ("hpv-vaccine", 4600),
    ("tetanus-booster", 5150),
)
_SMOKING: Final = ("Never smoked", "Never smoked", "Ex-smoker", "Ex-smoker", "Smokes 5 to 15 a day")
_WORK: Final = (
    "Works in a shop",
    "Teaching assistant",
    "Warehouse worker",
    "Office worker",
    "Driver",
    "Carer",
    "Builder",
)


def general_practice(life: Life) -> None:
    """Writes the practice's chart of somebody whose problems and medicines no story tells."""
    _problems_and_medicines(life)
    history(life)
    _allergy(life)
    _social(life)
    _relatives(life)
    _coming_appointment(life)
    visits_to_the_practice(life)


def visits_to_the_practice(life: Life) -> None:
    """What brought the person in, over the years, and what was measured, tested and given there."""
    _consultations(life)
    _reviews(life)
    _vaccinations(life)


def _problems_and_medicines(life: Life) -> None:
    rng, chart = life.rng, life.practice
    prescribed: set[str] = set()
    for each in life.held:
        chart.problem(each.finding, each.since, by=life.doctor)
        for regimen in each.condition.regimens:
            if regimen.medicine in prescribed or rng.random() > regimen.share:
                continue
            prescribed.add(regimen.medicine)
            issued = ago(life.last_day, rng.randrange(2, 27))
            neglected = rng.random() < 0.05
            chart.prescription(
                regimen.medicine,
                rng.choice(regimen.doses),
                max(each.since, ago(life.last_day, rng.randrange(400, 2500))),
                issued=ago(life.last_day, 260) if neglected else issued,
                by=life.doctor,
            )


def _allergy(life: Life) -> None:
    rng = life.rng
    if life.age > 0 and rng.random() < 0.24:
        substance, reaction, severity = rng.choice(_ALLERGIES)
        on = ago(life.last_day, rng.randrange(300, 6000))
        on = max(on, life.person.born_on + timedelta(days=200))
        critical = "high" if severity == "severe" else "low"
        life.practice.allergy(substance, reaction, on, severity=severity, criticality=critical, by=life.doctor)
    elif rng.random() < 0.5:
        when = at(ago(life.last_day, rng.randrange(100, 1500)), 10, 5)
        if when.date() > life.person.born_on:
            life.practice.no_known_allergies(when, by=life.nurse)


def _social(life: Life) -> None:
    rng, chart, age = life.rng, life.practice, life.age
    if age < 16:
        return
    when = at(ago(life.last_day, rng.randrange(60, 700)), 9, 40)
    chart.noted("smoking", rng.choice(_SMOKING), when, by=life.nurse)
    units = str(max(0, round(rng.gauss(8, 7))))
    chart.observation(Reading(name="alcohol-units", number=units), when, category="social-history", by=life.nurse)
    if age < 67:
        chart.noted("occupation", rng.choice(_WORK), when, by=life.nurse)
    else:
        homes = ("Lives alone", "Lives with husband or wife", "Lives with family", "Sheltered housing")
        chart.noted("lives-with", rng.choice(homes), when, by=life.nurse)


def _consultations(life: Life) -> None:
    person, rng, chart = life.person, life.rng, life.practice
    avoided = _avoided(life)
    a_year = 1.0 + life.age * 0.016 + len(life.held) * 0.45
    for _ in range(round(a_year * YEARS * rng.uniform(0.7, 1.3))):
        day = _working_day(life, rng.randrange(1, YEARS * 365))
        if day <= person.born_on:
            continue
        age = person.age(day)
        when = at(day, rng.randrange(8, 18), rng.choice((0, 10, 20, 30, 40, 50)))
        kind = rng.choice(("surgery-consultation", "surgery-consultation", "telephone-consultation"))
        if age > 85 and rng.random() < 0.4:
            kind = "home-visit"
        complaint = rng.choice([each for each in _COMPLAINTS if each.ages[0] <= age <= each.ages[1]])
        acute = rng.random() < 0.4
        words = f"{complaint.finding.replace('-', ' ').capitalize()}" if acute else "Follow-up"
        class_ = "VR" if kind == "telephone-consultation" else "AMB"
        visit = chart.contact(kind, when, minutes=12, class_=class_, by=life.doctor, reason=words)
        if kind != "telephone-consultation" and age >= 18 and rng.random() < 0.6:
            _blood_pressure(life, day, visit)
        if acute:
            over = day + timedelta(days=complaint.days + 5)
            if over < life.last_day:
                chart.problem(complaint.finding, day, status="resolved", until=over, by=life.doctor)
            else:
                chart.problem(complaint.finding, day, by=life.doctor)
            if complaint.medicine and complaint.medicine not in avoided:
                chart.prescription(
                    complaint.medicine, complaint.dose, day, days=complaint.days, status="completed", repeat=False,
                    by=life.doctor,
                )  # fmt: skip
            if complaint.finding in ("abdominal-pain", "chest-infection") and age >= 18:
                _blood_test(life, "full-blood-count", day)
                _blood_test(life, "inflammation", day, shifts={"crp": rng.uniform(0, 40)})


def _avoided(life: Life) -> set[str]:
    """Of what complaints are treated with, what this person is known to be allergic to."""
    substances = {
        each["code"]["coding"][0]["code"]
        for each in life.practice.resources
        if each["resourceType"] == "AllergyIntolerance"
    }
    return {"naproxen"} if "nsaid" in substances else set()


def _blood_pressure(life: Life, day: date, visit: str) -> None:
    raised = 12 if "hypertension" in life.findings else 0
    systolic = round(life.rng.gauss(122 + raised + life.person.age(day) * 0.12, 9))
    diastolic = round(life.rng.gauss(74 + raised / 3, 6))
    life.practice.blood_pressure(systolic, diastolic, at(day, 11, 10), by=life.nurse, encounter=visit)


def _blood_test(life: Life, panel: str, day: date, *, shifts: Mapping[str, float] | None = None) -> None:
    """The laboratory reports to the practice; often the hospital's own feed tells of the same result."""
    readings, when = life.body.panel(panel, day, shifts=shifts), at(day, 9, 15)
    life.practice.report(panel, readings, when)
    if life.registrations and life.rng.random() < 0.3:
        life.hospital().results(panel, readings, when)


def _reviews(life: Life) -> None:
    """Once a year for whoever has a long-term condition."""
    rng, chart, person = life.rng, life.practice, life.person
    panels = [panel for each in life.held for panel in each.condition.panels]
    names = life.findings
    if not panels and "copd" not in names and "asthma" not in names:
        return
    for year in range(YEARS):
        day = _working_day(life, year * 365 + rng.randrange(15, 120))
        first = min(each.since for each in life.held)
        if day < first or day <= person.born_on:
            continue
        visit = chart.contact(
            "annual-review", at(day, 11), minutes=30, by=life.nurse, reason="Long-term condition review"
        )
        if person.age(day) >= 18:
            _blood_pressure(life, day, visit)
            for name in ("heart-rate", "weight", "bmi"):
                reading = life.body.reading(name, day)
                chart.observation(reading, at(day, 11, 15), category="vital-signs", by=life.nurse, encounter=visit)
        for panel in dict.fromkeys(panels):
            times = 2 if panel == "diabetes-monitoring" or panels.count(panel) > 3 else 1
            for turn in range(times):
                _blood_test(life, panel, _working_day(life, (life.last_day - day).days + 4 + turn * 170))
        _checks(life, names, day)


def _checks(life: Life, names: frozenset[str], day: date) -> None:
    """What a review of each condition looks at."""
    rng, chart = life.rng, life.practice
    if "type-2-diabetes" in names:
        finding = rng.choice(
            ("Both feet: pulses present, feeling normal, low risk.", "Reduced feeling, moderate risk.")
        )
        chart.procedure("diabetic-foot-check", day, by=life.nurse, note=finding)
        screened = min(day + timedelta(days=20), ago(life.last_day, 2))
        chart.procedure("retinal-screening", screened, note="Photographs of both eyes taken.")
        grade = rng.choice(("R0 M0", "R1 M0"))
        chart.document(
            "retinal-screening-letter",
            "Diabetic eye screening result",
            f"Diabetic eye screening, Northfield.\n\nResult: {grade} in both eyes. Next photographs in one year.",
            at(min(day + timedelta(days=34), ago(life.last_day, 1)), 14),
        )
    if "copd" in names:
        chart.procedure("spirometry", day, by=life.nurse)
        for name in ("fev1", "fev1-fvc", "oxygen-saturation"):
            chart.observation(life.body.reading(name, day), at(day, 11, 25), category="exam", by=life.nurse)
    if "atrial-fibrillation" in names:
        chart.observation(life.body.reading("heart-rate", day), at(day, 11, 28), category="vital-signs", by=life.nurse)
    if "severe-frailty" in names or "recurrent-falls" in names:
        chart.procedure("medication-review", day, by=life.doctor)


def _vaccinations(life: Life) -> None:
    rng, chart, person = life.rng, life.practice, life.person
    age = life.age
    for year in range(YEARS):
        day = date(life.last_day.year - year, 10, 1) + timedelta(days=rng.randrange(40))
        if day >= life.last_day or day <= person.born_on + timedelta(days=800):
            continue
        if (age >= 65 and rng.random() < 0.85) or (life.held and rng.random() < 0.6):
            chart.vaccination("influenza-vaccine", day, lot=f"FL{rng.randrange(1000, 9999)}", by=life.nurse)
            if age >= 75:
                chart.vaccination("covid-19-vaccine", day, lot=f"CV{rng.randrange(1000, 9999)}", by=life.nurse)
    if age >= 66:
        chart.vaccination(
            "pneumococcal-vaccine", ago(life.last_day, rng.randrange(100, 1600)), lot="PN4410", by=life.nurse
        )
    if age >= 72:
        chart.vaccination("shingles-vaccine", ago(life.last_day, rng.randrange(100, 700)), lot="SH2093", by=life.nurse)
    for vaccine, days in _CHILDHOOD:
        given = person.born_on + timedelta(days=days)
        if life.last_day - timedelta(days=18 * 365) < given < life.last_day:
            chart.vaccination(vaccine, given, lot=f"CH{rng.randrange(1000, 9999)}", by=life.nurse)


def _relatives(life: Life) -> None:
    rng, person = life.rng, life.person
    if life.age < 18:
        mother = rng.choice(GIVEN_FEMALE)
        life.practice.relative(mother, person.family, "MTH", f"07700 900{rng.randrange(1000):03}")
    elif rng.random() < 0.5:
        given, kind = rng.choice((((GIVEN_FEMALE), "DAU"), ((GIVEN_MALE), "SON"), ((GIVEN_FEMALE), "SIB")))
        family = person.family if kind == "SON" else rng.choice(FAMILY)
        life.practice.relative(rng.choice(given), family, kind, f"07700 900{rng.randrange(1000):03}")


def _coming_appointment(life: Life) -> None:
    rng = life.rng
    if life.person.died_on is None and rng.random() < 0.2 + 0.05 * len(life.held):
        day = life.today + timedelta(days=rng.randrange(40))
        day += timedelta(days=(7 - day.weekday()) % 7 if day.weekday() > 4 else 0)
        what = "Long-term condition review" if life.held else "GP appointment"
        who = life.nurse if life.held else life.doctor
        life.practice.appointment(what, at(day, rng.randrange(9, 17), rng.choice((0, 20, 40))), by=who)
    if rng.random() < 0.12:
        past = ago(life.last_day, rng.randrange(20, 200))
        life.practice.appointment("GP appointment", at(past, 10), status="noshow", by=life.doctor)
    if life.registrations and rng.random() < 0.15:
        when = at(_working_day(life, rng.randrange(5, 120)), 12, 20)
        life.practice.document("referral-letter", "Referral letter", "Dear colleague, please see and advise.", when)
        life.practice.referral(
            HOSPITAL, "Referral to outpatients", "Please see and advise", when, by=life.doctor,
            status=rng.choice(("active", "completed", "completed")),
        )  # fmt: skip


def _working_day(life: Life, days_ago: int) -> date:
    """That long before the last day of the story, moved from a weekend to the Friday before."""
    day = ago(life.last_day, max(1, days_ago))
    return day - timedelta(days=max(0, day.weekday() - 4))
