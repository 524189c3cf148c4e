"""The acute trust's messages as the files that its interface engine writes: one a system and year."""

from collections.abc import Iterable

from concord.demo.hospital_messages import Message


def message_files(messages: Iterable[Message]) -> dict[str, bytes]:
    """By file name, in order of time; messages are told apart by a blank line, segments by CR, as HL7 v2 has them."""
    by_year: dict[int, list[Message]] = {}
    for each in sorted(messages, key=lambda one: (one.when, one.control_id)):
        by_year.setdefault(each.when.year, []).append(each)
    return {f"{year}.hl7": "\n".join(each.text for each in held).encode() for year, held in by_year.items()}
