"""OperationOutcome: how FHIR tells what went wrong."""

from typing import Literal

from concord.fhir.wire import Resource

Severity = Literal["fatal", "error", "warning", "information"]


def outcome(severity: Severity, code: str, diagnostics: str, expression: str | None = None) -> Resource:
    """An OperationOutcome of one issue.

    `code` is of http://hl7.org/fhir/R4/valueset-issue-type.html, `diagnostics` a sentence, `expression` the FHIRPath
    of what it is about.
    """
    issue: Resource = {"severity": severity, "code": code, "diagnostics": diagnostics}
    if expression:
        issue["expression"] = [expression]
    return {"resourceType": "OperationOutcome", "issue": [issue]}
