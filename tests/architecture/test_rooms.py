"""Each room has a front door that says what it promises, and names that carry a meaning."""

import ast
import importlib
import re
from types import ModuleType

import pytest

from tests.architecture.house import SOURCE, modules, rooms

NAMES_AT_A_DOOR = 15
# Reviewed: words that most rooms need (base), and FHIR's own, which would be no clearer behind fewer names (fhir).
# Vocabularies, of which a page or a program names many; and the store's drawers.
WIDER_DOORS = {
    "audit": 24,
    "base": 30,
    "fhir": 49,
    "governance": 70,
    "governance.agreements": 40,
    "identity": 21,
    "ingest": 44,
    "record": 73,
    "store": 36,
    "terminology": 24,
}
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "core", "misc", "shared", "managers"}
CLASSES_THAT_SAY_NOTHING = re.compile(r"\w(Manager|Helper|Processor|Handler|Util|Utils|Info|Data)$")
# A room, or a part of one that is entered by itself.
ROOMS = [*(room for room in rooms() if (SOURCE / room).is_dir()), "governance.agreements", "governance.labels"]


@pytest.mark.parametrize("room", ROOMS)
def test_the_front_door_says_what_the_room_promises_and_refuses(room: str) -> None:
    told = importlib.import_module(f"concord.{room}").__doc__ or ""
    assert re.search(r"\bPromises?\b", told), f"the door of {room} does not say what the room promises"
    assert re.search(r"\bRefuses?\b", told), f"the door of {room} does not say what the room refuses"


@pytest.mark.parametrize("room", ROOMS)
def test_the_front_door_has_about_ten_names_and_each_is_there(room: str) -> None:
    door = importlib.import_module(f"concord.{room}")
    names: list[str] = door.__all__
    assert len(names) <= WIDER_DOORS.get(room, NAMES_AT_A_DOOR), f"{room} offers {len(names)} names"
    assert [name for name in names if not hasattr(door, name)] == []


@pytest.mark.parametrize("room", ROOMS)
def test_a_name_at_the_door_means_one_thing(room: str) -> None:
    """A function named like a module of its room is now the one, now the other, by what was imported before."""
    door = importlib.import_module(f"concord.{room}")
    inside = {
        path.stem for path in SOURCE.joinpath(*room.split(".")).iterdir() if path.suffix == ".py" or path.is_dir()
    }
    ambiguous = [name for name in inside & set(door.__all__) if not isinstance(getattr(door, name), ModuleType)]
    assert ambiguous == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    parts = {(path, part) for path, _ in modules() for part in path.removesuffix(".py").split("/")}
    assert [path for path, part in sorted(parts) if part in NAMES_THAT_SAY_NOTHING] == []


def test_no_class_has_a_name_that_says_nothing() -> None:
    classes = [
        f"{path}: {node.name}" for path, tree in modules() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)
    ]
    assert [name for name in classes if CLASSES_THAT_SAY_NOTHING.search(name)] == []
