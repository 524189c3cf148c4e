"""What was typed to find a person: forgiving about form, strict about completeness."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from concord.base import nhs_number
from concord.record import PersonQuery

FIELDS = ("number", "family", "given", "born")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_EXAMPLE = "for example 14 2 1942"
_EARLIEST_YEAR = 1850


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldError:
    field: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchForm:
    """The fields as typed, what is wrong with them, and the query when nothing is."""

    typed: Mapping[str, str]
    errors: tuple[FieldError, ...] = ()
    query: PersonQuery | None = None

    def error(self, field: str) -> str:
        return next((error.message for error in self.errors if error.field == field), "")


BLANK = SearchForm(typed=dict.fromkeys(FIELDS, ""))


def read_search(fields: Mapping[str, str], today: date) -> SearchForm:
    """A number is enough, and then all that counts; else family name, first name and date of birth are needed."""
    typed = {field: fields.get(field, "").strip()[:100] for field in FIELDS}
    if typed["number"]:
        return _by_number(typed)
    if not any(typed.values()):
        message = "Enter an NHS number, or a family name, first name and date of birth"
        return SearchForm(typed=typed, errors=(FieldError(field="number", message=message),))
    return _by_name(typed, today)


def _by_number(typed: Mapping[str, str]) -> SearchForm:
    number = nhs_number(re.sub(r"[\s.\-]", "", typed["number"]))
    if number is not None:
        return SearchForm(typed=typed, query=PersonQuery(nhs_number=number))
    digits = re.sub(r"\D", "", typed["number"])
    message = (
        "Check the NHS number: one of its digits is wrong"
        if len(digits) == 10
        else "Enter an NHS number of 10 digits, for example 999 123 4567"
    )
    return SearchForm(typed=typed, errors=(FieldError(field="number", message=message),))


def _by_name(typed: Mapping[str, str], today: date) -> SearchForm:
    errors = [
        FieldError(field=field, message=message)
        for field, message in (("family", "Enter the family name"), ("given", "Enter the first name"))
        if not typed[field]
    ]
    born_on = read_date(typed["born"])
    if not typed["born"]:
        errors.append(FieldError(field="born", message=f"Enter the date of birth, {_EXAMPLE}"))
    elif born_on is None:
        errors.append(FieldError(field="born", message=f"Date of birth must be a day, month and year, {_EXAMPLE}"))
    elif born_on > today:
        errors.append(FieldError(field="born", message="Date of birth must be in the past"))
    if errors:
        return SearchForm(typed=typed, errors=tuple(errors))
    return SearchForm(typed=typed, query=PersonQuery(family=typed["family"], given=typed["given"], born_on=born_on))


def read_date(text: str) -> date | None:
    """Day, month (number or name) and year of four digits in that order, however parted; or `1942-02-14`."""
    numbers = re.findall(r"\d+|[^\W\d_]+", re.sub(r"(?<=\d)(st|nd|rd|th)\b", "", text.lower()))
    if len(numbers) == 1 and re.fullmatch(r"\d{8}", numbers[0]):
        numbers = [numbers[0][:2], numbers[0][2:4], numbers[0][4:]]
    if len(numbers) != 3:
        return None
    if len(numbers[0]) == 4:
        numbers.reverse()
    day, month, year = numbers
    if month[:3] in _MONTHS:
        month = str(_MONTHS.index(month[:3]) + 1)
    if not (day.isdecimal() and month.isdecimal() and year.isdecimal() and len(year) == 4):
        return None
    try:
        born_on = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return born_on if born_on.year >= _EARLIEST_YEAR else None
