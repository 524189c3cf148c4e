"""Care outside hospital and surgery: community nursing, mental health, ambulance, 111, council, care home, hospice."""

from datetime import date, timedelta
from typing import Final

from concord.demo.copies import Copy
from concord.demo.council_rows import CHILDREN
from concord.demo.life import Life
from concord.demo.measurements import Reading
from concord.demo.moments import ago, at

COMMUNITY: Final = "ZZC"
MENTAL_HEALTH: Final = "ZZM"
AMBULANCE: Final = "ZZB"
URGENT_CARE: Final = "ZZO"
CARE_HOME: Final = "ZZH"
HOSPICE: Final = "ZZS"

_AGENCIES: Final = ("Kindle Home Care", "Harbour Care", "Brightside Support")


def community_life(life: Life) -> None:
    """What those without a story receive, as their conditions and age have it."""
    if life.person.died_on is not None:
        return
    if life.age < 16:
        _childhood(life)
        return
    frail = "severe-frailty" in life.findings or ("recurrent-falls" in life.findings and life.age >= 80)
    if frail:
        _frail_life(life)
    _community_services(life, frail=frail)
    _urgent_care(life)


def _childhood(life: Life) -> None:
    rng = life.rng
    if life.age < 5:
        health_visiting(life)
    if rng.random() < 0.06:
        known_for = rng.randrange(40, min(500, max(41, (life.today - life.person.born_on).days)))
        protected_children(life, ago(life.today, known_for))
    elif rng.random() < 0.04:
        looked_after(life)


def _frail_life(life: Life) -> None:
    rng = life.rng
    frailty_team(life)
    if rng.random() < 0.8:
        home_care(life, rng.choice(("Tom Ashworth", "Nadia Rees")), visits=rng.randrange(1, 5))
    else:
        care_home(life)


def _community_services(life: Life, *, frail: bool) -> None:
    rng = life.rng
    if rng.random() < (0.5 if frail else 0.07 if life.age >= 60 else 0.0):
        district_nursing(life, rng.randrange(6, 30), "leg-ulcer")
    if "stroke" in life.findings and rng.random() < 0.6:
        therapy(life)
    if "alzheimers-disease" in life.findings:
        memory_service(life)
    if "depression" in life.findings and rng.random() < 0.3:
        mental_health_team(life, "depression", rng.randrange(4, 14))
    if life.age >= 72 and rng.random() < 0.04:
        palliative_care(life)


def _urgent_care(life: Life) -> None:
    rng = life.rng
    if life.age >= 70 and rng.random() < 0.2:
        ambulance_call(life, ago(life.today, rng.randrange(30, 900)))
    if rng.random() < 0.22:
        for _ in range(rng.randrange(1, 4)):
            call_to_111(life, ago(life.today, rng.randrange(5, 1500)))
    if rng.random() < 0.015:
        waiting_for_out_of_hours(life)
    if life.age >= 60 and rng.random() < 0.01:
        crew_at_home_now(life)


def frailty_team(life: Life) -> None:
    """A community frailty nurse as key worker, a review each quarter, a plan for when things get worse."""
    chart, rng = life.chart(COMMUNITY), life.rng
    since = ago(life.today, rng.randrange(100, 700))
    chart.caseload(since, service="frailty", team="community-frailty")
    day = since
    while day < life.today:
        when = at(day, 10, 30)
        visit = chart.contact("frailty-review", when, minutes=50, class_="HH", by="Grace Adeyemi", service="frailty")
        chart.observation(
            _score(rng.choice("567"), "clinical-frailty-scale"), when, category="survey", by="Grace Adeyemi"
        )
        for name in ("heart-rate", "oxygen-saturation", "weight"):
            chart.observation(
                life.body.reading(name, day), when, category="vital-signs", by="Grace Adeyemi", encounter=visit
            )
        day += timedelta(days=rng.randrange(70, 110))
    chart.problem("severe-frailty", since, by="Grace Adeyemi", service="frailty")
    chart.care_plan(
        "contingency-plan",
        "If more confused or falling at home",
        "Check bladder, bowels, fluids and pain. Call the frailty team, 8am to 8pm, 01632 960250.",
        ago(life.today, rng.randrange(20, 90)),
        by="Grace Adeyemi",
        service="frailty",
    )
    chart.team(
        "Community frailty team",
        [
            ("Grace Adeyemi", "Key worker, frailty nurse", "01632 960251"),
            ("Idris Khan", "Care coordinator", "01632 960252"),
        ],
        since,
        service="frailty",
    )


def district_nursing(life: Life, weeks: int, finding: str) -> None:
    """A wound looked after at home, week by week, still on the caseload today."""
    chart, rng = life.chart(COMMUNITY), life.rng
    since = ago(life.today, weeks * 7)
    chart.caseload(since, service="district-nursing", team="north-nursing")
    chart.problem(finding, since, by="Sam Kelly", service="district-nursing")
    for week in range(weeks):
        when = at(since + timedelta(days=week * 7 + rng.randrange(3)), 9, 30)
        chart.contact(
            "community-nursing-visit", when, minutes=35, class_="HH", by="Sam Kelly", service="district-nursing",
            reason="Wound care",
        )  # fmt: skip
        chart.procedure("wound-dressing", when.date(), by="Sam Kelly", service="district-nursing")
        if week % 4 == 0:
            chart.observation(_score(str(rng.randrange(8, 22)), "waterlow"), when, category="survey", by="Sam Kelly")
    letter = "Dear doctor, the wound is smaller. Dressings go on weekly. Please keep the prescription going."
    chart.document("community-letter", "District nursing letter", letter, at(ago(life.today, 6), 12), by="Sam Kelly")
    coming = at(life.today + timedelta(days=rng.randrange(1, 8)), 10)
    chart.appointment("District nurse, home", coming, by="Sam Kelly", service="district-nursing")


def therapy(life: Life) -> None:
    chart, rng = life.chart(COMMUNITY), life.rng
    since = ago(life.today, rng.randrange(30, 200))
    chart.caseload(since, service="therapy", team="north-therapy")
    for visit in range(rng.randrange(3, 8)):
        day = since + timedelta(days=visit * 9)
        if day < life.today:
            chart.contact("therapy-visit", at(day, 13), minutes=45, class_="HH", by="Tess Moran", service="therapy")
    chart.equipment(rng.choice(("walking-frame", "grab-rails")), since, by="Tess Moran", service="therapy")
    text = "Walks with a frame indoors. Grab rails fitted. Aims to reach the shop again."
    chart.care_plan("care-and-support", "Therapy plan", text, since, by="Tess Moran", service="therapy")


def health_visiting(life: Life) -> None:
    chart, person = life.chart(COMMUNITY), life.person
    for days in (14, 50, 330, 760):
        day = person.born_on + timedelta(days=days)
        if day < life.today:
            when = at(day, 11)
            chart.contact(
                "health-visitor-contact", when, minutes=40, class_="HH", by="Bea Lawson", service="health-visiting"
            )
            weight = Reading(name="weight", number=f"{3.4 + days * 0.011:.1f}")
            chart.observation(weight, when, category="vital-signs", by="Bea Lawson")


def memory_service(life: Life) -> None:
    chart, rng = life.chart(MENTAL_HEALTH), life.rng
    since = ago(life.today, rng.randrange(200, 1200))
    chart.service = "memory-service"
    chart.caseload(since)
    chart.problem("alzheimers-disease", since, by="Dr Marcus Bell")
    for visit in range(rng.randrange(2, 6)):
        when = at(since + timedelta(days=visit * 60), 14)
        if when.date() < life.today:
            chart.contact("mental-health-appointment", when, minutes=45, by="Dr Marcus Bell", reason="Memory review")
            chart.observation(_score(str(rng.randrange(12, 25)), "dementia-screen"), when, category="survey")
    chart.appointment("Memory service, home visit", at(life.today + timedelta(days=rng.randrange(20, 60)), 11))


def mental_health_team(life: Life, finding: str, contacts: int) -> None:
    chart, rng = life.chart(MENTAL_HEALTH), life.rng
    since = ago(life.today, contacts * 21 + 10)
    chart.service = "community-mental-health"
    chart.caseload(since, team="north-community-mental-health")
    chart.problem(finding, since, by="Dr Marcus Bell")
    for contact in range(contacts):
        when = at(since + timedelta(days=contact * 21), 15)
        chart.contact("mental-health-appointment", when, minutes=50, by="Fay Holden", reason="Review")
        chart.observation(_score(str(rng.randrange(4, 22)), "phq-9"), when, category="survey", by="Fay Holden")
    letter = "Dear doctor, seen for review. Continues under the team. Medicines unchanged."
    chart.document(
        "mental-health-letter", "Letter from the team", letter, at(ago(life.today, 15), 12), by="Dr Marcus Bell"
    )
    plan = "Warning signs: not sleeping, not answering the telephone. Call the team, 01632 960280, at any hour."
    chart.care_plan("contingency-plan", "Crisis plan", plan, since + timedelta(days=30), by="Fay Holden")


def home_care(life: Life, worker: str, *, visits: int, since: date | None = None) -> None:
    """Carers at home, arranged by a social worker who holds the case."""
    record, rng = life.council(), life.rng
    start = since or ago(life.today, rng.randrange(60, 900))
    record.package("Home care", rng.choice(_AGENCIES), visits, start)
    if rng.random() < 0.5:
        record.package("Meals at home", "Northfield Meals", 1, start + timedelta(days=20))
    if rng.random() < 0.4:
        earlier = start - timedelta(days=300)
        record.package(
            "Reablement", "Northfield Council", 2, earlier, until=start - timedelta(days=250), status="ended"
        )
    record.involve(worker, "Social worker", "older-people", start, telephone="01632 960330")
    if rng.random() < 0.08:
        text = "Bruising noticed by a carer; looked into, no further action."
        record.concern(
            "adult-safeguarding-concern",
            text,
            start,
            until=start + timedelta(days=40),
            status="ended",
            service="adult-social-care",
        )


def protected_children(life: Life, since: date) -> None:
    """Under a child protection plan, with a social worker."""
    record = life.council()
    record.concern("child-protection-plan", "Child protection plan: neglect. Core group every four weeks.", since)
    record.involve(
        "Joy Barrett", "Social worker, children", "safeguarding-children", since, telephone="01632 960340",
        service=CHILDREN,
    )  # fmt: skip


def looked_after(life: Life) -> None:
    """A child in the council's care, with foster carers."""
    record, since = life.council(), ago(life.today, 30)
    record.concern("looked-after-child", "In the care of the council, with foster carers.", since)
    record.involve(
        "Joy Barrett", "Social worker, children", "safeguarding-children", since, telephone="01632 960340",
        service=CHILDREN,
    )  # fmt: skip


def care_home(life: Life, *, copy: Copy | None = None) -> None:
    chart, rng = life.chart(CARE_HOME, copy=copy), life.rng
    chart.service = "residential-care"
    since = ago(life.today, rng.randrange(90, 1100))
    chart.caseload(since, kind="residential-care")
    chart.care_plan(
        "care-and-support",
        "Care and support plan",
        "Two to help with washing and dressing. Soft diet. Likes the radio and the garden.",
        since,
        by="Mary Okoro",
    )
    for month in range(min(12, (life.today - since).days // 30)):
        when = at(ago(life.today, month * 30 + 3), 8)
        chart.observation(life.body.reading("weight", when.date()), when, category="vital-signs", by="Mary Okoro")
        if rng.random() < 0.3:
            chart.noted("falls-risk", "Fall in own room, no injury.", when, category="survey", by="Mary Okoro")


def palliative_care(life: Life) -> None:
    chart, rng = life.chart(HOSPICE), life.rng
    chart.service = "palliative-care"
    since = ago(life.today, rng.randrange(14, 120))
    chart.caseload(since, team="hospice-at-home")
    day = since
    while day < life.today:
        chart.contact("hospice-visit", at(day, 12), minutes=60, class_="HH", by="Clare Byrne", reason="Symptom review")
        day += timedelta(days=rng.randrange(4, 9))
    chart.care_plan(
        "end-of-life",
        "Advance care plan",
        "Wants to be at home with family. Preferred place of death: home, then the hospice.",
        since,
        by="Clare Byrne",
    )
    letter = "Pain better at night with morphine. The family manages. Seen again each week."
    chart.document("hospice-letter", "Hospice letter", letter, at(ago(life.today, 2), 16), by="Clare Byrne")
    chart.takes("morphine-oral", "2.5 mg to 5 mg every four hours when needed", since, on=ago(life.today, 3))


def ambulance_call(life: Life, day: date) -> None:
    chart, rng = life.chart(AMBULANCE), life.rng
    when = at(day, rng.randrange(24), rng.randrange(60))
    chart.service = "emergency-response"
    visit = chart.contact(
        "emergency-response", when, minutes=75, class_="EMER", by="Dan Whittle", reason="Fall at home"
    )
    for name in ("heart-rate", "respiratory-rate", "oxygen-saturation", "temperature"):
        chart.observation(life.body.reading(name, day), when, category="vital-signs", by="Dan Whittle", encounter=visit)
    chart.observation(_score(str(rng.randrange(0, 6)), "news2"), when, category="survey", by="Dan Whittle")
    chart.document(
        "ambulance-report",
        "Ambulance report",
        "Found sitting on the floor, alert. No injury seen. Helped up, left at home with advice.",
        when + timedelta(hours=1),
        by="Dan Whittle",
        context=visit,
    )


def crew_at_home_now(life: Life) -> None:
    """An ambulance crew is with the person, who has not been taken anywhere yet."""
    chart, yesterday = life.chart(AMBULANCE), ago(life.today, 1)
    chart.service = "emergency-response"
    when = at(yesterday, 23, 20)
    visit = chart.contact(
        "emergency-response", when, minutes=None, class_="EMER", status="in-progress", by="Dan Whittle",
        reason="Breathless, coughing",
    )  # fmt: skip
    for name in ("heart-rate", "respiratory-rate", "oxygen-saturation", "temperature"):
        chart.observation(
            life.body.reading(name, yesterday), when, category="vital-signs", by="Dan Whittle", encounter=visit
        )


def call_to_111(life: Life, day: date, *, words: str = "") -> None:
    chart, rng = life.chart(URGENT_CARE), life.rng
    chart.service = "out-of-hours"
    when = at(day, rng.choice((7, 19, 20, 21, 22)), rng.randrange(60))
    reason = words or rng.choice(("Fever", "Cough", "Abdominal pain", "Rash", "Back pain", "Medicine query"))
    visit = chart.contact("call-to-111", when, minutes=11, class_="VR", by="Leo Barnes", reason=reason)
    text = f"Call to 111: {reason}. Advice given. Asked to see the practice if not better in two days."
    chart.document("out-of-hours-report", "111 report", text, when, by="Leo Barnes", context=visit)


def waiting_for_out_of_hours(life: Life) -> None:
    """Sent by 111 to the out-of-hours doctors, who will ring back."""
    chart = life.chart(URGENT_CARE)
    chart.service = "out-of-hours"
    when = at(ago(life.today, 1), 21, 40)
    chart.contact("call-to-111", when, minutes=9, class_="VR", by="Leo Barnes", reason="Breathless since the morning")
    chart.referral(
        URGENT_CARE, "Out of hours doctor to ring back", "Breathless since the morning", when, by="Leo Barnes"
    )
    chart.appointment("Out of hours doctor rings back", at(life.today + timedelta(days=1), 8, 15), by="Dr Nina Petrov")


def _score(value: str, name: str) -> Reading:
    return Reading(name=name, number=value)
