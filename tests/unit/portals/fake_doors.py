"""The doors of the portal, by hand: one emergency doctor, one privacy officer, one receptionist."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Generic, TypeVar

from concord.base import Forbidden, NotFound, OdsCode, PersonId, Unauthenticated
from concord.governance import Viewer
from concord.portals import DemoUser, SignedIn
from concord.portals.professional import AlertsDoor, LinksDoor
from concord.record import (
    Asking,
    Asserted,
    ChangedLink,
    FoundPerson,
    ListName,
    ListRow,
    Look,
    Looks,
    OpenRecord,
    PersonQuery,
    ShutRecord,
    Worklists,
)
from tests.unit.portals.made_up import MARGARET, MARJORIE, NOW, found, opened, several, shut

T = TypeVar("T")
USERS = (
    DemoUser(user="ada.nwosu", name="Dr Ada Nwosu", job="Doctor", organisation="Northfield General"),
    DemoUser(user="luke.farrow", name="Dr Luke Farrow", job="Doctor", organisation="Northfield General"),
    DemoUser(user="carol.dean", name="Carol Dean", job="Receptionist", organisation="Millbrook Surgery"),
    DemoUser(user="ines.marques", name="Ines Marques", job="Privacy officer", organisation="Northfield General"),
)
_TITLES = {
    "ada.nwosu": "registrar, emergency medicine",
    "carol.dean": "receptionist",
    "ines.marques": "privacy officer",
}
LINK = "link-that-works-once"


@dataclass(frozen=True)
class Released(Generic[T]):
    value: T

    async def released(self) -> T:
        return self.value


@dataclass
class FakeAccounts:
    """`demo` False: nobody can be picked from a list."""

    demo: bool = True
    sessions: dict[str, str] = field(default_factory=dict)
    links: set[str] = field(default_factory=lambda: {LINK})

    async def demo_users(self) -> Sequence[DemoUser]:
        return USERS if self.demo else ()

    async def sign_in_as(self, user: str) -> str:
        if user not in {each.user for each in await self.demo_users()}:
            raise Forbidden("Users can be picked in a demo directory alone")
        return self._start(user)

    async def sign_in_by_link(self, token: str) -> str:
        if token not in self.links:
            raise Unauthenticated("The link does not work any more")
        self.links.remove(token)
        return self._start("ada.nwosu")

    async def sign_out(self, secret: str) -> None:
        self.sessions.pop(secret, None)

    async def signed_in(self, secret: str) -> SignedIn | None:
        user = self.sessions.get(secret)
        if user is None:
            return None
        who = next(each for each in USERS if each.user == user)
        viewer = Viewer(
            user=user, name=who.name, title=_TITLES.get(user, "doctor"), staff_id="1", organisation=OdsCode("ZZA01"),
            service=None, role=who.job.lower().replace(" ", "-"), teams=frozenset(), purpose="direct-care",
        )  # fmt: skip
        return SignedIn(
            viewer=viewer,
            organisation=who.organisation,
            may_trace=user != "carol.dean",
            may_audit=user == "ines.marques",
        )

    def _start(self, user: str) -> str:
        secret = f"secret-{len(self.sessions)}-of-{user}"
        self.sessions[secret] = user
        return secret


@dataclass
class FakeRecord:
    """Margaret is open, Marjorie shut, nobody else there. `queries` keeps what was searched for."""

    record: OpenRecord = field(default_factory=opened)
    queries: list[PersonQuery] = field(default_factory=list)

    def find(self, query: PersonQuery, viewer: Viewer) -> Released[Sequence[FoundPerson]]:
        self.queries.append(query)
        if query.nhs_number == "9990003114":
            return Released([found()])
        return Released(several() if query.family.lower() == "holroyd" else [])

    def lists(self, viewer: Viewer, key: str | None) -> Released[Worklists]:
        names = (ListName(key="attending", title="Attending now", count=2),)  # a list of nobody is none
        if key not in (None, "attending", "caseload"):
            raise NotFound("No such list")
        shown = None if key == "caseload" else names[0]
        rows = [
            ListRow(where="Majors 7", person=MARGARET, name="HOLROYD, Margaret", born="14 Feb 1942",
                    nhs_number="999 000 3114"),
            ListRow(where="Majors 9", person=MARJORIE, name="IQBAL, Yusuf", born="30 Nov 1971",
                    nhs_number="999 620 4170"),
        ]  # fmt: skip
        empty = "You have no caseload. People appear here when a team adds them to you."
        return Released(Worklists(names=names, shown=shown, rows=rows if shown else (), empty=empty))

    def open(self, person: PersonId, viewer: Viewer) -> Released[OpenRecord | ShutRecord]:
        if person == MARGARET:
            return Released(self.record)
        if person == MARJORIE:
            return Released(shut())
        raise NotFound("No such person")

    def may_assert(self, person: PersonId, viewer: Viewer) -> Released[Asking]:
        raise NotFound("No such person")

    def assert_access(self, person: PersonId, viewer: Viewer, kind: str, reason: str, words: str) -> Released[Asserted]:
        raise NotFound("No such person")

    def end_assertions(self, person: PersonId, viewer: Viewer) -> int:
        return 0

    @property
    def links(self) -> LinksDoor:
        raise NotFound("There are no such records")

    def changed_links(self, viewer: Viewer) -> Sequence[ChangedLink]:
        return []

    @property
    def alerts(self) -> AlertsDoor:
        raise NotFound("There is no such alert")

    def who_looked(self, person: PersonId, viewer: Viewer) -> Released[Looks]:
        if viewer.role != "privacy-officer" or person != MARGARET:
            raise NotFound("No such person")
        looks = [
            Look(at=NOW, who="Dr Ada Nwosu", role="Doctor", organisation="Northfield General", source="Concord",
                 why="Attending Northfield General", what="Allergies, medications, problems", outcome="shown"),
            Look(at=NOW - timedelta(days=3), who="Sam Okoro", role="Physiotherapist", organisation="Westmoor Hospital",
                 source="Concord", why="Nothing links the person to Westmoor Hospital", what="Nothing",
                 outcome="refused"),
        ]  # fmt: skip
        return Released(Looks(found=found(link="", where=""), looks=looks, complete=True))
