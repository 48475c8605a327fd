"""What a script asks derivatives of: the names that autograd.grad is given as inputs, also under the names of the functions in between."""

from __future__ import annotations

import ast

from .syntax import syntax_tree

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
