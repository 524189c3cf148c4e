"""How data comes in: files to submissions, and the load that hands them to the record.

Promises: a file is recognised by its content (FHIR R4 JSON, NDJSON, HL7 v2, the council's CSV set; plain, gzip, bzip2
or Zstandard) and streamed; each item is stored, unchanged, waiting, or kept whole in quarantine with a reason and a
position; loading the same again changes nothing. Refuses: judging identity, validity or references (`record` does),
and guessing at what it cannot read.
"""

from concord.ingest.loading import Progress, load
from concord.ingest.model import Assurance, Earlier, RecordsDoor, ToKeep
from concord.ingest.report import LoadReport, Reject, Unresolved

__all__ = [
    "Assurance",
    "Earlier",
    "LoadReport",
    "Progress",
    "RecordsDoor",
    "Reject",
    "ToKeep",
    "Unresolved",
    "load",
]
