"""The values of a search, read by the type of their parameter. Messages name the parameter and never the value."""

import re
from decimal import Context, Decimal

from concord.base import Incorrect
from concord.fhir.criteria import PREFIXES, Prefix, Value
from concord.fhir.folding import fold, soundex
from concord.fhir.parameters import ANY_TYPE, SearchParameter
from concord.fhir.paths import literal
from concord.fhir.times import range_of

_EXACT = Context(prec=100)  # more digits than a number of a search may have
_NUMBER = re.compile(
    r"(?P<sign>[+-]?)(?P<whole>\d{1,30})(?:\.(?P<decimals>\d{1,30}))?(?:[eE](?P<power>[+-]?\d{1,3}))?", re.ASCII
)
_PHONETIC = "phonetic"
_KILOMETRES = {"km": 1.0, "m": 0.001, "[mi_us]": 1.609347, "mi": 1.609344}
_NEARBY = 50.0  # kilometres, where a search for what is near does not say


def read_value(parameter: SearchParameter, name: str, text: str) -> Value:
    """What `text` (one of the values, its escapes still in it) asks of the parameter. Raises Incorrect."""
    match parameter.type:
        case "token":
            return token(name, text, implied=implies_system(parameter))
        case "date":
            return _date(name, text)
        case "number":
            return _number(name, text)
        case "quantity":
            return _quantity(name, text)
        case "reference":
            return reference(name, text, parameter.targets[0] if len(parameter.targets) == 1 else None)
        case "composite":
            return _composite(parameter, name, text)
        case "special":
            return _near(name, text)
        case "uri":
            return Value(text=unescape(text))
        case "text":
            return Value(text=unescape(text), folded=fold(unescape(text)))
        case _:
            plain = unescape(text)
            return Value(text=plain, folded=soundex(fold(plain)) if name == _PHONETIC else fold(plain))


def implies_system(parameter: SearchParameter) -> bool:
    """Whether what it reaches is a `code`, whose system R4 fixes and JSON does not repeat."""
    return all(path.endswith(":code") for path in parameter.paths)


def token(name: str, text: str, *, implied: bool) -> Value:
    """`implied`: the element is a `code`, whose system R4 fixes and JSON does not repeat."""
    plain = unescape(text)
    parts = [unescape(part) for part in split(text, "|")]
    if len(parts) == 1:
        return Value(text=plain, code=plain, folded=fold(plain))
    system, code = parts[0], "|".join(parts[1:])
    if not system and not code:
        raise Incorrect(f"The search parameter {name} is written code, system|code, |code or system|.")
    return Value(text=plain, system=None if implied else system, code=code or None)


def of_type(name: str, text: str) -> Value:
    """`:of-type`: an identifier by its type's system and code, and its value."""
    parts = [unescape(part) for part in split(text, "|")]
    if len(parts) != 3 or not all(parts):
        raise Incorrect(f"The search parameter {name}:of-type is written system|code|value, all three.")
    return Value(text=unescape(text), system=parts[0], code=parts[1], value=parts[2])


def reference(name: str, text: str, target: str | None) -> Value:
    """`target`: the type that a bare id is of; None for any."""
    plain = unescape(text)
    named = literal(plain)
    if named is None:
        raise Incorrect(f"The search parameter {name} takes an id, Type/id or a URL.")
    if named.base or ":" in plain:
        return Value(text=plain, url=named.url)
    of = None if target == ANY_TYPE else target
    if named.type is None:
        return Value(text=plain, type=of, id=plain)
    return Value(text=plain, type=named.type, id=named.id)


def _prefixed(text: str) -> tuple[Prefix, str]:
    for prefix in PREFIXES:
        if text.startswith(prefix):
            return prefix, text[2:]
    return "eq", text


def _date(name: str, text: str) -> Value:
    prefix, plain = _prefixed(text)
    try:
        low, high = range_of(plain)
    except ValueError:
        raise Incorrect(
            f"The search parameter {name} takes a date that exists, as YYYY, YYYY-MM, YYYY-MM-DD or "
            "YYYY-MM-DDThh:mm[:ss] with an offset (its + written %2B), after one of eq ne gt lt ge le sa eb ap."
        ) from None
    return Value(text=plain, prefix=prefix, low=low, high=high)


def _number(name: str, text: str, whole: str = "a number") -> Value:
    """With the range that its digits allow: 100 is [99.5, 100.5), 1e2 [95, 105), as R4 has them."""
    prefix, plain = _prefixed(text)
    found = _NUMBER.fullmatch(plain)
    if found is None:
        raise Incorrect(
            f"The search parameter {name} takes {whole} of at most 30 digits on either side of its point, "
            "after one of eq ne gt lt ge le sa eb ap."
        )
    number = Decimal(plain)
    decimals, power = found["decimals"], found["power"]
    digits = 1 if power and decimals is None else len(decimals or "")  # 1e2 is read as 1.0e2: [95, 105)
    half = Decimal((0, (5,), int(power or 0) - digits - 1))
    least, most = _EXACT.subtract(number, half), _EXACT.add(number, half)
    if prefix == "ap":  # R4 recommends a tenth on either side
        tenth = _EXACT.abs(_EXACT.divide(number, Decimal(10)))
        least, most = _EXACT.subtract(number, tenth), _EXACT.add(number, tenth)
    return Value(text=plain, prefix=prefix, number=number, least=least, most=most)


def _quantity(name: str, text: str) -> Value:
    """[prefix]number, number|system|code or number||unit."""
    parts = [unescape(part) for part in split(text, "|")]
    if len(parts) not in (1, 3):
        raise Incorrect(f"The search parameter {name} is written number, number|system|code or number||unit.")
    value = _number(name, parts[0], "a number, number|system|code or number||unit,")
    system, code = (parts[1], parts[2]) if len(parts) == 3 else ("", "")
    return Value(
        text=value.text, prefix=value.prefix, number=value.number, least=value.least, most=value.most,
        system=system or None, code=code or None,
    )  # fmt: skip


def _composite(parameter: SearchParameter, name: str, text: str) -> Value:
    texts = split(text, "$")
    components = parameter.components
    if len(texts) != len(components) or not all(texts):
        kinds = "$".join(component.type for component in components)
        raise Incorrect(f"The search parameter {name} is written {kinds}, all of them.")
    parts = [read_value(component, name, part) for component, part in zip(components, texts, strict=True)]
    return Value(text=unescape(text), parts=tuple(parts))


def _near(name: str, text: str) -> Value:
    """latitude|longitude[|distance[|units]], in degrees and kilometres unless it says otherwise."""
    parts = [unescape(part) for part in split(text, "|")]
    numbers = [_NUMBER.fullmatch(part) for part in parts[:3] if part]
    if len(parts) not in (2, 3, 4) or len(numbers) < 2 or None in numbers or not all(parts[:2]):
        raise Incorrect(f"The search parameter {name} is written latitude|longitude|distance|units (km, m or [mi_us]).")
    latitude, longitude = float(parts[0]), float(parts[1])
    unit = _KILOMETRES.get(parts[3] or "km") if len(parts) == 4 else 1.0
    if abs(latitude) > 90 or abs(longitude) > 180 or unit is None:
        raise Incorrect(f"The search parameter {name} takes degrees of latitude and longitude, and km, m or [mi_us].")
    distance = float(parts[2]) * unit if len(parts) > 2 and parts[2] else _NEARBY
    return Value(text=unescape(text), near=(latitude, longitude, distance))


def split(text: str, separator: str) -> list[str]:
    """At each separator that is not escaped by a backslash; the parts keep their escapes."""
    parts = [""]
    for piece in re.findall(r"\\.|.", text, re.DOTALL):
        if piece == separator:
            parts.append("")
        else:
            parts[-1] += piece
    return parts


def unescape(text: str) -> str:
    return re.sub(r"\\([\\,|$])", r"\1", text)
