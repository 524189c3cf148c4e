"""What the acute trust's systems send: HL7 v2.4 ADT from the patient administration system, ORU from the laboratory."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from concord.demo import codes
from concord.demo.codes import code, measure
from concord.demo.copies import Copy
from concord.demo.measurements import Reading, range_words
from concord.demo.staff import organisation_names, workers


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One message. `when` it was sent; `control_id` grows with the story of one registration."""

    when: datetime
    kind: str
    service: str
    control_id: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """An attendance, a stay or a clinic visit, as PV1 carries it. `place` is ward^room^bed."""

    number: str
    class_: str
    place: tuple[str, str, str]
    service: str
    doctor: str
    reason: str
    start: datetime
    end: datetime | None = None


_SEXES: Final = {"female": "F", "male": "M"}
_ESCAPES: Final = str.maketrans({"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "~": "\\R\\", "&": "\\T\\"})


class HospitalRecord:
    """The messages about one registration of a person at the trust."""

    def __init__(self, copy: Copy, practice: str) -> None:
        self.copy = replace(copy, died_on=None)  # nobody is told of a death before it
        self.practice = practice
        self.messages: list[Message] = []
        self._visits = 0
        self._orders = 0

    def register(self, when: datetime) -> None:
        self._adt("A28", when)

    def change(self, when: datetime, **facts: object) -> None:
        """The trust learns something new about who the person is, such as `address`."""
        self.copy = replace(self.copy, **facts)  # type: ignore[arg-type]  # fields of the copy
        self._adt("A31", when)

    def attend(self, when: datetime, place: tuple[str, str, str], reason: str) -> Visit:
        """Registers in the emergency department (A04)."""
        visit = self._visit("E", when, place, "emergency-department", reason, doctor="Dr Ada Nwosu")
        self._adt("A04", when, visit)
        return visit

    def admit(self, when: datetime, place: tuple[str, str, str], service: str, reason: str, *, doctor: str) -> Visit:
        visit = self._visit("I", when, place, service, reason, doctor=doctor)
        self._adt("A01", when, visit)
        return visit

    def move(self, visit: Visit, when: datetime, place: tuple[str, str, str]) -> Visit:
        visit = replace(visit, place=place)
        self._adt("A02", when, visit)
        return visit

    def leave(self, visit: Visit, when: datetime) -> Visit:
        visit = replace(visit, end=when)
        self._adt("A03", when, visit)
        return visit

    def clinic(self, when: datetime, service: str, name: str, doctor: str, *, reason: str = "") -> Visit:
        """An outpatient visit, from arrival to leaving."""
        visit = self._visit("O", when, (name, "", ""), service, reason, doctor=doctor)
        self._adt("A04", when, visit)
        return self.leave(visit, when + timedelta(minutes=25))

    def results(
        self, panel: str, readings: Sequence[Reading], when: datetime, visit: Visit | None = None, *, status: str = "F"
    ) -> None:
        """One report (ORU R01) with its results; `status` F final, C corrected, P preliminary, W wrong patient."""
        self._orders += 1
        filler = f"L{self.copy.local_id[1:]}{self._orders:03}"
        what = code(codes.INVESTIGATION, panel)
        taken, sent = _time(when), when + timedelta(minutes=20 if visit else 300)
        obr = {
            1: "1",
            2: f"O{filler[1:]}",
            3: f"{filler}^NGHLAB",
            4: f"{what.code}^{_escaped(what.says)}^L",
            7: taken,
            14: taken,
            22: _time(sent),
            24: "LAB",
            25: "F" if status == "W" else status,
        }
        segments = [_segment("ORC", {1: "RE", 2: obr[2], 3: obr[3]}), _segment("OBR", obr)]
        for position, each in enumerate(readings, 1):
            segments += _obx(position, each, taken, status)
        about = [self._pid(), _pv1(visit)] if visit else [self._pid()]
        self._send("ORU^R01", sent, [*about, *segments], visit.service if visit else "")

    def _visit(
        self, class_: str, when: datetime, place: tuple[str, str, str], service: str, reason: str, *, doctor: str
    ) -> Visit:
        self._visits += 1
        return Visit(
            number=f"V{self.copy.local_id[1:]}{self._visits:03}",
            class_=class_,
            place=place,
            service=service,
            doctor=doctor,
            reason=reason,
            start=when,
        )

    def _adt(self, event: str, when: datetime, visit: Visit | None = None) -> None:
        segments = [_segment("EVN", {1: event, 2: _time(when)}), self._pid(), self._pd1()]
        if visit is not None:
            segments.append(_pv1(visit))
            if visit.reason:
                segments.append(_segment("PV2", {3: f"^{_escaped(visit.reason)}"}))
        else:
            segments.append(_segment("PV1", {1: "1", 2: "N"}))
        self._send(f"ADT^{event}", when, segments)

    def _send(self, kind: str, when: datetime, segments: Sequence[str], service: str = "") -> None:
        sender = "NGHLAB" if kind.startswith("ORU") else "NGHPAS"
        control = f"{self.copy.local_id}-{len(self.messages) + 1:04}"
        # Not through _segment: MSH-1 is the separator itself, which shifts every field by one.
        header = (
            f"MSH|^~\\&|{sender}|ZZA|CONCORD|NORTHFIELD|{_time(when)}||{kind}|{control}|P|2.4|||AL|NE|GBR|UNICODE UTF-8"
        )
        text = "\r".join((header, *segments)) + "\r"
        self.messages.append(Message(when=when, kind=kind, service=service, control_id=control, text=text))

    def _pid(self) -> str:
        copy = self.copy
        numbers = f"{copy.local_id}^^^NGH^MR"
        if copy.nhs_number:
            numbers += f"~{copy.nhs_number}^^^NHS^NH"
        first, _, others = copy.given.partition(" ")
        phones = [f"{copy.telephone}^PRN^PH" if copy.telephone else "", f"{copy.mobile}^PRN^CP" if copy.mobile else ""]
        where = copy.address
        fields = {
            1: "1",
            3: numbers,
            5: f"{_escaped(copy.family)}^{_escaped(first)}^{_escaped(others)}^^{copy.title}^^L",
            7: copy.born_on.strftime("%Y%m%d"),
            8: _SEXES[copy.sex],
            11: f"{_escaped(where.line)}^^{where.town}^^{where.postcode}^GBR^H",
            13: "~".join(each for each in phones if each),
        }
        if copy.died_on is not None:
            fields |= {29: copy.died_on.strftime("%Y%m%d"), 30: "Y"}
        return _segment("PID", fields)

    def _pd1(self) -> str:
        if not self.practice:
            return _segment("PD1", {})
        return _segment("PD1", {3: f"{organisation_names()[self.practice]}^^{self.practice}"})


def _pv1(visit: Visit) -> str:
    ward, room, bed = (_escaped(each) for each in visit.place)
    fields = {
        1: "1",
        2: visit.class_,
        3: f"{ward}^{room}^{bed}^ZZA",
        4: "28" if visit.class_ == "E" else "",
        7: _doctor(visit.doctor),
        10: visit.service,
        19: visit.number,
        44: _time(visit.start),
    }
    if visit.end is not None:
        fields |= {36: "19", 45: _time(visit.end)}
    return _segment("PV1", fields)


def _doctor(name: str) -> str:
    title, _, rest = name.partition(" ")
    given, _, family = rest.partition(" ")
    worker = workers().get(name)
    number = worker.staff_id if worker else ""
    return f"{number}^{_escaped(family)}^{_escaped(given)}^^^{title}"


def _obx(position: int, reading: Reading, taken: str, status: str) -> list[str]:
    what = measure(reading.name)
    scheme = "LN" if what.system == codes.LOINC else "L"
    fields = {
        1: str(position),
        2: "NM" if reading.number else "ST",
        3: f"{what.code}^{_escaped(what.says)}^{scheme}",
        5: reading.number or _escaped(reading.text),
        6: f"{_escaped(what.unit)}^^UCUM" if what.unit else "",
        7: range_words(reading.name),
        8: reading.interpretation,
        11: status,
        14: taken,
    }
    segments = [_segment("OBX", fields)]
    if reading.note:
        segments.append(_segment("NTE", {1: "1", 2: "L", 3: _escaped(reading.note)}))
    return segments


def _segment(name: str, fields: dict[int, str]) -> str:
    last = max(fields, default=0)
    return "|".join([name, *(fields.get(position, "") for position in range(1, last + 1))]).rstrip("|")


def _time(when: datetime) -> str:
    return when.strftime("%Y%m%d%H%M%S")


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES)
