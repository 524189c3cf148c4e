"""HL7 v2: messages of ADT and ORU to Patients, Encounters, Observations and DiagnosticReports.

Promises: A01 A02 A03 A04 A08 A28 A31 and R01 become FHIR R4 by UK Core's conventions, decimals as sent, times
without an offset read as Europe/London; what cannot be read names its segment and field. Refuses: guessing; every
other message type is held for a later version.

What a message says is weighed against what is held. Each resource carries when the source recorded it (the
extension `RECORDED`); an older message does not undo newer words, though the move, discharge or admission that it
tells of is filed in its place. Left for later: cancelling events (A11 to A13), merges (A34, A40), the order of
corrections to one result.
"""

from concord.ingest.hl7v2.mapping import map_message
from concord.ingest.hl7v2.message import Message, NotMapped
from concord.ingest.hl7v2.reading import pieces
from concord.ingest.naming import RECORDED

__all__ = ["RECORDED", "Message", "NotMapped", "map_message", "pieces"]
