"""What a source's own words are called in FHIR."""

import re

from hypothesis import given
from hypothesis import strategies as st

from concord.base import OdsCode
from concord.ingest.naming import fhir_id, own_codes, own_system

PARTS = st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=3).map(tuple)


@given(PARTS, PARTS)
def test_every_key_has_an_id_of_its_own(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert re.fullmatch(r"[A-Za-z0-9\-.]{1,64}", fhir_id(*one))
    assert (fhir_id(*one) == fhir_id(*other)) == (one == other)


def test_an_id_stays_as_it_is() -> None:
    assert fhir_id("6145914547062969032") == "6145914547062969032"
    assert fhir_id("abc-DEF-123") == "abc-DEF-123"


def test_names_of_systems() -> None:
    assert own_system(OdsCode("ZZA"), "SIMULATOR MRN") == "https://concord.example/Id/ZZA/simulator-mrn"
    assert own_codes(OdsCode("ZZA"), "^^") == "https://concord.example/CodeSystem/ZZA/local"
