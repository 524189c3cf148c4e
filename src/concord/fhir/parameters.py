"""R4's search parameters, the compartments, and when each type happened.

`search_parameters.json` is compiled from HL7's own package by scripts/compile_search_parameters.py; its notation is
explained in this folder's README.
"""

from importlib import resources
from typing import Literal

import msgspec

Kind = Literal[
    "token", "string", "reference", "date", "number", "quantity", "uri", "composite", "special", "text", "has"
]
"""The types of R4's search parameters, with `text` for words looked for and `has` for what refers to an item."""

ANY_TYPE = "*"


class SearchParameter(msgspec.Struct, frozen=True):
    """`paths` as in the README; `targets` of a reference (ANY_TYPE: any); `components` of a composite, whose paths
    start at what `paths` reach. `whether`: true where `paths` reach anything but false."""

    type: Kind
    paths: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    components: tuple["SearchParameter", ...] = ()
    whether: bool = False


class Table(msgspec.Struct, frozen=True):
    fhir: str
    parameters: dict[str, dict[str, SearchParameter]]
    compartments: dict[str, dict[str, tuple[str, ...]]]
    times: dict[str, tuple[str, ...]]


TABLE = msgspec.json.decode(resources.files("concord.fhir").joinpath("search_parameters.json").read_bytes(), type=Table)

# Of every type (http://hl7.org/fhir/R4/search.html#all).
OF_EVERY_TYPE = {
    "_id": SearchParameter("token", ("id:id",)),
    "_lastUpdated": SearchParameter("date", ("meta.lastUpdated:instant",)),
    "_tag": SearchParameter("token", ("meta.tag:Coding",)),
    "_security": SearchParameter("token", ("meta.security:Coding",)),
    "_profile": SearchParameter("uri", ("meta.profile:canonical",)),
    "_source": SearchParameter("uri", ("meta.source:uri",)),
    "_text": SearchParameter("text", ("text.div:xhtml",)),
    "_content": SearchParameter("text"),
}


def parameter_of(of: str, name: str) -> SearchParameter | None:
    """The parameter that a search for the type may name so."""
    return OF_EVERY_TYPE.get(name) or TABLE.parameters.get(of, {}).get(name)


def search_parameters(of: str) -> dict[str, Kind]:
    """The parameters that a search for that type may name, with their types."""
    return {name: each.type for name, each in (OF_EVERY_TYPE | TABLE.parameters[of]).items()}


def reference_parameters(of: str) -> dict[str, SearchParameter]:
    """The parameters of a type that refer to items: by these `_include` and `_revinclude` go."""
    return {name: each for name, each in TABLE.parameters.get(of, {}).items() if each.type == "reference"}
