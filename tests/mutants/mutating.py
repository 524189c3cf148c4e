"""The mutants of a module: its functions with one small thing changed, such as a programmer's slip would.

What is changed is code that runs when a function is called: not defaults, annotations, docstrings or tables. So a
mutant is put in by giving the function another code object, whoever has imported it already.
"""

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from types import CodeType

_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_OPERATED: dict[type[ast.operator], type[ast.operator]] = {
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.Add: ast.Sub, ast.Sub: ast.Add, ast.LShift: ast.RShift,
    ast.RShift: ast.LShift, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult,
}  # fmt: skip
_CALLED = {"any": "all", "all": "any", "min": "max", "max": "min", "sorted": "list"}
_UNCHANGED = {"decorator_list", "annotation", "returns", "args", "type_params"}  # fields of what is looked into


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """`name` says the function and what is changed, and stays as it is when lines move. `code`: the function's."""

    name: str
    function: str
    line: int
    code: CodeType


def mutants(source: str, filename: str) -> Iterator[Mutant]:
    """Every mutant of a module, in order of place."""
    tree = ast.parse(source, filename)
    seen: Counter[str] = Counter()
    for path, function in _functions(tree, ""):
        for node, replaced in _sites(function):
            for each in _instead_of(node):
                instead = ast.fix_missing_locations(ast.copy_location(each, node))
                change = f"{path}: {_said(node)} → {_said(instead)}"
                seen[change] += 1
                name = change if seen[change] == 1 else f"{change} ({seen[change]})"
                replaced(instead)
                code = _code_of(compile(tree, filename, "exec"), path)
                replaced(node)
                yield Mutant(name=name, function=path, line=getattr(node, "lineno", function.lineno), code=code)


def _functions(node: ast.AST, above: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Functions and methods by their qualified names; what is defined within a function is part of that."""
    for each in ast.iter_child_nodes(node):
        if isinstance(each, ast.FunctionDef):
            yield f"{above}{each.name}", each
        elif isinstance(each, ast.ClassDef):
            yield from _functions(each, f"{above}{each.name}.")


def _code_of(code: CodeType, path: str) -> CodeType:
    for name in path.split("."):
        code = next(each for each in code.co_consts if isinstance(each, CodeType) and each.co_name == name)
    return code


def _sites(node: ast.AST) -> Iterator[tuple[ast.AST, Callable[[ast.AST], None]]]:
    """Each node inside, and what puts another in its place."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return  # what documents
    for name, value in ast.iter_fields(node):
        if name in _UNCHANGED and not isinstance(node, ast.Call):
            continue
        if isinstance(value, ast.AST):
            yield value, partial(setattr, node, name)
            yield from _sites(value)
        elif isinstance(value, list):
            for place, each in enumerate(value):
                if isinstance(each, ast.AST):
                    yield each, partial(value.__setitem__, place)
                    yield from _sites(each)


def _instead_of(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Compare():
            for place, op in enumerate(node.ops):
                if type(op) in _COMPARED:
                    ops = [*node.ops[:place], _COMPARED[type(op)](), *node.ops[place + 1 :]]
                    yield ast.Compare(node.left, ops, node.comparators)
        case ast.BoolOp():
            yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
            for place in range(len(node.values)):
                left = [*node.values[:place], *node.values[place + 1 :]]
                yield left[0] if len(left) == 1 else ast.BoolOp(node.op, left)
        case ast.UnaryOp():
            yield node.operand
        case ast.BinOp() if type(node.op) in _OPERATED:
            yield ast.BinOp(node.left, _OPERATED[type(node.op)](), node.right)
        case ast.AugAssign() if type(node.op) in _OPERATED:
            yield ast.AugAssign(node.target, _OPERATED[type(node.op)](), node.value)
        case ast.IfExp():
            yield from (node.body, node.orelse)
        case ast.Constant():
            yield from _constants(node.value)
        case _:
            yield from _statements(node)


def _constants(value: object) -> Iterator[ast.AST]:
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield ast.Constant(value + 1)
    elif isinstance(value, str):
        yield ast.Constant(f"{value}XX")


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Of what is no expression by itself, and of calls."""
    match node:
        case ast.Call(func=ast.Name(id=name)) if name in _CALLED:
            yield ast.Call(ast.Name(_CALLED[name], ast.Load()), node.args, node.keywords)
        case ast.keyword() if not _is_none(node.value):
            yield ast.keyword(node.arg, ast.Constant(None))
        case ast.If():
            for test in (True, False):
                yield ast.If(ast.Constant(test), node.body, node.orelse)
        case ast.comprehension() if node.ifs:
            for place in range(len(node.ifs)):
                left = [*node.ifs[:place], *node.ifs[place + 1 :]]
                yield ast.comprehension(node.target, node.iter, left, node.is_async)
        case ast.Expr(value=ast.Call() | ast.Yield() | ast.YieldFrom()):
            yield ast.Pass()
        case ast.Assign() if not _is_none(node.value):
            yield ast.Assign(node.targets, ast.Constant(None))
        case ast.Return() if node.value is not None and not isinstance(node.value, ast.Constant):
            yield ast.Return(ast.Constant(None))
        case ast.Continue():
            yield ast.Break()


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _said(node: ast.AST) -> str:
    """On one line; of a statement with a body its head alone."""
    if isinstance(node, ast.comprehension):
        node = ast.GeneratorExp(ast.Name("…", ast.Load()), [node])
    return ast.unparse(node).partition("\n")[0]
