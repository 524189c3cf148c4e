"""What values mean, as plain ones that any JSON writer puts down alike: nothing of it hangs on order or on layout.

What a field says by default is left out, so that a word which the format of agreements learns later leaves the hash of
every agreement that does not use it as it was signed.
"""

from collections.abc import Set as AbstractSet
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any


def plain(value: Any) -> Any:
    """A dataclass as a mapping, a set as a sorted list, a span in seconds, a day as `2026-04-01`."""
    if is_dataclass(value):
        told = ((field, getattr(value, field.name)) for field in fields(value))
        return {field.name: plain(each) for field, each in told if field.default is MISSING or each != field.default}
    if isinstance(value, AbstractSet):
        return sorted(str(each) for each in value)
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, timedelta):
        return value // timedelta(seconds=1)
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, StrEnum) else value
