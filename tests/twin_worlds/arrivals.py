"""What comes to the hospital in twin worlds as messages, rows and records, which are kept beside what they bring."""

from collections.abc import Callable
from typing import Any

from concord.base import OdsCode
from concord.fhir import encode
from concord.ingest.hl7v2 import Message, map_message, original_of
from concord.ingest.model import Feed, Group
from concord.ingest.reading import pieces
from concord.ingest.stream import Stream
from tests.small_system import HOSPITAL, NHS_NUMBER, patient
from tests.twin_worlds.stories import CANARY, OTHER_NUMBER, SEAL, SENSITIVITY, both, tagged
from tests.twin_worlds.worlds import World

_OF = OdsCode(HOSPITAL.organisation)
_PEOPLE = (
    "person_id,nhs_number,family_name,given_name,date_of_birth,sex,address_line,town,postcode,telephone,share_choice,"
    "updated_at"
)
_CONCERNS = "concern_id,person_id,service,concern_type,description,start_date,end_date,status,updated_at"
PROFILE = "https://fhir.nhs.uk/STU3/StructureDefinition/GPConnect-StructuredRecord-Bundle-1"


def hears(diagnoses: bytes) -> Callable[[World], None]:
    """The hospital sends a message of the same name about its patient, with these diagnoses; its file is loaded."""
    head = "MSH|^~\\&|PAS|ZZA|CONCORD|NN|20261122030000||ADT^A31|C1|P|2.4\rEVN|A31|20261122030000\r"
    about = f"PID|1||hx-1^^^PAS~{NHS_NUMBER}^^^NHS^NH||Holroyd^Margaret||19420214|F\r"

    def act(world: World) -> None:
        records, read_against = world.app.records, _read_against(world)
        message = Message.parse((head + about).encode() + diagnoses)
        made = map_message(message, read_against)
        sent = original_of(message, made, read_against)
        outcomes = records.write(made, by=HOSPITAL, atomic=False, assurance="traced", sent=[sent])
        assert {each.status for each in outcomes} <= {"stored", "updated", "unchanged"}, outcomes

    return act


def extracts(people: str, concerns: str = "") -> Callable[[World], None]:
    """The hospital sends files of the council's set: people, and concerns for their safety, each a row."""
    files = [_brings("people.csv", f"{_PEOPLE}\n{people}\n".encode())]
    if concerns:
        files.append(_brings("safeguarding.csv", f"{_CONCERNS}\n{concerns}\n".encode()))
    return both(*files)


def brings_record(*resources: dict[str, Any]) -> Callable[[World], None]:
    """The hospital sends a GP Connect record of its patient."""
    entries = [{"resource": each} for each in (patient("hx-1"), *resources)]
    bundle = {"resourceType": "Bundle", "type": "collection", "meta": {"profile": [PROFILE]}, "entry": entries}
    return _brings("record.json", encode(bundle))


def _brings(file: str, content: bytes) -> Callable[[World], None]:
    def act(world: World) -> None:
        found = pieces(Stream(iter([content])), _read_against(world), file, None)
        groups = [piece for piece in found if isinstance(piece, Group)]
        outcomes = world.app.records.write(
            [one.submission for group in groups for one in group.sent], by=HOSPITAL, atomic=False, assurance="traced",
            sent=[group.kept for group in groups if group.kept is not None],
        )  # fmt: skip
        assert outcomes
        assert {each.status for each in outcomes} <= {"stored", "updated", "unchanged"}, outcomes

    return act


def _read_against(world: World) -> Feed:
    records = world.app.records
    return Feed(organisation=_OF, earlier=records.earlier(_OF), snapshots=records.snapshots(_OF))


def _problem(source_id: str, words: str, **more: Any) -> dict[str, Any]:
    """As STU3 has it."""
    system = "http://hl7.org/fhir/condition-category"
    return {
        "resourceType": "Condition", "id": source_id, "clinicalStatus": "active",
        "category": [{"coding": [{"system": system, "code": "problem-list-item"}]}],
        "code": {"text": words}, "subject": {"reference": "Patient/hx-1"}, "assertedDate": "2026-11-01",
    } | more  # fmt: skip


HER_ROW = f"hx-8,{NHS_NUMBER},Holroyd,Margaret,1942-02-14,f,17 Weavers Fold,,NF4 2ZZ,,,2026-11-01T09:00:00Z"
ROWS = f"{HER_ROW}\nhx-9,{OTHER_NUMBER},Aldous,Nobody,1970-01-01,m,,,,,,2026-11-01T09:00:00Z"
_CONCERN = f"adults,adult-safeguarding-concern,{CANARY},2026-11-01,,active,2026-11-01T09:00:00Z"
CONCERNS = f"gp-x1,hx-8,{_CONCERN}\ngp-x2,hx-9,{_CONCERN}"
OPEN_ENTRY = _problem("hx-c9", "Pneumonia")
SEALED_ENTRY = _problem("gp-x1", CANARY, meta=tagged(SEAL, "locked"))
BARRED_ENTRY = _problem("gp-x1", CANARY, meta=tagged(SENSITIVITY, "adoption"))
