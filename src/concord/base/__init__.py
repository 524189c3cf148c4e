"""What every room stands on: errors, clock, identifiers. Small, and closed.

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

__all__ = [
    "NHS_NUMBER_SYSTEM",
    "ODS_SYSTEM",
    "STAFF_ID_SYSTEM",
    "Busy",
    "Clock",
    "ConcordError",
    "Conflict",
    "Fault",
    "FixedClock",
    "Forbidden",
    "IdSource",
    "Incorrect",
    "Keys",
    "NhsNumber",
    "NotFound",
    "OdsCode",
    "PersonId",
    "SystemClock",
    "SystemIds",
    "Unauthenticated",
    "Unavailable",
    "nhs_number",
]
