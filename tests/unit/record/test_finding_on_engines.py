"""Whom tracing finds by a search is the same on both engines, by whatever is known of them."""

from pathlib import Path

import pytest

from concord.fhir import parse_search
from tests.small_system import ED_DOCTOR, HOSPITAL, NHS_NUMBER, attendance, patient, send, small_system

NUMBER = ("identifier", f"https://fhir.nhs.uk/Id/nhs-number|{NHS_NUMBER}")
FAMILY, BORN, POSTCODE = ("family", "Holroyd"), ("birthdate", "1942-02-14"), ("address-postalcode", "NF4 2ZZ")


@pytest.mark.parametrize("known", [[NUMBER], [FAMILY, BORN], [FAMILY, POSTCODE], [BORN, POSTCODE]], ids=str)
def test_who_is_described_is_found(database: Path | str, known: list[tuple[str, str]]) -> None:
    with small_system(database) as app:
        send(app, HOSPITAL, patient("h1"), attendance("e1", "h1"))
        found = app.records.search(parse_search("Patient", known), ED_DOCTOR).wait()
        assert [item.type for item in found.items] == ["Patient"]
