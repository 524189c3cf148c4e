"""What brings people to the hospital, what happens there, and who is there now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from concord.demo.hospital_messages import HospitalRecord, Visit
from concord.demo.life import Life
from concord.demo.moments import ago, at
from concord.demo.protagonists import PROTAGONISTS

CONSULTANTS: Final = {
    "acute-medicine": "Dr Ines Ferreira",
    "frailty": "Dr Per Lindqvist",
    "surgery": "Mr David Achebe",
    "maternity-gynaecology": "Dr Zofia Nowak",
    "outpatients": "Dr Ines Ferreira",
}
_WARDS: Final = {"acute-medicine": "Ward 3", "frailty": "Ward 12", "surgery": "Ward 5"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble:
    """Why somebody comes. `shifts`: what it adds to test results; `service`: who would admit them."""

    reason: str
    shifts: Mapping[str, float] = field(default_factory=dict)
    service: str = "acute-medicine"
    youngest: int = 0


_TROUBLES: Final = (
    Trouble(reason="Chest pain", shifts={"troponin": 5.0}, youngest=30),
    Trouble(reason="Shortness of breath", shifts={"crp": 60.0, "white-cells": 5.0}, youngest=45),
    Trouble(reason="Fall at home", service="frailty", youngest=70),
    Trouble(reason="New confusion", shifts={"crp": 45.0, "sodium": -8.0}, service="frailty", youngest=75),
    Trouble(reason="Abdominal pain", shifts={"crp": 30.0, "white-cells": 4.0}, service="surgery", youngest=5),
    Trouble(reason="Fever and cough", shifts={"crp": 50.0, "white-cells": 5.0}),
    Trouble(reason="Injured wrist", service="surgery", youngest=4),
    Trouble(reason="Cut hand", service="surgery", youngest=4),
    Trouble(reason="Palpitations", shifts={"potassium": -0.4}, youngest=40),
)
_ED_PANELS: Final = ("urea-and-electrolytes", "full-blood-count", "inflammation")
_CLINICS: Final = ("Heart clinic", "Diabetes clinic", "Eye clinic", "Orthopaedic clinic", "Chest clinic")

# What a ward may write where the practice has the other.
_OTHER_DOSES: Final = {
    "2.5 mg once a day": "5 mg once a day",
    "5 mg once a day": "2.5 mg once a day",
    "10 mg once a day": "5 mg once a day",
    "5 mg twice a day": "2.5 mg twice a day",
    "20 mg once a day": "40 mg once a day",
    "50 micrograms once a day": "75 micrograms once a day",
    "500 mg twice a day with food": "1 g twice a day with food",
}


def past_visits(life: Life) -> None:
    """Attendances, stays and clinics of the last five years, all over by three weeks ago."""
    rng, age = life.rng, life.age
    expected = 0.5 + max(0, age - 40) * 0.028 + 0.25 * len(life.held)
    for _ in range(int(rng.uniform(0.2, 1.6) * expected)):
        day = ago(life.last_day, rng.randrange(25, 5 * 365))
        if day <= life.person.born_on + timedelta(days=60):
            continue
        trouble, record = _trouble(life), life.hospital()
        visit = _seen_in_emergency(life, record, at(day, rng.randrange(7, 20), 17), trouble)
        if rng.random() < 0.15 + age / 180:
            _stay(life, record, _end(visit), trouble)
        else:
            _attendance_summary(life, visit)
    for _ in range(int(rng.uniform(0, 0.9) * (len(life.held) + 0.5)) if life.age >= 6 else 0):
        clinic, when = rng.choice(_CLINICS), at(ago(life.last_day, rng.randrange(20, 1500)), 13, 30)
        life.hospital().clinic(when, "outpatients", clinic, CONSULTANTS["outpatients"], reason=f"{clinic} review")
        letter = f"{clinic}, Northfield General Hospital.\n\nSeen today. No change to medicines. Review in six months."
        life.practice.document("outpatient-letter", f"{clinic} letter", letter, when + timedelta(days=6))


def who_is_there_now(life: Life) -> None:
    """Some of those without a story are in the hospital on the last day, or have lately left it."""
    rng, older, roll = life.rng, life.age >= 70, life.rng.random()
    if life.person.died_on or roll > (0.3 if older else 0.1):
        return
    trouble = _trouble(life)
    if roll < 0.025:
        when = at(ago(life.today, 1), rng.randrange(16, 23), rng.randrange(60))
        attend_now(life, when, life.beds.cubicle("Majors" if older else "Minors"), trouble)
    elif roll < (0.15 if older else 0.05):
        admit_now(life, rng.randrange(1, 12), trouble)
    else:
        stay_until(life, at(ago(life.today, rng.randrange(2, 19)), 14, 30), rng.randrange(1, 7), trouble)


def attend_now(
    life: Life, when: datetime, place: tuple[str, str, str], trouble: Trouble, record: HospitalRecord | None = None
) -> Visit:
    """In the emergency department since `when`, with first results."""
    record = record or life.hospital()
    visit = record.attend(when, place, trouble.reason)
    _emergency_tests(life, record, visit, trouble)
    return visit


def admit_now(life: Life, days: int, trouble: Trouble, record: HospitalRecord | None = None) -> Visit:
    """On a ward since `days` days ago."""
    record, service = record or life.hospital(), trouble.service
    came = at(ago(life.today, days), 13, life.rng.randrange(60))
    attended = _seen_in_emergency(life, record, came, trouble)
    bed = life.beds.bed(_WARDS[service])
    visit = record.admit(_end(attended), bed, service, trouble.reason, doctor=CONSULTANTS[service])
    for day in range(min(days, 6)):
        hour = 21 if day == 0 else 8
        _kidney_test(life, record, at(ago(life.today, days - day), hour, 10), visit, trouble)
    return visit


def stay_until(life: Life, leaves: datetime, nights: int, trouble: Trouble) -> Visit:
    """A stay that ended at `leaves`, from the emergency department to the discharge summary."""
    record, service = life.hospital(), trouble.service
    came = leaves - timedelta(days=nights, hours=5)
    attended = _seen_in_emergency(life, record, came, trouble)
    bed = (_WARDS[service], "Bay C", f"Bed {1 + nights % 6}")
    visit = record.admit(_end(attended), bed, service, trouble.reason, doctor=CONSULTANTS[service])
    _kidney_test(life, record, leaves - timedelta(hours=6), visit, Trouble(reason="Recovered"))
    visit = record.leave(visit, leaves)
    discharge(life, visit, f"Improved with treatment. Admitted with {trouble.reason.lower()}.")
    return visit


def discharge(life: Life, visit: Visit, account: str, *, actions: str = "None.") -> None:
    """The discharge summary: kept by the hospital and, the same day, by the practice."""
    text = (
        f"Discharge summary, Northfield General Hospital, {visit.place[0]}.\n\n"
        f"Admitted {_day(visit.start)}: {visit.reason}.\nDischarged {_day(_end(visit))}, home.\n"
        f"Consultant: {visit.doctor}.\n\n{account}\n\nActions for the GP: {actions}\n"
    )
    if life.person.key not in PROTAGONISTS:  # their stories say what they take
        _medicines_at_discharge(life, visit)
    title, written = f"Discharge summary, {visit.place[0]}", _end(visit) + timedelta(hours=1)
    life.hospital_chart().document("discharge-summary", title, text, written, by=visit.doctor, service=visit.service)
    life.practice.document("discharge-summary", title, text, written)


def _medicines_at_discharge(life: Life, visit: Visit) -> None:
    """The practice's list as the ward wrote it down: mostly the same, at times another dose, or stopped."""
    rng, chart, left = life.rng, life.hospital_chart(), _end(visit).date()
    for name, dose, since in life.practice.current_prescriptions():
        if since > left:
            continue
        roll, service = rng.random(), visit.service
        if roll < 0.06:
            because = "Stopped on the ward"
            chart.takes(name, dose, since, status="stopped", until=left, because=because, service=service)
        else:
            chart.takes(name, _OTHER_DOSES.get(dose, dose) if roll < 0.2 else dose, left, service=service)


def _trouble(life: Life) -> Trouble:
    trouble = life.rng.choice([each for each in _TROUBLES if each.youngest <= life.age])
    if life.age >= 82 and trouble.service == "acute-medicine":
        return Trouble(reason=trouble.reason, shifts=trouble.shifts, service="frailty")
    return trouble


def _seen_in_emergency(life: Life, record: HospitalRecord, when: datetime, trouble: Trouble) -> Visit:
    """An attendance that ends a few hours later."""
    rng = life.rng
    cubicle = f"{rng.choice(('Majors', 'Minors'))} {rng.randrange(1, 10)}"
    visit = record.attend(when, (cubicle, "", ""), trouble.reason)
    if rng.random() < 0.8:
        _emergency_tests(life, record, visit, trouble)
    return record.leave(visit, when + timedelta(minutes=rng.randrange(110, 290)))


def _emergency_tests(life: Life, record: HospitalRecord, visit: Visit, trouble: Trouble) -> None:
    day = visit.start.date()
    if life.person.age(day) < 16:
        return
    cardiac = ("cardiac-markers",) if trouble.reason == "Chest pain" else ()
    for panel in (*_ED_PANELS, *cardiac):
        readings = life.body.panel(panel, day, shifts=trouble.shifts)
        record.results(panel, readings, visit.start + timedelta(minutes=25), visit)


def _stay(life: Life, record: HospitalRecord, came: datetime, trouble: Trouble) -> None:
    rng, service = life.rng, trouble.service
    nights, ward = rng.randrange(1, 9), _WARDS[service]
    bed = (ward, "Bay B", f"Bed {rng.randrange(1, 7)}")
    visit = record.admit(came, bed, service, trouble.reason, doctor=CONSULTANTS[service])
    if rng.random() < 0.2:
        visit = record.move(visit, came + timedelta(hours=9), (ward, "Side room", "Bed 1"))
    for night in range(1, nights, 2):
        _kidney_test(life, record, came + timedelta(days=night), visit, trouble)
    visit = record.leave(visit, at(came.date() + timedelta(days=nights), 15, 40))
    discharge(life, visit, f"Treated for {trouble.reason.lower()}, improved, mobile and eating on discharge.")


def _kidney_test(life: Life, record: HospitalRecord, when: datetime, visit: Visit, trouble: Trouble) -> None:
    panel = "urea-and-electrolytes"
    record.results(panel, life.body.panel(panel, when.date(), shifts=trouble.shifts), when, visit)


def _attendance_summary(life: Life, visit: Visit) -> None:
    text = f"Emergency department, Northfield General Hospital: {visit.reason}. Seen, treated and sent home."
    life.practice.document("attendance-summary", "Emergency department summary", text, _end(visit) + timedelta(hours=2))


def _end(visit: Visit) -> datetime:
    assert visit.end is not None
    return visit.end


def _day(when: datetime) -> str:
    return f"{when.day} {when:%b} {when.year}"
