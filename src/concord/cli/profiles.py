"""Profiles to validate by: loaded by the installation, from files or FHIR packages. Concord ships none."""

import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from concord.base import Incorrect
from concord.cli.terminal import Data, opened, out
from concord.fhir import Resource, parse
from concord.terminology import LOADABLE, load_definitions, loaded_urls

profiles_cli = typer.Typer(no_args_is_help=True, help="Profiles that $validate checks by: load them, list them.")
LARGEST = 64 * 1024 * 1024  # of one definition


@profiles_cli.command("load")
def load_profiles(
    files: Annotated[list[Path], typer.Argument(help="JSON definitions, folders of them, or FHIR packages (.tgz).")],
    data: Data,
) -> None:
    """Load profiles, value sets and code systems, each in place of the one with its URL. All, or none."""
    read = [resource for path in files for resource in definitions_in(path)]
    wanted = [each for each in read if each.get("resourceType") in LOADABLE and _is_checked_by(each)]
    if not wanted:
        raise Incorrect(f"There is nothing to load: give JSON files of {', '.join(LOADABLE)}.")
    with opened(data) as app, app.store.writing() as writing:
        number = load_definitions(writing, wanted)
    out.print(f"Loaded {number} definitions; passed over {len(read) - number}. In force from the next request on.")


@profiles_cli.command("list")
def list_profiles(data: Data) -> None:
    """List what is loaded, one a line."""
    with opened(data) as app, app.store.reading() as reading:
        for of, url in loaded_urls(reading):
            out.print(f"{of:<20} {url}", markup=False)


def _is_checked_by(definition: Resource) -> bool:
    """Packages also hold logical models, and the definitions of types themselves."""
    return definition["resourceType"] != "StructureDefinition" or definition.get("derivation") == "constraint"


def definitions_in(path: Path) -> Iterator[Resource]:
    """The resources of a JSON file, a folder of them, or a FHIR package. Raises Incorrect, naming the file."""
    for name, text in _texts(path):
        try:
            yield parse(text)
        except Incorrect as error:
            raise Incorrect(f"{name}: {error.message}") from None


def _texts(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.is_dir():
        for file in sorted(path.glob("*.json")):
            yield file.name, file.read_bytes()
    elif path.suffix in (".tgz", ".gz"):
        with tarfile.open(path, "r:gz") as package:
            for member in package:
                held = package.extractfile(member) if member.isfile() and _is_definition(member) else None
                if held is not None:
                    yield member.name, held.read()
    elif path.suffix == ".json":
        yield path.name, path.read_bytes()
    else:
        raise Incorrect(f"{path.name}: give JSON (.json), a folder of it, or a FHIR package (.tgz).")


def _is_definition(member: tarfile.TarInfo) -> bool:
    """In a package the definitions lie in `package/`, beside its own package.json and index."""
    folder, _, name = member.name.rpartition("/")
    ours = folder == "package" and name.endswith(".json") and name not in ("package.json", ".index.json")
    return ours and member.size <= LARGEST
