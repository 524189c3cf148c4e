"""SNOMED CT from a Release Format 2 snapshot: concepts, descriptions, is-a relationships, preferred terms.

File and column names are those of the SNOMED CT Release File Specifications. None of SNOMED CT is shipped.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from concord.base import Incorrect
from concord.terminology.incoming import ConceptRow, Incoming, concept_row

SNOMED_CT = "http://snomed.info/sct"
_FULLY_SPECIFIED_NAME = "900000000000003001"
_SYNONYM = "900000000000013009"
_IS_A = "116680003"
_PREFERRED = "900000000000548007"
# Reference sets of preferred terms, the weightiest first: NHS realm (clinical, pharmacy), GB English, US English.
_LANGUAGES = ("999001261000000100", "999000691000001104", "900000000000508004", "900000000000509007")
_USES = {_FULLY_SPECIFIED_NAME: "Fully specified name", _SYNONYM: "Synonym"}


class _Description(NamedTuple):
    id: str
    type: str
    language: str
    term: str


def holds_snapshot(folder: Path) -> bool:
    """Whether a folder holds a snapshot, somewhere in it."""
    return bool(_files(folder, "sct2_Concept_*Snapshot*"))


def incoming_snapshot(folder: Path) -> Incoming:
    """The snapshot in a folder, all its editions and extensions together. Raises Incorrect, naming the file."""
    concepts, descriptions, relationships = (
        _files(folder, f"sct2_{name}_*Snapshot*") for name in ("Concept", "Description", "Relationship")
    )
    if not (concepts and descriptions and relationships):
        raise Incorrect(f"{folder.name}: a snapshot has Concept, Description and Relationship files (sct2_…Snapshot…).")
    dates = [found[0] for path in concepts if (found := re.findall(r"_(\d{8})\.txt$", path.name))]
    version = max(dates, default="")
    return Incoming(
        kind="CodeSystem", url=SNOMED_CT, version=version,
        body={
            "resourceType": "CodeSystem", "url": SNOMED_CT, "name": "SNOMED_CT", "title": "SNOMED CT",
            "status": "active", "content": "complete", "hierarchyMeaning": "is-a",
            **({"version": version} if version else {}),
        },
        concepts=_concepts(concepts, descriptions, _files(folder, "der2_cRefset_Language*Snapshot*")),
        parents=_is_a(relationships),
    )  # fmt: skip


def _concepts(concepts: list[Path], descriptions: list[Path], languages: list[Path]) -> Iterator[ConceptRow]:
    preferred = _preferred(languages)
    called: dict[str, list[_Description]] = {}
    for row in _rows(descriptions, 9):
        if row[2] == "1" and row[6] in _USES:
            called.setdefault(row[4], []).append(_Description(row[0], row[6], row[5], row[7]))
    for row in _rows(concepts, 5):
        yield concept_row(_concept(row[0], called.get(row[0], []), preferred, active=row[2] == "1"))


def _concept(code: str, called: list[_Description], preferred: dict[str, int], *, active: bool) -> dict[str, Any]:
    """A CodeSystem.concept: shown by the synonym that is preferred, else by any, else by its full name."""
    ranked = sorted(called, key=lambda each: (each.type != _SYNONYM, preferred.get(each.id, len(_LANGUAGES)), each.id))
    concept: dict[str, Any] = {"code": code, "display": ranked[0].term if ranked else ""}
    if others := ranked[1:]:
        concept["designation"] = [
            {
                "language": each.language,
                "use": {"system": SNOMED_CT, "code": each.type, "display": _USES[each.type]},
                "value": each.term,
            }
            for each in others
        ]
    if not active:
        concept["property"] = [{"code": "inactive", "valueBoolean": True}]
    return concept


def _preferred(languages: list[Path]) -> dict[str, int]:
    """Of each description that is preferred, how much that weighs: 0 the most."""
    weights = {refset: weight for weight, refset in enumerate(_LANGUAGES)}
    found: dict[str, int] = {}
    for row in _rows(languages, 7):
        if row[2] == "1" and row[6] == _PREFERRED and row[4] in weights:
            found[row[5]] = min(weights[row[4]], found.get(row[5], len(weights)))
    return found


def _is_a(relationships: list[Path]) -> Iterator[tuple[str, str]]:
    for row in _rows(relationships, 10):
        if row[2] == "1" and row[7] == _IS_A:
            yield row[4], row[5]


def _files(folder: Path, pattern: str) -> list[Path]:
    return sorted(folder.rglob(f"{pattern}.txt"))


def _rows(paths: list[Path], columns: int) -> Iterator[list[str]]:
    """The rows of RF2 files: UTF-8, tabs between columns, a header, CRLF, no quoting."""
    for path in paths:
        with path.open(encoding="utf-8-sig", newline="\r\n") as lines:
            for number, line in enumerate(lines):
                row = line.rstrip("\r\n").split("\t")
                if len(row) != columns:
                    raise Incorrect(f"{path.name}: line {number + 1} has {len(row)} columns, not {columns}.")
                if number:
                    yield row
