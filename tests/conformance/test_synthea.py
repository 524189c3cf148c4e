"""The resources of 120 synthetic people and their hospitals keep R4's structure; reading and writing keeps them."""

import bz2
from collections import Counter
from pathlib import Path

import pytest

from concord.fhir import parse, survey


@pytest.fixture(scope="module")
def bundles(shared_data: Path) -> list[Path]:
    files = sorted((shared_data / "synthea").glob("*.json.bz2"))
    if not files:
        pytest.skip("the synthetic people are not beside this checkout (../shared/data/synthea)")
    return files


def test_every_resource_keeps_the_structure_of_r4(bundles: list[Path]) -> None:
    """The two shared bundles and every eighth person; loading all of them is another test's."""
    types: Counter[str] = Counter()
    for file in [*bundles[:2], *bundles[2::8]]:
        for entry in parse(bz2.decompress(file.read_bytes()))["entry"]:
            found = survey(entry["resource"])
            assert found.breaches == []
            types[entry["resource"]["resourceType"]] += 1
    assert len(types) >= 20
    assert types.total() > 10_000
