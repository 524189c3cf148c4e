"""What a role may do that hangs on no person: find people, see who looked, review links, read and draft agreements,
see how feeds do."""

from concord.base import OdsCode
from concord.governance.directory import Role, purposes, roles
from concord.governance.model import Viewer
from concord.governance.policy import Policy


def may_trace(viewer: Viewer, policy: Policy) -> bool:
    """Whether the viewer may find a person in the tracing index: by role, for a purpose that needs it."""
    role, purpose = _known(viewer, policy), purposes().get(viewer.purpose)
    return role is not None and role.traces and purpose is not None and purpose.traces


def may_audit(viewer: Viewer, policy: Policy) -> bool:
    """Whether the viewer may see who has looked at a record."""
    role = _known(viewer, policy)
    return role is not None and role.audits and viewer.purpose in purposes()


def may_read_agreements(viewer: Viewer, policy: Policy) -> bool:
    """Whether the viewer may read the agreements, and what is drafted of them."""
    role = _known(viewer, policy)
    return role is not None and role.reads_agreements


def may_draft_agreements(viewer: Viewer, policy: Policy) -> bool:
    """Whether the viewer may draft agreements for their organisation."""
    role = _known(viewer, policy)
    return role is not None and role.drafts_agreements


def may_review_links(viewer: Viewer, policy: Policy, of: OdsCode | None = None) -> bool:
    """Whether the viewer may see which of their organisation's records may be whose, and say so.

    `of`: whether they may be told unasked that this organisation knows somebody whom their own knows: their own, and a
    general practice, since everybody has one. Any other would tell of their care.
    """
    role = _known(viewer, policy)
    if role is None or not role.reviews_links:
        return False
    known = None if of is None else policy.directory.organisations.get(of)
    return of in (None, viewer.organisation) or (known is not None and known.kind == "gp-practice")


def may_run_programme(viewer: Viewer, policy: Policy) -> bool:
    """Whether the viewer may see how the feeds of all organisations do: counts alone."""
    role = _known(viewer, policy)
    return role is not None and role.runs_programme


def may_review_labels(viewer: Viewer, policy: Policy) -> bool:
    """Whether the viewer may see what their organisation's items are labelled and why, and correct it."""
    role = _known(viewer, policy)
    return role is not None and role.reviews_labels


def _known(viewer: Viewer, policy: Policy) -> Role | None:
    return roles().get(viewer.role) if viewer.organisation in policy.directory.organisations else None
