"""What explains an access: tried first, in the order of `Explanation`."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from enum import StrEnum

from concord.record.misuse.model import Access, Near, Verdict

_WORK_OF_A_COLLEAGUE = timedelta(days=1)


class Explanation(StrEnum):
    NAMED = "the person's care named the user, or their team"
    SERVICE = "the person was in the care of the user's service"
    LISTED = "the person stood in a list of the user's that day"
    CONTACT = "the person was known to the user's organisation, which recorded something in those days"
    COLLEAGUE = "a colleague of the same service had to do with the person in those days"
    VERDICT = "a reviewer has found that this user may look at this person's record"


class Explained:
    """The explanations of many accesses, which explain each other."""

    def __init__(self, accesses: Sequence[Access], verdicts: Iterable[Verdict]) -> None:
        self._cared_for: dict[tuple[str, str | None, str], list[Access]] = {}
        for each in accesses:
            if each.near is not Near.NOT:
                self._cared_for.setdefault((each.organisation, each.service, each.person), []).append(each)
        self._cleared = {(each.user, each.person) for each in verdicts if each.justified}

    def by(self, access: Access) -> Explanation | None:
        if access.near is Near.NAMED:
            return Explanation.NAMED
        if access.near is Near.SERVICE:
            return Explanation.SERVICE
        if access.listed:
            return Explanation.LISTED
        if access.related and access.contact:
            return Explanation.CONTACT
        if self._of_a_colleague(access):
            return Explanation.COLLEAGUE
        return Explanation.VERDICT if (access.user, access.person) in self._cleared else None

    def _of_a_colleague(self, access: Access) -> bool:
        """Their own service's alone: that somebody of the hospital is busy with a person explains nobody else."""
        if access.service is None:
            return False
        near = self._cared_for.get((access.organisation, access.service, access.person), ())
        return any(each.user != access.user and abs(each.at - access.at) <= _WORK_OF_A_COLLEAGUE for each in near)
