"""What a search asks of an item, parsed: http://hl7.org/fhir/R4/search.html#prefix and the sections after it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from concord.fhir.parameters import Kind

Prefix = Literal["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"]
PREFIXES: tuple[Prefix, ...] = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
Modifier = Literal[
    "missing", "not", "exact", "contains", "text", "of-type", "identifier", "above", "below", "chain"
]  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Value:
    """One of the values that a criterion gives. `text` is what was asked, without escapes and a prefix.

    A token has `system` (None: any, or implied by the element; empty: none at all) and `code` (None: any of that
    system); with `:of-type` the identifier's `value` too. A reference has `type` (None: any) and `id` of something
    held here, or the `url` of something that is not. A date has `prefix` and what it covers, [low, high) in
    microseconds since the epoch, UTC. A number or quantity has `prefix`, the `number` and the `least` and `most` that
    its digits allow; a quantity its unit as `system` (None: any) and `code` (None: any). A string has its `folded`
    text. A composite has `parts`. A place has `near`: latitude, longitude in degrees, distance in kilometres.
    """

    text: str
    system: str | None = None
    code: str | None = None
    value: str | None = None
    type: str | None = None
    id: str | None = None
    url: str | None = None
    prefix: Prefix = "eq"
    low: int = 0
    high: int = 0
    number: Decimal = Decimal(0)
    least: Decimal = Decimal(0)
    most: Decimal = Decimal(0)
    folded: str = ""
    parts: tuple["Value", ...] = ()
    near: tuple[float, float, float] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Criterion:
    """One parameter: an item meets it when it meets any of `values`; it must meet every criterion of the search.

    `missing` is set by the modifier of that name, and `values` is then empty. A type as modifier
    (`subject:Patient=1`) is in the values. With the modifier `chain`, what the reference points to must meet the
    criterion of its type in `chain`, and `values` is empty. Of the kind `has`, the item must be what `has` refers to.
    """

    name: str
    kind: Kind
    values: tuple[Value, ...] = ()
    modifier: Modifier | None = None
    missing: bool | None = None
    chain: tuple[tuple[str, "Criterion"], ...] = ()
    has: "Referring | None" = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Referring:
    """Items of a type that refer by a parameter, and meet a criterion (None: any)."""

    type: str
    parameter: str
    criterion: Criterion
