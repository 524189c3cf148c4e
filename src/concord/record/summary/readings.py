"""What one observation says: its value in words, and in numbers where it has them."""

from dataclasses import dataclass
from decimal import Decimal

from concord.record.dates import when
from concord.record.summary.given import Dated
from concord.record.summary.words import (
    Json,
    child,
    children,
    codings,
    concept,
    joined,
    number,
    number_text,
    quantity,
    string,
    unit,
)

_SYSTOLIC = {"8480-6", "271649006", "72313002"}
_DIASTOLIC = {"8462-4", "271650006", "1091811000000102"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """One observation's value. `amount` and `unit` for numbers; `text` always, without the unit."""

    dated: Dated
    text: str
    unit: str
    amount: Decimal | None


def read(each: Dated) -> Reading:
    resource = each.resource
    amount = child(resource, "valueQuantity")
    value = number(amount.get("value"))
    if value is not None:
        text = string(amount, "comparator") + number_text(value)
        return Reading(dated=each, text=text, unit=unit(amount), amount=value)
    if (whole := number(resource.get("valueInteger"))) is not None:
        return Reading(dated=each, text=number_text(whole), unit="", amount=whole)
    text, unit_ = _pressure(resource)
    return Reading(dated=each, text=text or value_text(resource), unit=unit_, amount=None)


def with_unit(each: Reading) -> str:
    return f"{each.text}\u00a0{each.unit}" if each.unit else each.text


def value_text(resource: Json) -> str:
    """value[x] in words, with its unit; the components when there is no value of its own; "" when there is neither."""
    for name, value in resource.items():
        if name.startswith("value") and (text := _in_words(name, value)):
            return text
    if "component" not in resource:
        return ""
    parts = [(concept(part.get("code")), value_text(part)) for part in children(resource, "component")]
    return joined(*(f"{name} {text}".strip() for name, text in parts if text), by="; ")


def _in_words(name: str, value: object) -> str:
    match name:
        case "valueQuantity":
            return quantity(value) if isinstance(value, dict) else ""
        case "valueBoolean":
            return "Yes" if value is True else "No"
        case "valueInteger" | "valueDecimal":
            whole = number(value)
            return number_text(whole) if whole is not None else ""
        case "valueRange":
            return joined(quantity(child(value, "low")), quantity(child(value, "high")), by=" to ")
        case "valueRatio":
            return joined(quantity(child(value, "numerator")), quantity(child(value, "denominator")), by=" / ")
        case "valuePeriod":
            return joined(string(value, "start"), string(value, "end"), by=" to ")
        case "valueDateTime" | "valueDate":
            moment = when(value)
            return moment.text if moment else ""
        case "valueSampledData":
            return "A waveform, not shown here"
        case _:
            return concept(value)


def _pressure(resource: Json) -> tuple[str, str]:
    """Blood pressure as it is spoken: `120/80`, `mmHg`."""
    found = {}
    for part in children(resource, "component"):
        part_codes = {code for _, code in codings(part.get("code"))}
        amount = child(part, "valueQuantity")
        if (value := number(amount.get("value"))) is not None:
            name = "high" if part_codes & _SYSTOLIC else "low" if part_codes & _DIASTOLIC else ""
            found[name] = (number_text(value), unit(amount))
    if "high" in found and "low" in found:
        return f"{found['high'][0]}/{found['low'][0]}", found["high"][1]
    return "", ""
