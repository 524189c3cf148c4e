"""Each of HL7's examples with one rule broken, in every way that it can be: refused, with the path and the rule."""

import re
from collections import Counter
from typing import Any

import pytest
from fhirpathpy import compile as compile_fhirpath
from fhirpathpy.models import models

from concord.fhir import check, issue_of, parse, report
from tests.conformance.hl7_package import definitions_and_examples, with_package
from tests.conformance.made_wrong import variants

KINDS = 40  # of breaches, at the least


@with_package
def test_every_variant_made_wrong_is_refused_with_its_path_and_rule() -> None:
    """Of each type the smallest two examples that keep R4 themselves."""
    _, examples = definitions_and_examples()
    by_type: dict[str, list[bytes]] = {}
    for text in sorted((file.read_bytes() for file in examples), key=len):
        by_type.setdefault(parse(text)["resourceType"], []).append(text)
    made: Counter[str] = Counter()
    accepted = []
    for texts in by_type.values():
        for text in [one for one in texts if not check(parse(one))][:2]:
            for wrong in variants(parse(text)):
                made[wrong.kind] += 1
                breaches = check(wrong.resource)
                if not any(
                    b.rule == wrong.rule and (wrong.path.endswith("*") or b.path == wrong.path) for b in breaches
                ):
                    told = [(breach.path, breach.rule) for breach in breaches[:3]]
                    accepted.append((wrong.resource.get("id"), wrong.kind, wrong.path, wrong.rule, told))
    assert accepted == []
    assert len(by_type) > 120
    assert len(made) >= KINDS
    assert made.total() > 5_000


@with_package
@pytest.mark.parametrize("of", ["Observation", "Questionnaire"])
def test_the_expression_of_each_issue_is_fhirpath_of_the_element(of: str) -> None:
    """It finds something exactly where the wrong element is there, under the name that FHIRPath has for it."""
    _, examples = definitions_and_examples()
    texts = (file.read_bytes() for file in examples)
    text = min((each for each in texts if parse(each)["resourceType"] == of and not check(parse(each))), key=len)
    tried = 0
    for wrong in variants(parse(text)):
        for breach in check(wrong.resource):
            (issue,) = report([issue_of(breach)])["issue"]
            (expression,) = issue["expression"]
            found = compile_fhirpath(expression, models["r4"])(wrong.resource, {})
            if "[x]" not in breach.path:  # which of its types would be there, if any, is not told
                there = _there(wrong.resource, breach.path)
                assert bool(found) == (there not in (None, [])), (breach, expression, found, there)
            tried += 1
    assert tried > 20


def _there(resource: dict[str, Any], path: str) -> Any:
    """What lies at a place as messages name it."""
    here: Any = resource
    for name, index in re.findall(r"\.([A-Za-z_]+|\?)(?:\[(\d+)\])?", path):
        if name == "?":
            break
        here = here.get(name) if isinstance(here, dict) else None
        here = here[int(index)] if index and isinstance(here, list) else here
    return here
