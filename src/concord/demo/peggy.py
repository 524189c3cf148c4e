"""Margaret Holroyd, called Peggy: the largest record, told in full."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from concord.demo.community_life import AMBULANCE, COMMUNITY, MENTAL_HEALTH, call_to_111
from concord.demo.conditions import CONDITIONS, Held
from concord.demo.council_rows import ADULTS
from concord.demo.hospital_life import CONSULTANTS, discharge
from concord.demo.hospital_messages import Visit
from concord.demo.life import Life
from concord.demo.measurements import Reading
from concord.demo.moments import ago, at

_SINCE: Final = {
    "hypertension": date(2003, 5, 12),
    "type-2-diabetes": date(2008, 3, 4),
    "chronic-kidney-disease-3a": date(2021, 2, 18),
    "heart-failure": date(2022, 1, 27),
    "atrial-fibrillation": date(2019, 9, 10),
    "hypothyroidism": date(1998, 11, 2),
    "osteoporosis": date(2015, 6, 23),
    "hearing-loss": date(2012, 4, 19),
    "alzheimers-disease": date(2023, 4, 6),
    "recurrent-falls": date(2024, 8, 15),
}

# (now, noise, change a year)
LEVELS: Final[Mapping[str, tuple[float, float, float]]] = {
    "potassium": (5.0, 0.1, 0.1),
    "sodium": (136, 1.5, -0.5),
    "urea": (9.4, 0.6, 0.7),
    "creatinine": (122, 5, 8),
    "egfr": (35, 1.5, -4),
    "haemoglobin": (110, 2.5, -3),
    "hba1c": (48, 1.5, -1),
    "weight": (49, 0.6, -3),
    "bmi": (19.5, 0.3, -1.1),
    "nt-probnp": (2100, 200, 150),
    "crp": (6, 3, 0),
}

_MEDICINES: Final = (
    ("apixaban", "2.5 mg twice a day", 2600, 13, "Reduced: weight 48 kg, age 84."),
    ("ramipril", "5 mg once a day", 2900, 20, ""),
    ("bisoprolol", "2.5 mg once a day", 1700, 20, ""),
    ("furosemide", "40 mg once a day", 1690, 20, ""),
    ("levothyroxine", "75 micrograms once a day", 6000, 20, ""),
    ("donepezil", "10 mg at night", 1290, 20, ""),
    ("metformin", "500 mg twice a day", 5000, 20, ""),
    ("alendronic-acid", "70 mg once a week", 3900, 256, ""),
)
_AT_DISCHARGE: Final = (
    ("apixaban", "5 mg twice a day"),
    ("bisoprolol", "2.5 mg once a day"),
    ("furosemide", "40 mg once a day"),
    ("levothyroxine", "75 micrograms once a day"),
    ("donepezil", "10 mg at night"),
    ("paracetamol", "500 mg four times a day when needed"),
)
_AT_THE_HOUSE: Final = {"heart-rate": "104", "respiratory-rate": "22", "oxygen-saturation": "94", "temperature": "37.9"}
_TONIGHT: Final = {
    "urea-and-electrolytes": (
        Reading(name="sodium", number="131"),
        Reading(name="potassium", number="5.9", flag="H"),
        Reading(name="urea", number="18.4"),
        Reading(name="creatinine", number="187", flag="HH", note="AKI stage 1 alert: creatinine has risen from 124."),
        Reading(name="egfr", number="21"),
    ),
    "full-blood-count": (
        Reading(name="haemoglobin", number="104"),
        Reading(name="white-cells", number="13.8"),
        Reading(name="platelets", number="248"),
    ),
    "inflammation": (Reading(name="crp", number="96"),),
}


def conditions() -> list[Held]:
    return [Held(condition=each, since=_SINCE[each.finding]) for each in CONDITIONS if each.finding in _SINCE]


def tell(life: Life) -> None:
    _practice(life)
    _community(life)
    _memory_service(life)
    _council(life)
    _earlier_stays(life)
    _stay_in_ward_9(life)
    call_to_111(life, ago(life.today, 4), words="Daughter rings: more muddled than usual. GP asked to call.")
    _ambulance(life)
    _tonight(life)


def _practice(life: Life) -> None:
    chart, today, doctor = life.practice, life.today, life.doctor
    for held in life.held:
        kidney = held.finding.startswith("chronic-kidney")
        chart.problem("chronic-kidney-disease-3b" if kidney else held.finding, held.since, by=doctor)
    chart.problem("severe-frailty", ago(today, 39), note="Clinical frailty scale 7.", by=doctor)
    chart.problem("urinary-tract-infection", ago(today, 13), status="resolved", until=ago(today, 6), by=doctor)
    for medicine, dose, first, issued, note in _MEDICINES:
        chart.prescription(medicine, dose, ago(today, first), issued=ago(today, issued), note=note, by=doctor)
    chart.prescription(
        "trimethoprim", "200 mg twice a day for 7 days", ago(today, 13), days=7, status="completed", repeat=False,
        by=doctor, reason="Urinary tract infection",
    )  # fmt: skip
    chart.allergy(
        "penicillin", "anaphylaxis", date(1987, 6, 3), severity="severe", criticality="high", by=doctor,
        words="Collapse after penicillin injection",
    )  # fmt: skip
    chart.contact(
        "medication-review-contact", at(ago(today, 13), 11, 20), minutes=20, by="Imran Yousaf",
        reason="Medication review by the practice pharmacist: apixaban reduced",
    )  # fmt: skip
    seen = at(ago(today, 100), 10, 15)
    chart.noted("smoking", "Never smoked", seen, by=life.nurse)
    chart.noted("lives-with", "Lives alone, own flat on the ground floor", seen, by=life.nurse)
    chart.noted("key-safe", "Ask the care agency", seen, by=life.nurse)
    _practice_results(life)
    _practice_plans(life)
    coming = at(today + timedelta(days=12), 9, 40)
    chart.appointment("Blood test and blood pressure", coming, by=life.nurse)


def _practice_results(life: Life) -> None:
    """The last blood tests at the surgery, which the hospital's laboratory feed tells of as well."""
    when = at(ago(life.today, 13), 9, 5)
    panels = {
        "urea-and-electrolytes": {
            "sodium": "135",
            "potassium": "5.1",
            "urea": "9.6",
            "creatinine": "124",
            "egfr": "34",
        },
        "full-blood-count": {"haemoglobin": "109", "white-cells": "7.4", "platelets": "261"},
        "diabetes-monitoring": {"hba1c": "47"},
    }
    for panel, values in panels.items():
        readings = [Reading(name=name, number=number) for name, number in values.items()]
        life.practice.report(panel, readings, when)
        life.hospital().results(panel, readings, when)


def _practice_plans(life: Life) -> None:
    chart, doctor = life.practice, life.doctor
    signed = ago(life.today, 39)
    wishes = (
        "Wants to live longer if it is likely to work, but comfort comes first.\n"
        "Yes: hospital for what can be put right, antibiotics into a vein, fluids.\n"
        "No: intensive care, ventilation, dialysis. CPR attempts not recommended.\n"
        "Agreed with Mrs Holroyd and her daughter Janet Price. Review in six months."
    )
    chart.care_plan("end-of-life", "ReSPECT plan: CPR attempts not recommended", wishes, signed, by=doctor)
    chart.flag(
        "cpr-decision", "CPR attempts not recommended (ReSPECT)", signed, category="advance-directive", by=doctor
    )
    needs = "Hearing aid, left ear. Dementia: speak slowly, one thing at a time."
    chart.flag("communication-need", needs, ago(life.today, 900), category="reasonable-adjustment")
    chart.flag("bleeding-risk", "Takes a blood thinner (apixaban)", date(2019, 9, 10), by=doctor)
    chart.document("respect", "ReSPECT form", wishes, at(signed, 15, 30), by=doctor)
    attorney = {"HPOWATT": "Attorney for health and welfare"}
    janet = chart.relative("Janet", "Price", "DAU", "07700 900431", roles=attorney)
    chart.acts(janet, "health-and-welfare-attorney", "9990019991", date(2023, 5, 2))
    chart.team(
        "Usual GP team",
        [("Dr Shirin Rahman", "Usual GP", "01632 960115"), ("Bola Adekunle", "Practice nurse", "01632 960114")],
        date(2014, 1, 6),
    )


def _community(life: Life) -> None:
    today = life.today
    chart = life.chart(COMMUNITY)
    chart.allergy("latex", "contact-dermatitis", date(2022, 3, 11), severity="mild", by="Sam Kelly")
    chart.takes("apixaban", "5 mg twice a day", ago(today, 2500), on=ago(today, 47), service="frailty")
    chart.takes("bisoprolol", "2.5 mg once a day", ago(today, 1700), on=ago(today, 47), service="frailty")
    began = ago(today, 820)
    chart.caseload(began, service="frailty", team="community-frailty")
    chart.caseload(ago(today, 2), service="district-nursing", team="north-nursing")
    chart.problem("severe-frailty", ago(today, 47), by="Grace Adeyemi", service="frailty")
    for month in range(27):
        when = at(began + timedelta(days=month * 30), 10, 30)
        visit = chart.contact(
            "frailty-review", when, minutes=50, class_="HH", by="Grace Adeyemi", service="frailty",
            reason="Frailty review at home",
        )  # fmt: skip
        for name in ("heart-rate", "oxygen-saturation", "weight"):
            chart.observation(life.body.reading(name, when.date()), when, category="vital-signs", encounter=visit)
        score = Reading(name="clinical-frailty-scale", number="7" if month > 20 else "6")
        chart.observation(score, when, category="survey", by="Grace Adeyemi")
    found = at(ago(today, 2), 9, 50)
    chart.contact(
        "community-nursing-visit", found, minutes=40, class_="HH", by="Sam Kelly", service="district-nursing",
        reason="Pressure ulcer found; mattress ordered",
    )  # fmt: skip
    chart.problem(
        "pressure-ulcer", found.date(), note="Sacrum, category 2. 3 cm by 2 cm, clean.", by="Sam Kelly",
        service="district-nursing",
    )  # fmt: skip
    chart.observation(Reading(name="waterlow", number="21"), found, category="survey", by="Sam Kelly")
    chart.equipment("pressure-mattress", found.date(), by="Sam Kelly", service="district-nursing")
    chart.equipment("walking-frame", ago(today, 400), by="Tess Moran", service="therapy")
    advice = "Check bladder, bowels, fluids, pain. Call the frailty team, 8am to 8pm, 01632 960250."
    chart.care_plan(
        "contingency-plan", "If more confused at home", advice, ago(today, 47), by="Grace Adeyemi", service="frailty"
    )
    chart.team(
        "Community frailty team",
        [
            ("Grace Adeyemi", "Key worker, frailty nurse", "01632 960251"),
            ("Idris Khan", "Care coordinator", "01632 960252"),
        ],
        began,
        service="frailty",
    )
    coming = at(today + timedelta(days=1), 10)
    chart.appointment("District nurse, home", coming, by="Sam Kelly", service="district-nursing")


def _memory_service(life: Life) -> None:
    chart, today = life.chart(MENTAL_HEALTH), life.today
    chart.service = "memory-service"
    chart.caseload(ago(today, 1300))
    chart.problem("alzheimers-disease", date(2023, 4, 6), by="Dr Marcus Bell")
    for number, score in enumerate(("22", "21", "19", "18", "16")):
        when = at(ago(today, 1300 - number * 240), 14)
        chart.contact("mental-health-appointment", when, minutes=45, by="Dr Marcus Bell", reason="Memory review")
        chart.observation(Reading(name="dementia-screen", number=score), when, category="survey", by="Dr Marcus Bell")
    chart.appointment("Memory service, home visit", at(today + timedelta(days=48), 11), by="Dr Marcus Bell")


def _council(life: Life) -> None:
    today, record = life.today, life.council()
    record.package("Home care", "Kindle Home Care", 3, ago(today, 700), until=ago(today, 49), status="ended")
    record.package("Home care", "Kindle Home Care", 4, ago(today, 48))
    record.package("Pendant alarm", "Northfield Telecare", 0, ago(today, 690))
    record.involve("Tom Ashworth", "Social worker", "older-people", ago(today, 710), telephone="01632 960330")
    record.involve(
        "Kindle Home Care", "Home care agency, 4 visits a day", "home-care", ago(today, 700), telephone="01632 960377",
        key_worker=False,
    )  # fmt: skip
    record.concern(
        "adult-safeguarding-concern", "Found alone with the door open at night; alarm fitted.", ago(today, 720),
        until=ago(today, 680), status="ended", service=ADULTS,
    )  # fmt: skip


def _earlier_stays(life: Life) -> None:
    """Three stays in earlier years, with daily bloods."""
    record = life.hospital()
    for days, nights, reason in (
        (1500, 8, "Heart failure"),
        (1010, 6, "Chest infection"),
        (430, 11, "Fall, bruised hip"),
    ):
        came = at(ago(life.today, days), 16, 5)
        record.leave(record.attend(came, ("Majors 2", "", ""), reason), came + timedelta(hours=4))
        bed, doctor = ("Ward 9", "Bay A", "Bed 2"), CONSULTANTS["frailty"]
        stay = record.admit(came + timedelta(hours=4), bed, "frailty", reason, doctor=doctor)
        for night in range(nights):
            when = came + timedelta(days=night, hours=14)
            for panel in ("urea-and-electrolytes", "full-blood-count")[: 2 - night % 2]:
                record.results(panel, life.body.panel(panel, when.date()), when, stay)
        stay = record.leave(stay, at(came.date() + timedelta(days=nights), 15))
        discharge(life, stay, f"Treated for {reason.lower()}.")
    record.clinic(at(ago(life.today, 150), 14, 20), "outpatients", "Heart failure clinic", CONSULTANTS["outpatients"])


def _stay_in_ward_9(life: Life) -> None:
    record, today = life.hospital(), life.today
    came = at(ago(today, 62), 15, 30)
    attendance = record.attend(came, ("Majors 5", "", ""), "Acute confusion")
    record.leave(attendance, came + timedelta(hours=4))
    reason, bed = "Kidney injury, urine infection, delirium", ("Ward 9", "Bay B", "Bed 4")
    stay = record.admit(came + timedelta(hours=4), bed, "frailty", reason, doctor=CONSULTANTS["frailty"])
    for night, (potassium, creatinine) in enumerate((("5.8", "196"), ("5.5", "178"), ("5.2", "150"), ("4.9", "128"))):
        values = {"potassium": potassium, "creatinine": creatinine}
        when = came + timedelta(days=night * 2, hours=14)
        readings = life.body.panel("urea-and-electrolytes", when.date())
        readings = [replace(each, number=values.get(each.name, each.number)) for each in readings]
        record.results("urea-and-electrolytes", readings, when, stay)
        crp = Reading(name="crp", number=("112", "64", "30", "12")[night])
        record.results("inflammation", [crp], when, stay)
    stopped, left = ago(today, 59), ago(today, 53)
    chart = life.hospital_chart()
    chart.service = "frailty"
    for medicine, dose in _AT_DISCHARGE:
        chart.takes(medicine, dose, left, on=left)
    chart.takes(
        "ramipril", "5 mg once a day", ago(today, 2900), status="stopped", until=stopped,
        because="Kidney injury, potassium 5.8. GP to review.",
    )  # fmt: skip
    chart.takes(
        "codeine", "30 mg four times a day when needed", came.date(), status="stopped", until=stopped,
        because="Acute confusion",
    )  # fmt: skip
    chart.allergy(
        "penicillin", "throat-swelling", came.date(), severity="severe", criticality="high",
        words="penicillin V, throat swelling", by=CONSULTANTS["frailty"],
    )  # fmt: skip
    chart.allergy("codeine", "acute-confusion", stopped, by=CONSULTANTS["frailty"])
    for finding in ("acute-kidney-injury", "delirium"):
        chart.problem(finding, came.date(), status="resolved", until=left, by=CONSULTANTS["frailty"])
    chart.problem("heart-failure", date(2022, 1, 27), note="Ejection fraction 35%.", by=CONSULTANTS["frailty"])
    discharge(
        life,
        record.leave(stay, at(left, 16)),
        "Kidney injury with urine infection and delirium. Ramipril stopped. Codeine stopped: confusion.",
        actions="Check kidney function in two weeks. Review ramipril.",
    )
    chart.appointment(
        "Heart failure clinic, Northfield General", at(today + timedelta(days=10), 14, 20), service="outpatients"
    )


def _ambulance(life: Life) -> None:
    """The crew wrote down what she said about allergies."""
    yesterday = ago(life.today, 1)
    chart = life.chart(AMBULANCE)
    chart.service = "emergency-response"
    when = at(yesterday, 21, 58)
    visit = chart.contact(
        "emergency-response", when, minutes=45, class_="EMER", by="Asha Verma",
        reason="On floor about 4 hours, new confusion",
    )  # fmt: skip
    for name, number in _AT_THE_HOUSE.items():
        found = Reading(name=name, number=number)
        chart.observation(found, when, category="vital-signs", by="Asha Verma", encounter=visit)
    chart.blood_pressure(98, 56, when, by="Asha Verma", encounter=visit)
    chart.observation(Reading(name="news2", number="9"), when, category="survey", by="Asha Verma")
    chart.no_known_allergies(at(yesterday, 22, 20), by="Asha Verma")
    text = "Found by her carer on the kitchen floor, there about 4 hours. New confusion. Taken to Northfield General."
    chart.document("ambulance-report", "Ambulance report", text, at(yesterday, 22, 50), by="Asha Verma", context=visit)


def _tonight(life: Life) -> Visit:
    """In the emergency department, Majors 7, with first results; cultures are not back yet."""
    record = life.hospital()
    arrived = at(ago(life.today, 1), 22, 47)
    visit = record.attend(arrived, ("Majors 7", "", ""), "Fall and confusion")
    taken = arrived + timedelta(minutes=23)
    for panel, readings in _TONIGHT.items():
        record.results(panel, readings, taken, visit)
    culture = Reading(name="urine-culture", text="Awaited")
    record.results("microbiology-urine", [culture], taken, visit, status="P")
    scan = Reading(name="imaging-report", text="No bleed seen. Provisional report.")
    record.results("imaging-ct-head", [scan], taken + timedelta(minutes=15), visit, status="P")
    return visit
