"""A feed of FHIR R4 resources as files, in each of the ways in which sources send them."""

import bz2
import gzip
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from concord.demo.chart import Chart
from concord.fhir import encode

Resource = dict[str, Any]


def transactions(charts: Iterable[Chart]) -> dict[str, bytes]:
    """One transaction a person: everything created, with `urn:uuid` references, as an interface engine sends it."""
    files = {}
    for chart in charts:
        urls = {_name(each): _urn(chart.holder, each) for each in chart.resources}
        entries = [
            {
                "fullUrl": urls[_name(each)],
                "resource": {key: _renamed(value, urls) for key, value in each.items() if key != "id"},
                "request": {"method": "POST", "url": each["resourceType"]},
            }
            for each in chart.resources
        ]
        files[f"{chart.patient_id}.json"] = encode(_bundle("transaction", entries))
    return files


def updates(charts: Iterable[Chart], kind: str = "transaction") -> dict[str, bytes]:
    """One bundle a person: everything put under the source's own id."""
    files = {}
    for chart in charts:
        entries = [
            {
                "fullUrl": f"{_base(chart.holder)}/{_name(each)}",
                "resource": each,
                "request": {"method": "PUT", "url": _name(each)},
            }
            for each in chart.resources
        ]
        files[f"{chart.patient_id}.json"] = encode(_bundle(kind, entries))
    return files


def collections(charts: Iterable[Chart], *, packed: bool = False) -> dict[str, bytes]:
    """One collection a person, as an extract writes it."""
    files = {}
    for chart in charts:
        entries = [{"fullUrl": f"{_base(chart.holder)}/{_name(each)}", "resource": each} for each in chart.resources]
        body = encode(_bundle("collection", entries))
        files[f"{chart.patient_id}.json" + (".gz" if packed else "")] = _gzip(body) if packed else body
    return files


def ndjson(charts: Sequence[Chart], packing: str = "") -> dict[str, bytes]:
    """One file a type, as FHIR's bulk export writes them; Patients first. `packing`: "", "gz" or "bz2"."""
    by_type: dict[str, list[Resource]] = {}
    for chart in charts:
        for each in chart.resources:
            by_type.setdefault(each["resourceType"], []).append(each)
    files = {}
    for kind, resources in sorted(by_type.items()):
        body = b"".join(encode(each) + b"\n" for each in resources)
        name = f"{'00-' if kind == 'Patient' else ''}{kind}.ndjson"
        files[name + (f".{packing}" if packing else "")] = _PACKINGS[packing](body)
    return files


def _gzip(body: bytes) -> bytes:
    # Level 6 is twice as quick as the default; no time stamp, so that the same people make the same bytes.
    return gzip.compress(body, compresslevel=6, mtime=0)


_PACKINGS: Final[Mapping[str, Callable[[bytes], bytes]]] = {"": lambda body: body, "gz": _gzip, "bz2": bz2.compress}


def _bundle(kind: str, entries: list[Resource]) -> Resource:
    return {"resourceType": "Bundle", "type": kind, "entry": entries}


def _name(resource: Resource) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def _base(holder: str) -> str:
    return f"https://{holder.lower()}.example/fhir"


def _urn(holder: str, resource: Resource) -> str:
    return f"urn:uuid:{uuid5(NAMESPACE_URL, f'{_base(holder)}/{_name(resource)}')}"


def _renamed(value: Any, urls: Mapping[str, str]) -> Any:
    """The value with every literal reference to one of `urls` replaced."""
    if isinstance(value, dict):
        return {
            key: urls.get(inner, inner) if key == "reference" and isinstance(inner, str) else _renamed(inner, urls)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_renamed(each, urls) for each in value]
    return value
