"""Who this is: the banner and the lines under it, from every source's Patient, with what they disagree on."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from concord.base import NHS_NUMBER_SYSTEM, nhs_number
from concord.record.dates import When, when
from concord.record.summary.given import Dated, Given, latest_first
from concord.record.summary.model import Detail, Identity, Mark, Phone, Variant
from concord.record.summary.words import (
    Json,
    address,
    child,
    children,
    concept,
    folded,
    joined,
    person_name,
    phones,
    sentence_case,
    string,
    strings,
)
from concord.terminology import Heading

_DIFFERS = (Mark(text="≠ Sources differ", tone="care"),)
_SEXES = {"male": "Male", "female": "Female", "other": "Other", "unknown": "Not known"}
_FORMER = ("old", "temp", "maiden", "nickname", "anonymous")


def identity(given: Given, now: str) -> Identity:
    """`now` is where the person is, as the banner says it."""
    patients = _preferred_first(given)
    died, dead = _died(patients)
    doubts = _doubts(given, patients)
    first_birth = next(iter(_distinct(given, patients, _birth)), None)
    number = next((text for each in patients if (text := _number(each))), "")
    name = next((text for each in patients if (text := _banner_name(each))), "")
    born = when(first_birth.text) if first_birth else None
    words = [f"Sources disagree on {detail.label.lower()}" for detail in doubts]
    if number and nhs_number(number) is None:
        words.append("The NHS number fails its check")
    return Identity(
        name=name or "Name not known",
        spoken_name=next((text for each in patients if (text := person_name(_name(each)))), "") or "this person",
        born=born.text if born else "not known",
        born_iso=born.iso if born else "",
        age="" if dead else _age(born, given.today),
        sex=next((text for each in patients if (text := _sex(each))), "Not known"),
        nhs_number=_spaced(number) if number else "not traced",
        now="" if dead else now,
        died=died,
        warning=". ".join(words),
        details=tuple(detail for detail in (*_details(given, patients), *doubts) if detail.variants),
        sources=tuple(given.source(each) for each in patients),
    )


def _preferred_first(given: Given) -> list[Dated]:
    """The registered practice's Patient first, then the latest; last what its source has replaced."""

    def rank(each: Dated) -> int:
        if any(link.get("type") == "replaced-by" for link in children(each.resource, "link")):
            return 2
        registered = each.resource.get("active") is not False
        return 0 if registered and given.organisation(each.item.organisation).kind == "gp-practice" else 1

    return sorted(latest_first(given.of("Patient")), key=rank)


def _distinct(
    given: Given, patients: Sequence[Dated], say: Callable[[Dated], str], same: Callable[[str], str] = folded
) -> list[Variant]:
    """What each source patient says, each wording once (as `same` compares them), with all that say it."""
    groups: dict[str, list[tuple[Dated, str]]] = {}
    for each in patients:
        if text := say(each):
            groups.setdefault(same(text) or text, []).append((each, text))
    return [
        Variant(text=group[0][1], phones=(), sources=tuple(given.source(each) for each, _ in group))
        for group in groups.values()
    ]


def _doubts(given: Given, patients: Sequence[Dated]) -> list[Detail]:
    """Name, birth date, sex and number: shown below the banner only where the sources disagree."""
    told: list[tuple[str, Callable[[Dated], str]]] = [
        ("Name", lambda each: person_name(_name(each))),
        ("Date of birth", _birth),
        ("Sex", _sex),
        ("NHS number", _number),
    ]
    variants = [(label, _distinct(given, patients, say)) for label, say in told]
    return [
        Detail(label=label, variants=_worded(label, found), marks=_DIFFERS)
        for label, found in variants
        if len(found) > 1
    ]


def _worded(label: str, variants: Sequence[Variant]) -> tuple[Variant, ...]:
    def worded(text: str) -> str:
        if label == "Date of birth":
            born = when(text)
            return born.text if born else text
        return _spaced(text) if label == "NHS number" else text

    return tuple(Variant(text=worded(each.text), phones=(), sources=each.sources) for each in variants)


def _details(given: Given, patients: Sequence[Dated]) -> list[Detail]:
    addresses = _distinct(given, patients, _home(given), _place)
    return [
        Detail(label="Known as", variants=tuple(_distinct(given, patients, _known_as)), marks=()),
        Detail(label="Address", variants=tuple(addresses), marks=_DIFFERS if len(addresses) > 1 else ()),
        Detail(label="Phone", variants=tuple(_phones(given, patients)), marks=()),
        Detail(label="GP", variants=tuple(_practices(given, patients)), marks=()),
        Detail(label="Communication", variants=tuple(_communication(given, patients)), marks=()),
    ]


def _name(each: Dated) -> Json:
    names = children(each.resource, "name")
    current = [name for name in names if string(name, "use") not in _FORMER and not child(name, "period").get("end")]
    official = [name for name in current if string(name, "use") == "official"]
    return next(iter([*official, *current, *names]), {})


def _banner_name(each: Dated) -> str:
    name = _name(each)
    family, given, title = string(name, "family"), " ".join(strings(name, "given")), " ".join(strings(name, "prefix"))
    if not family:
        return given or string(name, "text")
    return joined(family.upper(), given) + (f" ({title.rstrip('.')})" if title else "")


def _known_as(each: Dated) -> str:
    """A nickname, or a usual name whose given names are not the official ones."""
    chosen = _name(each)
    for name in children(each.resource, "name"):
        said = " ".join(strings(name, "given")) or string(name, "text")
        if string(name, "use") == "nickname":
            return said
        if string(name, "use") == "usual" and said and strings(name, "given") != strings(chosen, "given"):
            return said
    return ""


def _birth(each: Dated) -> str:
    return string(each.resource, "birthDate")


def _sex(each: Dated) -> str:
    gender = string(each.resource, "gender")
    return _SEXES.get(gender, sentence_case(gender))


def _number(each: Dated) -> str:
    for identifier in children(each.resource, "identifier"):
        if string(identifier, "system") == NHS_NUMBER_SYSTEM and string(identifier, "use") != "old":
            return string(identifier, "value").replace(" ", "").replace("-", "")
    return ""


def _spaced(number: str) -> str:
    return f"{number[:3]} {number[3:6]} {number[6:]}" if len(number) == 10 else number


def _age(born: When | None, today: date) -> str:
    """`84y`; under 4 weeks in days, under a year in weeks, under two in months. "" when the day is not known."""
    if born is None or len(born.iso) < 4:
        return ""
    if len(born.iso) != 10:
        years = today.year - int(born.iso[:4])
        return f"about {years}y" if years >= 0 else ""
    birth = date.fromisoformat(born.iso)
    days = (today - birth).days
    if days < 0:
        return ""
    if days < 28:
        return f"{days} day" if days == 1 else f"{days} days"
    years = _years(birth, today)
    months = (today.year - birth.year) * 12 + today.month - birth.month - (today.day < birth.day)
    return f"{days // 7} weeks" if years < 1 else f"{months} months" if years < 2 else f"{years}y"


def _years(birth: date, day: date) -> int:
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def _died(patients: Sequence[Dated]) -> tuple[str, bool]:
    """The sentence's start, and whether any source says so."""
    moments = [each.resource.get("deceasedDateTime") for each in patients]
    died = next((found for moment in moments if (found := when(moment)) is not None), None)
    if died is None:
        dead = any(moments) or any(each.resource.get("deceasedBoolean") is True for each in patients)
        return ("Died" if dead else ""), dead
    born = next((found for each in patients if (found := when(_birth(each))) is not None), None)
    text = " ".join(died.text.split(" ")[:3])  # the day; the hour is one step away
    if born is None or len(born.iso) != 10 or len(died.iso) < 10:
        return f"Died {text}", True
    return f"Died {text}, aged {_years(date.fromisoformat(born.iso), date.fromisoformat(died.iso[:10]))}", True


def _home(given: Given) -> Callable[[Dated], str]:
    def home(each: Dated) -> str:
        found = [
            place
            for place in children(each.resource, "address")
            if string(place, "use") != "old" and not given.is_past(when(child(place, "period").get("end")))
        ]
        found.sort(key=lambda place: string(place, "use") != "home")
        return next((text for place in found if (text := address(place))), "")

    return home


def _place(text: str) -> str:
    """Two spellings of one address: the postcode and the numbers in it are the same."""
    words = folded(text).upper().split()
    if len(words) > 2 and words[-1][:1].isdigit() and words[-1][1:].isalpha():
        numbers = [word for word in words[:-2] if any(sign.isdigit() for sign in word)]
        return " ".join([*numbers, words[-2], words[-1]])
    return " ".join(words)


def _phones(given: Given, patients: Sequence[Dated]) -> list[Variant]:
    found: dict[str, tuple[Phone, str, list[Dated]]] = {}
    for each in patients:
        for point in children(each.resource, "telecom"):
            for phone in phones([point]):
                kind = string(point, "use")
                said = found.setdefault(phone.href, (phone, kind if kind in ("mobile", "work") else "", []))
                said[2].append(each)
    return [
        Variant(text=kind, phones=(phone,), sources=tuple(given.source(each) for each in group))
        for phone, kind, group in found.values()
    ]


def _practices(given: Given, patients: Sequence[Dated]) -> list[Variant]:
    """The practices that say they are the person's, else whom a source names as general practitioner."""
    variants = []
    for each in patients:
        organisation = given.organisation(each.item.organisation)
        named = [given.name_of(reference, each.resource) for reference in _practitioners(each)]
        own = (phones(children(given.target(one, each.resource), "telecom")) for one in _practitioners(each))
        listed = phones([{"value": organisation.telephone}])
        numbers = tuple(phone for found in own for phone in found) or listed
        if organisation.kind == "gp-practice" and each.resource.get("active") is not False:
            text = joined(organisation.told, *named)
            if not text:
                continue
            variants.append(Variant(text=text, phones=numbers, sources=(given.source(each),)))
    if variants:
        return variants
    elsewhere = _distinct(
        given, patients, lambda each: joined(*(given.name_of(one, each.resource) for one in _practitioners(each)))
    )
    return [replace(each, phones=_listed(given, each.text)) for each in elsewhere]


def _listed(given: Given, practice: str) -> tuple[Phone, ...]:
    """The directory's number of a practice by its name."""
    return phones([{"value": each.telephone} for each in given.organisations.values() if each.name == practice])


def _practitioners(each: Dated) -> Sequence[Json]:
    return children(each.resource, "generalPractitioner")


def _communication(given: Given, patients: Sequence[Dated]) -> list[Variant]:
    """Language where it is not English, and the flags of individual requirements, in the sources' words."""
    variants = _distinct(given, patients, _languages)
    for each in given.of("Flag"):
        if each.item.heading is Heading.INDIVIDUAL_REQUIREMENTS and string(each.resource, "status") == "active":
            text = concept(each.resource.get("code"))
            if text:
                variants.append(Variant(text=text, phones=(), sources=(given.source(each),)))
    return variants


def _languages(each: Dated) -> str:
    needs = []
    for communication in children(each.resource, "communication"):
        language = concept(communication.get("language"))
        if language and not language.lower().startswith("en"):
            needs.append(f"{language} (preferred)" if communication.get("preferred") is True else language)
    interpreter = any(
        string(extension, "url").endswith("InterpreterRequired") and extension.get("valueBoolean") is True
        for extension in children(each.resource, "extension")
    )
    return joined(*needs, "interpreter needed" if interpreter else "")
