"""What a failed line was given in the place of a tensor: a class in the place of its object, all results of a layer as one."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from ...script.syntax import syntax_tree, unparse, walk
from ..finding import Diagnosis, Fix, source_line
from .returning import function_called, used_by

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

_SEVERAL = {
    "LSTM": "(output, (h, c))", "GRU": "(output, h)", "RNN": "(output, h)", "LSTMCell": "(h, c)", "MultiheadAttention": "(output, weights)",
}  # fmt: skip
_LAYERS = {
    "relu": "ReLU()", "tanh": "Tanh()", "sigmoid": "Sigmoid()", "gelu": "GELU()", "leaky_relu": "LeakyReLU()", "elu": "ELU()", "silu": "SiLU()", "softplus": "Softplus()",
    "softmax": "Softmax(dim=1)", "log_softmax": "LogSoftmax(dim=1)", "dropout": "Dropout()", "flatten": "Flatten()",
}  # fmt: skip
_CLASS = re.compile(r"[A-Z]\w*[a-z]\w*$|GELU$|ELU$")


def class_called(run: RecordedRun, text: str, line: int) -> Diagnosis | None:
    """`criterion = nn.MSELoss` and criterion(y, t): the class is called, and makes an object, with tensors in the place of its settings."""
    tree = syntax_tree(run.recording.source)
    at = _statement(tree, line)
    if at is None:
        return None
    wanted = re.search(r"must be Tensor, not (\w+)", text)
    for call in (node for node in walk(tree if wanted else at) if isinstance(node, ast.Call)):
        path = unparse(call.func)
        held = _assigned(tree, path)
        named = held.value if held is not None and isinstance(held.value, ast.Attribute | ast.Name) else call.func if held is None else None
        kind = unparse(named).split(".")[-1] if named is not None else ""
        inputs = [argument for argument in call.args if not isinstance(argument, ast.Constant)]
        if not _CLASS.match(kind) or not inputs or (wanted and kind != wanted[1]) or not _of_nn(tree, named):
            continue
        where = held.lineno if held is not None else call.lineno
        given = ", ".join(unparse(argument) for argument in call.args)
        how = f"{path} is the class {kind} itself (line {where}), and no object of it" if held is not None else f"{kind} is a class"
        return Diagnosis(
            "class for its object", f"{how}: line {call.lineno} makes one, with {given} for its settings, where it was meant to compute something of them.",
            advice=f"Make the object first, with (): {path} = {unparse(named) if named is not None else kind}()." if held is not None else f"Make the object first: {path}()({given}).",
            line=where,
        )  # fmt: skip
    return None


def function_for_layer(run: RecordedRun, text: str, line: int) -> Diagnosis | None:
    """`nn.Sequential(nn.Linear(4, 4), F.relu)`: a function stands among the layers, which have to be modules."""
    found = re.search(r"([\w.<>]+) is not a Module subclass", text)
    tree = syntax_tree(run.recording.source)
    at = _statement(tree, line)
    if found is None or at is None:
        return None
    name = found[1].split(".")[-1]
    for call in (node for node in walk(at) if isinstance(node, ast.Call)):
        inner = [part for argument in call.args for part in (argument.elts if isinstance(argument, ast.List | ast.Tuple) else [argument])]
        given = next((part for part in inner if _called(part) == name or (name == "<lambda>" and isinstance(part, ast.Lambda))), None)
        if given is None:
            continue
        written, layer = unparse(given), _LAYERS.get(name, f"{name}()" if _CLASS.match(name) else "")
        kind = "the class itself" if _CLASS.match(name) else "a function"
        prefix = unparse(call.func).rpartition(".")[0]
        mended = written + "()" if _CLASS.match(name) else f"{prefix}.{layer}" if prefix and layer else layer
        before = source_line(run, given.lineno)
        fix = Fix(given.lineno, before, before.replace(written, mended, 1)) if mended and written in before else None
        return Diagnosis(
            "function for a layer", f"{written} (line {given.lineno}) is {kind}, and {unparse(call.func)} takes modules: objects with parameters and a forward().", fix=fix,
            advice="Put a module there, or call the function in a forward() of your own.", line=given.lineno,
        )  # fmt: skip
    return None


def _called(part: ast.expr) -> str:
    return unparse(part).split(".")[-1] if isinstance(part, ast.Name | ast.Attribute) else ""


def tuple_given(run: RecordedRun, text: str, line: int) -> Diagnosis | None:
    """A layer that gives several results (output and state), or a function that returns several, whose results go on as one."""
    if "tuple" not in text:
        return None
    tree = syntax_tree(run.recording.source)
    for name, call in used_by(tree, line):
        path = unparse(call.func)
        if path.split(".")[-1] == "Sequential":
            layer = next((part for part in call.args if isinstance(part, ast.Call) and _kind(part) in _SEVERAL), None)
            if layer is None:
                continue
            return Diagnosis(
                "tuple for a tensor",
                f"{_kind(layer)} (line {layer.lineno}) gives a tuple, {_SEVERAL[_kind(layer)]}, and {name or 'Sequential'} hands all of it on to the next layer, which wants one tensor.",
                advice="Call the layer in a forward() of your own and go on with the first of its results: out, state = self.rnn(x).", line=layer.lineno,
            )  # fmt: skip
        held = _assigned(tree, path)
        kind = (
            _kind(held.value)
            if held is not None and isinstance(held.value, ast.Call)
            else _kind(call.func)
            if isinstance(call.func, ast.Call)
            else ""
        )
        function, owner = function_called(tree, call)
        if kind in _SEVERAL:
            what, results = f"{path}, a {kind},", _SEVERAL[kind]
        elif function is not None and (several := _returned(function)):
            what, results = f"{function.name}{f' of {owner}' if owner else ''} (line {function.lineno})", several
        else:
            continue
        where = f"line {call.lineno} gives the name {name} to all of it" if name else f"line {call.lineno} goes on with all of it"
        return Diagnosis(
            "tuple for a tensor", f"{what} gives a tuple, {results}, and {where}: line {line} wants one tensor.",
            advice=f"Take it apart: {name or 'out'}, _ = {unparse(call)[:60]}.", line=call.lineno,
        )  # fmt: skip
    return None


def _assigned(tree: ast.Module, path: str) -> ast.Assign | None:
    """The first statement that assigns to a name or attribute."""
    assignments = (node for node in walk(tree) if isinstance(node, ast.Assign))
    return next((node for node in assignments if any(unparse(target) == path for target in node.targets)), None)


def _statement(tree: ast.Module, line: int) -> ast.stmt | None:
    stands = [node for node in walk(tree) if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or node.lineno)]
    return max(stands, key=lambda node: node.lineno, default=None)


def _kind(call: ast.expr) -> str:
    return unparse(call.func).split(".")[-1] if isinstance(call, ast.Call) else ""


def _of_nn(tree: ast.Module, named: ast.expr | None) -> bool:
    """Whether a class comes from torch.nn: nn.MSELoss, or imported from there by its name."""
    if isinstance(named, ast.Attribute):
        return unparse(named.value).split(".")[-1] == "nn"
    imported = (node for node in walk(tree) if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("torch.nn"))
    return isinstance(named, ast.Name) and any(alias.name == named.id for node in imported for alias in node.names)


def _returned(function: ast.AST) -> str:
    """What a function returns, where that is a tuple."""
    found = next((node.value for node in walk(function) if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple)), None)
    return f"({', '.join(unparse(part)[:20] for part in found.elts)})" if found is not None else ""
