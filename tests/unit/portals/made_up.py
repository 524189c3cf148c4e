"""A record as full as they come, by hand: Margaret Holroyd, who does not exist, at 03:12 in an emergency department.

One person, in one file: what a card says of her has to agree with what the others say.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from concord.base import OdsCode, PersonId
from concord.record import (
    Alert,
    Card,
    ClauseReference,
    Detail,
    Entry,
    FoundPerson,
    Identity,
    Mark,
    Medicine,
    OpenRecord,
    ShutRecord,
    Source,
    SourceState,
    Summary,
)
from concord.record.summary.model import (
    Elsewhere,
    Medications,
    MedicineCell,
    MedicineColumn,
    Phone,
    Piece,
    Point,
    Result,
    Results,
    Variant,
)
from concord.terminology import Heading

NOW = datetime(2026, 11, 22, 3, 12, tzinfo=UTC)
MARGARET = PersonId("aaaaaaaaaaaaaaaaaaaaaaaa")
MARJORIE = PersonId("bbbbbbbbbbbbbbbbbbbbbbbb")
PRACTICE, HOSPITAL, COMMUNITY, MENTAL_HEALTH, COUNCIL, AMBULANCE, URGENT, HOSPICE, PRACTICE_UNSIGNED = map(
    OdsCode, ("ZZP01", "ZZA01", "ZZC01", "ZZM01", "ZZL01", "ZZS01", "ZZU01", "ZZH01", "ZZP04")
)
_ORGANISATIONS = {
    PRACTICE: ("GP", "Millbrook Surgery", "gp-practice"),
    HOSPITAL: ("Hospital", "Northfield General", "acute-trust"),
    COMMUNITY: ("Community", "Northfield Community Health", "community-trust"),
    MENTAL_HEALTH: ("Mental health", "Northfield Mental Health", "mental-health-trust"),
    COUNCIL: ("Council", "Northfield Council", "council"),
    AMBULANCE: ("Ambulance", "Northfield Ambulance", "ambulance"),
    URGENT: ("111", "Northfield 111", "urgent-care"),
    HOSPICE: ("Hospice", "Weavers Hospice", "hospice"),
    PRACTICE_UNSIGNED: ("GP", "Canal Row Surgery", "gp-practice"),
}
_CLAUSE = ClauseReference(
    agreement="northfield-direct-care",
    title="Northfield direct care",
    version=3,
    clause="ed-and-acute-medicine-see-gp-core",
    because="Shown because you are a doctor at Northfield General and this person is attending there now.",
)
AGREE = Mark(text="= Agree", tone="ok")


def source(
    organisation: OdsCode, when: str = "", *, words: str = "", id_: str = "", heading: Heading = Heading.PROBLEMS,
    marks: tuple[Mark, ...] = (),
) -> Source:  # fmt: skip
    chip, name, _ = _ORGANISATIONS[organisation]
    return Source(
        organisation=organisation, chip=chip, name=name, when=when, when_iso="", words=words, marks=marks,
        type="Observation", id=id_ or f"item-{chip.lower().replace(' ', '-')}", heading=heading, clause=_CLAUSE,
    )  # fmt: skip


def entry(anchor: str, title: str, *sources: Source, **more: Any) -> Entry:
    blank: dict[str, Any] = {
        "when": "", "when_iso": "", "detail": "", "marks": (), "meta": (), "phones": (), "text": "", "against": (),
    }  # fmt: skip
    return Entry(anchor=anchor, title=title, sources=sources, **(blank | more))


def card(lead: str, *entries: Entry, more_title: str = "", more: tuple[Entry, ...] = ()) -> Card:
    return Card(lead=lead, entries=entries, more_title=more_title, more=more)


def phone(text: str) -> Phone:
    return Phone(text=text, href="tel:" + text.replace(" ", ""))


def _detail(label: str, text: str, *phones: Phone, chips: tuple[OdsCode, ...] = (PRACTICE,)) -> Detail:
    return Detail(
        label=label,
        variants=(Variant(text=text, phones=phones, sources=tuple(source(chip) for chip in chips)),),
        marks=(),
    )


def _identity() -> Identity:
    address = Detail(
        label="Address",
        variants=(
            Variant(text="17 Weavers Fold, Northfield NF4 2ZZ", phones=(), sources=(source(PRACTICE),)),
            Variant(text="2 Old Lane, Northfield NF1 1ZZ", phones=(), sources=(source(AMBULANCE),)),
        ),
        marks=(Mark(text="≠ Sources differ", tone="care"),),
    )
    return Identity(
        name="HOLROYD, Margaret (Mrs)", spoken_name="Margaret Holroyd", born="14 Feb 1942", born_iso="1942-02-14",
        age="84y", sex="Female", nhs_number="999 000 3114", now="ED, Majors 7", died="",
        warning="Sources disagree on date of birth",
        details=(
            _detail("Known as", "Peggy"),
            address,
            _detail("Phone", "", phone("01632 960417")),
            _detail("GP", "Millbrook Surgery, Dr S Rahman,", phone("01632 960114")),
            _detail("Communication", "Hearing aid, left ear. Dementia: speak slowly, one thing at a time"),
        ),
        sources=(source(PRACTICE), source(HOSPITAL)),
    )  # fmt: skip


def _allergies() -> Card:
    severe, moderate = Mark(text="Severe", tone="bad"), Mark(text="Moderate", tone="care")
    return card(
        "3 recorded · 1 contradicted",
        entry(
            "penicillins", "Penicillins",
            source(HOSPITAL, "21 Sep 2026", words="penicillin V, throat swelling"),
            source(PRACTICE, "3 Jun 1987", words="anaphylaxis, certain"),
            detail="anaphylaxis", marks=(severe, AGREE),
            against=(
                source(AMBULANCE, "22 Nov 2026 01:20", words="no known allergies",
                       marks=(Mark(text="≠ Contradicted", tone="care"),)),
            ),
        ),
        entry("codeine", "Codeine", source(HOSPITAL, "24 Sep 2026"), detail="acute confusion", marks=(moderate,)),
        entry("latex", "Latex", source(COMMUNITY, "11 Mar 2022"), detail="contact dermatitis",
              marks=(Mark(text="Mild", tone="fact"),)),
    )  # fmt: skip


def _plans() -> Card:
    return card(
        "pinned",
        entry("respect", "ReSPECT: CPR attempts not recommended", source(PRACTICE, "14 Oct 2026"),
              marks=(Mark(text="In force", tone="plan"),),
              meta=("Signed Dr S Rahman, with her and her daughter", "review 14 Apr 2027"),
              text="Wants to live longer if it is likely to work, but comfort comes first.\nYes: hospital for what can "
                   "be put right, IV antibiotics, fluids.\nNo: ICU, ventilation, dialysis."),
        entry("attorney", "Attorney for health and welfare", source(COUNCIL, "2 May 2024"),
              detail="Janet Price, daughter", phones=(phone("07700 900431"),), meta=("Registered",)),
        entry("escalation", "If more confused at home", source(COMMUNITY, "6 Oct 2026"),
              detail="check bladder, bowels, fluids, pain; call frailty team 8am to 8pm",
              phones=(phone("01632 960250"),), meta=("Escalation plan",)),
    )  # fmt: skip


def _where_now() -> Card:
    return card(
        "",
        entry("ed", "Emergency department, Majors 7", source(HOSPITAL),
              meta=("since 01:47", "by ambulance, fall and confusion")),
        entry("bed", "Admitted 02:55 to Ward 12, acute frailty", source(HOSPITAL), phones=(phone("01632 960812"),),
              marks=(Mark(text="Waiting for bed", tone="care"),), meta=("Dr P Lindqvist, consultant",)),
        entry("home", "Home", source(COUNCIL, "21 Nov 2026"), detail="own flat, alone, care 4 times a day"),
    )  # fmt: skip


def _medicine(name: str, gp: str, hospital: str, mark: Mark, *, note: str = "", agreed: bool = False) -> Medicine:
    lists = [(PRACTICE, gp, "issued 2 Nov 2026"), (HOSPITAL, hospital, "discharge, Ward 9")]
    disagrees = mark.text.startswith("≠")
    cells = []
    for organisation, dose, meta in lists:
        first, _, rest = dose.partition(" ") if disagrees else ("", "", dose)
        pieces = tuple(
            Piece(text=text, differs=differs) for text, differs in ((first, True), (f" {rest}", False)) if text.strip()
        )
        cells.append(
            MedicineCell(
                chip=_ORGANISATIONS[organisation][0],
                dose=pieces if dose else (),
                absent="" if dose else "Not on this list",
                meta=(meta,) if dose else (),
                sources=(source(organisation, "2 Nov 2026"),) if dose else (),
            )
        )
    return Medicine(
        anchor=f"medicine-{name.split(maxsplit=1)[0].lower()}", name=name, agreed=agreed, disagrees=disagrees,
        dose=(Piece(text=gp, differs=False),) if agreed else (), cells=tuple(cells), marks=(mark,), note=note,
        sources=tuple(said for cell in cells for said in cell.sources),
    )  # fmt: skip


def _medications() -> Medications:
    def agreeing(name: str, dose: str) -> Medicine:
        return _medicine(name, dose, dose, AGREE, agreed=True)

    return Medications(
        lead="9 current · 2 disagree · 1 not issued lately · 2 stopped in 90 days",
        columns=(
            MedicineColumn(organisation=PRACTICE, chip="GP", title="GP record"),
            MedicineColumn(organisation=HOSPITAL, chip="Hospital", title="Hospital record"),
        ),
        current=(
            _medicine("Apixaban tablets", "2.5\u00a0mg twice a day", "5\u00a0mg twice a day",
                      Mark(text="≠ Dose differs", tone="care"), note="GP record is later"),
            _medicine("Ramipril capsules", "5\u00a0mg once a day, on repeat", "Stopped 24 Sep 2026",
                      Mark(text="≠ Current or stopped?", tone="care"), note="GP record is later"),
            agreeing("Bisoprolol tablets", "2.5 mg once a day"),
            agreeing("Furosemide tablets", "40 mg once a day"),
            agreeing("Levothyroxine tablets", "75 micrograms once a day"),
            agreeing("Donepezil tablets", "10 mg at night"),
            _medicine("Metformin tablets", "500 mg twice a day", "", Mark(text="GP only", tone="fact")),
            _medicine("Paracetamol tablets", "", "500 mg four times a day if needed",
                      Mark(text="Hospital only", tone="fact")),
            _medicine("Alendronic acid tablets", "70 mg once a week, on repeat", "",
                      Mark(text="? May not be taken", tone="care")),
        ),
        stopped=(
            entry("trimethoprim", "Trimethoprim", source(PRACTICE, "16 Nov 2026"), detail="200 mg twice a day, 7 days"),
            entry("codeine-drug", "Codeine", source(HOSPITAL, "24 Sep 2026"), detail="30 mg, stopped: confusion"),
        ),
        earlier=(),
    )  # fmt: skip


def _result(
    test: str, values: tuple[str, ...], unit: str, mark: Mark | None, low: str | None, high: str | None
) -> Result:
    limits = [Decimal(limit) if limit else None for limit in (low, high)]
    series = tuple(
        Point(
            at=NOW - timedelta(days=90 * (len(values) - 1 - place), hours=1), value=Decimal(value),
            text=f"{value} {unit}", outside=mark is not None and place == len(values) - 1,
        )
        for place, value in enumerate(values)
    )  # fmt: skip
    return Result(
        anchor=f"result-{test.lower()}", test=test, value=values[-1], unit=unit, marks=(mark,) if mark else (),
        when="22 Nov 2026 02:20", when_iso="2026-11-22T02:20:00+00:00",
        range=f"{low} to {high}" if low and high else f"over {low}" if low else f"under {high}",
        low=limits[0], high=limits[1], previous=values[-2], previous_when="9 Nov 2026", series=series, note="",
        sources=(source(HOSPITAL, "22 Nov 2026 02:20", heading=Heading.INVESTIGATION_RESULTS),),
        history=tuple(source(HOSPITAL, "9 Nov 2026", words=point.text) for point in reversed(series[:-1])),
    )  # fmt: skip


def _results() -> Results:
    high, low = Mark(text="▲ High", tone="care"), Mark(text="▼ Low", tone="care")
    return Results(
        lead="8 tests · 7 out of range",
        laboratory=(
            _result("Creatinine", ("118", "121", "120", "124", "187"), "µmol/L", Mark(text="‼ AKI 1", tone="bad"),
                    "45", "84"),
            _result("Potassium", ("4.4", "4.7", "4.6", "5.1", "5.9"), "mmol/L", high, "3.5", "5.3"),
            _result("eGFR", ("38", "37", "36", "34", "21"), "mL/min", low, "60", None),
            _result("Urea", ("8.9", "9.2", "9.6", "18.4"), "mmol/L", high, "2.5", "7.8"),
            _result("Sodium", ("138", "137", "135", "131"), "mmol/L", low, "133", "146"),
            _result("CRP", ("4", "12", "96"), "mg/L", high, None, "5"),
            _result("Haemoglobin", ("112", "110", "109", "104"), "g/L", low, "115", "165"),
            _result("HbA1c", ("50", "49", "48", "47"), "mmol/mol", None, None, "58"),
        ),
        measured=(),
        awaited=(entry("urine", "Urine culture", source(HOSPITAL, "22 Nov 2026 02:10"), detail="sent"),),
        panels=(),
        reports=(entry("ct", "CT head", source(HOSPITAL, "22 Nov 2026 02:41"), detail="no bleed",
                       marks=(Mark(text="Provisional", tone="care"),)),),
    )  # fmt: skip


def _problems() -> Card:
    names = (
        ("Severe frailty", "clinical frailty scale 7", (PRACTICE, COMMUNITY)),
        ("Alzheimer's disease", "", (PRACTICE, MENTAL_HEALTH)),
        ("Heart failure", "reduced ejection fraction 35%", (HOSPITAL, PRACTICE)),
        ("Atrial fibrillation", "", (PRACTICE,)),
        ("Chronic kidney disease 3b", "", (PRACTICE,)),
        ("Pressure ulcer", "sacrum, category 2", (COMMUNITY,)),
        ("Type 2 diabetes", "", (PRACTICE,)),
    )
    entries = [
        entry(f"problem-{place}", title, *(source(each, "2023") for each in organisations), detail=detail)
        for place, (title, detail, organisations) in enumerate(names)
    ]
    past = tuple(entry(f"past-{place}", f"Past problem {place}", source(PRACTICE, "1998")) for place in range(21))
    return card("7 active · 21 past", *entries, more_title="Past problems", more=past)


def _contacts() -> Card:
    rows = (
        ("22 Nov 2026 00:58", "Ambulance", "on floor about 4 hours, new confusion", AMBULANCE),
        ("20 Nov 2026", "District nurse", "pressure ulcer, mattress ordered", COMMUNITY),
        ("18 Nov 2026", "111", "daughter, “more muddled”; GP asked to call", URGENT),
        ("9 Nov 2026", "GP pharmacist", "medication review", PRACTICE),
        ("21 to 30 Sep 2026", "Ward 9", "AKI, urine infection, delirium", HOSPITAL),
    )
    return card(
        "",
        *(
            entry(f"contact-{place}", title, source(organisation), when=when, detail=detail)
            for place, (when, title, detail, organisation) in enumerate(rows)
        ),
    )


def _people() -> Card:
    rows = (
        ("Janet Price", "daughter, attorney", "07700 900431", HOSPITAL),
        ("Grace Adeyemi", "key worker, frailty nurse", "01632 960251", COMMUNITY),
        ("Dr S Rahman", "usual GP", "01632 960115", PRACTICE),
        ("Tom Ashworth", "social worker", "01632 960330", COUNCIL),
        ("Kindle Home Care", "4 visits a day", "01632 960377", COUNCIL),
    )
    return card(
        "",
        *(
            entry(f"person-{place}", name, source(organisation), detail=detail, phones=(phone(number),))
            for place, (name, detail, number, organisation) in enumerate(rows)
        ),
    )


def _alerts() -> tuple[Alert, ...]:
    return (
        Alert(title="Allergy: penicillins, anaphylaxis", detail="Severe", tone="bad", anchor="penicillins",
              chips=("GP", "Hospital")),
        Alert(title="CPR not recommended", detail="ReSPECT signed 14 Oct 2026", tone="plan", anchor="respect",
              chips=("GP",)),
        Alert(title="‼ AKI alert 1", detail="22 Nov 2026 02:20, from the laboratory", tone="bad",
              anchor="result-creatinine", chips=("Hospital",)),
        Alert(title="≠ Two medicines disagree", detail="Apixaban dose; ramipril current or stopped", tone="care",
              anchor="medicine-apixaban", chips=()),
    )  # fmt: skip


def margaret() -> Summary:
    letter = entry(
        "letter",
        "Discharge letter, Ward 9",
        source(HOSPITAL, "30 Sep 2026", id_="letter-1"),
        when="30 Sep 2026",
        detail="Dr P Lindqvist",
        text="Dear Dr Rahman,\n\nMrs Holroyd was admitted with <b>AKI</b> and delirium.\n\nYours",
    )
    return Summary(
        as_at=NOW, identity=_identity(), left_out=(), alerts=_alerts(), risks=card(""), allergies=_allergies(),
        plans=_plans(),
        where_now=_where_now(), medications=_medications(), results=_results(), problems=_problems(),
        contacts=_contacts(), people=_people(),
        appointments=card(
            "",
            entry("ap-1", "District nurse", source(COMMUNITY), when="23 Nov 2026 10:00", detail="home"),
            entry("ap-2", "Heart failure clinic", source(HOSPITAL), when="2 Dec 2026 14:20"),
        ),
        care=card("", entry("care-1", "Home care", source(COUNCIL, "5 Oct 2026"), detail="4 visits a day")),
        documents=card("1 shown", letter),
        elsewhere=(
            Elsewhere(heading=Heading.VACCINATIONS, title="Vaccinations",
                      entries=tuple(entry(f"jab-{n}", f"Influenza vaccine {2017 + n}", source(PRACTICE, str(2017 + n)))
                                    for n in range(9))),
        ),
        by_heading={Heading.PROBLEMS: 28},
    )  # fmt: skip


def sources() -> tuple[SourceState, ...]:
    states: dict[OdsCode, Any] = {COMMUNITY: "late", MENTAL_HEALTH: "late", HOSPICE: "not-shared-with-role",
              PRACTICE_UNSIGNED: "not-sharing-yet"}  # fmt: skip
    return tuple(
        SourceState(
            organisation=code, name=name, short=chip, kind=kind, state=states.get(code, "up-to-date"),
            heard_at=None if code == PRACTICE_UNSIGNED else NOW - timedelta(hours=9 if code in states else 0),
            shares=frozenset() if code in (HOSPICE, PRACTICE_UNSIGNED) else frozenset(Heading),
            agreement="Northfield direct care, version 3",
        )
        for code, (chip, name, kind) in _ORGANISATIONS.items()
    )  # fmt: skip


def opened(**changes: Any) -> OpenRecord:
    usual: dict[str, Any] = {
        "summary": margaret(), "sources": sources(), "link": "Direct care: attending your organisation now",
        "items": (), "closed": frozenset(), "agreements": "Northfield direct care, version 3", "withheld": True,
        "namesakes": (), "shares_number": False,
    }  # fmt: skip
    return OpenRecord(**(usual | changes))


def found(person: PersonId = MARGARET, **changes: str) -> FoundPerson:
    usual: dict[str, str] = {
        "name": "HOLROYD, Margaret (Mrs)", "born": "14 Feb 1942", "age": "84y", "sex": "Female",
        "nhs_number": "999 000 3114", "address": "17 Weavers Fold, NF4 2ZZ", "died": "",
        "link": "In your department", "where": "Majors 7",
    }  # fmt: skip
    return FoundPerson(person=person, **(usual | changes))


def several() -> list[FoundPerson]:
    ann, dead = PersonId("c" * 24), PersonId("d" * 24)
    return [
        found(),
        found(ann, name="HOLROYD, Margaret Ann (Miss)", born="14 Sep 1947", age="79y", nhs_number="999 518 2637",
              address="3 Canal Row, NF4 6ZZ", where="Majors 3"),
        found(MARJORIE, name="HOLROYD, Marjorie (Miss)", nhs_number="999 733 1052", link="", where="",
              address="8 Tenter Lane, NF2 1ZZ"),
        found(dead, born="2 Aug 1944", age="", died="Died 3 Mar 2025, aged 80", nhs_number="999 104 4555", link="",
              where="", address="40 Mill Brow, NF1 3ZZ"),
    ]  # fmt: skip


def shut() -> ShutRecord:
    return ShutRecord(
        found=found(MARJORIE, name="HOLROYD, Marjorie (Miss)", nhs_number="999 733 1052", link="", where=""),
        because="Nothing links this person to Northfield General: no attendance, admission, referral or appointment.",
        advice=("If they are here, register the attendance: the record then opens by itself.",
                "If you are caring for them otherwise, ask their practice to refer them."),
    )  # fmt: skip
