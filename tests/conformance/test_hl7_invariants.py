"""HL7's own examples keep R4's invariants and HL7's own profiles, and what cannot be evaluated is one invariant."""

from collections import Counter
from functools import cache

from concord.fhir import Known, check, codes_of_value_set, parse, read_profile, validate
from tests.conformance.hl7_package import definitions_and_examples, with_package

UNEVALUATED = {"ctm-1"}  # resolve() of another resource


@cache
def hl7_profiles() -> Known:
    """All 440 profiles of the package."""
    definitions, _ = definitions_and_examples()
    read = [parse(file.read_bytes()) for file in definitions if file.name.startswith("StructureDefinition-")]
    return Known(
        profiles={each["url"]: read_profile(each) for each in read if each.get("derivation") == "constraint"},
        value_sets={},
    )


@with_package
def test_the_examples_break_no_invariant_and_no_profile() -> None:
    """Those up to 60 KB; the few larger ones are of the same types, and long."""
    known = hl7_profiles()
    assert len(known.profiles) > 400
    told: Counter[str] = Counter()
    broken = []
    _, examples = definitions_and_examples()
    for text in [file.read_bytes() for file in examples if file.stat().st_size < 60_000]:
        resource = parse(text)
        if check(resource):
            continue
        told["resources"] += 1
        for issue in validate(resource, known=known):
            if issue.severity == "error":
                broken.append((resource.get("id"), issue))
            elif issue.severity == "information" and "not evaluated" in issue.message:
                told[issue.rule] += 1
    assert broken == []
    assert told.pop("resources") > 690
    assert set(told) == UNEVALUATED


@with_package
def test_the_codes_of_hl7_value_sets_are_read() -> None:
    definitions, _ = definitions_and_examples()
    by_type: dict[str, dict[str, dict[str, object]]] = {"ValueSet": {}, "CodeSystem": {}}
    for file in definitions:
        of = file.name.partition("-")[0]
        if of in by_type:
            resource = parse(file.read_bytes())
            by_type[of][resource["url"]] = resource
    read = [codes_of_value_set(each, by_type["CodeSystem"]) for each in by_type["ValueSet"].values()]
    assert sum(codes is not None for codes in read) > 600
