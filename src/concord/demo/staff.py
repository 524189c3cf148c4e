"""Who works where: the users of the demonstration, and how a resource names one of them."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from concord.base import ODS_SYSTEM, STAFF_ID_SYSTEM


@dataclass(frozen=True, kw_only=True, slots=True)
class Worker:
    user: str
    name: str
    staff_id: str
    organisation: str
    title: str


def directory_file(name: str) -> str:
    """A file of demo/directory, as text."""
    return files(__package__).joinpath("directory", *name.split("/")).read_text(encoding="utf-8")


@cache
def organisation_names() -> dict[str, str]:
    return {row["code"]: row["name"] for row in yaml.safe_load(directory_file("organisations.yaml"))["organisations"]}


@cache
def workers() -> dict[str, Worker]:
    """By name."""
    rows = yaml.safe_load(directory_file("users.yaml"))["users"]
    return {row["name"]: Worker(**{key: row[key] for key in Worker.__slots__}) for row in rows}


def practitioner(name: str) -> dict[str, Any]:
    """A reference to somebody by staff id; by name alone to those who are not among the users."""
    worker = workers().get(name)
    reference: dict[str, Any] = {"type": "Practitioner", "display": name}
    if worker is not None:
        reference["identifier"] = {"system": STAFF_ID_SYSTEM, "value": worker.staff_id}
    return reference


def organisation(code: str) -> dict[str, Any]:
    """A reference to an organisation by its ODS code."""
    return {
        "type": "Organization",
        "identifier": {"system": ODS_SYSTEM, "value": code},
        "display": organisation_names()[code],
    }
