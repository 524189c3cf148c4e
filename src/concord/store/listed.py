"""A viewer's list, as the store understands it: who is on it, and what is open of them."""

from dataclasses import dataclass
from typing import Literal

from concord.base import OdsCode


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """A relationship that holds `now` (begun and not ended), has `ended` within the span, lies `near` enough
    to it, or was `claimed` within the span and not ended.

    `span` in microseconds; of `now` it says nothing. `organisations`: one of those with whom it is held; none: whoever
    is on the list for it.
    """

    kinds: tuple[str, ...]
    when: Literal["now", "ended", "near", "claimed"] = "now"
    span: int = 0
    organisations: tuple[OdsCode, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """What one organisation's source patients open, as an `Opening` does, while any of `held` is."""

    held: tuple[Held, ...]
    organisation: OdsCode
    service: str | None
    headings: int
    labels: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """A viewer's own list, as far as it is of people who have made no choice, are not protected, have not died, and are
    not the viewer (`nhs_number`: their own): whoever stands in a relationship with one of these organisations, or with
    this member of their staff, and what that opens of them.

    Everybody else on the list is decided about one by one; so is whoever is known, under the same NHS number, to an
    organisation on trial that the viewer tests (`tested`). `now` in microseconds since 1970 UTC.
    """

    organisations: tuple[OdsCode, ...]
    service: str | None
    teams: tuple[str, ...]
    staff_id: str
    now: int
    shares: tuple[Share, ...]
    nhs_number: str | None = None
    tested: tuple[OdsCode, ...] = ()
