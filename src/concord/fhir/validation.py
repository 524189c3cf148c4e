"""All that can be said of a resource by itself: structure, invariants, profiles. For who asks; a write asks less."""

from collections.abc import Sequence

from concord.fhir.invariants import broken_invariants
from concord.fhir.outcomes import Issue, issue_of
from concord.fhir.profiles import Known, check_profiles
from concord.fhir.structure import check
from concord.fhir.wire import Resource

_FIRST = "invariants and profiles are checked once the structure is in order"


def validate(resource: Resource, *, profiles: Sequence[str] = (), known: Known) -> list[Issue]:
    """What is wrong with a resource, and what could not be checked; [] when all is well and all was checked.

    Checked are the `profiles` named and those of `meta.profile`; `known` holds the profiles and value sets that are
    there to check by.
    """
    if breaches := check(resource):
        waiting = Issue(
            severity="information", path=breaches[0].path.partition(".")[0], rule="structure", message=_FIRST
        )
        return [*map(issue_of, breaches), waiting]
    claimed = resource.get("meta", {}).get("profile", [])
    named = dict.fromkeys(url for url in (*profiles, *claimed) if url)
    return [*broken_invariants(resource), *check_profiles(resource, list(named), known)]
