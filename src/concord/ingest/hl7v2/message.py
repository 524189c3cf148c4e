"""One HL7 v2 message: segments, fields, repetitions, components (HL7 v2.4, chapter 2)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from concord.base import Incorrect
from concord.ingest.hl7v2.clocks import Order

_SEGMENT_NAME = re.compile(r"[A-Z][A-Z0-9]{2}")
_TYPE = re.compile(r"[A-Z][A-Z0-9]{2}(\^[A-Z0-9]{3})?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # R4's texts hold none (datatypes.html#string)
_CHARACTER_SET = re.compile(r"8859/(\d{1,2})")
UTF_8 = "utf-8"
CHARACTER_SETS = (
    UTF_8,
    "windows-1252",
    *(f"iso-8859-{part}" for part in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 16)),
)
"""What a sender may write in that does not say so in MSH-18."""
_WESTERN = ("windows-1252", "iso-8859-1")
BATCH = ("FHS", "BHS", "BTS", "FTS")
"""What stands about the messages of a batch, or of a file (2.10.3 of v2.4)."""
_SUFFIX = re.compile(r"[A-Z]{3}")
_SEQUENCE = (
    r"(?:(?P<mark>[FSTRE])|\.(?P<layout>br|BR|sp|ce|sk|in|ti|fi|nf)[+-]?\d{0,3}|X(?P<hex>(?:[0-9A-Fa-f]{2})+)"
    r"|[HN]|[CM](?:[0-9A-Fa-f]{2}){2,3}|Z\w{0,8})"
)


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
        """`text` with its escape sequences resolved (2.10); those of other character sets and of hardware vanish.

        An escape character that opens no sequence of the standard stands for itself, as in `C:\\letters\\7.pdf`.
        """
        return _sequences(self.escape).sub(self._meant, text) if self.escape in text else text

    def _meant(self, found: re.Match[str]) -> str:
        if found["mark"]:
            marks = (self.field, self.component, self.subcomponent, self.repetition, self.escape)
            return marks["FSTRE".index(found["mark"])]
        if found["layout"]:
            command = found["layout"].lower()
            return "\n" if command in ("br", "sp", "ce") else " " if command == "sk" else ""
        return _characters(bytes.fromhex(found["hex"])) if found["hex"] else ""


@lru_cache
def _sequences(escape: str) -> re.Pattern[str]:
    return re.compile(re.escape(escape) + _SEQUENCE + re.escape(escape))


def _characters(data: bytes) -> str:
    """Bytes that stand in a text as hexadecimal digits: UTF-8, else Western European."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return _western(data)


def _western(data: bytes) -> str:
    """8859/1, in which many write the punctuation of Windows-1252 where that has control characters."""
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")


@dataclass(frozen=True, slots=True)
class Repetition:
    """One repetition of a field. Components count from 1; what is absent or null is "" ."""

    components: Sequence[str]
    marks: Marks

    def text(self, component: int = 1, subcomponent: int = 1) -> str:
        """One subcomponent, escapes resolved, without blanks around it; blanks for control characters (a form feed)."""
        parts = self._component(component).split(self.marks.subcomponent)
        return self._plain(parts[subcomponent - 1]) if subcomponent <= len(parts) else ""

    def phrase(self, component: int = 1) -> str:
        """A component that has no subcomponents (ST, TX): a mark between them that was left unescaped, as in "Urea &
        Electrolytes", stands for itself."""
        return self._plain(self._component(component))

    def code(self) -> str:
        """An identifier likewise ("U&E"), without the suffix by which parts of a report are told apart ("71020&IMP";
        7.2.4 of v2.4)."""
        base, mark, suffix = self._component(1).partition(self.marks.subcomponent)
        return self._plain(base) if mark and _SUFFIX.fullmatch(suffix) else self.phrase()

    def verbatim(self) -> str:
        """All of it as one text (ST, TX, FT), with the marks that were left unescaped: "E. coli >10^5"."""
        return self._plain(self.marks.component.join(self.components))

    def joined(self, component: int) -> str:
        """A component with its subcomponents in one, as in an address line "1000&Hospital Lane"; in "Flat 2 & 3" the
        mark is a word."""
        if f" {self.marks.subcomponent} " in self._component(component):
            return self.phrase(component)
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

    def phrase(self, number: int, component: int = 1) -> str:
        return self.first(number).phrase(component)

    def verbatim(self, number: int) -> str:
        return self.first(number).verbatim()

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
    def parse(cls, raw: bytes, number: int = 1, order: Order | None = None, character_set: str = UTF_8) -> "Message":
        """From the segments of one message, separated by CR, LF or both; `order` is that of the messages before it,
        `character_set` (of CHARACTER_SETS) that of a message that does not say. Raises NotMapped."""
        lines = _lines(_decoded(raw, character_set))
        if lines and lines[0].startswith(BATCH):
            raise NotMapped(
                lines[0][:3], "This is a batch; each message must come in a frame of its own, or in a file."
            )
        if not lines or not lines[0].startswith("MSH"):
            raise NotMapped("MSH", "The message has no MSH segment in front, so nothing says what it is.")
        if any(line.startswith("MSH") for line in lines[1:]):
            raise NotMapped("MSH[2]", "This is more than one message; each must come in a frame of its own.")
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


def _decoded(raw: bytes, otherwise: str) -> str:
    """As text; `otherwise`: the character set of a message that names none beyond ASCII in MSH-18."""
    head = raw.lstrip()[:512]
    declared = head.split(b"\r")[0].split(b"\n")[0].split(head[3:4] or b"|")
    character_set = declared[17].split(b"~")[0].decode("ascii", "replace") if len(declared) > 17 else ""
    named, silent = _CHARACTER_SET.fullmatch(character_set), character_set in ("", "ASCII")
    meant = f"iso-8859-{named[1]}" if named else otherwise if silent else UTF_8
    if meant in _WESTERN:
        return _western(raw)
    try:
        return raw.decode(meant)
    except LookupError:
        raise NotMapped("MSH-18", "The field names a character set that there is not.") from None
    except UnicodeDecodeError as error:
        where = f"The text is not {meant.upper()} at byte {error.start} of the message."
        mend = (
            "If it is Latin-1, say 8859/1 in MSH-18, or `character_set: windows-1252` in the feed's file."
            if silent
            else "The field says that it is."
        )
        raise NotMapped("MSH-18", f"{where} {mend}") from None


def _lines(text: str) -> list[str]:
    """Its segments, ended by CR, LF or both. Where CR ends them, an LF that no segment follows stands in a text."""
    between = re.escape(text.lstrip()[3:4])
    ends = rf"\n*\r[\r\n]*|\n+(?=[A-Z][A-Z0-9]{{2}}(?:{between}|\n|$))" if "\r" in text else r"\n+"
    return [line for line in re.split(ends, text.strip("\r\n")) if line.strip()]


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
