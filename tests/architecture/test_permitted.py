"""`Permitted` is the right to read. Three functions make one, all in governance, and a fourth is caught."""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.house import modules

MAKING_MODULE = "governance/permitted.py"
MAKERS_ALLOWED = 3
LOOKING = {"isinstance", "issubclass", "cast"}  # calls that take the class and make nothing


def makers(path: str, tree: ast.Module) -> Iterator[str]:
    """`module:function` for each place that could make a `Permitted`: a call of it, or its class handed elsewhere."""
    names = {"Permitted"} | {
        alias.asname for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names
        if alias.name == "Permitted" and alias.asname
    }  # fmt: skip
    for holder in ast.walk(tree):
        for call in (node for node in ast.iter_child_nodes(holder) if isinstance(node, ast.Call)):
            handed = [call.func, *call.args, *(keyword.value for keyword in call.keywords)]
            looking = isinstance(call.func, ast.Name) and call.func.id in LOOKING
            if any(_is_permitted(part, names) for part in handed) and not looking:
                yield f"{path}:{_function_around(tree, call)}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and _is_permitted(node.value, names):
            yield f"{path}:{node.lineno} (another name for it)"
        if isinstance(node, ast.ClassDef) and any(_is_permitted(base, names) for base in node.bases):
            yield f"{path}:{node.name} (a kind of it)"


def _is_permitted(node: ast.expr, names: set[str]) -> bool:
    if isinstance(node, ast.Attribute):  # store.Permitted(...), Permitted.__new__(...)
        return node.attr == "Permitted" or _is_permitted(node.value, names)
    return isinstance(node, ast.Name) and node.id in names


def _function_around(tree: ast.Module, call: ast.Call) -> str:
    around = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.lineno <= call.lineno <= (node.end_lineno or node.lineno)
    ]
    return around[-1].name if around else f"line {call.lineno}"


def test_three_functions_of_governance_make_the_right_to_read() -> None:
    found = {maker for path, tree in modules() for maker in makers(path, tree)}
    assert {maker.split(":")[0] for maker in found} == {MAKING_MODULE}, sorted(found)
    assert len(found) == MAKERS_ALLOWED, sorted(found)


@pytest.mark.parametrize(
    "code",
    [
        "from concord.store import Permitted\ndef f(): return Permitted(duty='x')",
        "from concord.store import Permitted as P\ndef f(): return P(duty='x')",
        "from concord import store\ndef f(): return store.Permitted(duty='x')",
        "from concord.store import Permitted\nright = Permitted\ndef f(): return right(duty='x')",
        "from concord.store import Permitted\ndef f(): return object.__new__(Permitted)",
        "from concord.store import Permitted\ndef f(): return Permitted.__new__(Permitted)",
        "from concord.store import Permitted\ndef f(): return make(kind=Permitted)",
        "from concord.store import Permitted\nclass Wider(Permitted): pass",
    ],
)
def test_a_planted_maker_is_caught(code: str) -> None:
    assert list(makers("record/planted.py", ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    [
        "from concord.store import Permitted\ndef f(right: Permitted) -> Permitted | None: return right",
        "from concord.store import Permitted\ndef f(x): return isinstance(x, Permitted)",
        "__all__ = ['Permitted']",
    ],
)
def test_naming_it_makes_nothing(code: str) -> None:
    assert not list(makers("record/planted.py", ast.parse(code)))
