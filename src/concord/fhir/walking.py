"""Every element of a resource with the definition that it follows: for what is checked beside the hot path."""

from collections.abc import Iterator
from functools import cache
from itertools import zip_longest
from typing import Any, NamedTuple

from concord.fhir.definitions import DEFINITIONS
from concord.fhir.wire import Resource


class Element(NamedTuple):
    """One value. `at` is its place (`Patient.contact[0].name`), `path` the path of its definition
    (`Patient.contact.name`), `of` its type, `within` the resource that it stands in; `beside` what stands in
    `_name`, the id and extensions of a primitive, whose value may then be None."""

    at: str
    path: str
    of: str
    value: Any
    within: Resource
    beside: Any = None

    @property
    def members(self) -> dict[str, Any]:
        """What stands in it by name: none but `id` and `extension` in a primitive."""
        held = self.value if type(self.value) is dict else self.beside
        return held if type(held) is dict else {}


def elements_of(resource: Resource) -> Iterator[Element]:
    """The resource and every element in it, each after what holds it. It must keep R4's structure."""
    of = resource["resourceType"]
    yield from _below(Element(of, of, of, resource, resource))


def below(element: Element, name: str) -> Iterator[Element]:
    """The elements that stand in `element` under a name of its definition, such as `given` or `value[x]`."""
    members = element.members
    for json_name, of in _names(element.of).get(name, ()):
        value, beside = members.get(json_name), members.get(f"_{json_name}")
        if value is None and beside is None:
            continue
        at, path = f"{element.at}.{json_name}", f"{element.of}.{name}"
        if type(value) is list or type(beside) is list:
            for index, (one, other) in enumerate(zip_longest(value or (), beside or ())):
                yield _element(Element(f"{at}[{index}]", path, of, one, element.within, other))
        else:
            yield _element(Element(at, path, of, value, element.within, beside))


def _element(element: Element) -> Element:
    if element.of != "Resource":
        return element
    return element._replace(of=element.value["resourceType"], within=element.value)


def _below(element: Element) -> Iterator[Element]:
    yield element
    if element.members:
        for name in _names(element.of):
            for each in below(element, name):
                yield from _below(each)


@cache
def _names(of: str) -> dict[str, tuple[tuple[str, str], ...]]:
    """For each element of a type the names that it may have in JSON, with their types."""
    names: dict[str, tuple[tuple[str, str], ...]] = {}
    for name, notation in DEFINITIONS.elements[of if of in DEFINITIONS.elements else "Element"].items():
        types = notation.rstrip("*+!").split("|")
        stem = name.removesuffix("[x]")
        names[name] = tuple(
            (name if stem == name else stem + type_[0].upper() + type_[1:], type_)
            for type_ in (each.removeprefix("@") for each in types)
        )
    return names
