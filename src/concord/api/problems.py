"""The one place that says what an error is in HTTP and in FHIR (OperationOutcome)."""

import logging
from collections.abc import Mapping, Sequence

from starlette.responses import Response

from concord.base import (
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
from concord.fhir import Issue, Resource, encode, outcome, report, within
from concord.record import ItemDeleted, JobGone, Outcome, PageGone, TooManyJobs
from concord.terminology import NotKnown, TooCostly

FHIR_JSON = "application/fhir+json"
# What a person's data travels with: kept by nobody on the way, taken for nothing but what it says it is.
PRIVATE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

# Category -> HTTP status, issue code (http://hl7.org/fhir/R4/valueset-issue-type.html), further headers.
_CATEGORIES: tuple[tuple[type[ConcordError], int, str, Mapping[str, str]], ...] = (
    (PageGone, 410, "processing", {}),
    (JobGone, 410, "processing", {}),
    (TooManyJobs, 429, "throttled", {"Retry-After": "60"}),
    (ItemDeleted, 410, "deleted", {}),
    (NotKnown, 404, "not-found", {}),
    (TooCostly, 422, "too-costly", {}),
    (Incorrect, 400, "invalid", {}),
    (Unauthenticated, 401, "login", {"WWW-Authenticate": 'Bearer realm="Concord"'}),
    (Forbidden, 403, "forbidden", {}),
    (NotFound, 404, "not-found", {}),
    (Conflict, 409, "conflict", {}),
    (Busy, 503, "throttled", {"Retry-After": "1"}),
    (Unavailable, 503, "transient", {"Retry-After": "10"}),
    (Fault, 500, "exception", {}),
)
# Hidden, absent and impossible ids answer with these same bytes, whatever was asked for.
_NOT_FOUND = "There is nothing at this address, or nothing that you may see."
_FAULT = "Concord made a mistake. Nothing was changed by this request. Tell your administrator when it happened."
_log = logging.getLogger("concord.api")


class Refused(Incorrect):
    """A request that HTTP itself has a status for. `issues`: the rules of R4 that a resource breaks, if it is that."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        headers: Mapping[str, str] | None = None,
        *,
        issues: Sequence[Issue] = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers or {}
        self.issues = issues


# What an Outcome says of a rejected change -> status and issue code (http://hl7.org/fhir/R4/http.html#update).
_REJECTIONS = {
    "incorrect": (400, "invalid"),
    "conflict": (409, "conflict"),
    "stale": (412, "conflict"),
    "ambiguous": (412, "multiple-matches"),
    "absent": (404, "not-found"),
}


def rejection(rejected: Outcome) -> Refused:
    """What HTTP says of a change that was rejected."""
    status, code = _REJECTIONS[rejected.problem]
    return Refused(status, code, rejected.reason, issues=rejected.issues)


def status_of(error: Exception) -> tuple[int, str, Mapping[str, str]]:
    """HTTP status, issue code and headers of an error. What was not raised on purpose is a fault."""
    if isinstance(error, Refused):
        return error.status, error.code, error.headers
    for category, status, code, headers in _CATEGORIES:
        if isinstance(error, category):
            return status, code, headers
    return 500, "exception", {}


def outcome_of(error: Exception, entry: str | None = None) -> Resource:
    """The OperationOutcome of an error, of an `entry` (`Bundle.entry[3]`) of what was sent where it is named.

    What was not raised on purpose is logged by its type and place alone.
    """
    _, code, _ = status_of(error)
    if isinstance(error, Refused) and error.issues:
        return report(within(issue, f"{entry}.resource") if entry else issue for issue in error.issues)
    if isinstance(error, NotFound):
        return outcome("error", code, _NOT_FOUND, entry)
    if isinstance(error, ConcordError):
        return outcome("error", code, error.message, entry)
    _log.error("fault: %s", place_of(error))
    return outcome("error", code, _FAULT)


def problem(error: Exception) -> Response:
    """The answer to a request that ended in `error`."""
    status, _, headers = status_of(error)
    return Response(encode(outcome_of(error)), status, {**PRIVATE, **headers}, FHIR_JSON)


def place_of(error: BaseException) -> str:
    """Type and source line of an error, without its message, which might speak of a person."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = "" if trace is None else f" at {trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}"
    return type(error).__name__ + where
