"""The pages that tell people who can see what of their record, in words, under the agreements and choices of today."""

import re
from pathlib import Path

from concord.app import App
from tests.small_system import COMMUNITY, HOSPITAL, PRACTICE, attendance, condition, patient, send, small_system
from tests.unit.portals.test_own_choices import HER, HL7, Visitor, app, recorded, visiting

__all__ = ["app"]
SEERS = "/my-record/who-can-see"
PRIVATE = {"security": [{"system": "https://concord.example/CodeSystem/sensitivity", "code": "mental-health"}]}


def of_condition(visitor: Visitor, name: str = "Heart failure") -> str:
    """The page about one item, by the link that stands beside it on the page of the record."""
    record = visitor.get("/my-record")[1]
    path = re.findall(rf'<b>{name}</b>.*?href="(/my-record/Condition/[^"]+)"', record)[0]
    status, text = visitor.get(path)
    assert status == 200
    return text


def test_a_kind_of_information_and_who_sees_it_when(app: App) -> None:
    with visiting(app) as she:
        seers = (
            "<b>GP practices</b>: only what their own organisation wrote: GPs. <b>Hospitals</b>: doctors. "
            "<b>Community trusts</b>: district nurses."
        )
        everything = she.get(SEERS)[1]
        row = re.findall(r"Your medicines</a>.*?</li>", everything)[0]
        assert seers in row
        assert "<summary>Your medicines and allergies</summary>" in everything
        doctors = re.findall(r"<summary>Hospitals</summary>.*?</details>", everything)[0]
        assert "Doctors</h3> <p>They can see:</p>" in doctors
        assert "<li>Your medicines and allergies</li>" in doctors
        assert "<li>Your home and the help you get</li>" not in doctors
        told = she.get(f"{SEERS}/medications")[1]
    assert "<li>Doctors, while you are being seen there or you left there less than 14 days ago.</li>" in told
    assert "GPs, while you are registered there. They see only what their own organisation wrote." in told
    assert (
        "Doctors at Northfield General can see your medicines, held by Millbrook Surgery, also those about mental "
        "health, while you are being seen there or you left there less than 14 days ago." in told
    )
    assert "GPs at Millbrook Surgery can see your medicines, held by their own organisation" in told


def test_one_item_and_who_sees_it(app: App) -> None:
    send(app, PRACTICE, condition("gp-c9", "gp-1", "Low mood", meta=PRIVATE))
    with visiting(app) as she:
        plain, private = of_condition(she), of_condition(she, "Low mood")
    assert "Doctors at Northfield General can see your health problems, held by Millbrook Surgery, while" in plain
    assert "District nurses at Northfield Community" in plain
    assert "Doctors at Northfield General can see" in private
    assert "District nurses" not in private, "their clause does not open what is so marked"


def test_her_choices_and_what_is_signed_count_at_once(app: App) -> None:
    with visiting(app) as she:
        she.post("", kind="share-out", organisation="ZZP01")
        assert "Northfield General" not in of_condition(she)
        she.takes_back()
        assert "Northfield General" in of_condition(she)
        send(app, PRACTICE, recorded("organisation-prohibited", provision={
            "type": "deny", "actor": [{
                "role": {"coding": [{"system": f"{HL7}/v3-ParticipationType", "code": "IRCP"}]},
                "reference": {"identifier": {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "ZZA"}},
            }],
        }))  # fmt: skip
        assert "Northfield General" not in of_condition(she)


def test_it_hangs_on_nothing_that_is_held(app: App) -> None:
    """Not on who knows her, on what is hidden from her, or on who looks after her today."""
    kept = {"security": [{"system": "https://concord.example/CodeSystem/sensitivity", "code": "restricted"}]}
    with visiting(app) as she:
        pages = (SEERS, f"{SEERS}/medications", f"{SEERS}/safeguarding")
        before = [re.sub(r"form_token.*?>", "", she.get(path)[1]) for path in pages]
        send(app, COMMUNITY, patient("cx-1"), condition("cx-c1", "cx-1", meta=kept))
        send(app, HOSPITAL, attendance("hx-e1", "hx-1", "finished", start="2026-01-01", end="2026-01-02"))
        send(app, PRACTICE, recorded("objection", meta=kept))
        assert [re.sub(r"form_token.*?>", "", she.get(path)[1]) for path in pages] == before


def test_what_is_not_open_to_her_is_not_there(app: App) -> None:
    kept = {"security": [{"system": "https://concord.example/CodeSystem/sensitivity", "code": "restricted"}]}
    (hidden,) = send(app, PRACTICE, condition("gp-c9", "gp-1", meta=kept))
    with visiting(app) as she:
        answers = [she.get(f"/my-record/Condition/{id_}/who-can-see") for id_ in (hidden.id, "q" * 24)]
        assert [status for status, _ in answers] == [404, 404]
        assert answers[0] == answers[1]
        for odd in ("unclassified", "nothing", "Medications"):
            assert she.get(f"{SEERS}/{odd}")[0] == 404


def test_another_persons_item_is_not_there_either(app: App) -> None:
    number = "9990003203"
    (_, theirs) = send(
        app, PRACTICE, patient("gp-2", number=number, birthDate="1970-01-01"), condition("gp-c8", "gp-2")
    )
    with visiting(app) as she:
        assert she.get(f"/my-record/Condition/{theirs.id}/who-can-see")[0] == 404


def test_whoever_is_protected_is_not_told_whose_an_item_is(app: App) -> None:
    marked = {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}]}
    send(app, PRACTICE, patient("gp-1", meta=marked))
    with visiting(app) as she:
        text = of_condition(she)
    assert "To keep you safe, this is not shown here" in text
    assert "Millbrook" not in text


def test_what_nobody_has_signed_opens_nothing(tmp_path: Path) -> None:
    with small_system(tmp_path, signed_by=("ZZA", "ZZC")) as system:
        send(system, PRACTICE, patient("gp-1"), condition("gp-c1", "gp-1"))
        system.accounts.add_user(HER)
        with visiting(system) as she:
            assert "No staff can see it here" in of_condition(she)
