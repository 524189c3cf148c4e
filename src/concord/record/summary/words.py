"""FHIR's datatypes in the words of the page. Everything here takes what a source may send: absent, partial or odd."""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from concord.record.summary.model import Phone

Json = Mapping[str, Any]
_NOTHING: Json = {}

# Units as the design writes them: in full where an abbreviation has killed.
_UNITS = {
    "mcg": "micrograms",
    "ug": "micrograms",
    "µg": "micrograms",
    "microgram": "micrograms",
    "milligram": "mg",
    "iu": "units",
    "[iu]": "units",
    "u": "units",
    "{tbl}": "tablet",
    "millimeter of mercury": "mmHg",
    "mm[hg]": "mmHg",
    "cel": "°C",
    "umol/l": "µmol/L",
    "10*9/l": "10⁹/L",
    "10*12/l": "10¹²/L",
    "ml/min/{1.73_m2}": "mL/min/1.73 m²",
    "ml/min/1.73m2": "mL/min/1.73 m²",
    "ml/min/1.73m²": "mL/min/1.73 m²",
    "{score}": "",
}
_PERIODS = {"h": "hour", "d": "day", "wk": "week", "mo": "month", "a": "year", "min": "minute", "s": "second"}
_TIMES = {1: "once", 2: "twice", 3: "three times", 4: "four times", 5: "five times", 6: "six times"}


def child(parent: Any, name: str) -> Json:
    """The element if it is an object, else an empty one."""
    value = parent.get(name) if isinstance(parent, dict) else None
    return value if isinstance(value, dict) else _NOTHING


def children(parent: Any, name: str) -> Sequence[Json]:
    """The objects of a repeating element; a single object counts as one."""
    value = parent.get(name) if isinstance(parent, dict) else None
    if value is None:
        return ()
    if isinstance(value, list):
        return [each for each in value if isinstance(each, dict)]
    return (value,) if isinstance(value, dict) else ()


def string(parent: Any, name: str) -> str:
    """A string element without space around it, else ""."""
    value = parent.get(name) if isinstance(parent, dict) else None
    return value.strip() if isinstance(value, str) else ""


def strings(parent: Any, name: str) -> list[str]:
    """The non-empty strings of a repeating element."""
    value = parent.get(name) if isinstance(parent, dict) else None
    return [each.strip() for each in value if isinstance(each, str) and each.strip()] if isinstance(value, list) else []


def concept(value: Any) -> str:
    """A CodeableConcept, or a Coding, as its source words it: text, else the first display, else the first code."""
    if not isinstance(value, dict):
        return value.strip() if isinstance(value, str) else ""
    if text := string(value, "text"):
        return text
    codings = children(value, "coding") or [value]
    for coding in codings:
        if display := string(coding, "display"):
            return display
    return next((code for coding in codings if (code := string(coding, "code"))), "")


def concepts(parent: Any, name: str) -> str:
    """The distinct wordings of a repeating CodeableConcept, joined by commas."""
    found = children(parent, name)
    if not found:
        return ""
    return ", ".join(dict.fromkeys(text for each in found if (text := concept(each))))


def codings(value: Any) -> Iterator[tuple[str, str]]:
    """(system, code) of each Coding of a CodeableConcept."""
    for coding in children(value, "coding"):
        if code := string(coding, "code"):
            yield string(coding, "system"), code


def codes(parent: Any, name: str) -> set[str]:
    """The codes of an element that holds a code, Coding or CodeableConcept, or several."""
    value = parent.get(name) if isinstance(parent, dict) else None
    if isinstance(value, str):
        return {value}
    found = {code for each in children(parent, name) for _, code in codings(each)}
    return found | {code for each in children(parent, name) if (code := string(each, "code"))}


def number(value: Any) -> Decimal | None:
    """A JSON number as it was sent; None for anything else, and for what is not finite."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    decimal = Decimal(str(value))
    return decimal if decimal.is_finite() and abs(decimal.adjusted()) < 40 else None


def number_text(value: Decimal) -> str:
    """The digits as sent, without an exponent."""
    return format(value, "f")


def plain_number(value: Decimal) -> str:
    """Without a trailing zero, as a dose must be written."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def unit(quantity: Json) -> str:
    text = string(quantity, "unit") or string(quantity, "code")
    return _UNITS.get(text.lower(), text)


def quantity(value: Json) -> str:
    """`5.9 mmol/L`, `< 5 mg/L`: one word, number and unit joined by a no-break space."""
    amount = number(value.get("value"))
    if amount is None:
        return ""
    return "\u00a0".join(part for part in (string(value, "comparator") + number_text(amount), unit(value)) if part)


def dose(dosage: Json) -> str:
    """One Dosage: its text as sent, else built from dose and timing ("500 mg twice a day, as needed")."""
    if text := string(dosage, "text"):
        return text
    parts = [_dose_amount(dosage), _timing(child(dosage, "timing"))]
    built = " ".join(part for part in parts if part)
    extras = [concept(dosage.get("route"))] if built else []
    if dosage.get("asNeededBoolean") is True or "asNeededCodeableConcept" in dosage:
        reason = concept(dosage.get("asNeededCodeableConcept"))
        extras.append(f"as needed for {reason}" if reason else "as needed")
    extras.append(string(dosage, "patientInstruction"))
    return ", ".join(part for part in (built, *extras) if part)


def _dose_amount(dosage: Json) -> str:
    for rate in children(dosage, "doseAndRate"):
        amount = child(rate, "doseQuantity")
        if (value := number(amount.get("value"))) is not None:
            return f"{plain_number(value)}\u00a0{unit(amount)}".rstrip("\u00a0")
        low, high = (quantity(child(child(rate, "doseRange"), end)) for end in ("low", "high"))
        if low or high:
            return " to ".join(each for each in (low, high) if each)
    return ""


def _timing(timing: Json) -> str:
    if text := concept(timing.get("code")):
        return text
    repeat = child(timing, "repeat")
    period, name = number(repeat.get("period")), _PERIODS.get(string(repeat, "periodUnit"), "")
    if period is None or not name:
        return ""
    frequency = number(repeat.get("frequency")) or Decimal(1)
    every = f"a {name}" if name != "hour" else "an hour"
    if period != 1:
        if frequency == 1:
            return f"every {plain_number(period)} {name}s"
        every = f"every {plain_number(period)} {name}s"
    count = int(frequency)
    return f"{_TIMES.get(count, f'{count} times')} {every}"


def doses(parent: Json, name: str) -> str:
    """All dosages of an item, in order, each once."""
    return "; ".join(dict.fromkeys(text for each in children(parent, name) if (text := dose(each))))


def notes(resource: Json) -> str:
    """The annotations as plain text, a line each."""
    return "\n".join(text for each in children(resource, "note") if (text := string(each, "text")))


def person_name(name: Json) -> str:
    """A HumanName in running text: "Margaret Holroyd"; a title only where nothing else is given."""
    given, family = " ".join(strings(name, "given")), string(name, "family")
    whole = " ".join(part for part in (given, capitalised(family)) if part)
    if whole and not given:
        return " ".join([*strings(name, "prefix"), whole])
    return whole or string(name, "text") or " ".join(strings(name, "prefix"))


def professional_name(name: Json) -> str:
    """With the title: "Dr S Rahman"."""
    if text := string(name, "text"):
        return text
    return " ".join([*strings(name, "prefix"), *strings(name, "given"), capitalised(string(name, "family"))]).strip()


def capitalised(family: str) -> str:
    """A family name that a source writes in capitals, as it reads in a sentence."""
    return family.title() if len(family) > 2 and family.isupper() else family


def address(value: Json) -> str:
    """`17 Weavers Fold, Northfield NF4 2ZZ`."""
    town = " ".join(part for part in (string(value, "city"), string(value, "postalCode")) if part)
    lines = [*strings(value, "line"), string(value, "district"), town]
    return ", ".join(dict.fromkeys(line for line in lines if line)) or string(value, "text")


def phones(telecom: Sequence[Json]) -> tuple[Phone, ...]:
    """The telephone numbers among contact points, without the old ones."""
    found: dict[str, Phone] = {}
    for point in telecom:
        if string(point, "system") in ("phone", "sms", "") and string(point, "use") != "old":
            text = string(point, "value")
            dial = re.sub(r"[^0-9+]", "", text)
            if dial:
                found.setdefault(dial, Phone(text=text, href=f"tel:{dial}"))
    return tuple(found.values())


def joined(*parts: str, by: str = ", ") -> str:
    """The parts that say something, each once."""
    return by.join(dict.fromkeys(part for part in parts if part))


def folded(text: str) -> str:
    """For comparing: lower case, one space between words, no punctuation."""
    return " ".join(re.findall(r"[^\W_]+", text.lower()))


def counted(number_: int, one: str, many: str = "") -> str:
    """`1 package`, `2 packages`; "" for none."""
    return f"{number_} {one if number_ == 1 else many or one + 's'}" if number_ else ""


def plain_words(text: str) -> str:
    """A code that is made of words (`older-people`) as they are spoken; anything else as it is."""
    return sentence_case(text.replace("-", " ")) if re.fullmatch(r"[a-z]+(-[a-z]+)+", text) else text


def sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:]
