"""Identifiers with a meaning of their own, where new ones come from, and the keyed hash that hides old ones."""

import hashlib
import secrets
from dataclasses import dataclass
from typing import NewType, Protocol

NhsNumber = NewType("NhsNumber", str)
OdsCode = NewType("OdsCode", str)
PersonId = NewType("PersonId", str)

NHS_NUMBER_SYSTEM = "https://fhir.nhs.uk/Id/nhs-number"
ODS_SYSTEM = "https://fhir.nhs.uk/Id/ods-organization-code"
STAFF_ID_SYSTEM = "https://fhir.nhs.uk/Id/sds-user-id"


def nhs_number(text: str) -> NhsNumber | None:
    """The ten digits of `text` if they pass the modulus 11 check, else None.

    Weights 10 to 2 over the first nine digits; check digit 11 - (sum mod 11), where 11 stands for 0
    and 10 is never issued (NHS Data Dictionary, NHS NUMBER). Ten equal digits pass it and stand for "none".
    """
    digits = text.replace(" ", "").replace("-", "")
    if len(digits) != 10 or not (digits.isascii() and digits.isdigit()) or len(set(digits)) == 1:
        return None
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False))
    check = (11 - total % 11) % 11
    return NhsNumber(digits) if check == int(digits[9]) else None


class IdSource(Protocol):
    """Where new, unguessable identifiers come from."""

    def fresh(self) -> str:
        """24 characters of [a-z2-7], never given before."""
        ...


class SystemIds:
    def fresh(self) -> str:
        return _spell(secrets.token_bytes(15))


@dataclass(frozen=True)
class Keys:
    """The installation's secret. Whoever lacks it can compute no logical id, placement or token."""

    installation: bytes

    def hashed(self, purpose: str, *parts: str, size: int = 15) -> bytes:
        """`size` bytes that stand for `parts`, different for each `purpose` (at most 16 characters)."""
        text = "\x1f".join(parts).encode()
        return hashlib.blake2b(text, digest_size=size, key=self.installation, person=purpose.encode()).digest()

    def logical_id(self, *parts: str) -> str:
        """24 characters of [a-z2-7]: the id under which what a source calls `parts` is kept."""
        return _spell(self.hashed("logical-id", *parts))

    def placement(self, *parts: str) -> int:
        """A number of 31 bits: the `home` under which rows lie together."""
        return int.from_bytes(self.hashed("home", *parts, size=4), "big") >> 1


_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"  # RFC 4648, base 32
_PAIRS = [first + second for first in _LETTERS for second in _LETTERS]
_SHIFTS = range(110, -1, -10)


def _spell(value: bytes) -> str:
    """15 bytes in base 32: by pairs of letters, for each item that is sent or read takes several."""
    number = int.from_bytes(value, "big")
    return "".join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])
