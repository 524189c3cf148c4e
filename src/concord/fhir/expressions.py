"""Where something is wrong, as FHIRPath says it: the simple subset that OperationOutcome.issue.expression takes
(http://hl7.org/fhir/R4/operationoutcome-definitions.html#OperationOutcome.issue.expression)."""

from concord.fhir.definitions import Shape, resource_shape

_OPERATORS = {"div"}  # of the names of FHIRPath's operators the one that an element of R4 has


def expression_of(path: str) -> str:
    """The FHIRPath of a place that a message names as JSON and profiles do: `Observation.value` for
    `Observation.valueQuantity` and `Observation.value[x]`, `Patient.birthDate` for `Patient._birthDate`, the element
    for `Patient.identifier:slice`. A name that messages do not repeat is left out, which leaves its holder.

    Of what is contained or bundled the type is not told by its place: its names stay as they are in JSON.
    """
    of, *steps = path.partition(":")[0].split(".")
    shape, told = resource_shape(of), [of]
    for step in steps:
        name, _, index = step.partition("[")
        if name == "?":
            break
        element, shape = _element(name.removeprefix("_"), shape)
        element = f"`{element}`" if element in _OPERATORS else element
        told.append(element if index in ("", "x]") else f"{element}[{index}")
    return ".".join(told)


def _element(name: str, shape: Shape | None) -> tuple[str, Shape | None]:
    """What FHIRPath calls a member of an object, and the shape of what stands there."""
    field = shape.fields.get(name) if shape else None
    if field is None:
        return name, None
    _, target, choice, _ = field
    return choice.removesuffix("[x]") if choice else name, target if isinstance(target, Shape) else None
