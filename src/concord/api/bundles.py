"""Bundles put together from bytes: an item's JSON goes out as it is, never parsed and written anew."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from concord.api.doors import Found, History, Shown, Version
from concord.fhir import encode

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def search_set(found: Found, *, base: str, self_url: str, next_url: str | None) -> bytes:
    """A searchset Bundle. `base` is the address of the FHIR API, without a slash at its end."""
    parts = [b'{"resourceType":"Bundle","type":"searchset"']
    if found.total is not None:
        parts.append(b',"total":%d' % found.total)
    links = [{"relation": "self", "url": self_url}]
    if next_url is not None:
        links.append({"relation": "next", "url": next_url})
    parts += (b',"link":', encode(links))
    stem = b'{"fullUrl":"' + encode(base)[1:-1] + b"/"
    entries = [*_entries(stem, found.items, b"match"), *_entries(stem, found.included, b"include")]
    if entries:
        parts += (b',"entry":[', b",".join(entries), b"]")
    parts.append(b"}")
    return b"".join(parts)


def _entries(stem: bytes, items: Sequence[Shown], mode: Literal[b"match", b"include"]) -> list[bytes]:
    tail = b',"search":{"mode":"%s"}}' % mode
    return [
        b'%s%s/%s","resource":%s%s' % (stem, item.type.encode(), item.id.encode(), item.wire, tail) for item in items
    ]


def count_only(total: int, self_url: str) -> bytes:
    """The answer to `_summary=count`."""
    links = [{"relation": "self", "url": self_url}]
    return encode({"resourceType": "Bundle", "type": "searchset", "total": total, "link": links})


def history_set(history: History, *, base: str, self_url: str, next_url: str | None) -> bytes:
    """A history Bundle: each version with the request that would have made it, and what it would have been told."""
    links = [{"relation": "self", "url": self_url}]
    if next_url is not None:
        links.append({"relation": "next", "url": next_url})
    head = b'{"resourceType":"Bundle","type":"history","total":%d,"link":%s' % (history.total, encode(links))
    entries = b",".join(_version_entry(version, base) for version in history.versions)
    return head + (b',"entry":[%s]}' % entries if entries else b"}")


def _version_entry(version: Version, base: str) -> bytes:
    served = version.served
    address = f"{served.type}/{served.id}"
    request = {"method": "DELETE" if version.deleted else "PUT", "url": address}
    response = {
        "status": "204" if version.deleted else "201" if version.first else "200",
        "etag": etag(served.version),
        "lastModified": _instant(served.stored_at),
    }
    resource = b"" if version.deleted else b'"resource":%s,' % served.wire
    return b'{"fullUrl":%s,%s"request":%s,"response":%s}' % (
        encode(f"{base}/{address}"), resource, encode(request), encode(response),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryAnswer:
    """What became of one entry of a batch or transaction. `body` is JSON of a resource, `outcome` says what failed."""

    status: str
    location: str | None = None
    etag: str | None = None
    last_modified: datetime | None = None
    body: bytes | None = None
    outcome: dict[str, Any] | None = None


def response_bundle(kind: Literal["batch", "transaction"], answers: Iterable[EntryAnswer]) -> bytes:
    """The Bundle that answers a batch or transaction, in the order of its entries."""
    entries = b",".join(map(_response_entry, answers))
    listed = b',"entry":[%s]' % entries if entries else b""  # FHIR knows no empty array
    return b'{"resourceType":"Bundle","type":"%s-response"%s}' % (kind.encode(), listed)


def _response_entry(answer: EntryAnswer) -> bytes:
    response: dict[str, Any] = {"status": answer.status}
    if answer.location is not None:
        response["location"] = answer.location
    if answer.etag is not None:
        response["etag"] = answer.etag
    if answer.last_modified is not None:
        response["lastModified"] = _instant(answer.last_modified)
    if answer.outcome is not None:
        response["outcome"] = answer.outcome
    resource = b"" if answer.body is None else b'"resource":%s,' % answer.body
    return b'{%s"response":%s}' % (resource, encode(response))


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def etag(version: str) -> str:
    """Weak, since the same version may read differently to two askers (FHIR R4, http.html#versioning)."""
    return f'W/"{version}"'


def http_date(at: datetime) -> str:
    """As HTTP has it (RFC 9110, 5.6.7), of an instant in UTC."""
    date = f"{_DAYS[at.weekday()]}, {at.day:02} {_MONTHS[at.month - 1]} {at.year:04}"
    return f"{date} {at.hour:02}:{at.minute:02}:{at.second:02} GMT"
