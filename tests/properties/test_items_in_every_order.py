"""What is neither a visit nor a person comes to one state in whatever order its messages arrive: allergies, diagnoses,
problems, results, orders, prescriptions, vaccines, appointments, referrals, documents, and whose they are.

In one file, long as it is: it is a table of stories for whoever runs an integration engine to read down.
"""

from base64 import b64decode
from random import Random
from typing import Any

import pytest

from concord.fhir import parse
from tests.properties.every_order import SEEDS, Held, after, ends, hold_to_one_state, message

PID = "PID|1||A^^^PAS^MR||Holroyd^Margaret||19420214|F"


def adt(day: str, *segments: str, number: str = "") -> str:
    return message("ADT^A31", day, PID, *segments, number=number)


def allergy(severity: str = "SV", shown: str = "Rash") -> str:
    return f"AL1|1|DA|PEN^Penicillin^L|{severity}|{shown}"


def diagnosis(status: str = "W", action: str = "", number: str = "D7") -> str:
    return f"DG1|1||J18^Pneumonia^I10||20240101|{status}{'|' * 14}{number}|{action}"


def problem(event: str, day: str, stage: str = "", *, certain: str = "C") -> str:
    return message(
        f"PPR^{event}", day, PID, f"PRB|AD|202401{day}|E11^Diabetes^I10|PR7|||20240101||||||{certain}|{stage}"
    )


def sodium(
    value: str, status: str, issued: str = "", *, day: str = "01", type_: str = "ORU^R01", more: str = ""
) -> str:  # fmt: skip
    """A report (filler's number F1) of a sodium, issued on a day of January at noon, if that is told."""
    at = f"202401{issued}1200" if issued else ""
    obr = f"OBR|1||F1|UE^Urea^L|||20240101080000{'|' * 15}{at}|||{status}"
    said = [f"OBX|1|NM|NA^Sodium^L||{value}|mmol/L|||||{status}", *([more] if more else [])]
    return message(type_, day, PID, obr, *said, number=f"{status}{issued}{day}")


POTASSIUM = "OBX|2|NM|K^Potassium^L||4.1|mmol/L|||||F"
UREA = "OBX|2|NM|UR^Urea^L||5|mmol/L|||||F"


def order(day: str, control: str, *, type_: str = "ORM^O01", priority: str = "R", number: str = "") -> str:
    ordered = f"ORC|{control}|P1", f"OBR|1|P1||UE^Urea^L|{priority}"
    return message(type_, day, PID, *ordered, number=number or f"{control}{day}")


def medicine(day: str, control: str, dose: str, *, asked: bool = False) -> str:
    """As it was asked for (ORM), else as the pharmacy encoded it (RDE)."""
    detail = f"RXO|AMOX^Amoxicillin^L|{dose}||mg" if asked else f"RXE|^^^20240101|AMOX^Amoxicillin^L|{dose}||mg"
    return message("ORM^O01" if asked else "RDE^O11", day, PID, f"ORC|{control}|P2", detail, number=f"{control}{day}")


def vaccine(day: str, lot: str, action: str = "A") -> str:
    rxa = f"RXA|0|1|20240101||FLU^Influenza^L|0.5|mL{'|' * 8}{lot}|||||CP|{action}"
    return message("VXU^V04", day, PID, "ORC|RE|P3", rxa)


def booked(event: str, day: str, start: str = "", status: str = "") -> str:
    """An appointment at an hour of 1 February, if the message says at which."""
    sch = f"SCH|P4|F4{'|' * 23}{status}"
    ais = [f"AIS|1||CHECK^Check|20240201{start}00|||20|min"] if start else []
    return message(f"SIU^{event}", day, PID, sch, *ais)


def referral(event: str, day: str, status: str = "A", urgency: str = "R") -> str:
    return message(f"REF^{event}", day, PID, f"RF1|{status}|{urgency}|SURG^Surgery^L|||R1", "PRD|RT|Green^Ann")


def letter(
    event: str, day: str, text: str = "", *, number: str = "L7", parent: str = "", state: str = "AU", title: str = "",
    available: str = "AV",
) -> str:  # fmt: skip
    txa = f"TXA|1|DS^Summary|TX|20240101||||||||{number}|{parent}|||{title}|{state}||{available}"
    return message(f"MDM^{event}", day, PID, txa, *([f"OBX|1|TX|LET^Letter^L||{text}||||||F"] if text else []))


REGISTERED = adt("01", number="REG")

# messages in order of time -> what is held then
STORIES: dict[str, tuple[list[str], list[str]]] = {
    "an allergy: severe, mild, severe again": (
        [adt("02", allergy("SV")), adt("03", allergy("MI")), adt("04", allergy("SV")), adt("05", allergy("SV"))],
        ["AllergyIntolerance Penicillin severe Rash"],
    ),
    "an allergy told by two kinds of message, of one moment: the higher number says the later word": (
        [adt("02", allergy("SV"), number="9"), message("SIU^S12", "02", PID, "SCH|P4|F4|||||||||^^^202402010900",
                                                       allergy("MI", "Wheeze"), number="10"),
         adt("02", allergy("MO"), number="8")],
        ["AllergyIntolerance Penicillin mild Wheeze", "Appointment booked 2024-02-01T09:00"],
    ),
    "an allergy told twice by one message": (
        [adt("02", allergy("SV"), allergy("MI")), adt("03", allergy("MO")), adt("04", allergy("SV"), allergy("MI"))],
        ["AllergyIntolerance Penicillin mild Rash"],
    ),
    "a diagnosis: provisional, confirmed, deleted, told again": (
        [adt("02", diagnosis("W")), adt("03", diagnosis("F")), adt("04", diagnosis("F", "D")),
         adt("05", diagnosis("W"))],
        ["Condition Pneumonia provisional active"],
    ),
    "a diagnosis: confirmed, deleted": (
        [adt("02", diagnosis("F")), adt("03", diagnosis("F")), adt("04", diagnosis("F", "D"))],
        ["Condition Pneumonia entered-in-error"],
    ),
    "next of kin: another telephone, and the first again": (
        [adt("02", "NK1|1|Holroyd^Alan|SPO||01632 960001"), adt("03", "NK1|1|Holroyd^Alan|SPO||01632 960002"),
         adt("04", "NK1|1|Holroyd^Alan|SPO||01632 960001")],
        ["RelatedPerson Holroyd 01632 960001"],
    ),
    "a procedure: done, deleted, done after all": (
        [adt("02", "PR1|1||H01^Appendicectomy^L||20240101|||||||||||||||X1|"),
         adt("03", "PR1|1||H01^Appendicectomy^L||20240101|||||||||||||||X1|D"),
         adt("04", "PR1|1||H01^Appendicectomy^L||20240101|||||||||||||||X1|")],
        ["Procedure Appendicectomy completed"],
    ),
    "what was measured on admission, put right and back": (
        [adt("02", "OBX|1|NM|WT^Weight^L||70|kg|||||F"), adt("03", "OBX|1|NM|WT^Weight^L||71|kg|||||F"),
         adt("04", "OBX|1|NM|WT^Weight^L||70|kg|||||F")],
        ["Observation Weight 70 final"],
    ),
    "a problem: active, resolved, active again, deleted": (
        [problem("PC1", "02", "A"), problem("PC2", "03", "R"), problem("PC2", "04", "A"), problem("PC3", "05", "A")],
        ["Condition Diabetes entered-in-error"],
    ),
    "a problem: suspected, confirmed, suspected": (
        [problem("PC1", "02", certain="P"), problem("PC2", "03", certain="C"), problem("PC2", "04", certain="P")],
        ["Condition Diabetes provisional active"],
    ),
    "a result: preliminary, final, corrected, and back to what it was first": (
        [sodium("138", "P", "02"), sodium("138", "F", "03"), sodium("139", "C", "04"), sodium("138", "C", "05")],
        ["DiagnosticReport Urea corrected 1", "Observation Sodium 138 corrected"],
    ),
    "a result without a time of issue: preliminary, final, amended twice": (
        [sodium("138", "P", day="01"), sodium("138", "F", day="02"), sodium("139", "A", day="03"),
         sodium("138", "A", day="04")],
        ["DiagnosticReport Urea final 2", "Observation Sodium 138 amended", "Observation Sodium 138 final"],
    ),
    "results of one time of issue: what was said last": (
        [sodium("138", "C", "02", day="02"), sodium("139", "C", "02", day="03"), sodium("138", "C", "02", day="04"),
         sodium("137", "F", "02", day="05")],
        ["DiagnosticReport Urea corrected 1", "Observation Sodium 138 corrected"],
    ),
    "some say when they were issued, some do not": (
        [sodium("130", "P", "04", day="01"), sodium("138", "F", day="02"), sodium("139", "C", "03", day="03"),
         sodium("131", "P", day="04")],
        ["DiagnosticReport Urea corrected 1", "Observation Sodium 139 corrected"],
    ),
    "a result withdrawn, and reported anew": (
        [sodium("138", "F", "02"), sodium("138", "W", "03"), sodium("140", "C", "04", type_="OUL^R21")],
        ["DiagnosticReport Urea corrected 2", "Observation Sodium 138 entered-in-error",
         "Observation Sodium 140 corrected"],
    ),
    "a report in parts, at the bedside first": (
        [sodium("138", "P", "02", type_="ORU^R30"), sodium("138", "F", "03", more=POTASSIUM),
         sodium("139", "C", "04", more=POTASSIUM), sodium("138", "F", "03", day="05")],
        ["DiagnosticReport Urea corrected 2", "Observation Potassium 4.1 final", "Observation Sodium 139 corrected"],
    ),
    "a report: one of its results corrected alone, another told later, one withdrawn": (
        [sodium("138", "F", "02", more=POTASSIUM), sodium("139", "C", "03"), sodium("139", "C", "04", more=UREA),
         sodium("139", "W", "05")],
        ["DiagnosticReport Urea corrected 4", "Observation Potassium 4.1 final",
         *["Observation Sodium 139 entered-in-error"] * 2, "Observation Urea 5 final"],
    ),
    "a report: all of its results withdrawn": (
        [sodium("138", "F", "02"), sodium("139", "A", "03"), sodium("139", "W", "04")],
        ["DiagnosticReport Urea entered-in-error 2", *["Observation Sodium 139 entered-in-error"] * 2],
    ),
    "an order: new, held, changed, released": (
        [order("02", "NW"), order("03", "HD"), order("04", "XO", priority="S"), order("05", "RL", priority="R")],
        ["ServiceRequest Urea active routine"],
    ),
    "an order: new, cancelled, told again by two more kinds of message": (
        [order("02", "NW"), order("03", "CA", type_="OML^O21"), order("04", "NW", type_="OMG^O19"),
         order("05", "CA", type_="OML^O21")],
        ["ServiceRequest Urea revoked routine"],
    ),
    "two orders of one moment: the higher number says the later word": (
        [order("02", "NW", number="9"), order("02", "HD", number="10"), order("02", "NW", number="8")],
        ["ServiceRequest Urea on-hold routine"],
    ),
    "a medicine: asked for, encoded by the pharmacy, its dose changed and changed back, stopped": (
        [medicine("02", "NW", "250", asked=True), medicine("03", "NW", "250"), medicine("04", "XO", "500"),
         medicine("05", "XO", "250"), medicine("06", "DC", "250", asked=True)],
        ["MedicationRequest Amoxicillin stopped 250"],
    ),
    "a vaccine: its batch put right, deleted, told again": (
        [vaccine("02", "B1"), vaccine("03", "B2", "U"), vaccine("04", "B1", "D"), vaccine("05", "B1")],
        ["Immunization Influenza completed B1"],
    ),
    "an appointment: booked, moved, moved back, confirmed": (
        [booked("S12", "02", "0900"), booked("S13", "03", "1000"), booked("S13", "04", "0900"),
         booked("S14", "05", "0900", "ARRIVED")],
        ["Appointment arrived 2024-02-01T09:00"],
    ),
    "an appointment: booked, moved, cancelled without a time": (
        [booked("S12", "02", "0900"), booked("S13", "03", "1000"), booked("S15", "04")],
        ["Appointment cancelled 2024-02-01T10:00"],
    ),
    "an appointment: cancelled, booked after all, not attended": (
        [booked("S12", "02", "0900"), booked("S15", "03"), booked("S12", "04", "0930"), booked("S26", "05")],
        ["Appointment noshow 2024-02-01T09:30"],
    ),
    "an appointment: deleted, without a time": (
        [booked("S12", "02", "0900"), booked("S13", "03", "1000"), booked("S17", "04"), booked("S17", "05")],
        ["Appointment entered-in-error 2024-02-01T10:00"],
    ),
    "a referral: made, urgent, routine again, cancelled": (
        [referral("I12", "02"), referral("I13", "03", urgency="U"), referral("I13", "04"), referral("I14", "05")],
        ["ServiceRequest Surgery revoked routine"],
    ),
    "a referral: cancelled, and made again": (
        [referral("I12", "02"), referral("I14", "03"), referral("I13", "04", "A"), referral("I15", "05", "E")],
        ["ServiceRequest Surgery completed routine"],
    ),
    "a document: its notice, its text, edited, its state": (
        [letter("T01", "02", state="DI"), letter("T02", "03", "Dear doctor", state="DI"),
         letter("T08", "04", "Dear doctor, well"), letter("T04", "05", state="LA")],
        ["DocumentReference Letter current final: Dear doctor, well"],
    ),
    "a document: edited, and edited back": (
        [letter("T02", "02", "Dear doctor"), letter("T08", "03", "Dear nurse"), letter("T08", "04", "Dear doctor"),
         letter("T03", "05", title="To the practice")],
        ["DocumentReference To the practice current final: Dear doctor"],
    ),
    "a document: replaced, and its replacement replaced": (
        [letter("T02", "02", "One"), letter("T10", "03", "Two", number="L8", parent="L7"),
         letter("T10", "04", "Three", number="L9", parent="L8"), letter("T03", "02", title="First")],
        ["DocumentReference First superseded final: One", "DocumentReference Letter current final: Three",
         "DocumentReference Letter superseded final: Two"],
    ),
    "a document: replaced by a notice, and said to be current after that": (
        [letter("T02", "02", "One"), letter("T09", "03", number="L8", parent="L7"), letter("T04", "04", "One again"),
         letter("T09", "01", number="L6", parent="L7")],
        ["DocumentReference  current final: ", "DocumentReference  current final: ",
         "DocumentReference Letter current final: One again"],
    ),
    "a document: cancelled, and replaced nevertheless": (
        [letter("T02", "02", "One"), letter("T11", "03"), letter("T10", "04", "Two", number="L8", parent="L7")],
        ["DocumentReference Letter current final: Two", "DocumentReference Letter entered-in-error final: One"],
    ),
    "a document: an addendum, which is cancelled": (
        [letter("T02", "02", "One"), letter("T06", "03", "More", number="L8", parent="L7"),
         letter("T11", "04", number="L8"), letter("T11", "05", number="L8")],
        ["DocumentReference Letter current final: One", "DocumentReference Letter entered-in-error final: More"],
    ),
}  # fmt: skip


def _text(concept: Any) -> str:
    return str((concept[0] if isinstance(concept, list) else concept or {}).get("text", ""))


def _code(concept: dict[str, Any]) -> str:
    return str(concept["coding"][0]["code"])


def shown(resource: dict[str, Any]) -> str:
    """In one line, what somebody at the integration engine would compare."""
    match resource:
        case {"resourceType": "AllergyIntolerance", "reaction": [reaction]}:
            words = [_text(resource["code"]), reaction["severity"], _text(reaction["manifestation"])]
        case {"resourceType": "Condition"}:
            states = [resource[name] for name in ("verificationStatus", "clinicalStatus") if name in resource]
            words = [_text(resource["code"]), *map(_code, states)]
        case {"resourceType": "RelatedPerson", "name": [name], "telecom": [telecom]}:
            words = [name["family"], telecom["value"]]
        case {"resourceType": "Observation", "valueQuantity": quantity}:
            words = [_text(resource["code"]), str(quantity["value"]), resource["status"]]
        case {"resourceType": "DiagnosticReport"}:
            words = [_text(resource["code"]), resource["status"], str(len(resource["result"]))]
        case {"resourceType": "ServiceRequest"}:
            words = [_text(resource["code"]), resource["status"], resource["priority"]]
        case {"resourceType": "MedicationRequest", "dosageInstruction": [{"doseAndRate": [{"doseQuantity": dose}]}]}:
            words = [_text(resource["medicationCodeableConcept"]), resource["status"], str(dose["value"])]
        case {"resourceType": "Immunization"}:
            words = [_text(resource["vaccineCode"]), resource["status"], resource["lotNumber"]]
        case {"resourceType": "Appointment"}:
            words = [resource["status"], resource["start"][:16]]
        case {"resourceType": "DocumentReference", "content": [{"attachment": attachment}]}:
            text = b64decode(attachment.get("data", "")).decode()
            words = [resource.get("description", ""), resource["status"], f"{resource['docStatus']}: {text}"]
        case _:
            words = [_text(resource["code"]), resource["status"]]
    return " ".join([resource["resourceType"], *words])


def seen(held: Held) -> list[str]:
    return sorted(shown(parse(body)) for (type_, _), body in held.items() if type_ != "Patient")


def echo(type_: str, day: str, name: str, telephone: str = "") -> str:
    """A message that repeats what it knows of the patient, and orders something."""
    pid = f"PID|1||A^^^PAS^MR||{name}||19420214|F|||||{telephone}"
    return message(type_, day, pid, "ORC|NW|P1", "OBR|1|P1||UE^Urea^L|R")


HOLT = "PID|1||A^^^PAS^MR||Holt^Margaret||19420214|F"
MERGED = message("ADT^A40", "05", "PID|1||B^^^PAS^MR||Holroyd^Margaret||19420214|F", "MRG|A^^^PAS^MR~A7^^^OLD")

# messages in order of time -> family name and telephone of the Patient then
WHO: dict[str, tuple[list[str], tuple[str, str]]] = {
    "nobody registers the patient: as the first message that brings them knew them": (
        [echo("ORM^O01", "02", "Holroyd^M", "01632 960001"), echo("OML^O21", "03", "Holt^M", "01632 960002"),
         echo("OMG^O19", "04", "Holroyd^M")],
        ("Holroyd", "01632 960001"),
    ),
    "a registration: what others repeat gives way, whether it came before or comes after": (
        [echo("ORM^O01", "02", "Holroyd^M", "01632 960001"), message("ADT^A28", "03", HOLT),
         echo("OML^O21", "04", "Holroyd^M", "01632 960002"), message("ADT^A31", "05", HOLT + "|||||01632 960003")],
        ("Holt", "01632 960003"),
    ),
    "merged, and known by nothing but its number and what orders repeat": (
        [echo("ORM^O01", "02", "Holroyd^M", "01632 960001"), echo("OML^O21", "03", "Holt^M"), MERGED,
         MERGED.replace("~A7^^^OLD", "").replace("20240105", "20240106").replace("A4005", "A4006")],
        ("Holroyd", "01632 960001"),
    ),
    "merged, and registered after that": (
        [echo("ORM^O01", "02", "Holroyd^M", "01632 960001"), MERGED, message("ADT^A31", "06", HOLT),
         MERGED.replace("A40", "A47").replace("20240105", "20240104")],
        ("Holt", ""),
    ),
}  # fmt: skip


def visiting(type_: str, day: str, *segments: str, service: str = "", visit: str = "V7", number: str = "") -> str:
    """A message of a visit and, unless it is silent on that, of the visit's service (PV1-10)."""
    pv1 = f"PV1|1|I{'|' * 8}{service}{'|' * 9}{visit}"
    return message(type_, day, PID, pv1, *segments, number=number)


def of_visit(day: str, service: str = "", *, type_: str = "ADT^A08", number: str = "") -> str:
    return visiting(type_, day, diagnosis(), allergy(), service=service, number=number)


def opened(day: str, service: str = "gum", *, type_: str = "ADT^A01", number: str = "") -> str:
    return visiting(type_, day, service=service, number=number)


_SODIUM = ("OBR|1||F1|UE^Urea^L|||20240101080000", "OBX|1|NM|NA^Sodium^L||138|mmol/L|||||F")

# messages in order of time -> the services under which what is not the visit stands then
SERVICES: dict[str, tuple[list[str], dict[str, str]]] = {
    "told of a visit whose service is told afterwards": (
        [of_visit("02"), opened("03")],
        {"AllergyIntolerance": "gum", "Condition": "gum"},
    ),
    "told before the visit goes to another service, and not again": (
        [opened("01"), of_visit("02"), opened("03", "surgery", type_="ADT^A02"), opened("04", "")],
        {"AllergyIntolerance": "gum", "Condition": "gum"},
    ),
    "told again after the visit went to another service": (
        [opened("01"), of_visit("02"), opened("03", "surgery", type_="ADT^A02"), of_visit("04")],
        {"AllergyIntolerance": "surgery", "Condition": "surgery"},
    ),
    "told with a service of their own, and again without": (
        [opened("01", "surgery"), of_visit("02", "gum"), opened("03", "surgery"), of_visit("04")],
        {"AllergyIntolerance": "surgery", "Condition": "surgery"},
    ),
    "results, an order, a problem that its source guards, an appointment": (
        [visiting("ORU^R01", "01", *_SODIUM),
         visiting("ORM^O01", "02", "ORC|NW|P1", "OBR|1|P1||UE^Urea^L|R", number="O"),
         visiting("PPR^PC1", "03", f"PRB|AD|20240103|E11^Diabetes^I10|PR7{'|' * 21}R", number="P"),
         visiting("PPR^PC2", "04", "PRB|UP|20240104|E11^Diabetes^I10|PR7", number="P2"),
         visiting("SIU^S12", "04", "SCH|P4|F4", "AIS|1||CHECK^Check|20240201090000|||20|min", number="S"),
         opened("05")],
        {"Appointment": "gum", "Condition": "gum", "DiagnosticReport": "gum", "Observation": "gum",
         "ServiceRequest": "gum"},
    ),
    "results with a service of their own, of a visit in another": (
        [visiting("ORU^R01", "01", *_SODIUM, service="surgery"), opened("02")],
        {"DiagnosticReport": "surgery", "Observation": "surgery"},
    ),
    "told of one visit, and then of another": (
        [of_visit("02"), opened("03"), visiting("ADT^A01", "01", service="surgery", visit="V8"),
         visiting("ADT^A08", "04", allergy(), visit="V8")],
        {"AllergyIntolerance": "surgery", "Condition": "gum"},
    ),
    "a visit under two services in one moment: the higher number says the later word": (
        [opened("01", "surgery", number="9"), opened("01", "gum", number="10"), of_visit("02")],
        {"AllergyIntolerance": "gum", "Condition": "gum"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SERVICES)
def test_what_names_no_service_stands_under_the_visits_in_every_order(name: str) -> None:
    story, becomes = SERVICES[name]
    in_order = after(story)
    every = {
        type_: parse(body)["meta"] for (type_, _), body in in_order.items() if type_ not in ("Patient", "Encounter")
    }
    assert {type_: meta["tag"][0]["code"] for type_, meta in every.items()} == becomes
    guarded = [one for one in every.values() if "security" in one]
    assert len(guarded) == any("PR7" in text for text in story), "who is silent on it does not open what was guarded"
    found, places = ends(story)
    assert found == [in_order]
    assert places == 2 ** len(story)


@pytest.mark.parametrize("name", WHO)
def test_whoever_other_messages_bring_along_is_one_patient_in_every_order(name: str) -> None:
    story, becomes = WHO[name]
    in_order = after(story)
    patient = parse(in_order["Patient", "A"])
    assert (patient["name"][0]["family"], *(one["value"] for one in patient.get("telecom", [{"value": ""}]))) == becomes
    found, places = ends(story)
    assert found == [in_order]
    assert places == 2 ** len(story)


@pytest.mark.parametrize("name", STORIES)
def test_every_order_however_often_each_is_told_comes_to_one_state(name: str) -> None:
    told, becomes = STORIES[name]
    story = [REGISTERED, *told]
    in_order = after(story)
    assert seen(in_order) == becomes
    found, places = ends(story)
    assert found == [in_order]
    assert places == 2 ** len(story), "what is held follows from which messages were told, and from nothing else"


def any_message(chance: Random, number: str) -> str:
    """Of any kind; several of one moment."""
    day, pick = f"0{chance.randrange(1, 5)}", chance.choice
    return pick((
        lambda: adt(day, allergy(pick(("SV", "MO"))), diagnosis(pick("WF"), pick(("", "D"))), number=number),
        lambda: problem(pick(("PC1", "PC2", "PC3")), day, pick("AR"), certain=pick("CP")),
        lambda: sodium(
            pick(("138", "139")), pick("PFCAWX"), pick(("", "02", "03")), day=day, more=pick(("", POTASSIUM, UREA))
        ),
        lambda: order(day, pick(("NW", "CA", "HD")), priority=pick("RS"), number=number),
        lambda: medicine(day, pick(("NW", "XO", "DC")), pick(("250", "500")), asked=pick((True, False))),
        lambda: vaccine(day, pick(("B1", "B2")), pick("AD")),
        lambda: booked(pick(("S12", "S13")), day, pick(("0900", "1000")), pick(("", "ARRIVED"))),
        lambda: booked(pick(("S15", "S17", "S26")), day, pick(("", "0900"))),
        lambda: referral(pick(("I12", "I13", "I14")), day, urgency=pick("RU")),
        lambda: letter(pick(("T01", "T02", "T08", "T11")), day, pick(("", "One", "Two")), title=pick(("", "Title"))),
        lambda: letter("T10", day, pick(("One", "Two")), number="L8", parent="L7"),
        lambda: echo("OMG^O19", day, pick(("Holroyd^M", "Holt^M")), pick(("", "01632 960001"))),
    ))()  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
def test_messages_drawn_by_chance_come_to_one_state(seed: int) -> None:
    hold_to_one_state(any_message, seed)
