"""GP Connect *Access Record: Structured*: a GP system's whole record of a patient, FHIR STU3 to R4.

Promises: every resource of the bundle becomes one of R4 with the same id, so that a later extract replaces it; what
R4 has no place for stays beside it and is counted; lists keep their warnings and what they hold. Refuses: a bundle
that is not about one patient, since nothing in it could be attached safely.
"""

from concord.ingest.gpconnect.bundle import Converted, Entry, convert, recognises
from concord.ingest.gpconnect.words import ENTRY, in_senders_words

__all__ = ["ENTRY", "Converted", "Entry", "convert", "in_senders_words", "recognises"]
