"""What happens to each protagonist but Peggy, whose story has its own module."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from concord.demo.community_life import (
    COMMUNITY,
    MENTAL_HEALTH,
    URGENT_CARE,
    ambulance_call,
    call_to_111,
    care_home,
    crew_at_home_now,
    frailty_team,
    health_visiting,
    home_care,
    mental_health_team,
    palliative_care,
    protected_children,
    waiting_for_out_of_hours,
)
from concord.demo.hospital_life import Trouble, admit_now, attend_now, stay_until
from concord.demo.life import COUNCIL, HOSPITAL, Life
from concord.demo.measurements import Reading
from concord.demo.moments import ago, at

Story = Callable[[Life], None]

# Conditions that the story needs.
CERTAIN: Final[Mapping[str, tuple[str, ...]]] = {
    "yusuf": ("type-2-diabetes", "hypertension"),
    "tail": ("copd", "coronary-heart-disease"),
    "discharged": ("type-2-diabetes", "atrial-fibrillation"),
    "unsigned": ("copd", "hypertension"),
    "caseload": ("severe-frailty", "recurrent-falls", "heart-failure"),
    "mental_health": ("bipolar-disorder",),
    "care_home": ("alzheimers-disease", "severe-frailty", "recurrent-falls"),
    "hospice": ("lung-cancer", "copd"),
    "future_dated": ("gout", "hypertension"),
    "crew_at_home": ("copd", "hypertension"),
    "out_of_hours": ("asthma",),
    "objector": ("hypertension", "type-2-diabetes"),
    "silent_objector": ("hypothyroidism",),
    "share_out": ("asthma",),
    "same_name": ("heart-failure",),
    "twice_registered": ("hypertension",),
    "died": ("coronary-heart-disease", "heart-failure"),
}

# Whom nothing but the story brings to the hospital.
UNKNOWN_TO_HOSPITAL: Final = ("no_link", "twin", "sibling", "unidentified", "crew_at_home", "out_of_hours")


def _in_majors(number: int, hour: int, reason: str) -> Story:
    """In the emergency department since yesterday evening, in that cubicle of Majors."""

    def story(life: Life) -> None:
        when = at(ago(life.today, 1), hour, 12)
        attend_now(life, when, (f"Majors {number}", "", ""), Trouble(reason=reason))

    return story


def _nothing_more(life: Life) -> None:
    pass


def _yusuf(life: Life) -> None:
    record = life.hospital()
    visit = attend_now(life, at(ago(life.today, 1), 21, 5), ("Majors 9", "", ""), Trouble(reason="Chest discomfort"))
    taken = visit.start + timedelta(minutes=30)
    record.results("cardiac-markers", [Reading(name="troponin", number="61")], taken, visit, status="W")
    record.results("cardiac-markers", [Reading(name="troponin", number="9")], taken + timedelta(minutes=40), visit)
    # 111 wrote his name as it was heard.
    life.chart(URGENT_CARE, copy=replace(life.faithful_copy(URGENT_CARE), given="Yousef"))
    call_to_111(life, ago(life.today, 9), words="Tight chest after walking uphill")
    chart = life.hospital_chart()
    chart.allergy("nsaid", "stomach-bleeding", ago(life.today, 900), severity="severe", criticality="high")


def _an_le(life: Life) -> None:
    when = at(ago(life.today, 1), 19, 20)
    attend_now(life, when, ("Minors 2", "", ""), Trouble(reason="Injured wrist after a fall"))


def _unidentified(life: Life) -> None:
    """The trust's name for him until somebody knows another."""
    unknown = replace(life.faithful_copy(HOSPITAL), given="Unknown", title="", telephone="", mobile="")
    when, record = at(ago(life.today, 1), 22, 30), life.register(unknown)
    attend_now(life, when, ("Resus 1", "", ""), Trouble(reason="Found unconscious"), record)


def _tail(life: Life) -> None:
    leaves = at(ago(life.today, 20), 14, 10)
    stay_until(life, leaves, 5, Trouble(reason="Shortness of breath", shifts={"crp": 40.0}))


def _discharged(life: Life) -> None:
    leaves = at(ago(life.today, 3), 15, 45)
    stay_until(life, leaves, 4, Trouble(reason="Palpitations"))
    chart, left = life.hospital_chart(), leaves.date()
    chart.takes("apixaban", "5 mg twice a day", left, on=left, service="acute-medicine")
    chart.takes("metformin", "1 g twice a day with food", left, on=left, service="acute-medicine")


def _protected(life: Life) -> None:
    life.practice.problem("domestic-abuse", ago(life.today, 500), by=life.doctor)
    life.practice.flag("access-alert", "Do not leave messages at any address or number.", ago(life.today, 490))
    _in_majors(2, 20, "Abdominal pain")(life)


def _objector(life: Life) -> None:
    life.practice.choice("objection", ago(life.today, 240))
    _in_majors(4, 19, "Shortness of breath")(life)


def _silent_objector(life: Life) -> None:
    life.practice.choice("objection", ago(life.today, 380), silent=True)
    life.council().share_choice = "objects-silently"
    _in_majors(5, 21, "Palpitations")(life)


def _share_out(life: Life) -> None:
    life.practice.choice("share-out", ago(life.today, 150))
    _in_majors(8, 18, "Asthma attack")(life)


def _sealed_flagged(life: Life) -> None:
    _sealed(life, "alcohol-dependence", "thiamine", "100 mg twice a day", "flagged")
    admit_now(life, 4, Trouble(reason="Shortness of breath", shifts={"crp": 70.0}))


def _sealed_locked(life: Life) -> None:
    _sealed(life, "self-harm", "mirtazapine", "15 mg at night", "locked")
    admit_now(life, 2, Trouble(reason="Abdominal pain", shifts={"white-cells": 6.0}, service="surgery"))


def _sealed(life: Life, finding: str, medicine: str, dose: str, how: str) -> None:
    """The problem, its medicine and what was written about it, sealed at the person's wish."""
    chart, since = life.practice, ago(life.today, 420)
    chart.seal(chart.problem(finding, since, by=life.doctor), how)
    chart.seal(chart.prescription(medicine, dose, since, issued=ago(life.today, 12), by=life.doctor), how)
    visit = chart.contact("surgery-consultation", at(since, 9, 30), by=life.doctor, reason=f"Talked about {finding}")
    chart.seal(visit, how)


def _sexual_health(life: Life) -> None:
    """The clinic's visits carry its service; the practice's items are told by code alone, but for the one it labels."""
    record, rng, today = life.hospital(), life.rng, life.today
    for number in range(8):
        when = at(ago(today, 40 + number * 180), 10, 40)
        visit = record.clinic(when, "sexual-health", "Sexual health clinic", "Dr Elin Sjoberg", reason="Review")
        found = "Detected" if number == 5 else "Not detected"
        screen = [Reading(name="chlamydia-test", text=found)]
        if number == 7:
            screen.append(Reading(name="hiv-test", text="Reactive, confirmed"))
        record.results("sexual-health-screen", screen, when + timedelta(minutes=10), visit)
    chart = life.hospital_chart()
    since = ago(today, 40 + 7 * 180)
    chart.problem("hiv-infection", since, by="Dr Elin Sjoberg", service="sexual-health")
    dose = "1 tablet once a day"
    chart.takes("antiretroviral-combination", dose, since, on=ago(today, 40), service="sexual-health")
    letter = "Sexual health clinic. Well on treatment, virus not detectable. See again in six months."
    written = at(ago(today, 38), 15)
    chart.document(
        "sexual-health-letter", "Clinic letter", letter, written, by="Dr Elin Sjoberg", service="sexual-health"
    )
    chart.appointment(
        "Sexual health clinic", at(today + timedelta(days=rng.randrange(5, 25)), 10, 40), service="sexual-health"
    )
    life.practice.problem("hiv-infection", since, by=life.doctor)
    told = life.practice.document("sexual-health-letter", "Letter from the clinic", letter, written + timedelta(days=2))
    life.practice.sensitive(told, "HIV")
    _in_majors(6, 20, "Fever and cough")(life)


def _gender_history(life: Life) -> None:
    chart, today = life.practice, life.today
    chart.problem("gender-incongruence", ago(today, 2600), status="resolved", until=ago(today, 1500), by=life.doctor)
    chart.problem("gender-recognition-certificate", ago(today, 1400), by=life.doctor)
    text = "Letter from the clinic about the change of name and sex on the record."
    letter = chart.document("outpatient-letter", "Clinic letter", text, at(ago(today, 1395), 12))
    chart.labelled(letter, "gender-history")
    chart.prescription("testosterone-gel", "40 mg once a day", ago(today, 2400), issued=ago(today, 9), by=life.doctor)
    admit_now(life, 1, Trouble(reason="Abdominal pain", shifts={"crp": 25.0}, service="surgery"))


def _termination(life: Life) -> None:
    record, on = life.hospital(), ago(life.today, 730)
    place = ("Ward 7", "Day room", "Chair 2")
    visit = record.admit(at(on, 8, 30), place, "maternity-gynaecology", "Day procedure", doctor="Dr Zofia Nowak")
    record.leave(visit, at(on, 15, 10))
    chart = life.hospital_chart()
    chart.procedure("termination-of-pregnancy", on, by="Dr Zofia Nowak", service="maternity-gynaecology")
    life.practice.procedure("termination-of-pregnancy", on)
    text = "Day procedure in gynaecology, without complication. Follow-up by telephone."
    letter = life.practice.document("outpatient-letter", "Gynaecology letter", text, at(on + timedelta(days=3), 12))
    life.practice.labelled(letter, "termination")
    when = at(ago(life.today, 1), 21, 50)
    attend_now(life, when, ("Minors 1", "", ""), Trouble(reason="Abdominal pain"))


def _child(life: Life) -> None:
    protected_children(life, ago(life.today, 170))
    health_visiting(life)
    life.practice.flag(
        "safeguarding-concern",
        "Child protection plan, see the council",
        ago(life.today, 165),
        category="safeguarding",
    )
    concern = life.practice.problem("child-neglect-concern", ago(life.today, 180), by=life.doctor)
    life.practice.labelled(concern, "child-protection")
    when = at(ago(life.today, 1), 20, 35)
    attend_now(life, when, ("Minors 3", "", ""), Trouble(reason="Burned hand"))


def _sibling(life: Life) -> None:
    protected_children(life, ago(life.today, 170))
    health_visiting(life)


def _twice_registered(life: Life) -> None:
    """Once as she spells her name, once as a clerk heard it; the ward knows the second number alone."""
    life.hospital().clinic(at(ago(life.today, 410), 11), "outpatients", "Eye clinic", "Dr Ines Ferreira")
    copy = replace(life.hospital().copy, local_id="N990015", given="Catherine", telephone="")
    second = life.register(copy)
    admit_now(life, 3, Trouble(reason="Chest pain", shifts={"troponin": 12.0}), second)


def _caseload(life: Life) -> None:
    """The council still has the house that he left."""
    life.council(copy=replace(life.faithful_copy(COUNCIL), address=life.person.former_address))
    home_care(life, "Tom Ashworth", visits=3, since=ago(life.today, 400))
    frailty_team(life)
    life.chart(COMMUNITY).appointment(
        "Frailty review, home", at(life.today + timedelta(days=3), 10, 30), by="Grace Adeyemi", service="frailty"
    )
    admit_now(life, 1, Trouble(reason="Fall at home", shifts={"crp": 35.0}, service="frailty"))


def _mental_health(life: Life) -> None:
    mental_health_team(life, "bipolar-disorder", 22)
    chart, today = life.chart(MENTAL_HEALTH), life.today
    chart.problem("overdose", ago(today, 2), by="Dr Marcus Bell")
    chart.procedure("talking-therapy", ago(today, 30), by="Fay Holden")
    chart.takes("lithium-carbonate", "800 mg at night", ago(today, 900), on=ago(today, 20))
    chart.takes("olanzapine", "10 mg at night", ago(today, 900), on=ago(today, 20))
    chart.flag("lone-working-risk", "Visit in pairs after dark", ago(today, 200), category="safety", by="Fay Holden")
    alone = chart.contact(
        "crisis-contact",
        at(ago(today, 3), 22, 10),
        minutes=40,
        class_="VR",
        by="Fay Holden",
        reason="Very low, not sleeping",
    )
    chart.sensitive(alone, "PSY")
    admit_now(life, 2, Trouble(reason="Overdose", shifts={"potassium": -0.5}))


def _care_home(life: Life) -> None:
    care_home(life)
    frailty_team(life)
    chart, signed = life.practice, ago(life.today, 120)
    text = "For care at Larkfield House. Hospital only for a broken bone or pain that cannot be eased. Not for CPR."
    chart.care_plan("end-of-life", "ReSPECT plan: CPR attempts not recommended", text, signed, by=life.doctor)
    chart.flag("cpr-decision", "CPR attempts not recommended (ReSPECT)", signed, category="advance-directive")
    ambulance_call(life, ago(life.today, 45))


def _hospice(life: Life) -> None:
    palliative_care(life)
    chart, today = life.practice, life.today
    for medicine, dose in (
        ("morphine-injection", "2.5 mg under the skin when needed, in the house"),
        ("midazolam-injection", "2.5 mg under the skin when needed, in the house"),
    ):
        chart.prescription(medicine, dose, ago(today, 18), repeat=False, by=life.doctor, note="Just in case box")
    text = "Wants to die at home. CPR attempts not recommended."
    chart.care_plan("end-of-life", "ReSPECT plan: CPR attempts not recommended", text, ago(today, 40), by=life.doctor)
    chart.referral(
        "ZZS", "Referral to the hospice team", "Lung cancer, pain at night", at(ago(today, 60), 10), by=life.doctor
    )


def _future_dated(life: Life) -> None:
    """A test dated next year, and a diagnosis that was entered for the wrong patient."""
    chart, today = life.practice, life.today
    chart.observation(Reading(name="urate", number="402"), at(today + timedelta(days=340), 9, 10))
    chart.problem("epilepsy", ago(today, 210), verification="entered-in-error", by=life.doctor)


def _crew_at_home(life: Life) -> None:
    crew_at_home_now(life)
    life.practice.allergy("penicillin", "rash", ago(life.today, 4000), severity="moderate", by=life.doctor)


def _out_of_hours(life: Life) -> None:
    waiting_for_out_of_hours(life)


def _twin(life: Life) -> None:
    """She does not want the ambulance service to see her record, and has said that the hospital may."""
    life.practice.choice("organisation-prohibited", ago(life.today, 310), about="ZZB")
    life.practice.choice("share-in", ago(life.today, 310), permit=True, about=HOSPITAL)


STORIES: Final[Mapping[str, Story]] = {
    "same_name": _in_majors(3, 20, "Shortness of breath"),
    "twin": _twin,
    "died": _nothing_more,
    "yusuf": _yusuf,
    "an_le": _an_le,
    "unidentified": _unidentified,
    "tail": _tail,
    "discharged": _discharged,
    "unsigned": _in_majors(1, 19, "Shortness of breath"),
    "protected": _protected,
    "objector": _objector,
    "silent_objector": _silent_objector,
    "share_out": _share_out,
    "sealed_flagged": _sealed_flagged,
    "sealed_locked": _sealed_locked,
    "sexual_health": _sexual_health,
    "gender_history": _gender_history,
    "termination": _termination,
    "child": _child,
    "sibling": _sibling,
    "twice_registered": _twice_registered,
    "no_link": _nothing_more,
    "caseload": _caseload,
    "mental_health": _mental_health,
    "care_home": _care_home,
    "hospice": _hospice,
    "future_dated": _future_dated,
    "crew_at_home": _crew_at_home,
    "out_of_hours": _out_of_hours,
}
