"""A person's choice, as it arrives in a FHIR R4 Consent."""

from collections.abc import Mapping, Sequence
from typing import Any

from concord.base import ODS_SYSTEM, OdsCode
from concord.governance.model import Choice, ChoiceKind
from concord.governance.spans import instant_of

CHOICE_SYSTEM = "https://concord.example/CodeSystem/choice"
SILENT = "https://concord.example/StructureDefinition/silent"
FIRM = "https://concord.example/StructureDefinition/not-liftable"
_UNDERSTOOD = {"type", "period", "actor"}
_NAMES_ORGANISATION = (ChoiceKind.SHARE_IN, ChoiceKind.ORGANISATION_PROHIBITED)


class _NotUnderstoodError(Exception):
    """The Consent says something that no choice can carry out."""


def choice_of(resource: Mapping[str, Any], contributor: OdsCode | None) -> Choice | None:
    """The choice that `resource` records, contributed by `contributor`; None if it is no active Consent.

    `contributor` None: by the person themselves. Then the organisation of a share-out is the one whose data they mean.

    What is not understood whole (category, a permission with conditions, several actors, a period that is no
    period) becomes `ChoiceKind.UNKNOWN`, which withholds. A refusal with conditions is taken as a refusal.
    """
    if resource.get("resourceType") != "Consent" or resource.get("status") != "active":
        return None
    try:
        return _choice(resource, contributor)
    except (_NotUnderstoodError, KeyError, IndexError, TypeError, AttributeError, ValueError, OverflowError):
        return Choice(
            kind=ChoiceKind.UNKNOWN,
            given=False,
            contributor=contributor,
            organisation=None,
            silent=_says(resource, SILENT),
            start_at=None,
            end_at=None,
        )


def _choice(resource: Mapping[str, Any], contributor: OdsCode | None) -> Choice:
    kind = _kind(resource["category"])
    provision = resource["provision"]
    if provision["type"] not in ("permit", "deny"):
        raise _NotUnderstoodError
    given = provision["type"] == "permit"
    if given and not _UNDERSTOOD.issuperset(provision):
        raise _NotUnderstoodError
    if given and kind is ChoiceKind.PROXY_ACCESS and "actor" in provision:  # for one of them, not for all
        raise _NotUnderstoodError
    period = provision.get("period", {})
    of_whose_data = contributor is None and kind is ChoiceKind.SHARE_OUT
    named = _organisation(provision.get("actor", [])) if of_whose_data or kind in _NAMES_ORGANISATION else None
    return Choice(
        kind=kind,
        given=given,
        contributor=named if of_whose_data else contributor,
        organisation=None if of_whose_data else named,
        silent=_says(resource, SILENT),
        firm=_says(resource, FIRM),
        start_at=instant_of(period["start"], end=False) if "start" in period else None,
        end_at=instant_of(period["end"], end=True) if "end" in period else None,
    )


def _kind(categories: Sequence[Mapping[str, Any]]) -> ChoiceKind:
    codes = [coding["code"] for coding in categories[0]["coding"] if coding.get("system") == CHOICE_SYSTEM]
    if len(categories) != 1 or len(codes) != 1 or codes[0] == ChoiceKind.UNKNOWN:
        raise _NotUnderstoodError
    return ChoiceKind(codes[0])


def _organisation(actors: Sequence[Mapping[str, Any]]) -> OdsCode | None:
    """The one organisation named; None if none is, which a refusal takes for every one and a consent for none."""
    if not actors:
        return None
    identifier = actors[0]["reference"]["identifier"]
    if len(actors) > 1 or identifier["system"] != ODS_SYSTEM or not identifier["value"]:
        raise _NotUnderstoodError
    return OdsCode(identifier["value"])


def _says(resource: Mapping[str, Any], url: str) -> bool:
    extensions = resource.get("extension", [])
    return any(each.get("url") == url and each.get("valueBoolean") is True for each in extensions)
