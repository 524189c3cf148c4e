"""A labelled set of accesses: a hospital, a community team and a practice at work for eight weeks, and snooping put in.

Made from a seed. Staff work shifts on a rota; people come, stay in a service's care and go; most looks are part of that
care, and some that are right leave little trace (an outlier on another ward, a wrong name clicked, a form for somebody
who is only registered). Each injected case is of one kind, known by its accesses.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from concord.record.misuse import Access, Near, Tie

START = datetime(2026, 9, 28, tzinfo=UTC)
DAYS = 56
SERVICES = (
    ("ZZA", "emergency-department"), ("ZZA", "medicine"), ("ZZA", "surgery"), ("ZZA", "maternity"),
    ("ZZC", "district-nursing"), ("ZZP01", None), ("ZZP02", None),
)  # fmt: skip
KINDS = (
    "own record", "family", "household", "former partner", "colleague", "rare surname", "neighbour",
    "somebody known", "in the news", "browsing", "harvesting", "at night", "stalking", "the dead",
    "override without an encounter",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Staff:
    user: str
    organisation: str
    service: str | None
    role: str
    starts: int  # the hour at which their shifts begin
    days: frozenset[int]


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """`cases`: by (kind, number), the accesses of one injected case, by their places in `accesses`."""

    accesses: list[Access]
    cases: dict[tuple[str, int], list[int]]


def made(seed: int, *, staff: int = 140, each_kind: int = 12) -> Labelled:
    return _Making(Random(seed), staff, each_kind).made()


class _Making:
    def __init__(self, dice: Random, staff: int, each_kind: int) -> None:
        self.dice = dice
        self.each_kind = each_kind
        self.staff = [self._employ(number) for number in range(staff)]
        self.accesses: list[Access] = []
        self.cases: dict[tuple[str, int], list[int]] = {}
        self.people = 0

    def made(self) -> Labelled:
        for day in range(DAYS):
            for worker in self.staff:
                if day % 7 in worker.days:
                    self.accesses += self._shift(worker, day)
        for kind in KINDS:
            for number in range(self.each_kind):
                self._inject(kind, number)
        return Labelled(accesses=self.accesses, cases=self.cases)

    def _employ(self, number: int) -> Staff:
        organisation, service = SERVICES[number % len(SERVICES)]
        role = {"ZZA": "nurse", "ZZC": "district-nurse"}.get(organisation, "gp")
        starts = self.dice.choice([7, 7, 13, 21]) if organisation == "ZZA" else 8
        return Staff(
            user=f"user-{number}", organisation=organisation, service=service, role=role, starts=starts,
            days=frozenset(self.dice.sample(range(7 if organisation == "ZZA" else 5), 4)),
        )  # fmt: skip

    def _shift(self, worker: Staff, day: int) -> Iterator[Access]:
        """A day's work: mostly the people of their own service, and a little that explains itself less well."""
        ward = f"{worker.organisation} {worker.service} {day // 4}"
        swapped = self.dice.choice([0] * 40 + [8, 16])  # a shift taken for somebody else
        for _ in range(self.dice.randint(6, 12)):
            at = START + timedelta(days=day, hours=worker.starts + swapped, minutes=self.dice.randrange(8 * 60))
            chance = self.dice.random()
            patient = f"{ward} {self.dice.randrange(25)}"
            coincidence = frozenset({self.dice.choice([Tie.SURNAME, Tie.NEIGHBOUR])})
            ties = coincidence if self.dice.random() < 0.01 else frozenset[Tie]()
            if worker.service is None:  # a practice: everybody is registered
                yield self._look(worker, patient, at, contact=chance < 0.88, related=True, ties=ties)
            elif chance < 0.86:
                near = Near.NAMED if self.dice.random() < 0.3 else Near.SERVICE
                yield self._look(worker, patient, at, near=near, contact=True, related=True, ties=ties)
            elif chance < 0.92:
                yield self._look(worker, patient, at, listed=True, related=True, contact=True, ties=ties)
            elif chance < 0.985:  # an outlier, a consult: another service's person
                yield self._look(worker, f"other {patient}", at, related=True, contact=True, ties=ties)
            else:  # a wrong name clicked
                yield self._look(
                    worker, f"wrong {self.dice.randrange(5000)}", at, related=self.dice.random() < 0.5, ties=ties
                )

    def _look(
        self, worker: Staff, person: str, at: datetime, *, near: Near = Near.NOT, related: bool = False,
        contact: bool = False, listed: bool = False, own_word: bool = False, ties: frozenset[Tie] = frozenset(),
    ) -> Access:  # fmt: skip
        return Access(
            user=worker.user, organisation=worker.organisation, service=worker.service, role=worker.role,
            person=person, at=at, looks=1, near=near, related=related, contact=contact, listed=listed,
            own_word=own_word, ties=ties, on_shift=self._on_shift(worker, at),
        )  # fmt: skip

    @staticmethod
    def _on_shift(worker: Staff, at: datetime) -> bool | None:
        """The hospital keeps a rota, and does not write into it who has swapped with whom; the others keep none."""
        if worker.organisation != "ZZA":
            return None
        day, within = divmod(at - START - timedelta(hours=worker.starts - 1), timedelta(days=1))
        return day % 7 in worker.days and within <= timedelta(hours=10)

    def _inject(self, kind: str, number: int) -> None:
        """One case; whoever snoops does so at work, and now and then the person is in the hospital's care as well."""
        worker = self.dice.choice(self.staff)
        person = f"{kind} {number}"
        day = START + timedelta(days=self.dice.randrange(7, DAYS - 8))
        at = day + timedelta(hours=worker.starts, minutes=self.dice.randrange(8 * 60))
        here = self.dice.random() < 0.4  # attending or registered where the user works
        busy = here and self.dice.random() < 0.5  # and others there record something in those days
        ties: dict[str, Tie] = {
            "own record": Tie.OWN, "family": Tie.FAMILY, "household": Tie.HOUSEHOLD,
            "former partner": Tie.FORMER_HOUSEHOLD, "colleague": Tie.COLLEAGUE, "rare surname": Tie.SURNAME,
            "neighbour": Tie.NEIGHBOUR, "somebody known": Tie.PROTECTED, "the dead": Tie.DIED,
        }  # fmt: skip
        looks: list[Access]
        if kind in ("own record", "family", "household", "former partner", "colleague"):
            tie = frozenset({ties[kind]})
            looks = [self._look(worker, person, at, related=here, contact=busy, ties=tie)]
        elif kind in ties:
            looks = [self._look(worker, person, at, related=here, contact=busy, ties=frozenset({ties[kind]}))]
        elif kind == "in the news":
            crowd = self.dice.sample(self.staff, 6)
            looks = [
                self._look(
                    each,
                    person,
                    at + timedelta(hours=self.dice.randrange(30)),
                    related=here and each.organisation == "ZZA",
                    contact=busy,
                )
                for each in crowd
            ]
        elif kind == "browsing":
            looks = [self._look(worker, f"{person} {nth}", at + timedelta(minutes=5 * nth)) for nth in range(7)]
        elif kind == "harvesting":
            looks = [self._look(worker, f"{person} {nth}", at + timedelta(minutes=25 * nth)) for nth in range(18)]
        elif kind == "at night":
            late = day + timedelta(hours=(worker.starts + 15) % 24)
            looks = [self._look(worker, person, late, related=here, contact=busy)]
        elif kind == "stalking":
            looks = [
                self._look(worker, person, at + timedelta(days=nth), related=here, contact=busy) for nth in (0, 2, 5, 7)
            ]
        else:
            looks = [self._look(worker, person, at, own_word=True)]
        self.cases[kind, number] = list(range(len(self.accesses), len(self.accesses) + len(looks)))
        self.accesses += looks
