"""HL7 v2: messages to FHIR R4 resources, by the table in `kinds`.

Promises: each type in the table becomes FHIR R4 by UK Core's conventions, decimals as sent, times without an offset
read as Europe/London; what cannot be read names its segment and field. Refuses: guessing; every other message type is
held for a later version.

What a message says is weighed against what is held. Each resource carries when the source recorded it (the extension
`RECORDED`); an older message does not undo newer words. Of a visit and of a Patient the last word about each element
stands (the extension `concord.fhir.LAST_WORD`), of any other item the last as a whole. A visit keeps its events (the
extension `MOVEMENT`), so that an admission, a move, a discharge, or the cancelling of one, is filed in its place
whenever it comes. A result yields to one that was issued later. A document is known to be replaced even before it
comes. A Patient keeps what was said of it and others (the extension `OF_ANOTHER`), so that merges and links come to
the same in whatever order.
"""

from concord.ingest.hl7v2.clocks import Order
from concord.ingest.hl7v2.course import MOVEMENT
from concord.ingest.hl7v2.kinds import KINDS, Kind
from concord.ingest.hl7v2.mapping import map_message, mapped, type_of
from concord.ingest.hl7v2.message import CHARACTER_SETS, Message, NotMapped
from concord.ingest.hl7v2.original import NAMES_PATIENT, original_of, patients_named
from concord.ingest.hl7v2.origins import origins
from concord.ingest.hl7v2.patients import assigned_by, patient_id
from concord.ingest.hl7v2.reading import messages, pieces
from concord.ingest.hl7v2.words import in_senders_words
from concord.ingest.naming import RECORDED

__all__ = [
    "CHARACTER_SETS",
    "KINDS",
    "MOVEMENT",
    "NAMES_PATIENT",
    "RECORDED",
    "Kind",
    "Message",
    "NotMapped",
    "Order",
    "assigned_by",
    "in_senders_words",
    "map_message",
    "mapped",
    "messages",
    "original_of",
    "origins",
    "patient_id",
    "patients_named",
    "pieces",
    "type_of",
]
