"""The files of a policy as they lie in an installation's folder."""

from collections.abc import Sequence
from pathlib import Path

from concord.base import Incorrect
from concord.cli.signing_keys import SIGNATORIES
from concord.governance import Directory, PolicyFiles, parse_directory
from concord.governance.labels import SITE_FILE


def read_policy_files(directory: Path) -> PolicyFiles:
    """The directory, agreements, signatories and table of sensitivity that lie in a folder, as texts."""
    agreements, signatories, sensitivity = (
        directory / "agreements", directory / SIGNATORIES, directory / "agreements" / SITE_FILE
    )  # fmt: skip
    return PolicyFiles(
        directory=(directory / "organisations.yaml").read_text(encoding="utf-8"),
        agreements={path.name: path.read_text(encoding="utf-8") for path in _in_folder(agreements)},
        signatories=signatories.read_text(encoding="utf-8") if signatories.exists() else "",
        sensitivity=sensitivity.read_text(encoding="utf-8") if sensitivity.exists() else "",
    )


def write_policy(directory: Path, files: PolicyFiles) -> None:
    """The reverse."""
    (directory / "agreements").mkdir(exist_ok=True)
    (directory / "organisations.yaml").write_text(files.directory, encoding="utf-8")
    (directory / SIGNATORIES).write_text(files.signatories, encoding="utf-8")
    for name, text in files.agreements.items():
        (directory / "agreements" / name).write_text(text, encoding="utf-8")
    if files.sensitivity:
        (directory / "agreements" / SITE_FILE).write_text(files.sensitivity, encoding="utf-8")


def agreement_files(paths: Sequence[Path]) -> list[Path]:
    """The agreements that paths name: a file is one, a folder holds them as an installation does."""
    found: list[Path] = []
    for path in paths:
        here = _in_folder(path / "agreements") if path.is_dir() else [path] if path.is_file() else []
        if not here:
            raise Incorrect(f"There is no agreement at {path}.")
        found += here
    return found


def sensitivity_files(paths: Sequence[Path]) -> list[Path]:
    """The tables of sensitivity in the folders that paths name."""
    return [table for path in paths if (table := path / "agreements" / SITE_FILE).is_file()]


def _in_folder(folder: Path) -> list[Path]:
    """The agreements of a folder; the site's table of sensitivity lies among them and is none."""
    return [path for path in sorted(folder.glob("*.yaml")) if path.name != SITE_FILE]


def read_directory(paths: Sequence[Path], directory: Path | None) -> Directory:
    """The organisations that the agreements name: of the file given, else of the one beside or above the first."""
    first = paths[0]
    near = [directory] if directory else [folder / "organisations.yaml" for folder in (first, *first.parents[:2])]
    file = next((each for each in near if each.is_file()), None)
    if file is None:
        raise Incorrect(f"There is no organisations.yaml at or above {first}. Name it: --directory FILE")
    return parse_directory(file.read_text(encoding="utf-8"), filename=file.name)
