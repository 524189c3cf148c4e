"""What every room stands on: errors, clock, identifiers, the reading of files that people write. Small, and closed.

Promises: no room-specific knowledge, no input or output. Refuses: anything that could live in a room with a name.
"""

from concord.base.clock import Clock, FixedClock, SystemClock
from concord.base.errors import (
    Busy,
    ConcordError,
    Conflict,
    Fault,
    Forbidden,
    Incorrect,
    NotFound,
    Unauthenticated,
    Unavailable,
)
from concord.base.identifiers import (
    NHS_NUMBER_SYSTEM,
    ODS_SYSTEM,
    STAFF_ID_SYSTEM,
    IdSource,
    Keys,
    NhsNumber,
    OdsCode,
    PersonId,
    SystemIds,
    nhs_number,
)
from concord.base.stopping import STOP, Abandoned, Stop
from concord.base.strict_yaml import Entry, FileRefused, quoted, read_entry, suggestion

__all__ = [
    "NHS_NUMBER_SYSTEM",
    "ODS_SYSTEM",
    "STAFF_ID_SYSTEM",
    "STOP",
    "Abandoned",
    "Busy",
    "Clock",
    "ConcordError",
    "Conflict",
    "Entry",
    "Fault",
    "FileRefused",
    "FixedClock",
    "Forbidden",
    "IdSource",
    "Incorrect",
    "Keys",
    "NhsNumber",
    "NotFound",
    "OdsCode",
    "PersonId",
    "Stop",
    "SystemClock",
    "SystemIds",
    "Unauthenticated",
    "Unavailable",
    "nhs_number",
    "quoted",
    "read_entry",
    "suggestion",
]
