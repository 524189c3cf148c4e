"""A user as the decision sees them."""

from dataclasses import dataclass

from concord.governance import Viewer
from concord.store import account_rows

User = account_rows.User


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """Someone who is signed in to a portal. `csrf` is a secret that only pages of this session carry."""

    viewer: Viewer
    csrf: str


def viewer_of(user: User, purpose: str, *, with_overrides: bool = False) -> Viewer:
    """The user asking for `purpose`, a word of the agreements. `with_overrides`: those of theirs in force count."""
    return Viewer(
        user=user.user,
        name=user.name,
        title=user.title,
        staff_id=user.staff_id,
        organisation=user.organisation,
        service=user.service,
        role=user.role,
        teams=user.teams,
        purpose=purpose,
        with_overrides=with_overrides,
        nhs_number=user.nhs_number,
    )
