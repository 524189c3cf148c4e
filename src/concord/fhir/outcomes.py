"""OperationOutcome: how FHIR tells what went wrong."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from concord.fhir.expressions import expression_of
from concord.fhir.findings import Breach
from concord.fhir.wire import Resource

Severity = Literal["fatal", "error", "warning", "information"]

# Rule of a survey -> code of http://hl7.org/fhir/R4/valueset-issue-type.html
_CODES = {
    "resource-type": "structure", "unknown-element": "structure", "cardinality": "required", "json-type": "structure",
    "format": "value", "choice": "structure", "empty": "structure", "null": "structure", "extension": "invariant",
    "binding": "code-invalid", "target": "value", "contained": "structure", "narrative": "invariant",
    "depth": "too-costly",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Issue:
    """Something to tell about a resource: where, by which rule (a rule of a survey, an invariant's key, a profile).

    `expression`: the FHIRPath of the place, where `path` begins elsewhere than in the resource that it is about.
    """

    severity: Severity
    path: str
    rule: str
    message: str
    expression: str = ""


def issue_of(breach: Breach) -> Issue:
    return Issue(severity="error", path=breach.path, rule=breach.rule, message=breach.message)


def within(issue: Issue, place: str) -> Issue:
    """The same of a resource that stands at `place` in another, such as `Bundle.entry[3].resource`."""
    path, expression = (place + each[len(each.partition(".")[0]) :] for each in (issue.path, expression_of(issue.path)))
    return replace(issue, path=path, expression=expression)


def report(issues: Iterable[Issue]) -> Resource:
    """An OperationOutcome of the issues, in their order; of none, that all is well."""
    listed = [_told(issue) for issue in issues]
    well = {"severity": "information", "code": "informational", "diagnostics": "Nothing was found to be wrong."}
    return {"resourceType": "OperationOutcome", "issue": listed or [well]}


def _told(issue: Issue) -> Resource:
    code = _CODES.get(issue.rule, "informational" if issue.severity == "information" else "invariant")
    told = {"severity": issue.severity, "code": code, "diagnostics": f"{issue.path}: {issue.message} ({issue.rule})"}
    return told | {"expression": [issue.expression or expression_of(issue.path)]}


def outcome(severity: Severity, code: str, diagnostics: str, expression: str | None = None) -> Resource:
    """An OperationOutcome of one issue.

    `code` is of http://hl7.org/fhir/R4/valueset-issue-type.html, `diagnostics` a sentence, `expression` the FHIRPath
    of what it is about.
    """
    issue: Resource = {"severity": severity, "code": code, "diagnostics": diagnostics}
    if expression:
        issue["expression"] = [expression]
    return {"resourceType": "OperationOutcome", "issue": [issue]}
