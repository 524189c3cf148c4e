"""Where the person is now, whom they have seen, and what is booked."""

from collections.abc import Sequence

from concord.record.dates import When, when
from concord.record.summary.given import DATED_IN_THE_FUTURE, Dated, Given, latest_first
from concord.record.summary.model import Card, Entry, Mark
from concord.record.summary.source_lists import consultation
from concord.record.summary.words import (
    child,
    children,
    codes,
    concept,
    concepts,
    counted,
    folded,
    joined,
    notes,
    phones,
    sentence_case,
    string,
)

_RECENT = 8
_STAYS = {"IMP", "ACUTE", "NONAC"}
_PRESENT = {"arrived", "triaged", "in-progress", "onleave"}
_CLASSES = {
    "IMP": "Hospital stay",
    "ACUTE": "Hospital stay",
    "NONAC": "Hospital stay",
    "SS": "Short stay",
    "OBSENC": "Observation",
    "EMER": "Emergency department",
    "AMB": "Clinic visit",
    "HH": "Home visit",
    "FLD": "Seen on scene",
    "VR": "Telephone or video contact",
    "PRENC": "Before admission",
}
# What a class means at a kind of organisation, where the class alone would mislead.
_CLASSES_AT = {
    ("AMB", "acute-trust"): "Outpatient visit",
    ("AMB", "gp-practice"): "At the surgery",
    ("EMER", "ambulance"): "Ambulance crew",
}
_NOW = Mark(text="Now", tone="plan")
_STATES = {
    "arrived": Mark(text="Arrived", tone="plan"),
    "triaged": Mark(text="Triaged", tone="plan"),
    "onleave": Mark(text="On leave", tone="care"),
    "planned": Mark(text="Planned", tone="fact"),
    "unknown": Mark(text="? Status not known", tone="care"),
    "pending": Mark(text="Not confirmed", tone="care"),
    "proposed": Mark(text="Not confirmed", tone="care"),
    "waitlist": Mark(text="On a waiting list", tone="fact"),
    "noshow": Mark(text="Did not attend", tone="care"),
}
_BOOKABLE = {"booked", "arrived", "checked-in", "pending", "proposed", "waitlist", ""}


def is_present(given: Given, each: Dated) -> bool:
    """In a bed or in the emergency department now, as the source last said."""
    class_ = _class(each)
    ended = when(child(each.resource, "period").get("end"))
    here = string(each.resource, "status") in _PRESENT and not given.in_future(each.when)
    return here and (class_ in _STAYS or class_ == "EMER") and not given.is_past(ended)


def where_now(given: Given) -> tuple[Card, str]:
    """The card, and the words for the banner ("ED, Majors 7")."""
    entries, banner = [], ""
    for each in latest_first(given.of("Encounter")):
        if is_present(given, each):
            entries.append(_present(given, each))
            banner = banner or _banner(given, each)
    for each in latest_first(given.of("EpisodeOfCare")):
        if is_residence(each) and string(each.resource, "status") == "active":
            entries.append(_residence(given, each))
    return Card(lead="", entries=tuple(entries), more_title="", more=()), banner


def is_residence(each: Dated) -> bool:
    return "residential-care" in codes(each.resource, "type")


def _present(given: Given, each: Dated) -> Entry:
    resource = each.resource
    kind = "Emergency department" if _class(each) == "EMER" else "In hospital"
    places = _places(given, each, now=True)
    title = joined(kind, *places) if _class(each) == "EMER" else joined(*places) or kind
    numbers = [
        phone
        for stay in children(resource, "location")
        for phone in phones(children(given.target(child(stay, "location"), resource), "telecom"))
    ]
    since = f"since {each.when.text}" if each.when else ""
    return given.entry(
        "where",
        title,
        [given.source(each)],
        detail=_reason(given, each),
        marks=[_STATES.get(string(resource, "status"), _NOW)],
        meta=[since, *_seen_by(given, each), given.organisation(each.item.organisation).told],
        phones=numbers,
    )


def _banner(given: Given, each: Dated) -> str:
    places = _places(given, each, now=True)
    if _class(each) == "EMER":
        said = any(place.split(",")[0].strip().casefold() in ("ed", "emergency department") for place in places)
        return joined(*places) if said else joined("ED", *places)
    return joined(*places) or f"In hospital, {given.organisation(each.item.organisation).name}"


def _residence(given: Given, each: Dated) -> Entry:
    home = given.organisation(each.item.organisation)
    since = f"since {each.when.text}" if each.when else ""
    return given.entry("where", f"Lives at {home.name}", [given.source(each)], meta=[since])


def _class_words(given: Given, each: Dated) -> str:
    class_ = _class(each)
    return _CLASSES_AT.get((class_, given.organisation(each.item.organisation).kind)) or _CLASSES.get(class_, "")


def _class(each: Dated) -> str:
    return string(child(each.resource, "class"), "code")


def _places(given: Given, each: Dated, *, now: bool) -> list[str]:
    """The names of its locations; `now`: of those not left yet, and of one that the person is on the way to."""
    found = []
    for stay in children(each.resource, "location"):
        status, period = string(stay, "status"), child(stay, "period")
        on_the_way = status == "planned" and "start" in period
        left = status == "completed" or (status == "planned" and not on_the_way) or "end" in period
        if not (now and left) and (name := given.name_of(child(stay, "location"), each.resource)):
            found.append(f"on the way to {name}" if now and on_the_way else name)
    return list(dict.fromkeys(found))


def _seen_by(given: Given, each: Dated) -> list[str]:
    names = (given.name_of(child(one, "individual"), each.resource) for one in children(each.resource, "participant"))
    return [name for name in dict.fromkeys(names) if name]


def _reason(given: Given, each: Dated) -> str:
    resource = each.resource
    named = (given.name_of(reference, resource) for reference in children(resource, "reasonReference"))
    diagnoses = (given.name_of(child(one, "condition"), resource) for one in children(resource, "diagnosis"))
    return joined(concepts(resource, "reasonCode"), *named) or joined(*diagnoses)


def contacts(given: Given) -> Card:
    """Visits, calls and stays that are over, latest first; those planned and to come stand with the appointments."""
    past: list[Entry] = []
    future: list[Entry] = []
    for each in latest_first(given.of("Encounter", "Communication")):
        if each.item.type == "Encounter" and (is_present(given, each) or _is_to_come(given, each)):
            continue
        (future if given.in_future(each.when) else past).append(_contact(given, each))
    more = (*past[_RECENT:], *future)
    return Card(
        lead=counted(len(past), "contact"), entries=tuple(past[:_RECENT]), more_title="Earlier contacts", more=more
    )


def _is_to_come(given: Given, each: Dated) -> bool:
    return string(each.resource, "status") == "planned" and not given.is_past(each.when)


def _contact(given: Given, each: Dated) -> Entry:
    resource = each.resource
    sent = concepts(resource, "category") or "Message"
    kind = sent if each.item.type == "Communication" else _class_words(given, each)
    service = given.service_name(each.item.organisation, concept(resource.get("serviceType")))
    type_ = concepts(resource, "type") or sentence_case(service)
    title = type_ or joined(*_places(given, each, now=False)) or kind or "Contact"
    text = "\n".join(string(one, "contentString") for one in children(resource, "payload"))
    end = when(child(resource, "period").get("end"))
    stay = each.when and end and end.low.date() != each.when.low.date()
    marks = [mark] if (mark := _STATES.get(string(resource, "status"))) else []
    if given.in_future(each.when):
        marks.append(DATED_IN_THE_FUTURE)
    places = [] if not type_ else _places(given, each, now=False)
    meta = [kind if kind != title else "", f"to {end.text}" if stay and end else "", *_seen_by(given, each), *places]
    text = text or consultation(given, each) or notes(resource)
    reason = _reason(given, each)
    return given.entry(
        "contacts",
        title,
        [given.source(each)],
        detail=reason if folded(reason) != folded(title) else "",
        marks=marks,
        meta=meta,
        text=text,
        at=each.when,
    )


def appointments(given: Given) -> Card:
    """What is booked and not over, soonest first; the rest, latest first, folded away."""
    coming: list[tuple[When | None, Entry]] = []
    past = []
    for each in latest_first(given.of("Appointment")):
        end = when(each.resource.get("end")) or each.when
        status = string(each.resource, "status")
        if status in _BOOKABLE and not given.is_past(end):
            coming.append((each.when, _appointment(given, each)))
        else:
            past.append(_appointment(given, each))
    coming += [
        (each.when, _contact(given, each))
        for each in latest_first(given.of("Encounter"))
        if not is_present(given, each) and _is_to_come(given, each)
    ]
    coming.sort(key=lambda each: (each[0] is None, each[0].low.timestamp() if each[0] else 0.0))
    entries = tuple(entry for _, entry in coming)
    return Card(
        lead=f"{len(entries)} to come" if entries else "",
        entries=entries,
        more_title="Past appointments",
        more=tuple(past),
    )


def _appointment(given: Given, each: Dated) -> Entry:
    resource = each.resource
    types = joined(concepts(resource, "serviceType"), concepts(resource, "specialty"))
    description = string(resource, "description")
    title = types or description or concept(resource.get("appointmentType")) or "Appointment"
    marks = [mark] if (mark := _STATES.get(string(resource, "status"))) else []
    reason = joined(concepts(resource, "reasonCode"), description if description != title else "")
    text = joined(string(resource, "patientInstruction"), string(resource, "comment"), by="\n")
    return given.entry(
        "appointments",
        sentence_case(title),
        [given.source(each)],
        detail=reason,
        marks=marks,
        meta=[*_with(given, each), given.organisation(each.item.organisation).told],
        text=text,
        at=each.when,
    )


def _with(given: Given, each: Dated) -> Sequence[str]:
    """Who and where: the participants but the person."""
    actors = (child(one, "actor") for one in children(each.resource, "participant"))
    others = (
        actor
        for actor in actors
        if not string(actor, "reference").startswith("Patient/")
        and given.target(actor, each.resource).get("resourceType") != "Patient"
    )
    return [name for actor in others if (name := given.name_of(actor, each.resource))]
