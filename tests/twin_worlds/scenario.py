"""One thing that one world hides: a person-sized story, told in source systems' words."""

from collections.abc import Callable
from dataclasses import dataclass

from concord.governance import Viewer
from tests.small_system import ED_DOCTOR
from tests.twin_worlds.worlds import World


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """`hide` adds to one world what `viewer` may not know of; `hidden` names it by organisation, type and source id.

    `before` and, a while later, `after` happen in both.
    """

    hides: str
    hide: Callable[[World], None]
    hidden: tuple[tuple[str, str, str], ...] = ()
    before: Callable[[World], None] = lambda _: None
    after: Callable[[World], None] | None = None
    viewer: Viewer = ED_DOCTOR
