"""What is this file? Told by its content, never by its name."""

import re
from collections.abc import Iterator

from concord.base import Incorrect
from concord.ingest import bundles, hl7v2, tables
from concord.ingest.model import Feed, Piece
from concord.ingest.stream import Stream

_HEAD = 64 * 1024
_SEGMENT = re.compile(rb"(MSH|FHS|BHS).|[A-Z][A-Z0-9]{2}\|", re.DOTALL)
_OTHER = {
    b"[": "The file is a JSON array. Send a FHIR Bundle, or NDJSON with one resource a line.",
    b"<": "The file looks like XML, which is not supported. Send FHIR as JSON.",
    b"\xff\xfe": "The file is UTF-16. Send UTF-8.",
    b"\xfe\xff": "The file is UTF-16. Send UTF-8.",
    b"PK\x03\x04": "The file is a zip archive. Unpack it first.",
}


def pieces(stream: Stream, feed: Feed, file: str, mapping: tables.TableMapping | None) -> Iterator[Piece]:
    """What the file holds, piece by piece, in its order; by a `mapping`, which may know tables by the file's name.

    Raises Incorrect when the file as a whole cannot be read (on); what came before that stands.
    """
    start = stream.head(_HEAD).lstrip(b" \t\r\n\x0b\x0c")
    if not start:
        stream.rest()  # raises if it is empty only because nothing of it could be decompressed
        raise Incorrect("The file is empty.")
    if mapping is not None:
        return tables.pieces(stream, feed, mapping, file)
    if start.startswith(b"{"):
        return bundles.pieces(stream, feed, file)
    if _SEGMENT.match(start):
        return hl7v2.pieces(stream, feed)
    if tables.recognises(start, tables.council()):
        return tables.pieces(stream, feed, tables.council(), file)
    for opening, reason in _OTHER.items():
        if start.startswith(opening):
            raise Incorrect(reason)
    raise Incorrect("The file is none of FHIR JSON, NDJSON, HL7 v2 and the council's CSV set.")
