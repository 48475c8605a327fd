"""What a script asks derivatives of, also under the names of the functions in between, and what it takes for leaves."""

from __future__ import annotations

import ast

from .syntax import syntax_tree, walk

_FAR = 4  # functions that a name is handed through


def differentiated(source: str) -> frozenset[str]:
    """The names of all inputs of `torch.autograd.grad(output, inputs)`, and of what callers hand in for them."""
    tree = syntax_tree(source)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    called = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    waiting: list[tuple[str, int, int]] = []
    for call in called:
        if ast.unparse(call.func).split(".")[-1] == "grad":
            given = [*call.args[1:2], *(keyword.value for keyword in call.keywords if keyword.arg == "inputs")]
            waiting += [(name, call.lineno, 0) for value in given for name in _names(value)]
    found: set[str] = set()
    for name, line, far in waiting:
        found.add(name)
        around = [function for function in functions if function.lineno <= line <= (function.end_lineno or line)]
        function = max(around, key=lambda node: node.lineno, default=None)
        parameters = [argument.arg for argument in function.args.args if argument.arg != "self"] if function is not None else []
        if function is None or name not in parameters or far > _FAR:
            continue
        place = parameters.index(name)
        for call in called:
            if ast.unparse(call.func).split(".")[-1] != function.name:
                continue
            given = [*call.args[place : place + 1], *(keyword.value for keyword in call.keywords if keyword.arg == name)]
            waiting += [(inner, call.lineno, far + 1) for value in given for inner in _names(value)]
    return frozenset(found)


def _names(value: ast.expr) -> list[str]:
    if isinstance(value, ast.List | ast.Tuple):
        return [name for each in value.elts for name in _names(each)]
    return [ast.unparse(value)] if isinstance(value, ast.Name | ast.Attribute) else []


def taken_for_leaf(tree: ast.Module, name: str) -> bool:
    """Whether a script takes a name for a leaf: it asks for its .grad, which nothing retains, moves it, or lists it with others.

    What is no plain name of the script, such as an attribute of a module, is taken for one always.
    """
    plain = retained = used = False
    for node in walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name:
            retained |= node.attr == "retain_grad"
            used |= node.attr in ("grad", "data")
        elif isinstance(node, ast.AugAssign):
            used |= isinstance(node.target, ast.Name) and node.target.id == name
        elif isinstance(node, ast.List | ast.Tuple | ast.Set):
            listed = any(isinstance(part, ast.Name) and part.id == name and isinstance(part.ctx, ast.Load) for part in node.elts)
            used |= listed
        elif isinstance(node, ast.Assign):
            plain |= any(isinstance(target, ast.Name) and target.id == name for target in node.targets)
    return not plain or (used and not retained)
