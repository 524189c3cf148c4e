"""One HL7 v2 message: segments, fields, repetitions, components (HL7 v2.4, chapter 2)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from concord.base import Incorrect
from concord.ingest.hl7v2.clocks import Order

_SEGMENT_NAME = re.compile(r"[A-Z][A-Z0-9]{2}")
_TYPE = re.compile(r"[A-Z][A-Z0-9]{2}(\^[A-Z0-9]{3})?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # R4's texts hold none (datatypes.html#string)
_CHARACTER_SETS = {"8859/1": "latin-1", "8859/15": "iso8859-15"}


class NotMapped(Incorrect):
    """A message that cannot be read. `where` names segment and field ("PID-7", "OBX[3]-5")."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(reason)
        self.where = where


@dataclass(frozen=True, slots=True)
class Marks:
    """The delimiters that a message declares in MSH-1 and MSH-2."""

    field: str
    component: str
    repetition: str
    escape: str
    subcomponent: str

    def plain(self, text: str) -> str:
        """`text` with its escape sequences resolved (2.10); those of other character sets and of hardware vanish."""
        if self.escape not in text:
            return text
        literal = {
            "F": self.field, "S": self.component, "T": self.subcomponent, "R": self.repetition, "E": self.escape,
            ".br": "\n", ".sp": "\n", ".BR": "\n",
        }  # fmt: skip
        parts = text.split(self.escape)
        # An odd number of parts: every escape sequence is closed.
        for index in range(1, len(parts) - 1, 2):
            sequence = parts[index]
            if sequence.startswith("X"):
                parts[index] = _hexadecimal(sequence[1:])
            else:
                parts[index] = literal.get(sequence, "")
        if len(parts) % 2 == 0:  # a lone escape character stands for itself
            parts[-1] = self.escape + parts[-1]
        return "".join(parts)


def _hexadecimal(digits: str) -> str:
    try:
        return bytes.fromhex(digits).decode("utf-8", "replace")
    except ValueError:
        return ""


@dataclass(frozen=True, slots=True)
class Repetition:
    """One repetition of a field. Components count from 1; what is absent or null is "" ."""

    components: Sequence[str]
    marks: Marks

    def text(self, component: int = 1, subcomponent: int = 1) -> str:
        """One subcomponent, escapes resolved, without blanks around it; blanks for control characters (a form feed)."""
        parts = self._component(component).split(self.marks.subcomponent)
        return self._plain(parts[subcomponent - 1]) if subcomponent <= len(parts) else ""

    def joined(self, component: int) -> str:
        """A component with its subcomponents in one, as in an address line "1000&Hospital Lane"."""
        parts = (self._plain(part) for part in self._component(component).split(self.marks.subcomponent))
        return " ".join(part for part in parts if part)

    def words(self) -> str:
        """All that the repetition says, with blanks between."""
        every = (self.joined(number) for number in range(1, len(self.components) + 1))
        return " ".join(part for part in every if part)

    def _component(self, number: int) -> str:
        return self.components[number - 1] if number <= len(self.components) else ""

    def _plain(self, raw: str) -> str:
        text = "" if raw == '""' else self.marks.plain(raw).strip()
        return text if text.isprintable() else _CONTROL.sub(" ", text)


@dataclass(frozen=True, slots=True)
class Segment:
    """`ordinal` counts the segments of its name in the message, from 1. Field numbers are HL7's. `sent_at`: when the
    message was sent, if it says so; it tells apart times in the hour that the clocks repeat. `read`: the fields that
    anybody has asked for."""

    name: str
    ordinal: int
    fields: Sequence[str]
    marks: Marks
    sent_at: datetime | None = None
    read: set[int] = field(default_factory=set, compare=False, repr=False)

    def raw(self, number: int) -> str:
        """The field as sent. Empty says nothing; `""` says that what is held is to be deleted (2.7)."""
        self.read.add(number)
        return self.fields[number] if number < len(self.fields) else ""

    def repetitions(self, number: int) -> list[Repetition]:
        """The repetitions that say something."""
        raw = self.raw(number)
        if not raw or raw == '""':
            return []
        return [
            Repetition(one.split(self.marks.component), self.marks) for one in raw.split(self.marks.repetition) if one
        ]

    def first(self, number: int) -> Repetition:
        """The first repetition, without any components when the field is absent."""
        found = self.repetitions(number)
        return found[0] if found else Repetition((), self.marks)

    def text(self, number: int, component: int = 1) -> str:
        return self.first(number).text(component)

    def where(self, number: int) -> str:
        return f"{self.name}{f'[{self.ordinal}]' if self.ordinal > 1 else ''}-{number}"


@dataclass(frozen=True, slots=True)
class Message:
    """`number` counts from 1 within the file. `type` is such as "ADT^A01". `sent_at` is MSH-7, if it names a minute.
    `raw` is all of it, as sent."""

    number: int
    type: str
    control_id: str
    sent_at: datetime | None
    segments: Sequence[Segment] = field(repr=False)
    raw: bytes = field(repr=False)

    @classmethod
    def parse(cls, raw: bytes, number: int = 1, order: Order | None = None) -> "Message":
        """From the segments of one message, separated by CR, LF or both; `order` is that of the messages before it.
        Raises NotMapped."""
        lines = [line for line in re.split(r"[\r\n]+", _decoded(raw)) if line.strip()]
        if not lines or not lines[0].startswith("MSH"):
            raise NotMapped("MSH", "The message has no MSH segment in front, so nothing says what it is.")
        marks = _marks(lines[0])
        header = next(_segments(lines[:1], marks, None))
        kind = header.first(9)
        if not kind.text():
            raise NotMapped("MSH-9", "The message does not say its type; was its MSH segment cut short?")
        type_ = "^".join(part for part in (kind.text(), kind.text(2)) if part)
        if not _TYPE.fullmatch(type_):  # what is no type might be anything, and a type is repeated in reports
            raise NotMapped("MSH-9", "The field does not hold a message type such as ADT^A01.")
        sent_at = (order or Order()).sent_at(header.text(7))
        return cls(
            number=number,
            type=type_,
            control_id=header.text(10),
            sent_at=sent_at,
            segments=tuple(_segments(lines, marks, sent_at)),
            raw=raw,
        )

    def all(self, name: str) -> Iterator[Segment]:
        return (segment for segment in self.segments if segment.name == name)

    def first(self, name: str) -> Segment | None:
        return next(self.all(name), None)

    def only(self, name: str) -> Segment:
        """The segment that a message of this type has once. Raises NotMapped."""
        found = list(self.all(name))
        if len(found) == 1:
            return found[0]
        if found:
            raise NotMapped(f"{name}[2]", f"The message has {len(found)} {name} segments where one belongs.")
        raise NotMapped(name, f"The message has no {name} segment; was it cut short?")


def _decoded(raw: bytes) -> str:
    declared = raw[:512].split(b"\r")[0].split(b"\n")[0].split(raw[3:4] or b"|")
    character_set = declared[17].decode("ascii", "replace") if len(declared) > 17 else ""
    try:
        return raw.decode(_CHARACTER_SETS.get(character_set, "utf-8"))
    except UnicodeDecodeError as error:
        raise NotMapped(
            "MSH-18",
            f"The text is not UTF-8 at byte {error.start} of the message. If it is Latin-1, say 8859/1 in MSH-18.",
        ) from None


def _marks(header: str) -> Marks:
    between = header[3:4]
    given = header[4:].split(between, 1)[0] if between else ""
    delimiters = (given + "^~\\&"[len(given) :])[:4]  # the last two may be left out
    every = {between, *delimiters}
    if len(given) < 2 or len(every) < 5 or any(mark.isalnum() or mark.isspace() for mark in every):
        raise NotMapped("MSH-2", "MSH-1 and MSH-2 do not give distinct delimiters.")
    return Marks(between, *delimiters)


def _segments(lines: Sequence[str], marks: Marks, sent_at: datetime | None) -> Iterator[Segment]:
    ordinals: dict[str, int] = {}
    for position, line in enumerate(lines, 1):
        name, *fields = line.split(marks.field)
        if not _SEGMENT_NAME.fullmatch(name):
            reason = "This line of the message is no segment: it has no name of three letters."
            raise NotMapped(f"segment {position}", reason)
        ordinals[name] = ordinals.get(name, 0) + 1
        if name == "MSH":
            fields = [marks.field, *fields]
        yield Segment(name, ordinals[name], (name, *fields), marks, sent_at)
