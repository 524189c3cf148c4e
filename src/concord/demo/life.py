"""One person's life: what they have, and what each organisation wrote down, each in a copy of its own."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random
from typing import Final

from concord.demo.beds import Beds
from concord.demo.body import Body
from concord.demo.chart import Chart
from concord.demo.conditions import Held
from concord.demo.copies import Copy, as_in_life, faithful
from concord.demo.council_rows import CouncilRecord
from concord.demo.fhir_patient import patient
from concord.demo.hospital_messages import HospitalRecord
from concord.demo.moments import ago, at
from concord.demo.people import Person
from concord.demo.protagonists import PROTAGONISTS

HOSPITAL: Final = "ZZA"
COUNCIL: Final = "ZZL"

# Who sees the patients of each practice: doctors, and a nurse.
DOCTORS: Final = {
    "ZZP01": ("Dr Shirin Rahman", "Dr Owen Pritchard"),
    "ZZP02": ("Dr Mei Tan", "Dr Joel Abrams"),
    "ZZP03": ("Dr Arjun Nair", "Dr Sian Powell"),
    "ZZP04": ("Dr Ruth Ellison", "Dr Omar Aziz"),
}
NURSES: Final = {"ZZP01": "Bola Adekunle", "ZZP02": "Lucy Garner", "ZZP03": "Helen Frost", "ZZP04": "Ida Brook"}


class Life:
    """Copies are opened on first use. The practice's is faithful; a protagonist's are too, but for what a story says.

    `held` are the long-term conditions, `body` what tests come out at; `beds` is where the hospital has room.
    """

    def __init__(
        self, person: Person, rng: Random, today: date, *, held: Sequence[Held], body: Body, beds: Beds
    ) -> None:
        self.person = person
        self.rng = rng
        self.today = today
        self.held = held
        self.body = body
        self.beds = beds
        self.charts: dict[str, Chart] = {}
        self.registrations: list[HospitalRecord] = []
        self._council: CouncilRecord | None = None
        self._hospital_chart: Chart | None = None

    @property
    def findings(self) -> frozenset[str]:
        """The names of the conditions held."""
        return frozenset(each.finding for each in self.held)

    @property
    def age(self) -> int:
        return self.person.age(self.today)

    @property
    def last_day(self) -> date:
        """The day on which the story of this person ends."""
        return self.person.died_on or self.today

    @property
    def doctor(self) -> str:
        """The usual GP."""
        return DOCTORS[self.person.practice][0 if self.person.key == "peggy" else self.person.number % 2]

    @property
    def nurse(self) -> str:
        return NURSES[self.person.practice]

    @property
    def practice(self) -> Chart:
        person = self.person
        if person.practice not in self.charts:
            copy = faithful(person, self._local_id(person.practice))
            resource = patient(
                copy, person.practice, practice=person.practice, doctor=self.doctor, pharmacy=person.pharmacy,
                protected=person.key == "protected",
            )  # fmt: skip
            resource["active"] = person.died_on is None
            self.charts[person.practice] = Chart(person.practice, copy.local_id, resource)
        return self.charts[person.practice]

    def chart(self, holder: str, *, copy: Copy | None = None) -> Chart:
        """The chart that another organisation than the practice keeps; `copy` where the story says what it believes."""
        if holder not in self.charts:
            copy = copy or self._copy(holder)
            self.charts[holder] = Chart(holder, copy.local_id, patient(copy, holder, practice=self.person.practice))
        return self.charts[holder]

    def hospital(self) -> HospitalRecord:
        """The trust's registration, made some six years ago."""
        if not self.registrations:
            self.register(self._copy(HOSPITAL))
        return self.registrations[0]

    def register(self, copy: Copy) -> HospitalRecord:
        """One more registration at the trust, long ago; it hears of a death when that has happened."""
        record = HospitalRecord(copy, self.person.practice)
        long_ago = ago(self.today, 6 * 365) + timedelta(days=self.person.number % 60)
        record.register(at(max(long_ago, self.person.born_on + timedelta(days=1)), 9))
        self.registrations.append(record)
        return record

    def hospital_chart(self) -> Chart:
        """What the trust's prescribing and correspondence system adds to the registration."""
        if self._hospital_chart is None:
            self._hospital_chart = Chart(HOSPITAL, self.hospital().copy.local_id, prefix="epma-")
        return self._hospital_chart

    @property
    def prescribing(self) -> Chart | None:
        """The hospital chart, if anything was ever written in it."""
        return self._hospital_chart

    def council(self, *, copy: Copy | None = None) -> CouncilRecord:
        if self._council is None:
            self._council = CouncilRecord(copy=copy or self._copy(COUNCIL), updated_at=at(ago(self.today, 1), 21, 15))
        return self._council

    @property
    def council_records(self) -> Iterator[CouncilRecord]:
        if self._council is not None:
            yield self._council

    def faithful_copy(self, holder: str) -> Copy:
        """As the person is, under that organisation's own number."""
        return faithful(self.person, self._local_id(holder))

    def _copy(self, holder: str) -> Copy:
        if self.person.key in PROTAGONISTS:
            return self.faithful_copy(holder)
        return as_in_life(self.person, self._local_id(holder), self.rng)

    def _local_id(self, holder: str) -> str:
        number = self.person.number
        if holder == HOSPITAL:
            return f"N{100_000 + number * 7}"
        return f"C{20_000 + number}" if holder == COUNCIL else f"{holder.lower()}-{number:05}"
