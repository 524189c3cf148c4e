"""Each of HL7's examples with one rule broken, in every way that it can be: refused, with the path and the rule."""

from collections import Counter

from concord.fhir import check, parse
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
