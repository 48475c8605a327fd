"""A rule of updates without an optimizer: new weights that are the old ones plus the gradient of a loss."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ...script.syntax import unparse, walk
from ..finding import Finding
from ..script import Script, at, calls, dotted, keyword, names

_LOWERED = re.compile(r"loss|cost|err|mse|nll|energy|objective|criterion", re.IGNORECASE)
_INPUTS = re.compile(
    r"(?:x|z|delta|adv|image|img|noise|input|perturb|sample|pixels?|data)(?:_|$|\d|s$)", re.IGNORECASE
)  # what is moved up on purpose
_RAISED = re.compile(r"log_prob|reward|return|advantage|likelihood|elbo|ascent|maximi", re.IGNORECASE)
_MAKING = frozenset({"grad", "value_and_grad", "grad_and_value", "jacrev", "jacfwd"})
_SQUARED = ("** 2", "pow(2)", "square", "mse_loss", "cross_entropy", "l1_loss", "nll_loss")


def added_gradient(script: Script) -> Iterator[Finding]:
    """`params = {k: p + lr * g[k] ...}` or `p.data.add_(lr * p.grad)`: along the gradient of a loss, which is uphill."""
    if any(_RAISED.search(node.id) for node in walk(script.tree) if isinstance(node, ast.Name)) or any(calls(script.tree, "log_prob")):
        return
    grads = _gradients(script)
    for node in walk(script.tree):
        for moved, change in _sums(node):
            if _INPUTS.match(unparse(moved).split(".")[-1]) or not _along(script, change, moved, grads):
                continue
            yield at(
                node if isinstance(node, ast.expr | ast.stmt) else change, "uphill",
                f"This moves {unparse(moved)} along the gradient of a loss: each step makes the loss larger.", "Step against it: subtract the gradient.",
            )  # fmt: skip
            return


def _sums(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """(what is moved, by what) of a sum or of an add_(): where one of the two is a product with a gradient, the other is moved by it."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield node.left, node.right
        yield node.right, node.left
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "add_" and node.args:
        owner = node.func.value
        owner = owner.value if isinstance(owner, ast.Attribute) and owner.attr == "data" else owner
        alpha = keyword(node, "alpha")
        if isinstance(owner, ast.Name | ast.Attribute):
            yield owner, node.args[0] if alpha is None else ast.copy_location(ast.BinOp(alpha, ast.Mult(), node.args[0]), node)
    if (
        isinstance(node, ast.AugAssign)
        and isinstance(node.op, ast.Add)
        and isinstance(node.target, ast.Attribute)
        and node.target.attr == "data"
    ):
        yield node.target.value, node.value


def _along(script: Script, change: ast.expr, moved: ast.expr, grads: dict[str, bool]) -> bool:
    """Whether something is a positive number times a gradient of a loss."""
    if not (isinstance(change, ast.BinOp) and isinstance(change.op, ast.Mult)) or not isinstance(
        moved, ast.Name | ast.Attribute | ast.Subscript
    ):
        return False
    for rate, slope in ((change.left, change.right), (change.right, change.left)):
        if not isinstance(rate, ast.Name | ast.Constant | ast.Attribute) or (isinstance(rate, ast.Name) and _negative(script, rate)):
            continue
        slope = slope.value if isinstance(slope, ast.Attribute) and slope.attr == "data" else slope
        if isinstance(slope, ast.Attribute) and slope.attr == "grad":
            roots = [call.func.value for call, _ in calls(script.tree, "backward") if isinstance(call.func, ast.Attribute)]
            return unparse(slope.value) == unparse(moved) and any(_LOWERED.search(unparse(root)) for root in roots) and not any(
                isinstance(root, ast.UnaryOp) for root in roots
            )  # fmt: skip
        root = slope.value if isinstance(slope, ast.Subscript) else slope
        if isinstance(root, ast.Name) and grads.get(_source(script, root, change)):
            return True
    return False


def _negative(script: Script, rate: ast.Name) -> bool:
    found = script.assigned(rate.id, rate.lineno)
    return found is not None and isinstance(found[0], ast.UnaryOp)


def _source(script: Script, name: ast.Name, place: ast.expr) -> str:
    """The list that a name goes through in a comprehension or a loop around a place; the name itself elsewhere."""
    around: ast.AST | None = place
    while around is not None:
        clauses = (
            around.generators
            if isinstance(around, ast.ListComp | ast.DictComp | ast.GeneratorExp)
            else [around]
            if isinstance(around, ast.For)
            else []
        )
        for clause in clauses:
            if name.id not in names(clause.target) or not isinstance(clause.iter, ast.Call):
                continue
            if isinstance(clause.target, ast.Tuple) and dotted(clause.iter.func) == "zip":
                for part, given in zip(clause.target.elts, clause.iter.args, strict=False):
                    if name.id in names(part):
                        return next(iter(sorted(names(given))), name.id)
            return next(iter(sorted(names(clause.iter))), name.id)
        around = script.parent.get(around)
    return name.id


def _gradients(script: Script) -> dict[str, bool]:
    """Names that hold gradients, with whether what they are the gradient of is a loss."""
    functions = {node.name: node for node in walk(script.tree) if isinstance(node, ast.FunctionDef)}
    given = [(node, node.value) for node in walk(script.tree) if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)]
    makers: dict[str, bool] = {}
    found: dict[str, bool] = {}
    for node, value in given:
        word, targets = dotted(value.func).split(".")[-1], [name for target in node.targets for name in names(target)]
        if word in _MAKING and value.args and "autograd" not in dotted(value.func):
            makers |= dict.fromkeys(targets, _is_loss(functions, value.args[0]))
        elif word == "grad" and value.args:
            found |= dict.fromkeys(targets, bool(_LOWERED.search(unparse(value.args[0]))))
    for node, value in given:
        func = value.func
        direct = (
            isinstance(func, ast.Call)
            and dotted(func.func).split(".")[-1] in _MAKING
            and bool(func.args)
            and _is_loss(functions, func.args[0])
        )
        if direct or (isinstance(func, ast.Name) and makers.get(func.id)):
            found |= {name: True for target in node.targets for name in names(target)}
    return found


def _is_loss(functions: dict[str, ast.FunctionDef], given: ast.expr) -> bool:
    function = functions.get(unparse(given))
    return bool(_LOWERED.search(unparse(given))) or (function is not None and any(word in unparse(function) for word in _SQUARED))
