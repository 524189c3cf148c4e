"""How data comes in: files and messages to submissions, and what hands them to the record.

Promises: a file is recognised by its content (FHIR R4 JSON, NDJSON, GP Connect, HL7 v2, the council's CSV set; plain,
gzip, bzip2 or Zstandard) and streamed; each item is stored, unchanged, waiting, or kept whole in quarantine with a
reason and a position; loading the same again changes nothing; a message over a connection is read as one in a file, and
acknowledged when it is safe. Refuses: judging identity, validity or references (`record` does), and guessing at what
it cannot read.
"""

from concord.ingest.advice import advice_on
from concord.ingest.behind import ItemMessages, MessageBehind
from concord.ingest.feeds import FeedDescription, parse_feed, read_feed
from concord.ingest.fhir_feeds import FhirFeeds
from concord.ingest.fhir_messages import FhirMessages, MessageHeader, Received
from concord.ingest.fhir_writes import FhirWrites
from concord.ingest.folder import STILL_S, DropFolder, Taken
from concord.ingest.health import FeedHealth, FeedsInHealth, FeedWatch
from concord.ingest.hl7v2 import origins
from concord.ingest.importing import COUNTS, Imports
from concord.ingest.loading import Progress, load
from concord.ingest.mllp import Listener, Receiver
from concord.ingest.model import Assurance, RecordsDoor, ToKeep
from concord.ingest.onboarding import Onboarding, Step
from concord.ingest.quality import Measured, Quality, quality_csv, quality_page
from concord.ingest.rehearsal import Rehearsal
from concord.ingest.replaying import Replayed, Replays
from concord.ingest.report import LoadReport, Reject
from concord.ingest.tables import parse_mapping, read_mapping
from concord.ingest.taking import counted, taker
from concord.ingest.texts import text_of
from concord.ingest.tracing_kept import Traces

__all__ = [
    "COUNTS",
    "STILL_S",
    "Assurance",
    "DropFolder",
    "FeedDescription",
    "FeedHealth",
    "FeedWatch",
    "FeedsInHealth",
    "FhirFeeds",
    "FhirMessages",
    "FhirWrites",
    "Imports",
    "ItemMessages",
    "Listener",
    "LoadReport",
    "Measured",
    "MessageBehind",
    "MessageHeader",
    "Onboarding",
    "Progress",
    "Quality",
    "Received",
    "Receiver",
    "RecordsDoor",
    "Rehearsal",
    "Reject",
    "Replayed",
    "Replays",
    "Step",
    "Taken",
    "ToKeep",
    "Traces",
    "advice_on",
    "counted",
    "load",
    "origins",
    "parse_feed",
    "parse_mapping",
    "quality_csv",
    "quality_page",
    "read_feed",
    "read_mapping",
    "taker",
    "text_of",
]
