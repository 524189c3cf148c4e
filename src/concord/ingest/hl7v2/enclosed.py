"""A document within an OBX: ED (application^type^subtype^encoding^data) or RP (pointer^application^type^subtype)."""

import binascii
import re
from base64 import b64decode, b64encode

from concord.ingest.hl7v2.message import NotMapped, Repetition, Segment
from concord.ingest.hl7v2.types import Element, compact

RTF = "{\\rtf"
_TYPES = ("text", "image", "application")
_CONTENT_TYPES = {
    "pdf": "application/pdf", "jpeg": "image/jpeg", "png": "image/png", "tiff": "image/tiff", "rtf": "text/rtf",
}  # fmt: skip


def encloses(obx: Segment) -> bool:
    """Whether it holds a document rather than a value."""
    return obx.text(2).upper() in ("ED", "RP")


def enclosed(obx: Segment, title: str) -> Element | None:
    """The document as an Attachment; ED's data may be base64, hexadecimal or plain ("A"). None when it is empty.

    Raises NotMapped when its data are not in the encoding that it names.
    """
    sent = obx.first(5)
    if obx.text(2).upper() == "RP":
        return compact(contentType=_content_type(sent, 3), url=sent.text(), title=title) if sent.text() else None
    encoding, data = sent.text(4).lower(), sent.phrase(5)
    if not data:
        return None
    try:
        if encoding == "base64":
            return _sent_encoded(re.sub(r"\s", "", data), _content_type(sent, 2), title)
        if encoding == "hex":
            return embedded(_content_type(sent, 2) or "application/octet-stream", bytes.fromhex(data), title)
        return embedded("text/rtf" if data.startswith(RTF) else "text/plain; charset=utf-8", data, title)
    except (binascii.Error, ValueError):
        raise NotMapped(obx.where(5), "The embedded document is not in the encoding that the field names.") from None


def embedded(content_type: str, content: str | bytes, title: str) -> Element:
    data = content.encode() if isinstance(content, str) else content
    return compact(contentType=content_type, data=b64encode(data).decode(), title=title)


def _sent_encoded(data: str, content_type: str | None, title: str) -> Element:
    b64decode(data, validate=True)
    if content_type is None and data.startswith("JVBERi0"):
        content_type = "application/pdf"  # it begins with %PDF-
    return compact(contentType=content_type, data=data, title=title)


def _content_type(sent: Repetition, first: int) -> str | None:
    type_, subtype = sent.text(first).lower(), sent.text(first + 1).lower()
    if "/" in subtype:
        return subtype
    if subtype in _CONTENT_TYPES:
        return _CONTENT_TYPES[subtype]
    return f"{type_}/{subtype}" if type_ in _TYPES and subtype else None
