"""How fresh each source is: the list of the agreement, the same for every person."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from concord.governance import Policy, Sharing, Viewer, sources
from concord.record.model import SourceState, State
from concord.store import Reading, body, registers, trials
from concord.terminology import HEADINGS

_LATE_AFTER = timedelta(hours=36)


def source_states(reading: Reading, viewer: Viewer, policy: Policy, now: datetime) -> Sequence[SourceState]:
    """Every organisation that the viewer's agreements name, and when its system was last heard about anybody.

    One on trial has not been heard, but by its testers.
    """
    heard = registers.heard(reading)
    for trial in trials.lasting(reading):
        if viewer.user not in trial.testers:
            heard.pop(trial.organisation, None)
    states = []
    for source in sources(viewer, policy, now):
        organisation = policy.directory.organisations[source.organisation]
        at = heard.get(source.organisation)
        heard_at = None if at is None else body.instant(at)
        states.append(
            SourceState(
                organisation=organisation.code,
                name=organisation.name,
                short=organisation.short,
                kind=organisation.kind,
                state=_state(source.sharing, heard_at, now),
                heard_at=heard_at if source.sharing is Sharing.SHARED else None,
                shares=frozenset(heading for heading in HEADINGS if source.headings >> heading.bit & 1),
                agreement=f"{source.agreement}, version {source.version}",
            )
        )
    return states


def _state(sharing: Sharing, heard_at: datetime | None, now: datetime) -> State:
    if sharing is Sharing.NOT_WITH_ROLE:
        return "not-shared-with-role"
    if sharing is Sharing.NOT_YET:
        return "not-sharing-yet"
    if heard_at is None:
        return "never-heard"
    return "late" if now - heard_at > _LATE_AFTER else "up-to-date"
