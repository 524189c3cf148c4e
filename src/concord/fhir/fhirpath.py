"""FHIRPath (http://hl7.org/fhirpath), off the hot path: whether an expression is true of an element."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from concord.fhir.walking import Element


class NotEvaluated(Exception):
    """The expression, or what it says of this element, is beyond the engine."""


def holds(expression: str, element: Element, root: Any) -> bool:
    """Whether the expression is true of the element, or says nothing of it. Raises NotEvaluated."""
    try:
        answer = _compiled(expression)(element, root)
    except Exception as error:  # the engine raises anything, by the data too
        raise NotEvaluated from error
    if answer == [False]:
        return False
    if answer in ([True], []):
        return True
    raise NotEvaluated


@lru_cache(maxsize=1024)
def _compiled(expression: str) -> Callable[[Element, Any], Any]:
    """Parsed once: that takes a hundred times what an evaluation takes."""
    # Not at the top: what never validates need not wait for the parser's tables.
    import fhirpathpy  # noqa: PLC0415 - slow to import
    from fhirpathpy.engine.nodes import ResourceNode  # noqa: PLC0415 - slow to import
    from fhirpathpy.models import models  # noqa: PLC0415 - slow to import

    options = {"traceFn": lambda *_: None, "userInvocationTable": {"hasValue": {"fn": _has_value, "arity": {0: []}}}}
    run = fhirpathpy.compile(expression, models["r4"], options)

    def evaluate(element: Element, root: Any) -> Any:
        node: Any = ResourceNode(element.value, element.of)  # type: ignore[no-untyped-call]  # the library has no types
        return run(node, {"resource": element.within, "rootResource": root, "context": node})

    return evaluate


def _has_value(collection: list[Any]) -> bool:
    """hasValue() of FHIR (http://hl7.org/fhir/R4/fhirpath.html#functions), which the engine does not have."""
    return len(collection) == 1 and type(getattr(collection[0], "data", collection[0])) is not dict
