"""HL7 v2 over TCP: the minimal lower layer protocol (MLLP), one listener a feed.

Promises: a message is acknowledged once what came of it is durable (stored, known already, or whole in quarantine); a
fault of ours gives no answer, so that the sender repeats; messages of a connection are taken in their order. Refuses:
reading messages in any other way than files are read, and feeds that are not described by a file.
"""

from concord.ingest.mllp.acknowledgement import acknowledged
from concord.ingest.mllp.listener import Listener
from concord.ingest.mllp.receiving import NEVER_PASS, Judged, Receiver, ReceivingDoor, hashed, receipt_of, tried

__all__ = [
    "NEVER_PASS",
    "Judged",
    "Listener",
    "Receiver",
    "ReceivingDoor",
    "acknowledged",
    "hashed",
    "receipt_of",
    "tried",
]
